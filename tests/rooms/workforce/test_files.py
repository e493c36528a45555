"""Headcounts in files: the same rows, the same refusals as one at a time, and whole months."""

from __future__ import annotations

from typing import Any

from openredress_api.foundation.identifiers import encode, random_id
from tests.factories.imports import findings, imported, lines
from tests.factories.parties import Party, World


def row(site: str, month: str, **fields: Any) -> dict[str, Any]:
    """A headcount as one line of a file."""
    return {"site": site, "month": month, "total": 480, "source": "payroll"} | fields


def bring(world: World, party: Party, *rows: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """Have a file of headcounts worked on."""
    return imported(world, party, lines(rows), record="headcount", source_system="hr", **asked)


def kept(party: Party, *names: str) -> list[tuple[Any, ...]]:
    """What is stored, without what a file does not say."""
    listed = party.get("/v1/headcounts?limit=500").json["data"]
    return sorted(tuple(one[name] for name in names) for one in listed)


def test_a_file_stores_what_single_puts_do(world: World) -> None:
    """Rows of a file and single PUTs leave the same; each finds the other's unchanged."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    segments = {"sex": {"female": 300}, "origin_country": {"MM": 20}}
    rows = [row(site, "2026-01"), row(site, "2026-02", agency_workers=3, segments=segments)]
    assert bring(world, supplier, *rows)["counts"]["new"] == 2
    assert bring(world, supplier, *rows)["counts"]["unchanged"] == 2
    for one in rows:
        body = {name: value for name, value in one.items() if name not in {"site", "month"}}
        url = f"/v1/headcounts?site={site}&month={one['month']}"
        assert supplier.put(url, body).status_code == 204
        assert supplier.put(url, body | {"total": 500}).status_code == 200
    assert bring(world, supplier, *rows)["counts"]["changed"] == 2
    assert kept(supplier, "month", "total", "segments") == [
        ("2026-01", 480, None),
        ("2026-02", 480, segments),
    ]


def test_bad_rows_are_explained_and_the_others_stored(world: World) -> None:
    """A forbidden segment, a sum too large, a stranger's site: each is named with its line."""
    supplier = world.party("supplier")
    site, foreign = world.site(supplier), world.site(world.party("supplier"))
    done = bring(
        world,
        supplier,
        row(site, "2026-01", segments={"religion": {"any": 1}}),
        row(site, "2026-02", segments={"sex": {"female": 481}}),
        row(foreign, "2026-03"),
        row(encode("site", random_id()), "2026-03"),
        row(site, "2026-04", agency_workers=481),
        row(site, "2026-05"),
    )
    found = [(one["line"], one["pointer"], one["code"]) for one in findings(supplier, done["id"])]
    assert found == [
        (1, "/segments/religion", "segment_not_allowed"),
        (2, "/segments/sex", "adds_up_to_more"),
        (3, "/site", "not_your_site"),
        (4, "/site", "not_your_site"),
        (5, "/agency_workers", "more_than"),
    ]
    assert kept(supplier, "month") == [("2026-05",)]


def test_a_period_is_replaced_as_a_whole(world: World) -> None:
    """What a replaced month no longer has is gone; months that the file does not name stay."""
    supplier = world.party("supplier")
    first, second = world.site(supplier, "A"), world.site(supplier, "B")
    bring(world, supplier, *(row(site, month) for site in (first, second) for month in MONTHS))
    done = bring(world, supplier, row(first, "2026-02", total=7), mode="replace_period")
    assert done["state"] == "done"
    assert kept(supplier, "month", "total") == [("2026-01", 480), ("2026-01", 480), ("2026-02", 7)]


MONTHS = ("2026-01", "2026-02")
