"""When we stop calling an endpoint, and whom we tell of it; time is moved, not waited for."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from openredress_webhooks.events import EVENT_TYPES, Event
from openredress_webhooks.instants import write_instant
from tests.delivery.desk import UNREACHABLE, Desk, outcome

BASE = "https://api.example.org"


def fail(desk: Desk, times: int, status: int = 500) -> None:
    """So many failed attempts now, each of an event of its own."""
    for _ in range(times):
        desk.events()
        desk.fan_out()
        (claimed,) = desk.claim()
        desk.store(outcome(claimed, status))
        desk.house.rows("UPDATE delivery SET state = 'failed' WHERE state = 'waiting'")


def clock(desk: Desk, endpoint: UUID, *, days: float, attempts: int, on_days: int) -> str:
    """A first failure so many days ago, so many more attempts since, so many days with one."""
    fail(desk, 1)
    for _ in range(on_days - 2):
        desk.pass_time(days=1)
        fail(desk, 1)
    fail(desk, attempts - on_days)
    desk.pass_time(days=days - (on_days - 2))
    fail(desk, 1)
    assert desk.read(endpoint).failed_attempts == attempts
    return str(desk.read(endpoint).state)


@pytest.mark.parametrize(
    ("days", "attempts", "on_days", "state"),
    [
        (5.01, 20, 3, "disabled"),
        (4.99, 20, 3, "active"),
        (5.01, 19, 3, "active"),
        (5.01, 20, 2, "active"),
    ],
)
def test_five_days_twenty_attempts_three_days(
    desk: Desk, days: float, attempts: int, on_days: int, state: str
) -> None:
    """An endpoint is disabled after 5 days with 20 attempts on 3 of them; not one short of each."""
    endpoint = desk.endpoint()
    assert clock(desk, endpoint, days=days, attempts=attempts, on_days=on_days) == state
    assert desk.read(endpoint).state_reason == ("failing" if state == "disabled" else None)


def test_a_success_forgives(desk: Desk) -> None:
    """One success begins the count anew: days, attempts and notices."""
    endpoint = desk.endpoint()
    fail(desk, 15)
    desk.pass_time(days=3)
    fail(desk, 1)
    desk.chore("gate.tell_of_endpoints(:base)", base=BASE)
    desk.events()
    desk.attempt()
    row = desk.read(endpoint)
    assert (row.failing_since, row.failed_attempts, row.failed_days, row.notices) == (None, 0, 0, 0)
    assert clock(desk, endpoint, days=5.01, attempts=19, on_days=3) == "active"
    fail(desk, 1)
    assert desk.read(endpoint).state == "disabled"


def test_what_is_wrong_here_disables_nobody(desk: Desk) -> None:
    """A key that we cannot open is no failure of the endpoint."""
    endpoint = desk.endpoint()
    for _ in range(25):
        desk.events()
        desk.attempt(None, "no_key")
        desk.pass_time(days=1)
    row = desk.read(endpoint)
    assert (row.state, row.failing_since, row.failed_attempts) == ("active", None, 0)


def test_our_own_fault_closes_no_breaker(desk: Desk) -> None:
    """An attempt that never left says nothing of an endpoint that could not be reached."""
    endpoint = desk.endpoint()
    desk.events(5)
    desk.fail()
    desk.pass_time(minutes=10)
    desk.fail()
    opened = desk.read(endpoint)
    assert opened.probe_at
    desk.pass_time(minutes=10)
    desk.attempt(None, "no_key")
    assert desk.read(endpoint).network_failures == opened.network_failures


def test_gone_at_once(desk: Desk) -> None:
    """A 410 disables at once; that delivery and all that wait are held, and nothing leaves."""
    endpoint = desk.endpoint(max_in_flight=1)
    desk.events(3)
    desk.attempt(410)
    assert (desk.read(endpoint).state, desk.read(endpoint).state_reason) == ("disabled", "gone")
    assert desk.states() == ["held", "held", "held"]
    desk.pass_time(days=1)
    desk.sweep()
    assert desk.attempt() == []


def test_notices(desk: Desk) -> None:
    """After 1, 24 and 72 hours the owner is told once each; not before, and no more than that."""
    endpoint = desk.endpoint()
    fail(desk, 1)
    seen = []
    for hours in (0.9, 0.2, 22.8, 0.2, 47.8, 0.2, 20):
        desk.pass_time(hours=hours)
        seen.append([desk.chore("gate.tell_of_endpoints(:base)", base=BASE) for _ in range(2)])
    assert seen == [[0, 0], [1, 0], [0, 0], [1, 0], [0, 0], [1, 0], [0, 0]]
    told = desk.told("endpoint.failing")
    assert [row.webhook_id for row in told] == [json.loads(row.body)["id"] for row in told]
    assert desk.read(endpoint).notices == 3


def test_a_notice_goes_to_the_others(desk: Desk) -> None:
    """What is told of an endpoint goes to the organisation's other endpoints, and into the feed."""
    failing = desk.endpoint()
    fail(desk, 1)
    other, deaf = desk.endpoint(), desk.endpoint(event_patterns=["referral.*"])
    desk.pass_time(hours=2)
    desk.chore("gate.tell_of_endpoints(:base)", base=BASE)
    desk.fan_out()
    (notice,) = [row for row in desk.deliveries() if row.type == "endpoint.failing"]
    assert notice.endpoint_id == other
    assert notice.endpoint_id not in {failing, deaf}
    assert notice.position


