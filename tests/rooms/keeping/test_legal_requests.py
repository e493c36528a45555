"""What authorities ask for is written down, decided by two people, and never changed (R20)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import protection
from tests.factories.parties import Party, World

PATH = "/v1/legal-requests"
ASKED = {
    "received_on": "2026-03-01",
    "country": "TH",
    "authority": "Provincial court",
    "legal_basis": "court_order",
    "asked_for": ["identity", "messages"],
    "description": "Names of all callers of the plant, by order 14/2569.",
}
REFUSED = {"decision": "refused", "workers_told": "yes"}


@pytest.fixture(scope="module")
def administrator(world: World) -> Party:
    """Who writes it down."""
    return protection.colleague(world, "administrator")


@pytest.fixture(scope="module")
def custodian(world: World) -> Party:
    """Who decides."""
    return protection.colleague(world, "custodian")


def recorded(person: Party, **fields: Any) -> Any:
    """An entry of the register."""
    return person.post(PATH, ASKED | fields)


def test_r20_an_entry_is_numbered_and_decided_once_by_another_person(
    world: World, administrator: Party, custodian: Party
) -> None:
    """Who wrote it down does not decide; what was decided stands."""
    first, second = (recorded(administrator).json for _ in range(2))
    assert second["n"] == first["n"] + 1
    assert len(protection.tasks(world, "decide_legal_request", first["id"])) == 1
    path = f"{PATH}/{first['id']}/decision"
    refused = administrator.post(path, REFUSED)
    assert (refused.status_code, refused.json["code"]) == (403, "second_person_needed")
    decided = custodian.post(path, REFUSED)
    assert decided.status_code == 201, decided.json
    assert decided.json["decision"]["decision"] == "refused"
    again = protection.colleague(world, "custodian").post(path, REFUSED | {"decision": "granted"})
    assert (again.status_code, again.json["code"]) == (409, "state_transition_not_allowed")
    listed = custodian.get(f"{PATH}?limit=500").json["data"]
    mine = next(one for one in listed if one["id"] == first["id"])
    assert mine["decision"]["workers_told"] == "yes"
    assert "description" not in mine


def test_r20_two_who_decide_at_once_are_one_decision(
    world: World, administrator: Party, custodian: Party
) -> None:
    """The second one is told that it was decided."""
    other = protection.colleague(world, "custodian")
    for _ in range(5):
        path = f"{PATH}/{recorded(administrator).json['id']}/decision"
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda one, at=path: one.post(at, REFUSED), (custodian, other)))
        assert sorted(one.status_code for one in answers) == [201, 409]


def test_r20_the_register_is_the_institutes_alone(world: World, administrator: Party) -> None:
    """Nobody else has the operation, and its words are sealed."""
    recorded(administrator)
    for kind in ("supplier", "agency", "brand", "cso"):
        assert world.party(kind).get(PATH).status_code == 403
    with world.installation.as_owner() as connection:
        rows = connection.exec_driver_sql("SELECT l::text FROM legal_request l").scalars().all()
    assert rows
    assert not any("14/2569" in row for row in rows)


def test_it_needs_the_duty_and_a_day_that_was(world: World, administrator: Party) -> None:
    """Case workers keep no register; no request comes from the future."""
    assert recorded(world.institute).status_code == 403
    refused = recorded(
        administrator, received_on=str(datetime.now(UTC).date() + timedelta(days=30))
    )
    assert refused.json["errors"][0]["code"] == "in_the_future"
