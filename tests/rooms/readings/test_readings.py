"""Who read what: every reading of a case is an entry, and its owner may look."""

from __future__ import annotations

from typing import Any

import pytest

from openredress_api.foundation.identifiers import encode
from tests.factories import cases, registers
from tests.factories.parties import Party, World


def _entries(party: Party, **query: str) -> list[dict[str, object]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = party.get(f"/v1/audit-entries?limit=500&{asked}")
    assert answer.status_code == 200, answer.json
    found: list[dict[str, object]] = answer.json["data"]
    return found


def _case(world: World) -> dict[str, Any]:
    return cases.case(world, world.site(world.party("supplier")))


def test_r18_the_institute_sees_who_read_a_case(world: World) -> None:
    """R18: each reading of a case names who, when and how; another reader's people stay unnamed."""
    case, cso = _case(world), world.party("cso")
    cases.consent(world, case["id"], "share_cso")
    assigned = {"organisation": cso.id}
    world.institute.post(f"/v1/cases/{case['id']}/assignments", assigned)
    assert world.institute.get(f"/v1/cases/{case['id']}").status_code == 200
    assert cso.get(f"/v1/cases/{case['id']}").status_code == 200
    own, other = _entries(world.institute, record=case["id"])[-2:]
    assert own["organisation"] == world.institute.id
    assert own["person"] is not None
    assert (other["organisation"], other["person"]) == (None, None)
    assert {one["operation"] for one in (own, other)} == {"get_case"}
    assert other["records"] == [case["id"]]


def test_r18_a_supplier_sees_who_read_its_register(world: World) -> None:
    """R18: the institute's reading of a grievance is told to the supplier whose it is."""
    supplier = world.party("supplier")
    pushed = registers.push(supplier, world.site(supplier), "G1")
    grievance = pushed.json
    assert _entries(supplier, record=grievance["id"]) == []
    assert world.institute.get(f"/v1/grievances/{grievance['id']}").status_code == 200
    (entry,) = _entries(supplier, record=grievance["id"])
    assert (entry["organisation"], entry["person"]) == (world.institute.id, None)
    assert entry["operation"] == "get_grievance"


def test_r18_a_read_of_a_list_names_what_it_showed(world: World) -> None:
    """R18: one entry per read of a list, with the ids that were shown."""
    case = _case(world)
    assert world.institute.get("/v1/cases?limit=500").status_code == 200
    assert "list_cases" in {
        one["operation"] for one in _entries(world.institute, record=case["id"])
    }


def test_own_entries_come_in_order_and_pages(world: World) -> None:
    """What one's own clients did, oldest first, without a stranger's entry."""
    supplier = world.party("supplier")
    world.site(supplier)
    world.site(supplier, "S2")
    answer = supplier.get("/v1/audit-entries?limit=1")
    first = answer.json["data"][0]
    rest = supplier.get(f"/v1/audit-entries?cursor={answer.json['next_cursor']}").json["data"]
    assert [one["operation"] for one in (first, *rest)] == ["put_site", "put_site"]
    assert first["at"] <= rest[0]["at"]
    assert _entries(supplier, until=str(first["at"]).replace("+", "%2B")) == []


def test_r16_a_record_of_somebody_else_is_as_one_that_is_not_there(world: World) -> None:
    """R16: asking who read a stranger's record tells nothing, not even to its addressee."""
    supplier = world.party("supplier")
    referral = cases.referral(world, supplier)
    case = _case(world)
    absent = encode("case", world.institute.organisation_id)
    for record in (case["id"], referral["id"], absent):
        answer = supplier.get(f"/v1/audit-entries?record={record}")
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("record", ["tsk_1", "case_", "case_zz", "nonsense", "grv_" + "u" * 26])
def test_what_is_no_record(world: World, record: str) -> None:
    """What is no id of a record is refused with the kinds that there are."""
    answer = world.institute.get(f"/v1/audit-entries?record={record}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "?record"
    assert "grv_" in answer.json["errors"][0]["detail"]
