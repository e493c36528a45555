"""What the house looks after by itself: gaps, people who were not reached, and what is too old."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row

from openredress_api.foundation.identifiers import encode
from openredress_api.organisations import set_sandbox_clock
from openredress_webhooks.events import EVENT_TYPES, Event
from tests.delivery.desk import Desk, outcome
from tests.delivery.house import House
from tests.factories import cases, remediation
from tests.factories.parties import Party, World

RECIPIENT = {"s1_critical": "cso", "s2_severe": "supplier", "s3_serious": "supplier"}


@pytest.fixture
def desk(delivery_database: House, world: World) -> Desk:
    """A supplier's deliveries, in hand; nobody's clock is moved, nobody has been told of a gap."""
    turn_clock(world, timedelta())
    return Desk(delivery_database, world.party("supplier").organisation_id)


def turn_clock(world: World, offset: timedelta) -> None:
    """Set the institute's clock to so much later than it is."""
    with world.installation.as_owner() as connection:
        set_sandbox_clock(connection, [world.institute.organisation_id], offset)


def tasks(desk: Desk, subject: str) -> list[Row[Any]]:
    """The tasks of reaching whoever was told of a subject."""
    return list(
        desk.house.rows(
            "SELECT * FROM task WHERE kind = 'reach_recipient' AND subject = :about", about=subject
        )
    )


def referral(world: World, to: Party, severity: str) -> dict[str, Any]:
    """A referral of this severity."""
    owner = to if to.kind == "supplier" else world.party("supplier")
    site = world.site(owner, f"of {severity}")
    made = cases.case(world, site, severity=severity)["id"]
    cases.consent(world, made, cases.SCOPE_FOR[to.kind])
    body = cases.offer(made, to, summary=cases.SUMMARY | {"severity": severity})
    answer = cases.send(world, body)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


# Gaps.


def test_a_gap_is_told_once(desk: Desk, world: World) -> None:
    """An offer whose event is missing is told to its recipient, once, and nothing else is."""
    supplier = world.party("supplier")
    lost, kept = cases.referral(world, supplier), cases.referral(world, supplier)
    desk.chore("gate.tell_of_gaps()")
    assert desk.chore("gate.tell_of_gaps()") == 0
    desk.house.rows("DELETE FROM event WHERE subject = :subject", subject=lost["id"])
    assert [desk.chore("gate.tell_of_gaps()") for _ in range(3)] == [1, 0, 0]
    (told,) = desk.house.rows(
        "SELECT * FROM event WHERE type = 'system.gap_detected' AND organisation_id = :id",
        id=supplier.organisation_id,
    )
    event = Event.parse(told.body)
    EVENT_TYPES[event.type].check(event.data)
    assert json.loads(event.render()) == json.loads(told.body)
    assert (event.id, event.data["missing"], event.subject) == (told.webhook_id, 1, supplier.id)
    assert kept["id"] not in told.body.decode()


def test_a_missing_request_is_a_gap(desk: Desk, world: World) -> None:
    """A request for remedy is looked for like an offer; several of one recipient are one event."""
    asked = remediation.asked(world)
    cases.referral(world, asked.supplier)
    desk.house.rows(
        "DELETE FROM event WHERE organisation_id = :id", id=asked.supplier.organisation_id
    )
    assert desk.chore("gate.tell_of_gaps()") == 2


def test_nobody_misses_what_was_taken_back_or_is_old(desk: Desk, world: World) -> None:
    """A tombstone is no gap; nor is what is long past, or what nobody was to be told."""
    supplier = world.party("supplier")
    made = cases.referral(world, supplier)
    authority = world.party("government", scopes=("events:read",))
    cases.referral(world, authority)
    cases.consent(world, made["case"], cases.SCOPE_FOR["supplier"], "withdrawn")
    assert desk.chore("gate.tell_of_gaps()") == 0
    desk.house.rows("DELETE FROM event WHERE subject = :subject", subject=made["id"])
    turn_clock(world, timedelta(days=4))
    assert desk.chore("gate.tell_of_gaps()") == 0


