"""How much leaves at a time: breaker, rate and lanes; time is moved, not waited for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.delivery.desk import UNREACHABLE, Desk, outcome


def attempts(desk: Desk) -> list[int]:
    """How often each delivery was tried, in the order of the feed."""
    return [row.attempt_count for row in desk.deliveries()]


def test_breaker(desk: Desk) -> None:
    """After 5 failures to connect one probe leaves every 5 minutes; the others wait untried."""
    endpoint = desk.endpoint()
    desk.events(60)
    assert len(desk.fail()) == 4
    assert len(desk.fail()) == 4
    assert desk.fail() == []
    for probe in range(1, 25):
        desk.pass_time(minutes=4.9)
        assert desk.claim() == []
        desk.pass_time(minutes=0.2)
        (probing,) = desk.claim()
        assert desk.claim() == []
        desk.store(outcome(probing, None, UNREACHABLE))
        assert sum(attempts(desk)) == 8 + probe
    assert set(desk.states()) == {"due", "waiting"}
    assert attempts(desk).count(0) > 8
    desk.pass_time(minutes=5.1)
    assert len(desk.attempt()) == 1
    assert desk.read(endpoint).network_failures == 0
    assert len(desk.attempt()) == 4


@pytest.mark.parametrize("status", [204, 400, 500])
def test_an_answer_closes_the_breaker(desk: Desk, status: int) -> None:
    """Whatever comes back, somebody is there: all go on."""
    desk.endpoint()
    desk.events(20)
    desk.fail()
    desk.fail()
    desk.pass_time(minutes=6)
    assert len(desk.attempt(status)) == 1
    assert len(desk.claim()) == 4


def test_a_lost_probe_is_followed_by_another(desk: Desk) -> None:
    """A worker that dies with the probe costs its lease, not the endpoint."""
    desk.endpoint()
    desk.events(20)
    desk.fail()
    desk.fail()
    desk.pass_time(minutes=6)
    assert len(desk.claim()) == 1
    desk.pass_time(seconds=51)
    assert desk.sweep() == 1
    assert len(desk.claim()) == 1


@pytest.mark.parametrize(("rate", "most", "step"), [(1, 4, 5), (6, 4, 2), (30, 8, 1), (120, 9, 1)])
def test_a_minutes_worth(desk: Desk, rate: int, most: int, step: float) -> None:
    """No minute sees more than its rate, and few see much less; waiting charges no attempt."""
    endpoint = desk.endpoint(rate_per_min=rate, max_in_flight=most)
    desk.pass_time(minutes=5)
    left: list[datetime] = []
    begun = desk.now()
    while desk.now() - begun < timedelta(seconds=100):
        if len(desk.states()) < len(left) + most:
            desk.events(most)
            desk.fan_out()
        claimed = desk.claim()
        left += [desk.now()] * len(claimed)
        desk.store(*map(outcome, claimed))
        assert set(attempts(desk)) <= {0, 1}
        desk.forget_succeeded()
        desk.pass_time(seconds=step)
    minute = timedelta(seconds=60)
    assert max(sum(at <= other < at + minute for other in left) for at in left) <= rate
    assert len(left) >= 0.8 * rate * 100 / 60
    assert desk.read(endpoint).failing_since is None


def test_a_rate_waits_without_attempts(desk: Desk) -> None:
    """Deliveries behind the rate stay due: no attempt, no later date, no reason."""
    desk.endpoint(rate_per_min=1)
    desk.events(3)
    desk.fan_out()
    before = [row.due_at for row in desk.deliveries()]
    desk.store(*map(outcome, desk.claim()))
    for _ in range(5):
        assert desk.claim() == []
    waiting = [row for row in desk.deliveries() if row.state == "due"]
    assert len(waiting) == 2
    assert all((row.attempt_count, row.state_reason) == (0, None) for row in waiting)
    assert {row.due_at for row in waiting} <= set(before)


def test_a_place_stays_free_for_what_is_new(desk: Desk) -> None:
    """However much is replayed, a new event finds a place at once, and goes before what is old."""
    endpoint = desk.endpoint()
    desk.events(20)
    for _ in range(5):
        desk.attempt()
    desk.ask_again(endpoint)
    desk.replay()
    late = desk.claim()
    assert [one.cause for one in late] == ["replay"] * 3
    assert desk.claim() == []
    desk.events(2)
    desk.fan_out()
    (new,) = desk.claim()
    assert new.cause == "auto"
    desk.store(outcome(late[0]))
    (next_new,) = desk.claim()
    assert next_new.cause == "auto"
    desk.store(outcome(new), outcome(next_new), outcome(late[1]), outcome(late[2]))
    assert [one.cause for one in desk.claim()] == ["replay"] * 3


def test_late_retries_go_behind(desk: Desk) -> None:
    """From the fifth attempt on a delivery takes the places of replays."""
    desk.endpoint()
    desk.events(8)
    for _ in range(4):
        desk.attempt(500)
        desk.attempt(500)
        desk.pass_time(hours=1)
    assert {(row.attempt_count, row.lane) for row in desk.deliveries()} == {(4, 1)}
    assert len(desk.claim()) == 3
    desk.events(1)
    desk.fan_out()
    assert [one.attempt for one in desk.claim()] == [1]


def test_one_place_serves_both(desk: Desk) -> None:
    """An endpoint that takes one at a time gets what is new first, and replays all the same."""
    endpoint = desk.endpoint(max_in_flight=1)
    desk.events(2)
    desk.attempt()
    desk.attempt()
    desk.ask_again(endpoint)
    desk.replay()
    desk.events(1)
    causes = [desk.attempt()[0].cause for _ in range(3)]
    assert causes == ["auto", "replay", "replay"]


def test_new_events_fill_the_room_first(desk: Desk) -> None:
    """A worker with little room takes what is new of all endpoints before what is old of any."""
    endpoints = [desk.endpoint() for _ in range(3)]
    desk.events(4)
    while desk.attempt():
        pass
    for endpoint in endpoints:
        desk.ask_again(endpoint)
    desk.replay()
    desk.events(1)
    desk.fan_out()
    assert [one.cause for one in desk.claim(room=3)] == ["auto"] * 3


def test_who_can_take_nothing_keeps_nobody_waiting(desk: Desk) -> None:
    """A hundred endpoints that wait for proof, probe, order or a place stand before nobody."""
    idle = [
        desk.endpoint(fanned_position=0, ordered=number % 4 == 0, max_in_flight=2)
        for number in range(120)
    ]
    (blocker, _) = desk.events(2, "grievance:one")
    desk.fan_out()
    desk.house.rows("UPDATE delivery SET lane = 1 WHERE order_key IS NULL")
    desk.house.rows(
        "UPDATE delivery SET state = 'waiting', due_at = now() + interval '1 hour' "
        "WHERE order_key IS NOT NULL AND event_id = :id",
        id=blocker,
    )
    for number, endpoint in enumerate(idle):
        if number % 4 == 1:
            desk.change(endpoint, state="'pending_verification'")
        elif number % 4 == 2:
            desk.change(endpoint, network_failures="5", probe_at="now() - interval '1 s'")
    while desk.claim():
        pass
    assert {"leased", "due", "waiting"} == set(desk.states())
    sound = desk.endpoint(fanned_position=0)
    for _ in range(8):
        desk.events(1)
        desk.house.rows(
            "UPDATE webhook_endpoint SET fanned_position = 1000 WHERE id <> :id", id=sound
        )
        assert {one.endpoint_id for one in desk.attempt()} == {sound}
