"""The count of a day: what a complete receiver has seen, chained over all days."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row

from openredress.inbox.manifests import Manifest
from openredress_webhooks.events import EVENT_TYPES, Event
from tests.delivery.desk import Desk

ZEROS = bytes(32)


def make(desk: Desk) -> int:
    """One run of the chore; how many manifests it made."""
    return desk.chore("gate.make_manifests()")


def manifests(desk: Desk, endpoint: UUID) -> Sequence[Row[Any]]:
    """An endpoint's manifests, oldest first."""
    return desk.house.rows(
        "SELECT * FROM webhook_manifest WHERE endpoint_id = :id ORDER BY day", id=endpoint
    )


def chained(previous: bytes, events: Sequence[UUID], desk: Desk) -> bytes:
    """The digest of these events behind another digest, as the documentation tells it."""
    ids = {row.id: row.webhook_id for row in desk.house.rows("SELECT id, webhook_id FROM event")}
    return hashlib.sha256(previous + "".join(ids[one] for one in events).encode()).digest()


def arrived(desk: Desk, endpoint: UUID) -> list[UUID]:
    """What the endpoint has received that manifests count, in the order of the feed."""
    return [
        row.event_id
        for row in desk.deliveries(endpoint)
        if row.state == "succeeded" and row.type.split(".")[0] not in {"endpoint", "manifest"}
    ]


def test_a_chain_over_days(desk: Desk) -> None:
    """Each day's digest is that of the one before and of the ids in order; every id is in one."""
    endpoint = desk.endpoint(max_in_flight=64)
    previous, place = ZEROS, 0
    for count in (3, 1, 0, 5):
        events = desk.events(count) if count else []
        desk.attempt()
        desk.pass_time(days=1)
        assert make(desk) == 1
        row = manifests(desk, endpoint)[-1]
        assert (row.count, row.previous) == (count, previous)
        placed = [one.event_id for one in desk.deliveries(endpoint) if one.event_id in events]
        assert row.digest == chained(previous, placed, desk)
        assert row.first_position == place + 1
        previous, place = row.digest, row.last_position
        desk.attempt()
    rows = manifests(desk, endpoint)
    assert [row.count for row in rows] == [3, 1, 0, 5]
    assert len({row.day for row in rows}) == 4


def test_what_arrived_is_what_is_counted(desk: Desk) -> None:
    """A receiver that has everything computes the digest from the bodies alone, by the SDK."""
    endpoint = desk.endpoint(max_in_flight=64)
    desk.endpoint()  # its failures are told to the first one, and not counted
    desk.events(4)
    desk.attempt()
    desk.attempt(410)
    desk.pass_time(days=1)
    desk.house.rows("UPDATE webhook_endpoint SET state_since = now() WHERE state = 'disabled'")
    desk.chore("gate.tell_of_endpoints('https://api.example.org')")
    assert make(desk) == 2
    received = []
    while claimed := desk.attempt():
        received += [Event.parse(one.body) for one in claimed if one.endpoint_id == endpoint]
    assert {event.type for event in received} >= {"manifest.daily"}
    (told,) = [event for event in received if event.type == "manifest.daily"]
    ids = [
        row.webhook_id
        for row in desk.house.rows(
            "SELECT webhook_id, id FROM event WHERE organisation_id = :id ORDER BY position",
            id=desk.organisation,
        )
        if row.id in arrived(desk, endpoint)
    ]
    assert Manifest.of(told).counts(ids)
    assert not Manifest.of(told).counts(ids[1:])


def test_the_event_of_a_manifest(desk: Desk) -> None:
    """It reaches its own endpoint only, and is what the events' own code renders."""
    endpoint, other = desk.endpoint(), desk.endpoint()
    desk.events(1)
    desk.attempt()
    desk.pass_time(days=1)
    assert make(desk) == 2
    desk.fan_out()
    told = [row for row in desk.deliveries() if row.type == "manifest.daily"]
    assert len(told) == 2
    bodies = {row.id: row.body for row in desk.told("manifest.daily")}
    for row in told:
        event = Event.parse(bodies[row.event_id])
        EVENT_TYPES[event.type].check(event.data)
        assert json.loads(event.render()) == json.loads(bodies[row.event_id])
        (written,) = manifests(desk, row.endpoint_id)
        assert event.data["id"] == event.subject
        assert event.data["digest"] == written.digest.hex()
        assert event.data["previous"] == written.previous.hex()
        assert event.data["day"] == written.day.isoformat()
        assert (event.data["first"], event.data["last"]) == (
            str(written.first_position),
            str(written.last_position),
        )
    assert {row.endpoint_id for row in told} == {endpoint, other}


