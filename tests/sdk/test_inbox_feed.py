"""An inbox with a client: what is missing is fetched, and pulling alone is enough."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openredress import Client, Inbox, errors
from openredress.inbox import Context
from openredress.webhooks import Event
from tests.sdk.letters import ENDPOINT, SECRET, Feed, delivered, event
from tests.sdk.test_inbox import VERIFY, Diary


@pytest.fixture
def feed(server: Any) -> Feed:
    """An empty feed."""
    return Feed(server)


@pytest.fixture
def diary(tmp_path: Path, client: Client) -> Diary:
    """A diary with a client."""
    return Diary(tmp_path, client=client)


def test_what_was_lost_is_fetched_first(diary: Diary, feed: Feed) -> None:
    """When an event shows that others may be missing, they are dealt with before it, in order."""
    feed.put(*(event(number) for number in range(1, 8)))
    assert delivered(diary.inbox, event(6)) == 204
    assert diary.rows() == [(f"evt_{number}", 0) for number in range(1, 7)]


def test_what_follows_needs_no_feed(diary: Diary, feed: Feed) -> None:
    """A first version, and one that follows the last, are dealt with without asking anybody."""
    feed.put(*(event(number) for number in range(1, 4)))
    for number in (1, 2, 3, 2):
        assert delivered(diary.inbox, event(number)) == 204
    assert (feed.reads(), diary.ids()) == ([], ["evt_1", "evt_2", "evt_3"])


def test_the_feed_is_read_once(diary: Diary, feed: Feed) -> None:
    """A record whose versions are not all events is looked up, each event of the feed but once."""
    feed.put(*(event(number, seq=number * 10) for number in range(1, 5)))
    for number in range(1, 5):
        assert delivered(diary.inbox, event(number, seq=number * 10)) == 204
    assert diary.rows() == [(f"evt_{number}", 0) for number in range(1, 5)]
    assert feed.reads() == ["0", "0", "1", "2", "3"]


def test_an_event_that_the_feed_does_not_hold(diary: Diary, feed: Feed) -> None:
    """An event of another feed is dealt with when the own feed has been read to its end."""
    feed.put(event(1))
    assert delivered(diary.inbox, event(9, subject="ref_9")) == 204
    assert diary.ids() == ["evt_1", "evt_9"]


def test_a_feed_that_cannot_be_read(diary: Diary, feed: Feed, server: Any) -> None:
    """While something may be missing and nobody can say, the event waits: order is kept."""
    server._steps["/v1/events"].clear()
    server.then("/v1/events", server.refuses(403, "insufficient_scope"))
    assert delivered(diary.inbox, event(3)) == 500
    assert (diary.ids(), len(diary.inbox.waiting())) == ([], 1)
    server._steps["/v1/events"].clear()
    server.then("/v1/events", feed._page)
    feed.put(*(event(number) for number in range(1, 4)))
    assert delivered(diary.inbox, event(3)) == 204
    assert diary.ids() == ["evt_1", "evt_2", "evt_3"]


def test_pulling_alone(diary: Diary, feed: Feed) -> None:
    """Without any webhook every event of the feed is dealt with once, from where it was left."""
    feed.put(*(event(number, subject=f"ref_{number % 3}") for number in range(1, 8)))
    diary.inbox.catch_up()
    feed.put(event(8))
    diary.inbox.catch_up()
    assert diary.ids() == [f"evt_{number}" for number in range(1, 9)]
    assert feed.reads()[-1] == "7"


def test_pulling_ends_all_waiting(diary: Diary, feed: Feed, server: Any) -> None:
    """What waited for the feed is dealt with once it was read, though it holds no such event."""
    feed.put(event(1))
    page = server._steps["/v1/events"].popleft()
    server.then("/v1/events", server.refuses(403, "insufficient_scope"))
    assert delivered(diary.inbox, event(9, subject="ref_9")) == 500
    server._steps["/v1/events"].clear()
    server.then("/v1/events", page)
    diary.inbox.catch_up()
    assert (diary.ids(), diary.inbox.waiting()) == (["evt_1", "evt_9"], [])


def test_pulling_waits_for_news(diary: Diary, feed: Feed, server: Any) -> None:
    """With `wait` the server holds the question once, and the call ends without news."""
    feed.put(event(1))
    diary.inbox.catch_up(wait=25)
    diary.inbox.catch_up(wait=25)
    assert [seen.query["wait"] for seen in server.at("/v1/events")[1:]] == ["25", "25"]
    assert diary.ids() == ["evt_1"]


def test_push_and_pull_are_one(diary: Diary, feed: Feed) -> None:
    """What came by webhook is not dealt with again when the feed brings it, nor the reverse."""
    feed.put(event(1), event(2, subject="ref_2", seq=1), event(3, seq=2))
    delivered(diary.inbox, event(2, subject="ref_2", seq=1))
    diary.inbox.catch_up()
    delivered(diary.inbox, event(1))
    assert diary.ids() == ["evt_2", "evt_1", "evt_3"]


def test_one_handler_that_fails_stops_one_subject(diary: Diary, feed: Feed) -> None:
    """All others have their turn before the failure is raised; it is tried again next time."""
    feed.put(event(1), event(2, subject="ref_2", seq=1), event(3, seq=2), event(4, subject="ref_4"))
    diary.failing = {"evt_1"}
    with pytest.raises(RuntimeError, match="not today"):
        diary.inbox.catch_up()
    assert diary.ids() == ["evt_2", "evt_4"]
    assert diary.calls == ["evt_1", "evt_2", "evt_4"]
    diary.failing = set()
    diary.inbox.catch_up()
    assert (diary.ids(), diary.inbox.waiting()) == (["evt_2", "evt_4", "evt_1", "evt_3"], [])


def test_what_waits_elsewhere_does_not_fail_a_webhook(diary: Diary, feed: Feed) -> None:
    """A failure that comes to light while a gap is filled is its own subject's, and logged."""
    feed.put(event(1, subject="ref_2"), event(2), event(3))
    diary.failing = {"evt_1"}
    assert delivered(diary.inbox, event(3)) == 204
    assert diary.ids() == ["evt_2", "evt_3"]
    diary.failing = set()
    feed.put(event(4, subject="ref_4"))
    assert delivered(diary.inbox, event(4, subject="ref_4")) == 204
    assert sorted(diary.ids()[2:]) == ["evt_1", "evt_4"]


