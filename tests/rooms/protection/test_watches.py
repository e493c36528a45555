"""After each release a worker is asked, again and again; nobody else learns of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from openredress_api.protection import rules
from openredress_webhooks.events import Event
from tests.factories import protection, remediation
from tests.factories.cases import consent, offer, referral, release
from tests.factories.parties import World
from tests.rooms.remediation.test_requests import events_of


def days(moment: str, after: str) -> int:
    """Whole days between two moments."""
    return round(
        (datetime.fromisoformat(moment) - datetime.fromisoformat(after)) / timedelta(days=1)
    )


@pytest.mark.parametrize("kind", ["supplier", "agency"])
def test_r15_a_referral_to_an_employer_begins_the_watch(world: World, kind: str) -> None:
    """180 days with questions after 7, 30, 90 and 180; one to a CSO begins none."""
    sent = referral(world, world.party(kind))
    (watch,) = protection.watches(world, sent["case"])
    assert days(watch["ends_at"], watch["began_at"]) == 180
    asked = [(one["after_days"], one["result"]) for one in watch["check_backs"]]
    assert asked == [(7, None), (30, None), (90, None), (180, None)]
    assert [days(one["due_at"], watch["began_at"]) for one in watch["check_backs"]] == [
        7,
        30,
        90,
        180,
    ]
    assert protection.watches(world, referral(world, world.party("cso"))["case"]) == []


def test_r15_a_request_begins_it_as_well(world: World) -> None:
    """What is asked of a supplier can be paid back to a worker like a referral."""
    assert len(protection.watches(world, remediation.asked(world).case)) == 1


def test_r15_a_later_release_prolongs_it(world: World) -> None:
    """The days begin anew, but the next question is not put off."""
    sent, before = protection.watched(world, world.party("supplier"))
    agency = world.party("agency")
    consent(world, sent["case"], "share_agency")
    with protection.days_later(world, 5):
        released = release(world, offer(sent["case"], agency)).json
        (watch,) = protection.watches(world, sent["case"])
    first, *others = [one["due_at"] for one in watch["check_backs"]]
    assert days(first, before["began_at"]) == 7
    assert [days(one, released["release_at"]) for one in others] == [30, 90, 180]
    assert days(watch["ends_at"], released["release_at"]) == 180


def test_r15_no_series_of_releases_puts_the_next_question_off() -> None:
    """Whatever is released every few days, the first question keeps its day."""

    class Waiting:
        def __init__(self, after_days: int, due_at: datetime) -> None:
            self.after_days, self.due_at = after_days, due_at

    start = datetime(2026, 1, 1, tzinfo=UTC)
    waiting: list[Waiting] = []
    for day in range(0, 7, 2):
        plan = rules.scheduled(start + timedelta(days=day), waiting)
        waiting = [Waiting(after, due) for after, (due, _) in plan.items()]
    assert min(one.due_at for one in waiting) == start + timedelta(days=7)


def test_r15_each_question_becomes_a_task_on_its_day(world: World) -> None:
    """By the sandbox clock, one at a time, and not again once it was raised."""
    _, watch = protection.watched(world)
    protection.chores(world)
    assert protection.tasks(world, "check_back", watch["id"]) == []
    # It was shown up to three days later.
    for after in (11, 34):
        with protection.days_later(world, after):
            for _ in range(2):
                protection.chores(world)
            (task,) = protection.tasks(world, "check_back", watch["id"])
            assert task["severity"] == "s3_serious"
            (told,) = [
                one
                for one in events_of(world, world.institute.organisation_id, "task.created")
                if one["subject"] == task["id"]
            ]
            assert json.loads(Event.parse(json.dumps(told).encode()).render()) == told
            assert told["data"]["kind"] == "check_back"
            assert told["data"]["due_at"][:19] == task["due_at"][:19]
            protection.checked(world.institute, watch["id"])
            world.institute.post(f"/v1/tasks/{task['id']}/complete", {"note_code": "done"})
            protection.chores(world)
            assert protection.tasks(world, "check_back", watch["id"]) == []


def test_r15_an_answer_is_for_the_oldest_question_that_is_due(world: World) -> None:
    """Whoever calls before anything is due has made a call of its own; the plan stays."""
    _, watch = protection.watched(world)
    early = protection.checked(world.institute, watch["id"], result="unreachable")
    assert early.status_code == 201, early.json
    told = [(one["after_days"], one["result"]) for one in early.json["check_backs"]]
    assert told[0] == (None, "unreachable")
    assert [result for _, result in told[1:]] == [None] * 4
    with protection.days_later(world, 40):
        late = protection.checked(world.institute, watch["id"])
    told = [(one["after_days"], one["result"]) for one in late.json["check_backs"]]
    assert told == [(None, "unreachable"), (7, "well"), (30, None), (90, None), (180, None)]


def test_a_question_to_come_was_not_answered(world: World) -> None:
    """A moment that lies ahead is refused by name."""
    _, watch = protection.watched(world)
    answer = protection.checked(world.institute, watch["id"], at="2027-12-01T00:00:00Z")
    assert (answer.json["errors"][0]["pointer"], answer.status_code) == ("/at", 422)


def test_r16_no_employer_sees_a_watch(world: World) -> None:
    """No other role has such an operation, and nothing of it stands in what a supplier reads."""
    supplier = world.party("supplier")
    sent, watch = protection.watched(world, supplier)
    for kind in ("supplier", "agency", "brand", "cso"):
        for path in ("retaliation-watches", "site-holds", "identity-requests"):
            assert world.party(kind).get(f"/v1/{path}").status_code == 403
    shown = supplier.get(f"/v1/referrals/{sent['id']}").get_data(as_text=True)
    shown += supplier.get("/v1/events").get_data(as_text=True)
    assert watch["id"] not in shown
    assert "watch" not in shown


def test_r15_a_release_and_a_report_do_not_wait_for_each_other(world: World) -> None:
    """A report on a case and a release of the same case, at once and again: each ends in time."""
    supplier = world.party("supplier")
    sent, watch = protection.watched(world, supplier)
    site = world.institute.get(f"/v1/cases/{sent['case']}").json["site"]
    clearing = protection.colleague(world, "releaser")
    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            report = pool.submit(
                protection.checked, world.institute, watch["id"], result="retaliation"
            )
            sending = pool.submit(release, world, offer(sent["case"], supplier))
        assert report.result().status_code == 201, report.result().json
        assert sending.result().status_code in {200, 409}, sending.result().json
        (standing,) = [one for one in protection.holds(world, site) if not one["cleared_at"]]
        clearing.post(f"/v1/site-holds/{standing['id']}/clear", {"reason": "not_confirmed"})
