"""Contacts, talks, surveys and probes: how a mechanism reaches workers, in numbers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.foundation.identifiers import encode, random_id
from tests.factories.mechanisms import EVENT, PROBE, SURVEY, faults, mechanism, put, volume
from tests.factories.parties import Party, World


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier with one site and one mechanism."""
    return world.party("supplier")


@pytest.fixture(scope="module")
def site(world: World, supplier: Party) -> str:
    """Its site."""
    return world.site(supplier)


@pytest.fixture(scope="module")
def described(supplier: Party, site: str) -> str:
    """Its mechanism."""
    return mechanism(supplier, sites=[site])


def next_year(party: Party) -> str:
    """The year after the organisation's present one."""
    return str(int(party.get("/v1/me").json["now"][:4]) + 1)


def test_contacts_of_a_site_and_of_a_mechanism(supplier: Party, site: str, described: str) -> None:
    """Each is a row of its own: created, unchanged, changed, and found by its filters."""
    ours = {"site": site}, {"mechanism": described}
    for whose in ours:
        first = volume(supplier, **whose)
        assert (first.status_code, first.json["calls"]) == (201, 12), first.json
        assert volume(supplier, **whose).status_code == 204
        changed = volume(supplier, body={"calls": 13, "visits": 2}, **whose)
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2-supplier"')
        shown = changed.json
        assert (shown["calls"], shown["messages"], shown["visits"]) == (13, None, 2)
        assert changed.json["id"] == first.json["id"]
        ((name, value),) = whose.items()
        listed = supplier.get(f"/v1/contact-volumes?{name}={value}&month=2026-03").json["data"]
        assert listed == [changed.json]
    other = supplier.get("/v1/contact-volumes?channel_class=government").json["data"]
    assert other == []


def test_a_count_that_nobody_made_is_unknown(supplier: Party, site: str) -> None:
    """Zero stays zero and what was not sent is null; a month that nobody sent is not there."""
    for month in ("2026-01", "2026-03"):
        assert volume(supplier, month, {"messages": 0}, site=site).status_code in {200, 201}
    listed = supplier.get(f"/v1/contact-volumes?site={site}").json["data"]
    found = {row["month"]: (row["calls"], row["messages"], row["visits"]) for row in listed}
    assert found == {"2026-01": (None, 0, None), "2026-03": (None, 0, None)}


def test_bad_volumes_are_named(supplier: Party, site: str, described: str) -> None:
    """Of neither or of both, of no count, of a month to come: each is refused at its place."""
    assert faults(volume(supplier)) == {"?site": "site_or_mechanism"}
    both = volume(supplier, site=site, mechanism=described)
    assert faults(both) == {"?site": "site_or_mechanism"}
    assert faults(volume(supplier, body={"calls": None}, site=site)) == {"/": "counts_nothing"}
    ahead = volume(supplier, f"{next_year(supplier)}-02", site=site)
    assert faults(ahead) == {"?month": "in_the_future"}
    assert faults(volume(supplier, body={"calls": -1}, site=site)) == {"/calls": "range"}
    assert faults(volume(supplier, body={"said": "help"}, site=site)) == {"/said": "unknown"}


def test_contacts_are_counted_for_ones_own(world: World, supplier: Party, site: str) -> None:
    """Another's mechanism or site is absent; the institute counts for any site, beside others."""
    stranger = world.party("supplier")
    theirs, elsewhere = mechanism(stranger), world.site(stranger)
    for party in (supplier, world.institute):
        answers = [volume(party, mechanism=one) for one in (theirs, encode("mec", random_id()))]
        assert [faults(one) for one in answers] == [{"?mechanism": "not_a_mechanism"}] * 2
    for one in (elsewhere, encode("site", random_id())):
        assert faults(volume(supplier, site=one)) == {"?site": "not_your_site"}
    volume(supplier, "2026-02", site=site)
    counted = volume(world.institute, "2026-02", {"calls": 99}, site=site)
    assert (counted.status_code, counted.json["provenance"]) == (201, "verified")
    seen = supplier.get(f"/v1/contact-volumes?site={site}&month=2026-02").json["data"]
    assert [(row["calls"], row["provenance"]) for row in seen] == [(12, "supplier_reported")]
    everything = world.institute.get(f"/v1/contact-volumes?site={site}&month=2026-02")
    assert [row["calls"] for row in everything.json["data"]] == [12, 99]