# People who were not reached.


@pytest.mark.parametrize(
    ("severity", "hours"),
    [("s1_critical", 4), ("s2_severe", 24), ("s3_serious", 48), ("s4_minor", 120)],
)
def test_the_graver_the_sooner(desk: Desk, world: World, severity: str, hours: int) -> None:
    """Who neither took nor read an offer is reached by a person: after 4 h, 1, 2 or 5 days."""
    made = referral(world, world.party(RECIPIENT.get(severity, "supplier")), severity)
    turn_clock(world, timedelta(hours=hours - 0.05))
    desk.chore("gate.raise_fallbacks()")
    assert tasks(desk, made["id"]) == []
    turn_clock(world, timedelta(hours=hours + 0.05))
    desk.chore("gate.raise_fallbacks()")
    (task,) = tasks(desk, made["id"])
    assert (task.severity, task.state) == (severity, "open")
    assert task.organisation_id == world.institute.organisation_id


def test_a_fallback_comes_once(desk: Desk, world: World) -> None:
    """Whether it waits or is done, the task is not raised a second time."""
    made = cases.referral(world, world.party("supplier"))
    turn_clock(world, timedelta(days=3))
    desk.chore("gate.raise_fallbacks()")
    assert desk.chore("gate.raise_fallbacks()") == 0
    (task,) = tasks(desk, made["id"])
    path = f"/v1/tasks/{encode('tsk', task.id)}/complete"
    done = world.institute.post(path, {"note_code": "done"})
    assert done.status_code == 200, done.json
    assert desk.chore("gate.raise_fallbacks()") == 0
    assert len(tasks(desk, made["id"])) == 1


def test_the_task_is_the_institutes_to_read(desk: Desk, world: World) -> None:
    """It stands on the work list under its kind and names whom it is about."""
    made = cases.referral(world, world.party("supplier"))
    turn_clock(world, timedelta(days=3))
    desk.chore("gate.raise_fallbacks()")
    listed = world.institute.get("/v1/tasks?limit=500").json["data"]
    (task,) = [one for one in listed if one["subject"] == made["id"]]
    assert (task["kind"], task["severity"]) == ("reach_recipient", "s3_serious")


def test_who_took_it_is_reached(desk: Desk, world: World) -> None:
    """A delivery that succeeded, to whichever endpoint, is enough."""
    supplier = world.party("supplier")
    own = Desk(desk.house, supplier.organisation_id)
    own.endpoint()
    made = cases.referral(world, supplier)
    own.attempt()
    turn_clock(world, timedelta(days=30))
    desk.chore("gate.raise_fallbacks()")
    assert tasks(desk, made["id"]) == []


def test_who_read_the_feed_is_reached(desk: Desk, world: World) -> None:
    """Whoever pulls needs no endpoint: an offer that stood in its feed has reached it."""
    supplier = world.party("supplier")
    made = cases.referral(world, supplier)
    shown = supplier.get("/v1/events").json["data"]
    assert made["id"] in {one["event"]["subject"] for one in shown}
    turn_clock(world, timedelta(days=30))
    desk.chore("gate.raise_fallbacks()")
    assert tasks(desk, made["id"]) == []


def test_who_failed_to_take_it_is_not(desk: Desk, world: World) -> None:
    """Attempts without success reach nobody."""
    supplier = world.party("supplier")
    own = Desk(desk.house, supplier.organisation_id)
    own.endpoint()
    made = cases.referral(world, supplier)
    own.attempt(500)
    turn_clock(world, timedelta(days=3))
    desk.chore("gate.raise_fallbacks()")
    assert len(tasks(desk, made["id"])) == 1