def test_disabled_is_told_once(desk: Desk) -> None:
    """The end is told once, with its reason; and again when it comes again."""
    endpoint = desk.endpoint()
    for end in (1, 2):
        desk.events()
        desk.attempt(410)
        for _ in range(3):
            desk.chore("gate.tell_of_endpoints(:base)", base=BASE)
        told = [json.loads(row.body)["data"]["reason"] for row in desk.told("endpoint.disabled")]
        assert told == ["gone"] * end
        desk.change(endpoint, state="'active'", state_reason="NULL", state_since="now()")


def test_the_houses_words_are_the_senders(desk: Desk) -> None:
    """What SQL tells of an endpoint is what the events' own code renders, with a true date."""
    endpoint = desk.endpoint()
    desk.ask(endpoint)
    desk.attempt(500)
    desk.pass_time(hours=2)
    desk.chore("gate.tell_of_endpoints(:base)", base=BASE)
    desk.events()
    desk.attempt(410)
    desk.chore("gate.tell_of_endpoints(:base)", base=BASE)
    for fact in ("endpoint.verify", "endpoint.failing", "endpoint.disabled"):
        (row,) = desk.told(fact)
        event = rendered_anew(row.body)
        assert event.subject == event.data["id"]
        if EVENT_TYPES[fact].thin:
            assert event.links == {"self": f"{BASE}/v1/webhook-endpoints/{event.subject}"}
    (row,) = desk.told("endpoint.failing")
    since = desk.read(endpoint).failing_since
    assert json.loads(row.body)["data"]["failing_since"] >= write_instant(since)
    assert EVENT_TYPES["endpoint.failing"].data_fields.keys() == json.loads(row.body)["data"].keys()


def rendered_anew(body: bytes) -> Event:
    """The event of a body, which its own code would have written so."""
    event = Event.parse(body)
    EVENT_TYPES[event.type].check(event.data)
    assert json.loads(event.render()) == json.loads(body)
    return event


def test_only_changes_are_logged(desk: Desk) -> None:
    """The log of an endpoint holds its changes of state, and nothing for every failed attempt."""
    endpoint = desk.endpoint()
    fail(desk, 5)
    desk.change(endpoint, state="'paused'", state_reason="'by owner'")
    desk.change(endpoint, state="'active'", state_reason="NULL")
    desk.events()
    desk.attempt(410)
    logged = desk.house.rows(
        "SELECT what, detail FROM endpoint_log WHERE endpoint_id = :id ORDER BY at", id=endpoint
    )
    assert [tuple(row) for row in logged] == [
        ("active", None),
        ("paused", "by owner"),
        ("active", None),
        ("disabled", "gone"),
    ]


def test_the_old_address_says_nothing_of_the_new(desk: Desk) -> None:
    """What comes back late from the former address says nothing of an endpoint where it is."""
    endpoint = desk.endpoint(max_in_flight=8)
    desk.events(8)
    desk.fan_out()
    *late, gone = desk.claim()
    desk.change(endpoint, url="'https://elsewhere.example/'")
    desk.store(*(outcome(one, None, UNREACHABLE) for one in late), outcome(gone, 410))
    row = desk.read(endpoint)
    assert (row.state, row.failing_since, row.network_failures) == ("active", None, 0)
    desk.sweep()
    desk.pass_time(minutes=1)
    here = desk.claim()
    assert {one.url for one in here} == {"https://elsewhere.example/"}
    assert len(here) == 8


def test_asking_again_ends_the_question_before(desk: Desk) -> None:
    """A question that waits, or was held, is not sent beside the next one, nor after it."""
    endpoint = desk.endpoint(state="pending_verification")
    desk.ask(endpoint, "the-first-question-of-all")
    assert len(desk.attempt(410)) == 1
    assert desk.states() == ["held"]
    desk.ask(endpoint, "the-second-question-of-all")
    desk.ask(endpoint, "the-third-question-of-all")
    assert desk.states() == ["cancelled", "cancelled", "due"]
    (asked,) = desk.attempt()
    assert b"the-third" in asked.body
    assert desk.read(endpoint).state == "active"
    desk.sweep()
    assert desk.attempt() == []
