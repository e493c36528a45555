"""Sending again: what an owner asks for, what it takes up after a rest, and nothing twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Row, text

from openredress_delivery import replays
from openredress_delivery.faults import Faults
from tests.delivery.desk import Desk, numbers, outcome


def deliver_all(desk: Desk) -> list[int]:
    """Let everything that may leave arrive; the positions, in the order of the feed."""
    arrived: list[int] = []
    while claimed := desk.attempt():
        arrived += numbers(claimed, desk)
    return sorted(arrived)


def rest(desk: Desk, endpoint: UUID, state: str) -> None:
    """The endpoint stops taking."""
    desk.change(endpoint, state=f"'{state}'", state_since="now()")
    desk.sweep()


def resume(desk: Desk, endpoint: UUID, skip_before: str) -> None:
    """Its owner lets it take again, from a moment on."""
    desk.change(endpoint, state="'active'", state_since="now()", skip_before=skip_before)
    desk.sweep()


def job(desk: Desk, made: UUID) -> Row:
    """A replay as its owner reads it."""
    (row,) = desk.house.rows("SELECT * FROM webhook_replay WHERE id = :id", id=made)
    return row


@pytest.mark.parametrize("state", ["paused", "disabled"])
@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("NULL", [1, 2, 3, 4, 5, 6]),
        ("now() - interval '90 minutes'", [3, 4, 5, 6]),
        ("now()", [5, 6]),
    ],
)
def test_resuming(desk: Desk, state: str, choice: str, expected: list[int]) -> None:
    """All, since a moment, none: what waited comes so; what is new comes anyway, each once."""
    endpoint = desk.endpoint()
    desk.events(1)
    desk.attempt(500)  # waits to be tried again
    desk.events(1)
    desk.fan_out()  # waits for its first try
    rest(desk, endpoint, state)
    desk.pass_time(hours=1)
    desk.events(2)  # not even fanned out
    desk.pass_time(hours=1)
    assert deliver_all(desk) == []
    resume(desk, endpoint, choice)
    desk.events(2)
    assert deliver_all(desk) == expected
    assert set(desk.states()) <= {"succeeded", "cancelled"}
    skipped = {row.state_reason for row in desk.deliveries() if row.state == "cancelled"}
    assert skipped == (set() if choice == "NULL" else {"skipped_by_owner"})
    desk.pass_time(days=2)
    desk.sweep()
    assert deliver_all(desk) == []


def test_what_was_skipped_can_be_asked_for(desk: Desk) -> None:
    """Who chose none may still ask for a part of it later; a suspension meanwhile costs nothing."""
    endpoint = desk.endpoint()
    desk.events(3)
    rest(desk, endpoint, "disabled")
    resume(desk, endpoint, "now()")
    assert deliver_all(desk) == []
    desk.ask_again(endpoint, undelivered=True)
    desk.replay()
    desk.house.rows(
        "UPDATE organisation SET suspended_at = now() WHERE organisation_id = :id",
        id=desk.organisation,
    )
    desk.sweep()
    assert desk.states() == ["held"] * 3
    desk.house.rows(
        "UPDATE organisation SET suspended_at = NULL WHERE organisation_id = :id",
        id=desk.organisation,
    )
    desk.sweep()
    assert deliver_all(desk) == [1, 2, 3]


def test_deleting_ends_what_is_held(desk: Desk) -> None:
    """Nothing waits for an endpoint that is deleted, whatever state it was in before."""
    endpoint = desk.endpoint()
    desk.events(2)
    desk.attempt(410)
    assert desk.states() == ["held", "held"]
    rest(desk, endpoint, "deleted")
    assert [(row.state, row.state_reason) for row in desk.deliveries()] == [
        ("cancelled", "endpoint_deleted")
    ] * 2


def test_replays(desk: Desk) -> None:
    """One event, a type, a range, what was not delivered: each gives exactly those, once."""
    endpoint = desk.endpoint()
    other = desk.endpoint(event_patterns=["referral.*"])
    moments: list[datetime] = []
    ids: list[UUID] = []
    for _ in range(5):
        moments.append(desk.now())
        ids += desk.events(1)
        desk.pass_time(hours=1)
    desk.house.rows("UPDATE event SET type = 'referral.updated' WHERE id = :id", id=ids[2])
    desk.fan_out()
    for _ in range(8):
        desk.store(*(outcome(one, 400 if one.event_id == ids[3] else 204) for one in desk.claim()))
        desk.pass_time(hours=3)
    passed = timedelta(hours=5 + 8 * 3)
    assert [row.state for row in desk.deliveries(endpoint)].count("failed") == 1
    cases = (
        ({"undelivered": True}, [4]),
        ({"undelivered": True}, []),
        ({"one": ids[1]}, [2]),
        ({"types": ["referral.*"]}, [3]),
        ({"types": ["grievance.received"]}, [1, 2, 4, 5]),
        ({"since": moments[1] - passed, "until": moments[3] - passed}, [2, 3]),
        ({}, [1, 2, 3, 4, 5]),
    )
    for choice, expected in cases:
        made = desk.ask_again(endpoint, **choice)
        assert job(desk, made).matched == len(expected)
        desk.replay()
        assert deliver_all(desk) == expected
        done = job(desk, made)
        assert (done.state, done.made) == ("done", len(expected))
    causes = {row.cause for row in desk.deliveries(endpoint)}
    assert causes == {"auto", "manual", "replay"}
    assert {row.lane for row in desk.deliveries(endpoint) if row.cause != "auto"} == {1}
    desk.ask_again(other)
    desk.replay()
    assert deliver_all(desk) == [3]


def test_undelivered_is_what_will_not_come_by_itself(desk: Desk) -> None:
    """What still waits, is held for the endpoint's sake or was not fanned out yet comes once."""
    endpoint = desk.endpoint(max_in_flight=1)
    desk.events(3)
    desk.attempt(410)
    desk.change(endpoint, state="'active'", state_since="now()")
    desk.events(2)
    desk.house.rows("SELECT gate.sequence_events()")
    assert job(desk, desk.ask_again(endpoint, undelivered=True)).matched == 0
    desk.replay()
    desk.sweep()
    assert deliver_all(desk) == [1, 2, 3, 4, 5]


