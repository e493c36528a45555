"""NDJSON of another system's shape: its members are columns for the mapping that comes with it."""

from __future__ import annotations

from typing import Any

import orjson

from tests.factories.imports import announce, findings, imported, lines, receipts, row
from tests.factories.parties import Party, World

CASE = {
    "case": {"number": "C-1", "handler": "Somchai"},
    "received": "2026-03-01",
    "kinds": ["wages.late_payment"],
    "workers": 3,
    "anonymous": True,
    "paid": [{"sum": 1500.5, "money": "THB"}],
    "note": None,
}
MAPPING = {
    "columns": {
        "case.number": "external_id",
        "received": "received_at",
        "kinds": "category",
        "workers": "workers_affected",
        "anonymous": "is_anonymous",
        "paid.1.sum": "agreed_remedy.amount",
        "paid.1.money": "agreed_remedy.currency",
        "case.handler": None,
        "note": None,
    },
    "constants": {"channel": "hr_system"},
}


def sent(world: World, supplier: Party, site: str, *records: Any, **mapping: Any) -> dict[str, Any]:
    """Hand records in with a mapping."""
    said = {**MAPPING, **mapping}
    said["constants"] = {"site": site, **said["constants"]}
    return imported(world, supplier, lines(records), mapping=said)


def test_members_are_columns(world: World) -> None:
    """Objects, lists, numbers, flags and nothing are read as the cells of a sheet are."""
    supplier = world.party("supplier")
    done = sent(world, supplier, world.site(supplier), CASE)
    assert (done["state"], done["counts"]["new"]) == ("done", 1), findings(supplier, done["id"])
    (stored,) = supplier.get("/v1/grievances").json["data"]
    assert (stored["external_id"], stored["workers_affected"]) == ("C-1", 3)
    assert stored["is_anonymous"] is True
    assert stored["agreed_remedy"] == {"amount": "1500.50", "currency": "THB"}
    told = {one["heading"]: one["field"] for one in done["columns"]}
    assert told == MAPPING["columns"]


def test_a_member_that_comes_late_is_a_column(world: World) -> None:
    """Members are looked for in all records, however far down they first appear."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    early = [{**CASE, "case": {"number": f"C-{number}"}} for number in range(1_200)]
    late = {**CASE, "case": {}, "key": "LATE"}
    ids = {"external_id": "{case.number|key}"}
    columns = {**MAPPING["columns"], "case.number": None}
    done = sent(
        world,
        supplier,
        site,
        *early,
        late,
        columns=columns,
        constants={**MAPPING["constants"], **ids},
    )
    assert (done["counts"]["new"], done["counts"]["refused"]) == (1_201, 0)
    assert receipts(supplier, done["id"])[-1]["key"].endswith("|LATE")


def test_our_own_shape_with_a_constant(world: World) -> None:
    """Records with our names and a mapping for what they lack are taken as without one."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    record = row(site, "A", agreed_remedy={"amount": "10.00", "currency": "THB"})
    del record["site"]
    done = imported(world, supplier, lines([record]), mapping={"constants": {"site": site}})
    assert done["counts"]["new"] == 1, findings(supplier, done["id"])
    (stored,) = supplier.get("/v1/grievances").json["data"]
    assert (stored["site"], stored["agreed_remedy"]["amount"]) == (site, "10.00")


def test_what_is_wrong_is_named_as_it_was_sent(world: World) -> None:
    """A finding has the member's own name; the corrections name it too, and can be sent again."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    bad = {**CASE, "kinds": ["wages.late_paymnt"], "paid": [{"sum": "some", "money": "THB"}]}
    octets = lines([CASE]) + b"{broken\n" + lines([bad])
    mapping = {**MAPPING, "constants": {**MAPPING["constants"], "site": site}}
    done = imported(world, supplier, octets, mapping=mapping)
    assert (done["counts"]["new"], done["counts"]["refused"]) == (1, 2)
    found = findings(supplier, done["id"])
    assert {(one["line"], one["code"], one["heading"] or None) for one in found} == {
        (2, "not_json", None),
        (3, "not_in_list", "kinds"),
        (3, "unreadable_amount", "paid.1.sum"),
    }
    answer = supplier.get(f"/v1/imports/{done['id']}/corrections")
    broken, marked = map(orjson.loads, answer.data.splitlines())
    assert [one["line"] for one in broken["openredress:findings"]] == [2]
    pointers = {one["pointer"] for one in marked["openredress:findings"]}
    assert pointers == {"/kinds", "/paid/0/sum"}
    marked |= {"case": {"number": "C-3"}, "kinds": ["wages.late_payment"], "paid": []}
    again = imported(world, supplier, lines([marked]), mapping=mapping)
    assert (again["counts"]["new"], again["questions"]) == (1, []), findings(supplier, again["id"])


def test_two_members_of_one_heading(world: World) -> None:
    """Of `a.b` and the `b` of `a` none wins in silence; equal values are no fault."""
    supplier = world.party("supplier")
    twice = {**CASE, "case.number": "C-2"}
    same = {**CASE, "case": {"number": "C-3"}, "case.number": "C-3"}
    done = sent(world, supplier, world.site(supplier), twice, same)
    assert (done["counts"]["new"], done["counts"]["refused"]) == (1, 1)
    (found,) = findings(supplier, done["id"])
    assert (found["line"], found["code"], found["pointer"]) == (1, "repeated", "/case/number")


def test_ids_that_a_program_would_round(world: World) -> None:
    """A number of 21 digits is stored as no other number: its line is refused."""
    supplier = world.party("supplier")
    big = {**CASE, "case": {"number": "@"}}
    octets = lines([CASE, big]).replace(b'"@"', b"123456789012345678901")
    mapping = {**MAPPING, "constants": {**MAPPING["constants"], "site": world.site(supplier)}}
    done = imported(world, supplier, octets, mapping=mapping)
    assert (done["counts"]["new"], done["counts"]["refused"]) == (1, 1)
    (found,) = findings(supplier, done["id"])
    assert (found["line"], found["code"]) == (2, "number_too_long")


def test_files_without_members(world: World) -> None:
    """A file of no records, or of records with hundreds of members, is refused in words."""
    supplier = world.party("supplier")
    wide = {f"member {number}": number for number in range(300)}
    for octets, code in ((b"\n\n", "file_empty"), (lines([wide]), "too_many_columns")):
        done = imported(world, supplier, octets, mapping=MAPPING)
        assert (done["state"], done["fault"]["code"]) == ("failed", code)
    assert announce(supplier, b"x", format="ndjson", mapping=MAPPING).status_code == 202
