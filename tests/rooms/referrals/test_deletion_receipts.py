"""Whoever holds copies of what was taken back says that they are gone, or is asked by a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from openredress_api.organisations import set_sandbox_clock
from tests.factories import cases
from tests.factories.parties import Party, World

Chore = Callable[[], int]


@pytest.fixture(scope="module")
def demand(world: World) -> Iterator[Chore]:
    """The worker's look for receipts that did not come."""
    engine = create_engine(world.installation.role_url("delivery"))

    def look() -> int:
        with engine.begin() as connection:
            found = connection.execute(text("SELECT gate.demand_deletion_receipts()"))
            return int(found.scalar_one())

    yield look
    engine.dispose()


@pytest.fixture
def supplier(world: World) -> Party:
    """A supplier of its own."""
    return world.party("supplier")


def _withdrawn(world: World, to: Party) -> dict[str, Any]:
    sent = cases.referral(world, to)
    cases.consent(world, sent["case"], cases.SCOPE_FOR[to.kind], "withdrawn")
    return sent


def _confirm(party: Party, referral: dict[str, Any]) -> Any:
    return party.post(f"/v1/referrals/{referral['id']}/confirm-deletion")


def _demanded(world: World, referral: dict[str, Any]) -> int:
    listed = world.institute.get("/v1/tasks?kind=demand_deletion_receipt&limit=500").json["data"]
    return sum(one["subject"] == referral["id"] for one in listed)


def _turn(world: World, hours: float) -> None:
    with world.installation.as_owner() as connection:
        set_sandbox_clock(connection, [world.institute.organisation_id], timedelta(hours=hours))


def test_r1_a_recipient_confirms_what_it_cannot_read_any_more(
    world: World, supplier: Party
) -> None:
    """R1: after a withdrawal reading is 410, and the word that copies are gone is still taken."""
    sent = _withdrawn(world, supplier)
    assert supplier.get(f"/v1/referrals/{sent['id']}").status_code == 410
    first = _confirm(supplier, sent)
    assert first.status_code == 200, first.json
    assert first.json["referral"] == sent["id"]
    assert _confirm(supplier, sent).json == first.json
    seen = world.institute.get(f"/v1/referrals/{sent['id']}").json
    assert seen["deletion_confirmed_at"] == first.json["confirmed_at"]


def test_r1_without_a_receipt_a_person_asks_after_a_day(
    world: World, supplier: Party, demand: Chore
) -> None:
    """R1: one task after 24 hours, and none for whoever has confirmed."""
    silent, polite = _withdrawn(world, supplier), _withdrawn(world, supplier)
    assert _confirm(supplier, polite).status_code == 200
    _turn(world, 23.9)
    demand()
    assert _demanded(world, silent) == 0
    _turn(world, 24.1)
    demand()
    demand()
    assert (_demanded(world, silent), _demanded(world, polite)) == (1, 0)
    _turn(world, 0)


def test_nothing_is_confirmed_of_what_stands(world: World, supplier: Party) -> None:
    """A referral that was not taken back has nothing to confirm; a stranger's is not there."""
    sent = cases.referral(world, supplier)
    assert _confirm(supplier, sent).status_code == 409
    taken = _withdrawn(world, supplier)
    assert _confirm(world.party("supplier"), taken).status_code == 404
