"""Events that are brought to a receiver which the server cannot reach: signed, in order, all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openredress import Client, errors, webhooks
from openredress.bookmarks import Place
from openredress.clock import Clock
from openredress.forwarding import Attempt, Passing, Receiver, bridge, follow
from tests.sdk.conftest import Hands, Unlucky
from tests.sdk.letters import SECRET, Feed, body_of, event

EVENTS = "/v1/events"


class Watching:
    """Notes what happens; has enough after so many attempts."""

    def __init__(self, enough: int = 1000) -> None:
        self.attempts: list[tuple[str, int]] = []
        self.lost = 0
        self._enough = enough

    def answered(self, passing: Passing, attempt: Attempt) -> None:
        """Note an attempt."""
        self.attempts.append((passing.event.id, attempt.status))
        if len(self.attempts) == self._enough:
            raise KeyboardInterrupt

    def disconnected(self, _: Any) -> None:
        """Note that the server was out of reach."""
        self.lost += 1


@pytest.fixture
def feed(server: Any) -> Feed:
    """An empty feed."""
    return Feed(server)


@pytest.fixture
def mine(hands: Hands) -> Iterator[Unlucky]:
    """A receiver of one's own."""
    with Unlucky(hands) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        running.then("/hook", running.says(b"", 204))
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def clock(hands: Hands) -> Clock:
    """The time of this day, without waiting."""
    return Clock(sleep=hands.sleep, luck=lambda: 1.0)


def test_what_arrives_is_what_a_webhook_brings(
    client: Client, feed: Feed, mine: Any, clock: Clock, tmp_path: Path
) -> None:
    """The bytes are those of the server's webhooks, members of later versions too, and signed."""
    sent = event(1, later={"\u1019": [1, None]})
    feed.put(sent)
    place = Place(tmp_path / "place", "x")
    receiver = Receiver(f"{mine.url}/hook", SECRET, clock=clock)
    with pytest.raises(KeyboardInterrupt):
        bridge(client, receiver, place, Watching(1), clock=clock)
    (seen,) = mine.at("/hook")
    assert seen.raw_body == body_of(sent)
    assert webhooks.receive(seen.headers, seen.raw_body, [SECRET.text]).id == "evt_1"
    assert seen.headers["Content-Type"] == "application/json"
    assert "Authorization" not in seen.headers


def test_each_event_until_it_is_taken(
    client: Client, feed: Feed, mine: Any, hands: Hands, clock: Clock, tmp_path: Path
) -> None:
    """Refused, failed, redirected or cut off: it comes again, ever later, and none before it."""
    feed.put(*(event(number) for number in range(1, 4)))
    mine._steps["/hook"].clear()
    failures = (
        mine.refuses(500),
        mine.refuses(401),
        mine.refuses(302, Location="/other"),
        mine.resets,
    )
    mine.then("/hook", *failures, mine.refuses(410), mine.says(b"", 204))
    mine.then("/other", mine.refuses(500))
    watching, place = Watching(8), Place(tmp_path / "place", "x")
    receiver = Receiver(f"{mine.url}/hook", SECRET, clock=clock)
    with pytest.raises(KeyboardInterrupt):
        bridge(client, receiver, place, watching, clock=clock)
    statuses = [status for _, status in watching.attempts]
    assert statuses == [500, 401, 302, 0, 410, 204, 204, 204]
    assert [each for each, _ in watching.attempts] == ["evt_1"] * 6 + ["evt_2", "evt_3"]
    assert hands.pauses == [1, 2, 4, 8, 16]
    assert mine.at("/other") == []
    # It was ended while it told of the third: that one comes again, and none is passed over.
    assert place.read() == "2"
    watching = Watching(1)
    with pytest.raises(KeyboardInterrupt):
        bridge(client, receiver, place, watching, clock=clock)
    assert watching.attempts == [("evt_3", 204)]


def test_pauses_end_at_five_minutes(
    client: Client, feed: Feed, hands: Hands, clock: Clock, tmp_path: Path
) -> None:
    """However long nobody is there, it is tried again at least every five minutes."""
    feed.put(event(1))
    watching = Watching(12)
    receiver = Receiver("http://127.0.0.1:9/hook", SECRET, clock=clock)
    with pytest.raises(KeyboardInterrupt):
        bridge(client, receiver, Place(tmp_path / "place", "x"), watching, clock=clock)
    assert watching.attempts == [("evt_1", 0)] * 12
    assert hands.pauses[-3:] == [256, 300, 300]


def test_a_lost_connection_is_made_again(
    client: Client, feed: Feed, server: Any, clock: Clock
) -> None:
    """A server that is out of reach for longer than a call lasts is asked again, from there on."""
    feed.put(event(1), event(2))
    page = server._steps[EVENTS].popleft()
    server.then(EVENTS, page, *[server.refuses(503)] * 20, page)
    watching = Watching()
    found = follow(client, "0", watching, clock=clock)
    assert next(found).event.id == "evt_1"
    assert next(found).event.id == "evt_2"
    feed.put(event(3))
    assert next(found).event.id == "evt_3"
    assert watching.lost == 2
    assert feed.reads()[-1] == "2"


def test_pauses_begin_anew(client: Client, feed: Feed, server: Any) -> None:
    """After something has come the next loss is followed by a short pause again."""
    pauses: list[float] = []
    page = server._steps[EVENTS].popleft()
    lost = [server.refuses(503)] * 16
    server.then(EVENTS, *lost, page, *lost, page)
    feed.put(event(1), event(2), event(3))
    clock = Clock(sleep=pauses.append, luck=lambda: 1.0)
    found = follow(client, "0", Watching(), clock=clock)
    assert [next(found).event.id for _ in range(3)] == ["evt_1", "evt_2", "evt_3"]
    feed.put(event(4))
    assert next(found).event.id == "evt_4"
    assert pauses == [1, 2, 1, 2]


def test_a_refusal_ends_it(client: Client, server: Any, clock: Clock) -> None:
    """What the server will refuse again is raised: a service manager sees it."""
    server.then(EVENTS, server.refuses(403, "insufficient_scope"))
    with pytest.raises(errors.Forbidden):
        next(follow(client, "0", Watching(), clock=clock))


def test_a_bridge_begins_with_what_is_kept(
    client: Client, feed: Feed, mine: Any, clock: Clock, tmp_path: Path
) -> None:
    """A first start brings every event that the server still has."""
    feed.put(*(event(number) for number in range(1, 5)))
    feed.oldest = 2
    watching = Watching(2)
    receiver = Receiver(f"{mine.url}/hook", SECRET, clock=clock)
    with pytest.raises(KeyboardInterrupt):
        bridge(client, receiver, Place(tmp_path / "place", "x"), watching, clock=clock)
    assert watching.attempts == [("evt_3", 204), ("evt_4", 204)]


def test_the_state_of_another_feed(tmp_path: Path) -> None:
    """A state file that belongs to another server or client is refused, not overwritten."""
    Place(tmp_path / "place", "cli_1 at https://a.example").write("7")
    with pytest.raises(ValueError, match=r"belongs to cli_1 at https://a\.example"):
        Place(tmp_path / "place", "cli_1 at https://b.example").read()
    (tmp_path / "other").write_text("{}")
    with pytest.raises(ValueError, match="no state of a feed"):
        Place(tmp_path / "other", "x").read()
    assert Place(tmp_path / "none", "x").read() is None


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://a.example/x", "http://", "/hook"])
def test_addresses_that_are_none(url: str) -> None:
    """An address without http is refused before anything is read."""
    with pytest.raises(ValueError, match="no address"):
        Receiver(url, SECRET)