def test_the_same_message_again(desk: Desk) -> None:
    """A replay carries the event's own id and bytes: a receiver knows what it has seen."""
    endpoint = desk.endpoint()
    (event,) = desk.events()
    (first,) = desk.attempt()
    desk.ask_again(endpoint, one=event)
    desk.replay()
    (again,) = desk.attempt()
    assert (first.webhook_id, first.body) == (again.webhook_id, again.body)
    assert first.delivery_id != again.delivery_id


def test_asking_twice_is_two(desk: Desk) -> None:
    """Every act has its own outcome: who asks twice for one event gets it twice."""
    endpoint = desk.endpoint()
    (event,) = desk.events()
    desk.attempt()
    for _ in range(2):
        desk.ask_again(endpoint, one=event)
    desk.replay()
    assert deliver_all(desk) == [1, 1]


def test_a_replay_is_taken_up_where_it_was(desk: Desk) -> None:
    """A worker that dies between two parts, or within one, leaves none and makes none twice."""
    endpoint = desk.endpoint()
    events = desk.events(703)
    desk.fan_out()
    desk.house.rows("UPDATE delivery SET state = 'succeeded'")
    made = desk.ask_again(endpoint)
    engine = desk.house.engine("delivery")
    assert replays.advance(engine, Faults(development=False))
    after_one = job(desk, made)
    assert (after_one.state, after_one.made) == ("running", 500)
    with engine.connect() as dying:
        dying.execute(replays._STEP)
        dying.rollback()
    assert job(desk, made) == after_one
    desk.replay()
    assert (job(desk, made).state, job(desk, made).made) == ("done", 703)
    copies = Counter(row.event_id for row in desk.deliveries() if row.cause_id == made)
    assert copies == Counter(events)


def test_two_workers_share_replays(desk: Desk) -> None:
    """What one worker is at is left alone by the next, which takes another one."""
    endpoint = desk.endpoint()
    desk.events(3)
    deliver_all(desk)
    first, second = desk.ask_again(endpoint), desk.ask_again(endpoint)
    with desk.house.engine("delivery").begin() as one:
        one.execute(replays._STEP)
        desk.replay()
        states = {job(desk, made).state for made in (first, second)}
        assert states == {"running", "done"}
    assert {job(desk, made).state for made in (first, second)} == {"done"}
    assert Counter(row.cause_id for row in desk.deliveries())[first] == 3
    assert Counter(row.cause_id for row in desk.deliveries())[second] == 3


def test_a_deleted_endpoint_ends_its_replay(desk: Desk) -> None:
    """Nothing is made for an endpoint that is gone; the replay says so."""
    endpoint = desk.endpoint()
    desk.events(2)
    deliver_all(desk)
    made = desk.ask_again(endpoint)
    desk.change(endpoint, state="'deleted'")
    desk.replay()
    assert (job(desk, made).state, job(desk, made).made) == ("cancelled", 0)
    assert len(desk.states()) == 2


def test_a_replay_at_rest(desk: Desk) -> None:
    """A replay for a paused endpoint waits with it; nothing leaves."""
    endpoint = desk.endpoint()
    desk.events(2)
    deliver_all(desk)
    rest(desk, endpoint, "paused")
    desk.ask_again(endpoint)
    desk.replay()
    assert deliver_all(desk) == []
    resume(desk, endpoint, "NULL")
    assert deliver_all(desk) == [1, 2]


def test_a_question_is_never_replayed(desk: Desk) -> None:
    """An endpoint.verify belongs to its asking; no replay sends it again, not even by name."""
    endpoint = desk.endpoint()
    told = desk.ask(endpoint)
    assert told
    deliver_all(desk)
    for choice in ({"one": told}, {"types": ["endpoint.verify"]}, {}):
        assert job(desk, desk.ask_again(endpoint, **choice)).matched == 0
    desk.replay()
    assert deliver_all(desk) == []


def test_a_foreign_event_is_not_replayed(desk: Desk) -> None:
    """Naming another organisation's event finds nothing."""
    endpoint = desk.endpoint()
    desk.events(1)
    deliver_all(desk)
    stranger = desk.house.organisation()
    (foreign,) = desk.house.events(stranger, 1)
    desk.fan_out()
    assert job(desk, desk.ask_again(endpoint, one=foreign)).matched == 0
    desk.replay()
    assert deliver_all(desk) == []


def test_counting_needs_a_context(desk: Desk) -> None:
    """Without a caller's context the dry count finds nothing."""
    endpoint = desk.endpoint()
    desk.events(2)
    deliver_all(desk)
    count = text("SELECT gate.count_replayed(:id, NULL, '{}', NULL, NULL, false, 100)")
    with desk.house.engine("app").begin() as connection:
        assert connection.execute(count, {"id": endpoint}).scalar_one() == 0
