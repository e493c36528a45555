"""Promises about the feed of events."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from openredress import Client, errors

EVENTS = "/v1/events"


def _event(number: int) -> dict[str, Any]:
    return {
        "id": f"evt_{number}",
        "type": "referral.offered",
        "timestamp": "2026-11-01T08:15:00Z",
        "schema_version": 1,
        "subject": "ref_1",
        "subject_seq": number,
        "data_class": "restricted",
        "data": {"status": "offered"},
        "links": {"self": "https://api.example.org/v1/referrals/ref_1"},
    }


def _item(number: int) -> dict[str, Any]:
    return {"position": str(number), "event": _event(number)}


def _feed(server: Any, newest: int = 5, **extra: Any) -> None:
    def page(handler: Any, seen: Any) -> None:
        start = int(seen.query["after"])
        end = min(start + int(seen.query.get("limit", 2)), newest)
        data = [_item(number) for number in range(start + 1, end + 1)]
        body = {"data": data, "next_cursor": str(end), "has_more": end < newest, **extra}
        server.says(body)(handler, seen)

    server.then(EVENTS, page)


def test_the_feed_is_read_in_order(client: Client, server: Any) -> None:
    """Without `wait` the feed ends when there is nothing newer; types go along."""
    _feed(server)
    feed = client.events.after(types=["referral.offered", "referral.revoked"], limit=3)
    assert [event.subject_seq for event in feed] == [1, 2, 3, 4, 5]
    assert feed.position == "5"
    asked = server.at(EVENTS)[0].query
    assert asked == {"after": "0", "limit": "3", "types": "referral.offered,referral.revoked"}


@pytest.mark.parametrize("taken", range(6))
def test_the_feed_resumes(client: Client, server: Any, taken: int) -> None:
    """Saved after any event, `position` leads on without a gap and without a repetition."""
    _feed(server)
    feed = client.events.after("0")
    first = [event.id for event in itertools.islice(feed, taken)]
    rest = [event.id for event in client.events.after(feed.position)]
    assert [*first, *rest] == [f"evt_{number}" for number in range(1, 6)]


def test_the_feed_waits(make_client: Callable[..., Client], server: Any, hands: Any) -> None:
    """With `wait` the feed goes on over empty answers, and pauses when it is asked to."""
    empty = {"data": [], "next_cursor": "0", "has_more": False}
    found = {"data": [_item(1)], "next_cursor": "1", "has_more": False}
    server.then(EVENTS, server.says({**empty, "poll_after": 7}), server.says(empty))
    server.then(EVENTS, server.says(found))
    feed = make_client(deadline=5).events.after("0", wait=25)
    assert next(feed).id == "evt_1"
    assert hands.pauses == [7.0]
    assert [seen.query["wait"] for seen in server.at(EVENTS)] == ["25"] * 3


def test_the_feed_can_end_when_idle(client: Client, server: Any) -> None:
    """With `wait` and `when_idle` the feed ends after the first poll that leaves nothing more."""
    _feed(server, newest=3, poll_after=5)
    for position, there in (("0", 3), ("3", 0)):
        assert len(list(client.events.after(position, wait=25, when_idle=True))) == there


def test_each_event_has_its_place_and_its_bytes(client: Client, server: Any) -> None:
    """`at` is the place of the event that was handed out, also with a filter; `body` its bytes."""
    items = [_item(4), _item(6)]
    server.then(EVENTS, server.says({"data": items, "next_cursor": "9", "has_more": False}))
    feed = client.events.after("0", types=["referral.*"])
    assert [(event.id, feed.at) for event in feed] == [("evt_4", "4"), ("evt_6", "6")]
    assert feed.position == "9"
    text = json.dumps(_event(6), sort_keys=True, separators=(",", ":"))
    assert feed.body == text.encode()


def test_a_poll_that_was_held_is_followed_by_the_next(
    client: Client, server: Any, hands: Any
) -> None:
    """Only a poll that came back empty before its time is followed by a pause."""
    empty = {"data": [], "next_cursor": "0", "has_more": False, "poll_after": 5}

    def held(handler: Any, seen: Any) -> None:
        hands.turn(25)
        server.says(empty)(handler, seen)

    news = {**empty, "data": [_item(1)], "next_cursor": "1"}
    server.then(EVENTS, held, server.says(news), server.says({**news, "data": [_item(2)]}))
    feed = client.events.after("0", wait=25)
    assert [next(feed).id, next(feed).id] == ["evt_1", "evt_2"]
    assert hands.pauses == []


def test_a_poll_has_the_time_it_asked_for(
    make_client: Callable[..., Client], server: Any, hands: Any
) -> None:
    """A poll that the server holds for `wait` seconds ends neither by timeout nor by deadline."""
    found = server.says({"data": [_item(1)], "next_cursor": "1", "has_more": False})

    def held(handler: Any, seen: Any) -> None:
        hands.turn(25)
        found(handler, seen)

    server.then(EVENTS, held)
    assert next(make_client(deadline=5, timeout=1).events.after("0", wait=25)).id == "evt_1"


def test_an_expired_position(client: Client, server: Any) -> None:
    """A position older than the feed keeps is told, with the oldest one there is, never skipped."""
    oldest = {"openredress-oldest-cursor": "7"}
    server.then(EVENTS, server.refuses(410, "cursor_expired", **oldest))
    with pytest.raises(errors.CursorExpired) as caught:
        next(client.events.after("3"))
    assert caught.value.oldest == "7"


def test_an_unreadable_event_stops_the_feed(client: Client, server: Any) -> None:
    """An event that cannot be read is raised, and `position` stays before it."""
    broken = {"position": "2", "event": {**_event(2), "subject_seq": "two"}}
    server.then(
        EVENTS, server.says({"data": [_item(1), broken], "next_cursor": "2", "has_more": False})
    )
    feed = client.events.after("0")
    next(feed)
    with pytest.raises(errors.UnreadableWebhook):
        next(feed)
    assert feed.position == "1"


def test_a_feed_of_something_else(client: Client, server: Any) -> None:
    """Items without their place in the feed are no feed: `position` would not be known."""
    server.then(EVENTS, server.says({"data": [_event(1)], "next_cursor": "1", "has_more": False}))
    with pytest.raises(errors.UnexpectedAnswer):
        next(client.events.after("0"))