def test_a_day_is_closed_once(desk: Desk) -> None:
    """However often the chore runs, and beside itself, a day has one manifest and one event."""
    endpoint = desk.endpoint()
    desk.events(2)
    desk.attempt()
    desk.pass_time(days=1)
    with desk.house.engine("delivery").begin() as connection:
        connection.exec_driver_sql("SELECT gate.make_manifests()")
        assert make(desk) == 0
    assert [make(desk) for _ in range(3)] == [0, 0, 0]
    assert len(manifests(desk, endpoint)) == 1
    assert len(desk.told("manifest.daily")) == 1


def test_a_new_endpoint(desk: Desk) -> None:
    """It has none on its first day; its chain begins where it began to listen."""
    desk.events(7)
    desk.fan_out()
    endpoint = desk.endpoint(max_in_flight=64)
    assert make(desk) == 0
    events = desk.events(2)
    desk.attempt()
    desk.pass_time(days=1)
    assert make(desk) == 1
    (row,) = manifests(desk, endpoint)
    assert (row.first_position, row.last_position, row.count) == (8, 9, 2)
    placed = [one.event_id for one in desk.deliveries(endpoint) if one.event_id in events]
    assert row.digest == chained(ZEROS, placed, desk)


def test_an_endpoint_without_events(desk: Desk) -> None:
    """A day on which nothing was for it is closed all the same: count 0, the chain goes on."""
    endpoint = desk.endpoint(event_patterns=["referral.*"])
    desk.events(3)
    desk.attempt()
    for _ in range(2):
        desk.pass_time(days=1)
        assert make(desk) == 1
        desk.fan_out()
    rows = manifests(desk, endpoint)
    assert [row.count for row in rows] == [0, 0]
    assert rows[0].digest == hashlib.sha256(ZEROS).digest()
    assert rows[1].previous == rows[0].digest


def test_days_without_a_worker(desk: Desk) -> None:
    """After days of silence the next manifest counts all of it: nothing is outside the chain."""
    endpoint = desk.endpoint()
    desk.events(1)
    desk.attempt()
    desk.pass_time(days=1)
    make(desk)
    for _ in range(3):
        desk.events(2)
        while desk.attempt():
            pass
        desk.pass_time(days=1)
    assert make(desk) == 1
    rows = manifests(desk, endpoint)
    assert [row.count for row in rows] == [1, 6]
    assert rows[1].first_position == rows[0].last_position + 1


@pytest.mark.parametrize(
    ("state", "made"), [("paused", 1), ("disabled", 1), ("pending_verification", 0), ("deleted", 0)]
)
def test_whose_days_are_closed(desk: Desk, state: str, made: int) -> None:
    """What a paused or disabled endpoint misses is counted; nobody counts for a deleted one."""
    endpoint = desk.endpoint()
    desk.events(1)
    desk.change(endpoint, state=f"'{state}'")
    desk.house.rows("SELECT gate.sequence_events()")
    desk.pass_time(days=1)
    assert make(desk) == made


def test_many_endpoints_at_once(desk: Desk) -> None:
    """More endpoints than fit into one run all get theirs in the next."""
    for _ in range(103):
        desk.endpoint()
    desk.events(1)
    desk.house.rows("SELECT gate.sequence_events()")
    desk.pass_time(days=1)
    assert [make(desk) for _ in range(3)] == [100, 3, 0]


def test_the_beginning_is_a_place_and_no_moment(desk: Desk) -> None:
    """What was sent is counted and what was not is not, whatever time their events tell."""
    desk.events(1)
    desk.fan_out()
    desk.house.rows(
        "UPDATE event SET occurred_at = now() + interval '30 days' WHERE organisation_id = :id",
        id=desk.organisation,
    )
    (late,) = desk.events(1)
    desk.house.rows(
        "UPDATE event SET occurred_at = now() - interval '30 days' WHERE id = :id", id=late
    )
    endpoint = desk.endpoint()
    desk.attempt()
    desk.pass_time(days=1)
    assert make(desk) == 1
    (row,) = manifests(desk, endpoint)
    assert (row.count, row.first_position, row.last_position) == (1, 2, 2)
    assert arrived(desk, endpoint) == [late]