@pytest.mark.parametrize("path", ["/v1/referrals", "/v1/referrals/{id}"])
def test_who_read_it_is_reached(desk: Desk, world: World, path: str) -> None:
    """Reading the record, alone or in a list, is enough without any endpoint."""
    supplier = world.party("supplier")
    made = cases.referral(world, supplier)
    unread = cases.referral(world, world.party("supplier"))
    assert supplier.get(path.format(**made)).status_code == 200
    turn_clock(world, timedelta(days=3))
    desk.chore("gate.raise_fallbacks()")
    assert tasks(desk, made["id"]) == []
    assert len(tasks(desk, unread["id"])) == 1


def test_a_request_for_remedy_is_followed_up(desk: Desk, world: World) -> None:
    """A request that nobody has taken or read raises its task by the gravity of its case."""
    asked = remediation.asked(world)
    turn_clock(world, timedelta(days=2, hours=1))
    assert desk.chore("gate.raise_fallbacks()") >= 1
    (task,) = tasks(desk, asked.id)
    assert task.severity == "s3_serious"


# What is too old.


def test_what_is_past_its_days_leaves(desk: Desk) -> None:
    """An event leaves with its deliveries after its days; what is under way stays until its end."""
    desk.endpoint(max_in_flight=2)
    desk.endpoint(event_patterns=["referral.*"])
    desk.events(3)
    desk.fan_out()
    done, under_way = desk.claim()
    desk.store(outcome(done))
    young = desk.events(1)
    desk.fan_out()
    desk.house.rows(
        "UPDATE event SET retention_until = now() - interval '1 s' "
        "WHERE organisation_id = :id AND NOT id = ANY(:young)",
        id=desk.organisation,
        young=young,
    )
    assert desk.chore("gate.forget_events()") == 2
    left = {row.event_id: row.state for row in desk.deliveries()}
    assert left == {under_way.event_id: "leased", young[0]: "due"}
    desk.store(outcome(under_way))
    assert desk.chore("gate.forget_events()") == 1
    assert {row.event_id for row in desk.deliveries()} == set(young)
    assert desk.chore("gate.forget_events()") == 0
    # Their positions stay taken: a reader's place in the feed keeps its meaning.
    desk.events(1)
    desk.fan_out()
    assert [row.position for row in desk.deliveries()] == [4, 5]


def test_an_event_without_a_place_is_not_forgotten(desk: Desk) -> None:
    """What nobody could read yet is kept, however old it is."""
    desk.events(1)
    desk.house.rows(
        "UPDATE event SET retention_until = now() - interval '1 day' WHERE organisation_id = :id",
        id=desk.organisation,
    )
    assert desk.chore("gate.forget_events()") == 0


def test_attempts_leave_by_the_month(desk: Desk) -> None:
    """Partitions of attempts older than four months are dropped, and those ahead exist."""
    months = {number: _month(desk, number) for number in (-14, -5, -4, -3, 0, 12)}
    assert {months[0], months[12]} <= _partitions(desk)
    for number in (-14, -5, -4, -3):
        desk.house.rows(
            f"DO $$ DECLARE first date := date_trunc('month', now()) + interval '{number} months'; "
            f"BEGIN EXECUTE format('CREATE TABLE {months[number]} PARTITION OF attempt FOR VALUES "
            "FROM (%L) TO (%L)', first, first + interval '1 month'); END $$"
        )
    desk.house.rows(f"DROP TABLE {months[12]}")
    desk.chore("gate.forget_events()")
    left = _partitions(desk)
    assert {number for number, name in months.items() if name in left} == {-4, -3, 0, 12}
    assert "attempt_rest" in left


def _month(desk: Desk, number: int) -> str:
    """The partition of a month from now, as those are named that the house itself makes."""
    (row,) = desk.house.rows(
        "SELECT to_char(date_trunc('month', now()) + make_interval(months => :number), "
        '\'"attempt_"YYYY"_"MM\') AS name',
        number=number,
    )
    return str(row.name)


def _partitions(desk: Desk) -> set[str]:
    rows = desk.house.rows(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'attempt'::regclass"
    )
    return {row.relname for row in rows}
