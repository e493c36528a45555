"""Headcounts: one per site and month, sent by the supplier, never made up."""

from __future__ import annotations

from sqlalchemy import text

from tests.factories.parties import Party, World

PAYROLL = {"total": 480, "agency_workers": 35, "source": "payroll"}


def url(site: str, month: str = "2026-03") -> str:
    """Where the headcount of a site and month is put."""
    return f"/v1/headcounts?site={site}&month={month}"


def supplier(world: World) -> Party:
    """A supplier that may also read what it sent."""
    return world.party("supplier", scopes=("sites:write", "workforce:write", "workforce:read"))


def test_upsert_says_created_changed_unchanged(world: World) -> None:
    """The same PUT gives 201, then 204; another number for that month replaces it with 200."""
    sender = supplier(world)
    site = world.site(sender)
    first = sender.put(url(site), PAYROLL)
    assert first.status_code == 201, first.json
    assert (first.json["month"], first.json["site"]) == ("2026-03", site)
    assert sender.put(url(site), PAYROLL).status_code == 204
    changed = sender.put(url(site), {"total": 490, "source": "payroll"})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2-supplier"')
    assert (changed.json["total"], changed.json["agency_workers"]) == (490, None)
    assert changed.json["id"] == first.json["id"]


def test_a_missing_month_is_missing(world: World) -> None:
    """A month that nobody sent is not in the list; its neighbours do not stand in for it."""
    sender = supplier(world)
    site = world.site(sender)
    for month in ("2026-01", "2026-03"):
        assert sender.put(url(site, month), PAYROLL).status_code == 201
    listed = sender.get(f"/v1/headcounts?site={site}").json["data"]
    assert [row["month"] for row in listed] == ["2026-01", "2026-03"]


def test_bad_headcounts_are_named(world: World) -> None:
    """More agency workers than workers, a source of no list, a month of no calendar: refused."""
    sender = supplier(world)
    site = world.site(sender)
    over = sender.put(url(site), PAYROLL | {"agency_workers": 481})
    assert [(e["pointer"], e["code"]) for e in over.json["errors"]] == [
        ("/agency_workers", "more_than")
    ]
    bad = sender.put(url(site), {"total": -1, "source": "guess"})
    assert {e["pointer"]: e["code"] for e in bad.json["errors"]} == {
        "/total": "range",
        "/source": "not_in_list",
    }
    month = sender.put(url(site, "2569-03"), PAYROLL)
    assert [(e["pointer"], e["code"]) for e in month.json["errors"]] == [
        ("?month", "buddhist_year")
    ]


def test_a_month_to_come_is_refused(world: World) -> None:
    """Nobody has counted the workers of a month that has not begun."""
    sender = supplier(world)
    site = world.site(sender)
    year = int(sender.get("/v1/me").json["now"][:4])
    ahead = sender.put(url(site, f"{year + 1}-12"), PAYROLL)
    assert [(e["pointer"], e["code"]) for e in ahead.json["errors"]] == [
        ("?month", "in_the_future")
    ]


def test_a_foreign_site_is_none_of_mine(world: World) -> None:
    """Another supplier's site and an absent one give the same answer."""
    sender, other = supplier(world), supplier(world)
    for site in (world.site(other), "site_0" + "0" * 25):
        answer = sender.put(url(site), PAYROLL)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["code"] == "not_your_site"


def test_the_institute_reads_all_and_others_their_own(world: World) -> None:
    """The institute sees a supplier's headcount, another supplier does not, a brand may not ask."""
    sender, other = supplier(world), supplier(world)
    site = world.site(sender)
    sent = sender.put(url(site), PAYROLL).json
    assert world.institute.get(f"/v1/headcounts?site={site}").json["data"] == [sent]
    assert other.get(f"/v1/headcounts?site={site}").json["data"] == []
    assert world.party("brand").get("/v1/headcounts").status_code == 403
    later = sender.get(f"/v1/headcounts?updated_since={sent['updated_at']}").json["data"]
    assert later == [sent]


def test_a_replay_is_answered_alike_and_each_push_is_audited(world: World) -> None:
    """The same Idempotency-Key gives the first answer; the audit names the headcount."""
    sender = supplier(world)
    site = world.site(sender)
    answers = [sender.put(url(site), PAYROLL, Idempotency_Key="h1") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[1].json == answers[0].json
    with world.installation.as_owner() as connection:
        entries = connection.scalars(
            text("SELECT content FROM audit WHERE organisation_id = :me AND operation = :put"),
            {"me": sender.organisation_id, "put": "put_headcount"},
        ).all()
    assert [answers[0].json["id"] in entry for entry in entries] == [True]
