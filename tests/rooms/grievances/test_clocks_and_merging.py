"""Clocks by severity, duplicates that are merged, and grave rows the institute hears of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from openredress_api.grievances.clocks import CLOCKS, WAITING, due_at, lengths, overdue_sql
from openredress_api.grievances.rules import RESTRICTED, STATUSES
from tests.factories.parties import Party, World
from tests.factories.registers import push, step, steps_of

BANGKOK = ZoneInfo("Asia/Bangkok")
LATE_EVENING = datetime(2026, 3, 1, 23, 30, tzinfo=BANGKOK)


@pytest.mark.parametrize(
    ("clock", "severity", "due"),
    [
        ("acknowledge", "s1_critical", datetime(2026, 3, 2, 3, 30, tzinfo=BANGKOK)),
        ("first_action", "s1_critical", datetime(2026, 3, 2, 23, 30, tzinfo=BANGKOK)),
        ("escalation", "s1_critical", LATE_EVENING),
        ("acknowledge", "s2_severe", datetime(2026, 3, 3, tzinfo=BANGKOK)),
        ("first_action", "s3_serious", datetime(2026, 3, 12, tzinfo=BANGKOK)),
        ("escalation", "s4_minor", datetime(2026, 4, 16, tzinfo=BANGKOK)),
    ],
)
def test_a_clock_runs_in_the_zone_of_the_site(clock: str, severity: str, due: datetime) -> None:
    """Hours run from the moment, days end with the site's own day, day 0 being that of receipt."""
    assert due_at(clock, severity, LATE_EVENING.astimezone(UTC), BANGKOK) == due


def test_without_a_severity_no_clock_runs() -> None:
    """Nobody can be late for what nobody has weighed."""
    assert due_at("acknowledge", None, LATE_EVENING, BANGKOK) is None


@pytest.mark.parametrize("clock", CLOCKS)
def test_many_are_late_by_the_same_rule_as_one(world: World, clock: str) -> None:
    """The list's SQL calls a grievance late in the very second in which its clock has run out."""
    supplier = world.party("supplier")
    zone = "Asia/Kathmandu"
    site = world.site(supplier, time_zone=zone)
    with world.installation.as_owner() as connection:
        for severity in lengths(clock):
            received = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
            answer = push(
                supplier, site, severity, severity=severity, received_at=received.isoformat()
            )
            assert answer.status_code == 201
            due = due_at(clock, severity, received, ZoneInfo(zone))
            assert due is not None
            for moment, late in ((due, True), (due - timedelta(seconds=1), False)):
                query = text(
                    f"SELECT {overdue_sql(clock)} FROM grievance "  # noqa: S608 - our own names
                    "WHERE external_id = :id"
                )
                asked = {"now": moment, "id": severity}
                assert connection.scalar(query, asked) is late, severity


def test_a_clock_that_was_met_is_not_late(world: World) -> None:
    """An acknowledged grievance leaves the list of late ones, a forgotten one stays."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    answered = push(supplier, site, "answered", severity="s3_serious").json["id"]
    forgotten = push(supplier, site, "forgotten", severity="s3_serious").json["id"]
    step(supplier, answered, "acknowledged", at="2026-03-02T00:00:00Z")
    late = supplier.get("/v1/grievances?overdue=acknowledge").json["data"]
    assert [row["id"] for row in late] == [forgotten]
    clocks = supplier.get(f"/v1/grievances/{answered}/clocks").json
    assert clocks["acknowledged_at"] == "2026-03-02T00:00:00Z"
    assert clocks["first_action_due_at"] is not None
    assert clocks["first_action_at"] is None


def test_first_action_is_told_when_something_was_done(world: World) -> None:
    """Taking note is no action; an investigation is."""
    supplier = world.party("supplier")
    pushed = push(supplier, world.site(supplier), "acted", severity="s2_severe").json["id"]
    for status in ("acknowledged", "triaged"):
        step(supplier, pushed, status)
    assert supplier.get(f"/v1/grievances/{pushed}/clocks").json["first_action_at"] is None
    step(supplier, pushed, "in_investigation", at="2026-03-04T00:00:00Z")
    clocks = supplier.get(f"/v1/grievances/{pushed}/clocks").json
    assert clocks["first_action_at"] == "2026-03-04T00:00:00Z"


def test_no_status_waits_for_what_was_done() -> None:
    """Each clock waits in statuses that exist."""
    assert {status for waiting in WAITING.values() for status in waiting} <= set(STATUSES)


def two(world: World) -> tuple[Party, str, str]:
    """A supplier with two grievances."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    return (
        supplier,
        push(supplier, site, "first").json["id"],
        push(supplier, site, "second").json["id"],
    )


def test_a_duplicate_names_what_it_repeats(world: World) -> None:
    """Merging ends the duplicate with every step on record; the other grievance stays as it is."""
    supplier, first, second = two(world)
    merged = supplier.post(f"/v1/grievances/{second}/merge", {"into": first})
    assert merged.status_code == 200, merged.json
    assert (merged.json["status"], merged.json["merged_into"]) == ("merged_duplicate", first)
    assert steps_of(supplier, second)[-1] == ("merged_duplicate", "reported")
    assert supplier.get(f"/v1/grievances/{first}").json["status"] == "received"


def test_a_push_keeps_what_was_merged(world: World) -> None:
    """The register's next push of the merged row leaves the link."""
    supplier, first, second = two(world)
    supplier.post(f"/v1/grievances/{second}/merge", {"into": first})
    site = supplier.get(f"/v1/grievances/{first}").json["site"]
    again = push(supplier, site, "second", status="merged_duplicate", workers_affected=3)
    assert (again.status_code, again.json["merged_into"]) == (200, first)


def test_what_cannot_be_merged(world: World) -> None:
    """Not into itself, into a merged one, a stranger's or none at all."""
    supplier, first, second = two(world)
    stranger, foreign, _ = two(world)
    supplier.post(f"/v1/grievances/{second}/merge", {"into": first})
    for grievance, into, code in (
        (first, first, "not_to_merge_into"),
        (first, second, "not_to_merge_into"),
        (first, foreign, "not_in_your_register"),
        (first, f"grv_{'0' * 26}", "not_in_your_register"),
    ):
        answer = supplier.post(f"/v1/grievances/{grievance}/merge", {"into": into})
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code)
    assert stranger.post(f"/v1/grievances/{first}/merge", {"into": foreign}).status_code == 404


def test_restricted_categories_are_marked(world: World) -> None:
    """Whoever reads a grievance of a restricted category sees that nothing of it leaves alone."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    for category in (*RESTRICTED, "wages.late_payment"):
        pushed = push(supplier, site, category, category=category)
        assert pushed.json["is_restricted"] is (category in RESTRICTED)


def test_a_grave_grievance_is_work_for_the_institute(world: World) -> None:
    """One that is critical waits as a task; a minor one does not."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    grave = push(supplier, site, "grave", severity="s1_critical").json["id"]
    minor = push(supplier, site, "minor", severity="s4_minor").json["id"]
    tasks = world.institute.get("/v1/tasks?kind=look_at_grievance&limit=500").json["data"]
    subjects = [task["subject"] for task in tasks]
    assert grave in subjects
    assert minor not in subjects
