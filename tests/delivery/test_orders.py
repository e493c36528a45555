"""Ordered endpoints: one event of a subject at a time, in the order of the feed."""

from __future__ import annotations

import random

import pytest

from tests.delivery.desk import UNREACHABLE, Desk, numbers, outcome

ONE, TWO = "grievance:one", "grievance:two"


def test_one_of_a_subject_at_a_time(desk: Desk) -> None:
    """Two workers never have two of a subject; other subjects go on beside it, all in order."""
    desk.endpoint(ordered=True, max_in_flight=8)
    for _ in range(5):
        for subject in (ONE, TWO, "grievance:three"):
            desk.events(1, subject)
    desk.fan_out()
    luck, under_way = random.Random(5), []  # noqa: S311 - a repeatable order
    arrived: dict[str, list[int]] = {}
    places = {row.id: (row.subject, row.position) for row in desk.deliveries()}
    while sum(map(len, arrived.values())) < 15:
        under_way += desk.claim()
        subjects = [places[one.delivery_id][0] for one in under_way]
        assert len(set(subjects)) == len(subjects)
        one = under_way.pop(luck.randrange(len(under_way)))
        subject, position = places[one.delivery_id]
        arrived.setdefault(subject, []).append(position)
        assert not one.gap
        desk.store(outcome(one))
    assert all(positions == sorted(positions) for positions in arrived.values())
    assert {len(positions) for positions in arrived.values()} == {5}


def test_waiting_spends_no_attempts(desk: Desk) -> None:
    """Behind one that is tried again and again the later ones stay due and untried."""
    desk.endpoint(ordered=True)
    desk.events(3, ONE)
    for hours in (0.1, 0.1, 0.5, 2, 5):
        assert len(desk.attempt(500)) == 1
        assert desk.attempt() == []
        desk.pass_time(hours=hours)
    desk.sweep()
    assert [(row.state, row.attempt_count) for row in desk.deliveries()] == [
        ("waiting", 5),
        ("due", 0),
        ("due", 0),
    ]


def test_after_a_day_the_others_go_on(desk: Desk) -> None:
    """After 24 hours, not before, the blocker is held; what follows it says that one is missing."""
    endpoint = desk.endpoint(ordered=True)
    desk.events(1, ONE)
    desk.attempt(500)
    desk.events(2, ONE)
    desk.pass_time(hours=23.9)
    desk.attempt(500)
    desk.sweep()
    assert desk.states() == ["waiting", "due", "due"]
    desk.pass_time(hours=0.2)
    desk.attempt(500)
    desk.sweep()
    blocker = desk.deliveries()[0]
    assert (blocker.state, blocker.state_reason) == ("held", "blocks_its_subject")
    for position in (2, 3):
        (later,) = desk.attempt()
        assert (numbers([later], desk), later.gap) == ([position], True)
    desk.sweep()
    assert desk.states() == ["held", "succeeded", "succeeded"]
    desk.events(1, TWO)
    assert [one.gap for one in desk.attempt()] == [False]
    # Sent again by its owner it is no longer missing.
    desk.ask_again(endpoint, one=blocker.event_id)
    desk.replay()
    desk.attempt()
    desk.events(1, ONE)
    assert [one.gap for one in desk.attempt()] == [False]


def test_what_failed_for_good_is_a_gap(desk: Desk) -> None:
    """One that its receiver rejects five times keeps nobody waiting for ever."""
    desk.endpoint(ordered=True)
    desk.events(2, ONE)
    for _ in range(5):
        desk.attempt(400)
        desk.pass_time(hours=1)
    assert desk.states() == ["failed", "due"]
    assert [one.gap for one in desk.attempt()] == [True]


def test_nothing_blocks_who_blocks_nobody(desk: Desk) -> None:
    """Without another behind it a late delivery is tried to its end."""
    desk.endpoint(ordered=True)
    desk.events(1, ONE)
    for _ in range(4):
        desk.attempt(500)
        desk.pass_time(hours=12)
        desk.sweep()
    assert desk.states() == ["waiting"]


@pytest.mark.parametrize("state", ["paused", "disabled"])
def test_a_rest_of_days_makes_no_gap(desk: Desk, state: str) -> None:
    """An endpoint that rested for days is tried again before anything is held as a blocker."""
    endpoint = desk.endpoint(ordered=True)
    desk.events(2, ONE)
    desk.attempt(500)
    desk.change(endpoint, state=f"'{state}'", state_since="now()")
    desk.sweep()
    desk.pass_time(days=3)
    desk.sweep()
    assert "blocks_its_subject" not in {row.state_reason for row in desk.deliveries()}
    desk.change(endpoint, state="'active'", state_since="now()")
    desk.sweep()
    assert len(desk.attempt(500)) == 1
    desk.sweep()
    assert desk.states() == ["waiting", "due"]
    desk.pass_time(days=1.1)
    desk.attempt(500)
    desk.sweep()
    assert desk.states() == ["held", "due"]


def test_an_open_breaker_makes_no_gap(desk: Desk) -> None:
    """Nobody is a blocker of an endpoint that cannot be reached at all."""
    desk.endpoint(ordered=True)
    for number in range(5):
        desk.events(2, f"grievance:{number}")
    desk.fail()
    desk.fail()
    for _ in range(12):
        desk.pass_time(hours=3)
        assert len(desk.fail()) == 1
        desk.sweep()
    assert set(desk.states()) == {"waiting", "due"}
    desk.pass_time(minutes=6)
    assert [len(desk.attempt()) for _ in range(2)] == [1, 4]


def test_what_was_held_goes_before_what_is_new(desk: Desk) -> None:
    """After a rest the older events of a subject leave first, though they are swept up later."""
    endpoint = desk.endpoint(ordered=True)
    desk.events(2, ONE)
    desk.fan_out()
    desk.change(endpoint, state="'disabled'")
    desk.sweep()
    desk.events(1, ONE)
    desk.change(endpoint, state="'active'")
    assert desk.attempt() == []
    desk.sweep()
    assert [numbers(desk.attempt(), desk) for _ in range(4)] == [[1], [2], [3], []]


def test_a_replay_waits_for_its_subject(desk: Desk) -> None:
    """An older event that is sent again does not leave beside a newer one that is on its way."""
    endpoint = desk.endpoint(ordered=True)
    (first,) = desk.events(1, ONE)
    desk.attempt()
    desk.events(2, ONE)
    desk.fan_out()
    (on_its_way,) = desk.claim()
    desk.ask_again(endpoint, one=first)
    desk.replay()
    assert desk.claim() == []
    desk.store(outcome(on_its_way))
    assert [numbers(desk.attempt(), desk) for _ in range(3)] == [[1], [3], []]


def test_a_lost_worker_keeps_the_order(desk: Desk) -> None:
    """While a lease is lost nothing overtakes; then the same one goes first."""
    desk.endpoint(ordered=True)
    desk.events(2, ONE)
    desk.fan_out()
    desk.claim()
    desk.pass_time(seconds=60)
    assert desk.claim() == []
    assert desk.sweep() == 1
    assert [numbers(desk.attempt(), desk) for _ in range(3)] == [[1], [2], []]


def test_unordered_endpoints_do_not_wait(desk: Desk) -> None:
    """Who did not ask for order gets the later event while the earlier one is tried again."""
    desk.endpoint()
    desk.events(2, ONE)
    desk.fan_out()
    first, second = sorted(desk.claim(), key=lambda one: numbers([one], desk))
    desk.store(outcome(first, None, UNREACHABLE), outcome(second))
    assert desk.states() == ["waiting", "succeeded"]
