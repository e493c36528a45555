"""A heading, or the name of a member, can hold personal data: then it is neither kept nor shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories.imports import announce, findings, imported, lines, row
from tests.factories.parties import Party, World

PHONE, NAME = "+66812345678", "Somchai Jaidee +66812345678"
MAPPING = {"columns": {"id": "external_id"}}


def kept(world: World) -> str:
    """All that is kept, unsealed, of imports and what was found in them."""
    with world.installation.as_owner() as connection:
        tables = ("bulk_import", "bulk_import_finding", "import_mapping")
        return str(
            [
                connection.exec_driver_sql(f"SELECT to_jsonb(t)::text FROM {table} t").all()  # noqa: S608 - the names above
                for table in tables
            ]
        )


def shown(party: Party, done: dict[str, Any]) -> str:
    """All that is answered about an import."""
    more = findings(party, done["id"])
    corrections = party.get(f"/v1/imports/{done['id']}/corrections").get_data(as_text=True)
    return json.dumps([done, more]) + corrections


def headings(done: dict[str, Any]) -> list[str]:
    """The headings of its columns."""
    return [column["heading"] for column in done["columns"]]


@pytest.mark.parametrize("mode", ["check", "upsert"])
def test_a_heading_of_a_sheet(world: World, mode: str) -> None:
    """It is told by its number, in the columns, in questions and in what was found."""
    supplier = world.party("supplier")
    heads = f"external_id,site,category,channel,received_at,worker {PHONE}"
    octets = f"{heads}\nA,{world.site(supplier)},wages.late_payment,line,soon {PHONE},x\n".encode()
    done = imported(world, supplier, octets, format="csv", mode=mode)
    assert headings(done)[-1] == "column 6 (personal data)"
    assert done["columns"][-1]["field"] is None
    assert PHONE not in kept(world) + json.dumps([done, findings(supplier, done["id"])])


def test_a_sheet_without_headings(world: World) -> None:
    """Rows that stand where headings should are no headings to be kept, also in a fault."""
    supplier = world.party("supplier")
    octets = f"A,{NAME},{NAME},12/12/12 {PHONE}\nB,C,D,E\n".encode()
    done = imported(world, supplier, octets, format="csv", mode="check")
    assert headings(done)[1:] == [f"column {number} (personal data)" for number in (2, 3, 4)]
    assert PHONE not in kept(world) + json.dumps(done)


def test_a_member_of_mapped_records(world: World) -> None:
    """A record whose members are named after people has columns without those names."""
    supplier = world.party("supplier")
    records = lines([{"id": "A", "workers": {NAME: "x"}}])
    twice = b'{"id":"B","workers":{"%s":1,"%s":2}}\n' % (NAME.encode(), NAME.encode())
    done = imported(world, supplier, records + twice, mode="check", mapping=MAPPING)
    assert headings(done) == ["id", "column 2 (personal data)"]
    (found,) = findings(supplier, done["id"], weight="must_fix")[-1:]
    assert (found["pointer"], found["code"]) == ("/workers/[removed]", "repeated")
    assert PHONE not in kept(world) + json.dumps([done, findings(supplier, done["id"])])


def test_an_unknown_member(world: World) -> None:
    """The pointer of a member that no record has does not name it where it holds personal data."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    done = imported(world, supplier, lines([row(site, "A", **{NAME: 1, "colour": 2})]))
    pointers = {one["pointer"] for one in findings(supplier, done["id"])}
    assert pointers == {"/[removed]", "/colour"}
    assert PHONE not in kept(world)
    put = supplier.put("/v1/grievances?external_id=A&source_system=hr", {NAME: 1})
    assert "/[removed]" in [one["pointer"] for one in put.json["errors"]]
    assert PHONE not in put.get_data(as_text=True)
    asked = supplier.get(f"/v1/grievances?{PHONE[1:]}=1")
    assert [one["pointer"] for one in asked.json["errors"]] == ["?[removed]"]


def test_a_heading_in_a_mapping(world: World) -> None:
    """A mapping that names such a heading is refused, with a file or by itself."""
    supplier = world.party("supplier")
    mapping = {"columns": {NAME: None}}
    put = supplier.put("/v1/import-mappings?record=grievance&source_system=hr", mapping)
    for answer in (announce(supplier, b"x", mapping=mapping), put):
        assert answer.status_code == 422
        (error,) = answer.json["errors"]
        assert (error["pointer"].rpartition("/")[2], error["code"]) == (
            "columns",
            "personal_data_detected",
        )
        assert PHONE not in answer.get_data(as_text=True)
    assert PHONE not in kept(world)
