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
        ("acknowledge", "s4_minor", datetime(2026, 3, 7, tzinfo=BANGKOK)),
    ],
)
def test_a_clock_runs_in_the_zone_of_the_site(clock: str, severity: str, due: datetime) -> None:
    """Hours run from the moment, days end with the site's own day, day 0 being that of receipt."""
    assert due_at(clock, severity, LATE_EVENING.astimezone(UTC), BANGKOK) == due


def test_without_a_severity_no_clock_runs() -> None:
    """Nobody can be late for what nobody has weighed."""
    assert due_at("acknowledge", None, LATE_EVENING, BANGKOK) is None


# In Havana midnight of 2 November 2025 came twice.
PLACES = {"Asia/Kathmandu": "2026-03-01T22:00", "America/Havana": "2025-10-31T22:00"}


@pytest.mark.parametrize("zone", PLACES)
@pytest.mark.parametrize("clock", CLOCKS)
def test_many_are_late_by_the_same_rule_as_one(world: World, clock: str, zone: str) -> None:
    """The list's SQL calls a grievance late in the very second in which its clock has run out."""
    supplier = world.party("supplier")
    site = world.site(supplier, time_zone=zone)
    with world.installation.as_owner() as connection:
        for severity in lengths(clock):
            received = datetime.fromisoformat(PLACES[zone]).replace(tzinfo=UTC)
            answer = push(
                supplier, site, severity, severity=severity, received_at=received.isoformat()
            )
            assert answer.status_code == 201
            due = due_at(clock, severity, received, ZoneInfo(zone))
            assert due is not None
            for moment, late in ((due, True), (due - timedelta(seconds=1), False)):
                query = text(
                    f"SELECT {overdue_sql(clock)} FROM grievance "  # noqa: S608 - our own names
                    "WHERE external_id = :id AND organisation_id = :organisation"
                )
                asked = {"now": moment, "id": severity, "organisation": supplier.organisation_id}
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
        step(supplier, pushed, status, at="2026-03-02T00:00:00Z")
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


def test_the_worker_side_reopens_whatever_was_ended(world: World) -> None:
    """Also a merged duplicate, and one that was referred elsewhere; the link is gone then."""
    supplier, first, second = two(world)
    supplier.post(f"/v1/grievances/{second}/merge", {"into": first})
    reopened = world.institute.post(f"/v1/grievances/{second}/reopen")
    assert (reopened.status_code, reopened.json["status"]) == (200, "reopened")
    assert reopened.json["merged_into"] is None
    site = reopened.json["site"]
    away = push(supplier, site, "away", status="referred_elsewhere").json["id"]
    assert world.institute.post(f"/v1/grievances/{away}/reopen").status_code == 200


def test_no_grave_one_hides_behind_another(world: World) -> None:
    """Not behind a less grave one, an ordinary one, a tombstone or a test entry."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    made = {
        "grave": {"severity": "s1_critical"},
        "restricted": {"category": "retaliation.any", "severity": "s1_critical"},
        "plain": {},
        "voided": {"severity": "s1_critical"},
        "test": {"is_test": True, "severity": "s1_critical"},
    }
    ids = {name: push(supplier, site, name, **more).json["id"] for name, more in made.items()}
    supplier.post(f"/v1/grievances/{ids['voided']}/void", {"reason": "entered_twice"})
    for one, into, code in (
        ("grave", "plain", "would_hide_this_one"),
        ("restricted", "grave", "would_hide_this_one"),
        ("grave", "voided", "counts_in_no_figure"),
        ("grave", "test", "counts_in_no_figure"),
    ):
        answer = supplier.post(f"/v1/grievances/{ids[one]}/merge", {"into": ids[into]})
        assert answer.json["errors"][0]["code"] == code, (one, into)
    assert supplier.post(f"/v1/grievances/{ids['plain']}/merge", {"into": ids["grave"]}).json
    void = supplier.post(f"/v1/grievances/{ids['grave']}/void", {"reason": "entered_twice"})
    assert void.status_code == 409


def test_a_duplicate_is_merged_and_never_pushed(world: World) -> None:
    """A push that calls a grievance a duplicate is refused, and so is a bare step."""
    supplier, first, _ = two(world)
    site = supplier.get(f"/v1/grievances/{first}").json["site"]
    assert push(supplier, site, "first", status="merged_duplicate").status_code == 409
    assert push(supplier, site, "new", status="merged_duplicate").status_code == 409
    assert step(supplier, first, "merged_duplicate").status_code == 422


def test_steps_do_not_run_backwards(world: World) -> None:
    """No step was taken before the one that it follows, and nothing new is closed already."""
    supplier, first, _ = two(world)
    assert step(supplier, first, "acknowledged", at="2026-03-10T00:00:00Z").status_code == 201
    early = step(supplier, first, "triaged", at="2026-03-05T00:00:00Z")
    assert (early.status_code, early.json["errors"][0]["code"]) == (422, "before")
    site = supplier.get(f"/v1/grievances/{first}").json["site"]
    closed = push(supplier, site, "closed", closed_at="2026-03-05T00:00:00Z")
    assert closed.json["errors"][0]["code"] == "later_than_status"


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