def test_the_database_holds_a_month_once(world: World, supplier: Party, described: str) -> None:
    """Two rows of one mechanism, class and month cannot be, though each has no site."""
    assert volume(supplier, "2025-12", mechanism=described).status_code == 201
    copy = text(
        "INSERT INTO contact_volume (organisation_id, id, about_id, mechanism_id, channel_class, "
        "month, calls, created_at, updated_at) SELECT organisation_id, gen_random_uuid(), "
        "about_id, mechanism_id, channel_class, month, calls, now(), now() FROM contact_volume "
        "WHERE mechanism_id IS NOT NULL ON CONFLICT DO NOTHING"
    )
    with world.installation.as_owner() as connection:
        assert connection.execute(copy).rowcount == 0


def test_a_talk_is_kept(world: World, supplier: Party, site: str) -> None:
    """Created, unchanged, changed; what was not said is null; the institute's own is verified.

    row 8.
    """
    body = EVENT | {"sites": [site]}
    first = put(supplier, "engagement-events", "T/1", body)
    assert first.status_code == 201, first.json
    assert {name: first.json[name] for name in body} == body
    unknown = ("workers_reached", "languages", "representatives_present")
    assert [first.json[name] for name in unknown] == [None] * 3
    assert put(supplier, "engagement-events", "T/1", body).status_code == 204
    more = {"workers_reached": 0, "languages": ["ne"], "representatives_present": True}
    changed = put(supplier, "engagement-events", "T/1", body | more)
    assert (changed.status_code, changed.json["workers_reached"]) == (200, 0)
    ours = put(world.institute, "engagement-events", "T/1", EVENT | {"all_sites": True})
    listed = world.institute.get(f"/v1/engagement-events?site={site}").json["data"]
    assert {row["id"]: row["provenance"] for row in listed} == {
        first.json["id"]: "supplier_reported",
        ours.json["id"]: "verified",
    }
    assert supplier.get("/v1/engagement-events").json["data"] == [changed.json]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"sites": []}, {"/sites": "needs_sites"}),
        ({"topics": []}, {"/topics": "list_length"}),
        ({"topics": ["query"]}, {"/topics/0": "not_in_list"}),
        ({"topics": ["wages", "wages"]}, {"/topics/1": "repeated"}),
        ({"by": ["supervisor"]}, {"/by/0": "not_in_list"}),
        ({"by": ["cso", "cso"]}, {"/by/1": "repeated"}),
        ({"method": "chat"}, {"/method": "not_in_list"}),
        ({"workers_reached": -1}, {"/workers_reached": "range"}),
        ({"held_on": "NEXT"}, {"/held_on": "in_the_future"}),
        ({"participants": ["W-1"]}, {"/participants": "unknown"}),
    ],
)
def test_bad_talks_are_named(
    supplier: Party, site: str, change: dict[str, Any], found: dict[str, str]
) -> None:
    """A talk about nothing, by nobody, to come, or with names is refused at its place."""
    body = EVENT | {"sites": [site]} | change
    if body["held_on"] == "NEXT":
        body["held_on"] = f"{next_year(supplier)}-01-03"
    assert faults(put(supplier, "engagement-events", "BAD", body)) == found


def test_a_survey_tells_who_stands_behind_it(world: World, supplier: Party, site: str) -> None:
    """The supplier's survey is supplier_reported whoever asked; the institute's is verified."""
    body = SURVEY | {"site": site}
    first = put(supplier, "awareness-surveys", "S/1", body | {"by": "institute"})
    assert (first.status_code, first.json["provenance"]) == (201, "supplier_reported")
    assert put(supplier, "awareness-surveys", "S/1", body | {"by": "institute"}).status_code == 204
    ours = put(world.institute, "awareness-surveys", "S/1", body)
    assert (ours.status_code, ours.json["provenance"]) == (201, "verified")
    changed = put(world.institute, "awareness-surveys", "S/1", body | {"aware_n": 30})
    assert (changed.status_code, changed.json["aware_n"]) == (200, 30)
    assert world.institute.get(f"/v1/awareness-surveys?site={site}").json["data"] == [
        first.json,
        changed.json,
    ]
    assert supplier.get("/v1/awareness-surveys").json["data"] == [first.json]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"asked_n": 0}, {"/asked_n": "range"}),
        ({"asked_n": 39}, {"/aware_asked_n": "more_than"}),
        ({"aware_n": 41}, {"/aware_n": "more_than"}),
        ({"trust_asked_n": 41}, {"/trust_asked_n": "more_than"}),
        ({"trust_n": 39}, {"/trust_n": "more_than"}),
        ({"aware_asked_n": None}, {"/aware_n": "says_more_about"}),
        ({"trust_asked_n": None}, {"/trust_n": "says_more_about"}),
        ({"method": "email"}, {"/method": "not_in_list"}),
        ({"by": "auditor"}, {"/by": "not_in_list"}),
        ({"surveyed_on": "NEXT"}, {"/surveyed_on": "in_the_future"}),
    ],
)
def test_bad_surveys_are_named(
    supplier: Party, site: str, change: dict[str, Any], found: dict[str, str]
) -> None:
    """More who know than were asked, an answer to no question, nobody asked: refused by place."""
    body = SURVEY | {"site": site} | change
    if body["surveyed_on"] == "NEXT":
        body["surveyed_on"] = f"{next_year(supplier)}-01-03"
    assert faults(put(supplier, "awareness-surveys", "BAD", body)) == found


