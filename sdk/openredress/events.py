"""The feed of events: what webhooks bring, to be fetched; resumable and without gaps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from openredress.bodies import path
from openredress.capability import Capability
from openredress.errors import UnexpectedAnswer
from openredress.paging import START, Listing, Page, page_of
from openredress.transport import Transport
from openredress_webhooks.events import Event


class Feed(Listing[Event]):
    """Hands out events in order; save `position` after an event is dealt with.

    With `wait` each poll waits at the server for so many seconds, and the feed never ends, unless
    it was told to end `when_idle`: after a poll that found nothing more. `at` is the place of the
    event that was handed out last, `body` its JSON, to be signed and sent on.
    """

    def __init__(
        self,
        transport: Transport,
        position: str | None,
        params: Mapping[str, object],
        wait: int | None,
        *,
        when_idle: bool,
    ) -> None:
        def fetch(cursor: str | None) -> Page:
            asked = {**params, "after": cursor, "wait": wait}
            begun = transport.clock.monotonic()
            answer = transport.send("GET", path("events"), params=asked, silence=wait or 0)
            self._held = transport.clock.monotonic() - begun
            return page_of(answer)

        super().__init__(fetch, self._event, position)
        self.at, self.body = position or START, b""
        self._held = 0.0
        self._wait = wait or 0
        self._goes_on_idle = wait is not None and not when_idle
        self._sleep = transport.clock.sleep

    @property
    def position(self) -> str:
        """Where to go on: every event up to here has been handed out, and none after it."""
        return self.cursor or START

    def _event(self, item: Mapping[str, object]) -> Event:
        if not item.keys() >= {"position", "event"}:
            raise UnexpectedAnswer("an item of the feed without its position or its event")
        body = json.dumps(item["event"], sort_keys=True, separators=(",", ":")).encode("ascii")
        event = Event.parse(body)
        self.at, self.body = str(item["position"]), body
        return event

    def _move_on(self, page: Page) -> None:
        # Each event brings its own place: a page that was broken off does not come again.
        if 0 < self._given < len(page.items):
            self.cursor = str(page.items[self._given - 1]["position"])
        super()._move_on(page)

    def _goes_on(self, page: Page) -> bool:
        # An empty answer before its time: the server has no place for one more who waits.
        cut_short = not page.items and self._held < self._wait
        if self._goes_on_idle and cut_short and page.poll_after:
            self._sleep(page.poll_after)
        return self._goes_on_idle or page.has_more


class Events(Capability):
    """`/v1/events`."""

    def after(
        self,
        position: str | None = None,
        *,
        consumer: str | None = None,
        types: Sequence[str] | None = None,
        limit: int | None = None,
        wait: int | None = None,
        when_idle: bool = False,
    ) -> Feed:
        """Iterate over the events behind `position`; `limit` is the size of one fetch.

        Without a position it begins behind what `consumer` has committed, or at the start.
        With `wait` (seconds, at most 25) it goes on for ever; `when_idle` ends it after a poll
        that found nothing more.

        Raises, while iterating:
            CursorExpired: events behind `position` are no longer kept.
            UnreadableWebhook: an event that this version cannot read.
        """
        params = {"consumer": consumer, "types": types, "limit": limit}
        start = START if position is None and consumer is None else position
        return Feed(self._transport, start, params, wait, when_idle=when_idle)