def test_challenges_in_the_feed_are_passed_over(diary: Diary, feed: Feed) -> None:
    """`endpoint.verify` is nothing to deal with, wherever it comes from."""
    feed.put(VERIFY, event(2))
    diary.inbox.catch_up()
    assert diary.ids() == ["evt_2"]


def test_a_new_inbox_begins_with_what_is_kept(diary: Diary, feed: Feed) -> None:
    """Where the beginning of the feed is gone, a new inbox begins at the oldest event."""
    feed.put(*(event(number) for number in range(1, 6)))
    feed.oldest = 2
    diary.inbox.catch_up()
    assert diary.ids() == ["evt_3", "evt_4", "evt_5"]


def test_a_place_that_is_gone_is_told(diary: Diary, feed: Feed) -> None:
    """An inbox that was away for too long, or ahead of a restored server, is told; it can seek."""
    feed.put(*(event(number) for number in range(1, 6)))
    diary.inbox.seek("1")
    feed.oldest = 3
    with pytest.raises(errors.CursorExpired) as expired:
        diary.inbox.catch_up()
    assert expired.value.oldest == "3"
    diary.inbox.seek(expired.value.oldest)
    diary.inbox.catch_up()
    assert diary.ids() == ["evt_4", "evt_5"]
    feed.oldest = 0
    del feed.events[2:]
    with pytest.raises(errors.CursorExpired) as ahead:
        diary.inbox.catch_up()
    assert ahead.value.oldest == ""
    diary.inbox.seek("0")
    diary.inbox.catch_up()
    assert diary.ids() == ["evt_4", "evt_5", "evt_1", "evt_2"]


def test_from_now_on(diary: Diary, feed: Feed) -> None:
    """An inbox that is told to begin now leaves alone what was there before."""
    feed.put(*(event(number) for number in range(1, 9)))
    feed.oldest = 2
    diary.inbox.seek("now")
    feed.put(event(9, subject="ref_9"))
    diary.inbox.catch_up()
    assert diary.ids() == ["evt_9"]


def test_an_inbox_without_a_client_cannot_pull(tmp_path: Path) -> None:
    """Whoever asks it to is told what is missing."""
    for call in (Inbox.catch_up, lambda inbox: inbox.seek("now")):
        with pytest.raises(ValueError, match="client=client"):
            call(Inbox(tmp_path / "inbox.db"))


def test_handlers_have_the_client(diary: Diary, feed: Feed, client: Client) -> None:
    """A handler reads the detail with the inbox's own client."""
    seen: list[Any] = []
    diary.inbox.on("*")(lambda _, context: seen.append(context.client))
    feed.put(event(1))
    diary.inbox.catch_up()
    assert seen == [client]