def test_a_question_may_be_left_out(supplier: Party, site: str) -> None:
    """A survey of one question is taken; nobody of nobody is a result too."""
    only = {name: SURVEY[name] for name in ("surveyed_on", "method", "by", "asked_n")}
    made = put(supplier, "awareness-surveys", "S/2", only | {"site": site, "aware_asked_n": 40})
    assert (made.status_code, made.json["aware_n"], made.json["trust_n"]) == (201, None, None)
    nobody = {"trust_asked_n": 0, "trust_n": 0}
    made = put(supplier, "awareness-surveys", "S/3", only | {"site": site} | nobody)
    assert (made.status_code, made.json["trust_n"]) == (201, 0)


def test_a_channel_is_tried(world: World, supplier: Party, described: str) -> None:
    """The institute tries a supplier's mechanism and vouches for it; the supplier's own is told."""
    body = PROBE | {"mechanism": described}
    ours = put(world.institute, "reachability-probes", "P/1", body | {"answered_in_seconds": 0})
    assert (ours.status_code, ours.json["provenance"]) == (201, "verified")
    told = put(supplier, "reachability-probes", "P/1", body | {"by": "supplier"})
    assert (told.status_code, told.json["provenance"]) == (201, "supplier_reported")
    assert put(supplier, "reachability-probes", "P/1", body | {"by": "supplier"}).status_code == 204
    listed = world.institute.get(f"/v1/reachability-probes?mechanism={described}").json["data"]
    assert listed == [ours.json, told.json]
    assert supplier.get("/v1/reachability-probes").json["data"] == [told.json]


def test_bad_probes_are_named(world: World, supplier: Party, described: str) -> None:
    """A stranger's mechanism, a channel it has not, an answer though nobody was reached."""
    body = PROBE | {"mechanism": described}

    def refused(**change: Any) -> dict[str, str]:
        return faults(put(supplier, "reachability-probes", "BAD", body | change))

    for one in (mechanism(world.party("supplier")), encode("mec", random_id())):
        assert refused(mechanism=one) == {"/mechanism": "not_a_mechanism"}
    assert refused(channel="sms") == {"/channel": "not_its_channel"}
    silent = {"reached": False, "answered_in_seconds": 4}
    assert refused(**silent) == {"/answered_in_seconds": "says_more_about"}
    ahead = f"{next_year(supplier)}-01-03T00:00:00Z"
    assert refused(probed_at=ahead) == {"/probed_at": "in_the_future"}
    assert refused(reached=None) == {"/reached": "null"}


def test_writing_is_for_suppliers_and_the_institute(world: World, site: str) -> None:
    """Who has no mechanism cannot speak of one, whatever scopes its token has."""
    for kind in ("brand", "agency", "cso"):
        party = world.party(kind, scopes=("mechanisms:write",))
        for name, body in (("engagement-events", EVENT), ("awareness-surveys", SURVEY)):
            assert put(party, name, "X", body | {"site": site}).status_code == 403
        assert party.get("/v1/awareness-surveys").json["data"] == []


def test_a_replay_is_answered_alike_and_each_push_is_audited(world: World, site: str) -> None:
    """The same Idempotency-Key gives the first answer; the audit names the survey."""
    institute, path = world.institute, "/v1/awareness-surveys?external_id=K&source_system=hr"
    body = SURVEY | {"site": site}
    answers = [institute.put(path, body, Idempotency_Key="s1") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[1].json == answers[0].json
    query = text("SELECT content FROM audit WHERE operation = 'put_awareness_survey'")
    with world.installation.as_owner() as connection:
        entries = connection.scalars(query).all()
    assert [answers[0].json["id"] in entry for entry in entries].count(True) == 1
