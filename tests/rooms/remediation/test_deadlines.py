"""Deadlines of remedies: told once when they are near and once when they have passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from openredress_api.organisations import set_sandbox_clock
from openredress_webhooks.events import Event
from tests.factories import remediation
from tests.factories.parties import World

Chore = Callable[[], int]


@pytest.fixture(scope="module")
def tell(world: World) -> Iterator[Chore]:
    """The worker's look for deadlines."""
    engine = create_engine(world.installation.role_url("delivery"))
    statement = text("SELECT gate.tell_of_deadlines('http://127.0.0.1:8321')")

    def look() -> int:
        with engine.begin() as connection:
            told = int(connection.execute(statement).scalar_one())
            context = connection.execute(text("SELECT gate.context()")).scalar()
            assert context is None, "the worker must be left without anybody's context"
            return told

    yield look
    engine.dispose()


def _turn(asked: remediation.Asked, days: float) -> None:
    with asked.world.installation.as_owner() as connection:
        both = [asked.world.institute.organisation_id, asked.supplier.organisation_id]
        set_sandbox_clock(connection, both, timedelta(days=days))


def _told(asked: remediation.Asked) -> list[Event]:
    with asked.world.installation.as_owner() as connection:
        rows = connection.execute(
            text("SELECT body FROM event WHERE organisation_id = :me ORDER BY occurred_at"),
            {"me": asked.supplier.organisation_id},
        ).all()
    found = [Event.parse(row.body) for row in rows]
    return [one for one in found if one.type in {"remediation.due_soon", "remediation.overdue"}]


def test_near_and_past_are_told_once_each(world: World, tell: Chore) -> None:
    """A week before and after the deadline the supplier hears of it, once; then a person does."""
    asked = remediation.asked(world, due_in_days=30)
    for days, number in ((20, 0), (24, 1), (25, 1), (31, 2), (32, 2)):
        _turn(asked, days)
        tell()
        assert len(_told(asked)) == number, days
    near, past = _told(asked)
    assert (near.type, past.type) == ("remediation.due_soon", "remediation.overdue")
    due_at = world.institute.get(asked.path).json["due_at"]
    for event in (near, past):
        assert event.subject == asked.id
        assert (event.data["due_at"], event.data["status"]) == (due_at, "issued")
        assert event.links["self"].endswith(asked.path)
    tasks = world.institute.get("/v1/tasks?kind=chase_overdue_remedy&limit=500").json["data"]
    assert [one["subject"] for one in tasks if one["subject"] == asked.id] == [asked.id]
    _turn(asked, 0)


def test_overdue_is_derived(world: World) -> None:
    """The list tells late requests from the others by the clock alone."""
    asked = remediation.asked(world, due_in_days=30)

    def listed(overdue: str) -> set[str]:
        found = asked.supplier.get(f"/v1/remediation-requests?overdue={overdue}").json["data"]
        return {one["id"] for one in found}

    assert (listed("true"), listed("false")) == (set(), {asked.id})
    _turn(asked, 31)
    assert (listed("true"), listed("false")) == ({asked.id}, set())
    _turn(asked, 0)


def test_who_is_not_waited_for_is_not_late(world: World, tell: Chore) -> None:
    """While the institute has to act, or when all is over, no supplier is told to hurry."""
    asked = remediation.asked(world, due_in_days=30)
    assert asked.institute_does("cancel", {"reason": "duplicate"}).status_code == 200
    _turn(asked, 40)
    tell()
    assert _told(asked) == []
    _turn(asked, 0)
