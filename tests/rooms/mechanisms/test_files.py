"""Contact volumes in files: the same rows, the same refusals as one at a time, whole months."""

from __future__ import annotations

from typing import Any

from openredress_api.foundation.identifiers import encode, random_id
from tests.factories.imports import findings, imported, lines
from tests.factories.mechanisms import VOLUME, mechanism, volume
from tests.factories.parties import Party, World


def row(month: str, **fields: Any) -> dict[str, Any]:
    """A month's contacts as one line of a file."""
    return {"channel_class": "operational", "month": month, **VOLUME} | fields


def bring(world: World, party: Party, *rows: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """Have a file of contact volumes worked on."""
    return imported(world, party, lines(rows), record="contact_volume", source_system="hr", **asked)


def kept(party: Party, *names: str) -> list[tuple[Any, ...]]:
    """What is stored, without what a file does not say."""
    listed = party.get("/v1/contact-volumes?limit=500").json["data"]
    return sorted(tuple(one[name] for name in names) for one in listed)


def test_a_file_stores_what_single_puts_do(world: World) -> None:
    """Of a site and of a mechanism: file and PUT leave the same and find the other's unchanged."""
    supplier = world.party("supplier")
    site, described = world.site(supplier), mechanism(supplier)
    whose = {"site": site}, {"mechanism": described}
    rows = [row("2026-01", **one) for one in whose]
    assert bring(world, supplier, *rows)["counts"]["new"] == 2
    assert bring(world, supplier, *rows)["counts"]["unchanged"] == 2
    for one in whose:
        assert volume(supplier, "2026-01", **one).status_code == 204
        assert volume(supplier, "2026-01", {"visits": 3}, **one).status_code == 200
    assert bring(world, supplier, *rows)["counts"]["changed"] == 2
    assert kept(supplier, "calls", "messages", "visits") == [(12, 0, None)] * 2
    listed = world.institute.get(f"/v1/contact-volumes?site={site}").json["data"]
    assert [one["provenance"] for one in listed] == ["supplier_reported"]


def test_bad_rows_are_explained_and_the_others_stored(world: World) -> None:
    """Of nobody, of a stranger, of both, without a number, to come: each named with its line."""
    supplier, stranger = world.party("supplier"), world.party("supplier")
    site, described = world.site(supplier), mechanism(supplier)
    ahead = str(int(supplier.get("/v1/me").json["now"][:4]) + 1)
    done = bring(
        world,
        supplier,
        row("2026-01"),
        row("2026-01", site=site, mechanism=described),
        row("2026-01", site=world.site(stranger)),
        row("2026-01", mechanism=mechanism(stranger)),
        row("2026-01", mechanism=encode("mec", random_id())),
        row(f"{ahead}-02", site=site),
        row("2026-01", site=site, calls=None, messages=None),
        row("2026-02", site=site, mechanism=None),
    )
    found = [(one["line"], one["pointer"], one["code"]) for one in findings(supplier, done["id"])]
    assert found == [
        (1, "/site", "site_or_mechanism"),
        (2, "/site", "site_or_mechanism"),
        (3, "/site", "not_your_site"),
        (4, "/mechanism", "not_a_mechanism"),
        (5, "/mechanism", "not_a_mechanism"),
        (6, "/month", "in_the_future"),
        (7, "/", "counts_nothing"),
    ]
    assert kept(supplier, "month") == [("2026-02",)]


def test_who_has_described_nothing_counts_by_site(world: World) -> None:
    """A row of a site is stored for a sender without any mechanism, and the other way round."""
    supplier, without_sites = world.party("supplier"), world.party("supplier")
    done = bring(world, supplier, row("2026-01", site=world.site(supplier)))
    assert (done["counts"]["new"], done["counts"]["refused"]) == (1, 0)
    done = bring(world, without_sites, row("2026-01", mechanism=mechanism(without_sites)))
    assert (done["counts"]["new"], done["counts"]["refused"]) == (1, 0)


def test_the_institute_counts_its_own_channels(world: World) -> None:
    """The institute's file is about its own mechanisms and about anybody's sites."""
    supplier = world.party("supplier")
    site, ours = world.site(supplier), mechanism(world.institute)
    done = bring(
        world,
        world.institute,
        row("2026-01", mechanism=ours),
        row("2026-01", site=site),
        row("2026-01", mechanism=mechanism(supplier)),
        row("2026-01", site=encode("site", random_id())),
    )
    found = [(one["line"], one["code"]) for one in findings(world.institute, done["id"])]
    assert found == [(3, "not_a_mechanism"), (4, "not_a_site")]
    assert done["counts"]["new"] == 2
    assert volume(world.institute, "2026-01", site=site).status_code == 204


def test_a_period_is_replaced_as_a_whole(world: World) -> None:
    """What a replaced month no longer has is gone; months that the file does not name stay."""
    supplier = world.party("supplier")
    site, described = world.site(supplier), mechanism(supplier)
    whose = {"site": site}, {"mechanism": described}
    bring(world, supplier, *(row(month, **one) for one in whose for month in MONTHS))
    done = bring(world, supplier, row("2026-02", site=site, calls=7), mode="replace_period")
    assert done["state"] == "done"
    assert kept(supplier, "month", "calls") == [("2026-01", 12), ("2026-01", 12), ("2026-02", 7)]


MONTHS = ("2026-01", "2026-02")
