"""Ready mappings, each on a made-up export in the real shape of its system."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from openredress_api.imports.mapping import READY
from tests.factories.exports import PLANTED, REGISTERS, Export, sheet
from tests.factories.imports import findings, imported
from tests.factories.parties import Party, World
from tests.factories.public_lists import LISTS

EXPORTS = REGISTERS | LISTS
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "ready-mappings.md"
SENDERS = {
    "grievance": "supplier",
    "site": "supplier",
    "job_order": "agency",
    "recruiter_listing": "agency",
}


def sender_of(world: World, export: Export) -> tuple[Party, Mapping[str, Any]]:
    """Who may send such records, and the mapping with a site of his."""
    kind = SENDERS.get(export.record)
    party = world.party(kind) if kind else world.institute
    site = world.site(party) if export.record == "grievance" else ""
    said = json.loads(json.dumps(export.said).replace("{site}", site))
    return party, said


def sent(
    world: World,
    party: Party,
    export: Export,
    mapping: Mapping[str, Any],
    mode: str = "upsert",
) -> dict[str, Any]:
    """Hand an export in and read what became of it."""
    return imported(
        world,
        party,
        export.octets,
        record=export.record,
        format=export.format,
        source_system="made_up",
        mapping=mapping,
        mode=mode,
    )


def stored(party: Party, export: Export) -> dict[str, Any]:
    """The records of a kind by the sender's own ids."""
    listed = party.get(f"{export.path}?limit=500").json["data"]
    return {one["external_id"]: one for one in listed if one["source_system"] == "made_up"}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_becomes_records(world: World, name: str) -> None:
    """Every row is stored as its mapping says, and the same file again changes nothing."""
    export = EXPORTS[name]
    party, said = sender_of(world, export)
    done = sent(world, party, export, said)
    assert (done["state"], done["questions"]) == ("done", []), done
    assert done["counts"]["refused"] == 0, findings(party, done["id"])
    records = stored(party, export)
    assert export.stored.keys() <= records.keys()
    for external_id, expected in export.stored.items():
        found = {member: records[external_id][member] for member in expected}
        assert found == expected
    again = sent(world, party, export, said)["counts"]
    assert again["unchanged"] == done["counts"]["new"] == len(export.stored)
    assert (again["new"], again["changed"], again["refused"]) == (0, 0, 0)


@pytest.mark.parametrize("name", EXPORTS)
def test_every_heading_is_spoken_for(world: World, name: str) -> None:
    """No column of a system is left to be guessed at, and what a person is in is not taken."""
    export = EXPORTS[name]
    party, said = sender_of(world, export)
    done = sent(world, party, export, said)
    assert {one["how"] for one in done["columns"]} == {"given"}, done["columns"]
    told = json.dumps([stored(party, export), findings(party, done["id"]), done])
    assert not [text for text in PLANTED if text.casefold() in told.casefold()]


def test_each_has_its_export_and_its_heading() -> None:
    """Each ready mapping is tried on an export here and explained under a heading of its own."""
    assert {export.said["name"] for export in EXPORTS.values()} == set(READY)
    headings = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(READY)


def test_the_sender_overrules_it(world: World) -> None:
    """What the sender says of a field takes the place of all that the ready mapping says of it."""
    export = REGISTERS["tracker"]
    party, said = sender_of(world, export)
    own = {
        **said,
        "columns": {"RESPONSE": "status"},
        "constants": {
            **said["constants"],
            "channel": "hr_system",
            "external_id": "{Handled by}/{Case ID}",
        },
    }
    done = sent(world, party, export, own)
    assert done["state"] == "done", done
    records = stored(party, export)
    first = records["Line Leader/C-1"]
    assert (first["status"], first["channel"]) == ("received", "hr_system")
    assert records["/C-2"]["status"] == "closed_unvalidated"


def test_what_only_the_sender_knows_is_asked(world: World) -> None:
    """A register without a site, and words for kinds of grievance, wait for their sender."""
    export = REGISTERS["frappe_sheet"]
    party, _ = sender_of(world, export)
    asked = sent(world, party, export, {"name": "frappe_employee_grievance"}, mode="check")
    assert [(one["field"], one["code"]) for one in asked["questions"]] == [
        ("site", "no_column"),
        ("received_at", "time_zone"),
    ]
    refused = sent(world, party, export, {"name": "frappe_employee_grievance"})
    assert (refused["state"], refused["fault"]["code"]) == ("failed", "mapping_unsettled")
    assert refused["questions"] == asked["questions"]
    told = findings(party, asked["id"], weight="must_fix")
    assert {one["heading"] for one in told if one["code"] == "not_in_list"} == {"Grievance Type"}


def test_a_site_in_one_of_several_zones_waits(world: World) -> None:
    """A country with one time zone is enough for a site; of a country with several it is asked."""
    supplier = world.party("supplier")
    octets = sheet(
        ("country", "name", "address"),
        ("Nepal", "Hill Carpets", "Lalitpur"),
        ("USA", "Hill Socks", "Mount Airy"),
        ("Asia/Dhaka", "Hill Tees", "Savar"),
    )
    done = imported(
        world,
        supplier,
        octets,
        record="site",
        format="csv",
        mapping={"name": "osh_facility_list", "values": {"country": {"Asia/Dhaka": "BD"}}},
    )
    assert (done["counts"]["new"], done["counts"]["refused"]) == (2, 1)
    (found,) = findings(supplier, done["id"])
    assert (found["code"], found["read"], found["heading"]) == (
        "several_time_zones",
        "USA",
        "country",
    )
    assert "America/" in found["detail"]
    zones = {one["name"]: one["time_zone"] for one in supplier.get("/v1/sites").json["data"]}
    assert zones == {"Hill Carpets": "Asia/Kathmandu", "Hill Tees": "Asia/Dhaka"}