@pytest.fixture
def judged(diary: Diary) -> list[bool | None]:
    """What the manifests were found to be."""
    found: list[bool | None] = []

    @diary.inbox.on("manifest.daily")
    def handler(_: Event, context: Context) -> None:
        found.append(context.is_complete)

    return found


def test_a_manifest_brings_what_was_lost(
    diary: Diary, feed: Feed, judged: list[bool | None]
) -> None:
    """Of a day whose events were lost the manifest brings each, in order, and is complete."""
    others = (
        event(3, type="metrics.published", subject="rel_1", seq=1),
        event(4, type="endpoint.failing", subject=ENDPOINT, seq=7),
    )
    feed.put(event(1), event(2), *others, event(5))
    first, second = (feed.manifest(number, 1, 5) for number in (6, 7))
    assert first["data"]["count"] == 3
    feed.put(first)
    assert delivered(diary.inbox, event(1)) == 204
    assert delivered(diary.inbox, first) == 204
    feed.put(second)
    assert delivered(diary.inbox, second) == 204
    assert sorted(diary.rows()) == [(f"evt_{number}", 0) for number in range(1, 8)]
    assert judged == [True, True]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, True),
        ({"count": 2}, False),
        ({"digest": "0" * 64}, False),
        ({"previous": "0" * 64}, False),
        ({"last": "2"}, False),
        ({"previous": ...}, False),
        ({"digest": "none"}, False),
        ({"count": "3"}, False),
        ({"id": "../whe_1"}, False),
    ],
)
def test_a_manifest_that_does_not_hold(
    diary: Diary,
    feed: Feed,
    judged: list[bool | None],
    caplog: pytest.LogCaptureFixture,
    data: dict[str, Any],
    *,
    found: bool,
) -> None:
    """Count, digest, chain and range are each looked at; what differs is told and logged."""
    feed.put(event(1), event(2), event(3))
    feed.put(feed.manifest(4, 1, 3, **data))
    diary.inbox.catch_up()
    assert judged == [found]
    told = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert len(told) == (not found)


def test_a_day_without_events(diary: Diary, feed: Feed, judged: list[bool | None]) -> None:
    """A manifest of nothing holds, whether its range is empty or holds what it does not count."""
    feed.put(event(1, type="metrics.published"))
    for number, start, end in ((2, 1, 0), (3, 1, 1), (4, 2, 1)):
        empty = feed.manifest(number, start, end)
        assert empty["data"]["count"] == 0
        feed.put(empty)
    diary.inbox.catch_up()
    assert judged == [True, True, True]


def test_a_manifest_of_what_is_gone(
    diary: Diary, feed: Feed, judged: list[bool | None], server: Any
) -> None:
    """Where its endpoint or its days are no longer there, nobody can say whether it holds."""
    feed.put(event(1), event(2), event(3), event(4))
    feed.put(feed.manifest(5, 1, 2), feed.manifest(6, 3, 4))
    feed.oldest = 2
    server.then(f"/v1/webhook-endpoints/{ENDPOINT}", server.refuses(404, "not_found"))
    diary.inbox.catch_up()
    assert judged == [None, None]


def test_a_manifest_without_a_client(tmp_path: Path) -> None:
    """Without a client a manifest is an event like others, not checked."""
    inbox, found = Inbox(tmp_path / "inbox.db", [SECRET.text]), []
    inbox.on("manifest.daily")(lambda _, context: found.append(context.is_complete))
    manifest = {**event(1), "type": "manifest.daily", "data": {}}
    assert (delivered(inbox, manifest), found) == (204, [None])


def test_threads_that_miss_the_same(
    tmp_path: Path, make_client: Callable[..., Client], feed: Feed
) -> None:
    """Of several requests that miss something one reads the feed, and the others find it done."""
    import threading  # noqa: PLC0415 - here alone

    diary = Diary(tmp_path, client=make_client())
    feed.put(*(event(number, subject=f"ref_{number % 4}") for number in range(1, 25)))
    answers: list[int] = []

    def deliver(number: int) -> None:
        answers.append(delivered(diary.inbox, event(number, subject=f"ref_{number % 4}")))

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(24, 16, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [204] * 8
    assert sorted(diary.ids()) == sorted(f"evt_{number}" for number in range(1, 25))
    assert not any(late for _, late in diary.rows())
