"""The feed of events: what webhooks bring, to be fetched; resumable and without gaps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from openredress.bodies import path
from openredress.capability import Capability
from openredress.errors import UnexpectedAnswer
from openredress.paging import Listing, Page, page_of
from openredress.transport import Transport
from openredress_webhooks.events import Event


class Feed(Listing[Event]):
    """Hands out events in order; save `position` after an event is dealt with.

    With `wait` it never ends: each poll waits at the server for so many seconds.
    """

    def __init__(
        self, transport: Transport, position: str, params: Mapping[str, object], wait: int | None
    ) -> None:
        def fetch(cursor: str | None) -> Page:
            asked = {**params, "after": cursor, "wait": wait}
            answer = transport.send("GET", path("events"), params=asked, silence=wait or 0)
            return page_of(answer)

        super().__init__(fetch, _event, position)
        self._waits = wait is not None
        self._sleep = transport.clock.sleep

    @property
    def position(self) -> str:
        """Where to go on: every event up to here has been handed out, and none after it."""
        return self.cursor or "0"

    def _move_on(self, page: Page) -> None:
        # Each event brings its own place: a page that was broken off does not come again.
        if 0 < self._given < len(page.items):
            self.cursor = str(page.items[self._given - 1]["position"])
        super()._move_on(page)

    def _goes_on(self, page: Page) -> bool:
        if self._waits and page.poll_after:
            self._sleep(page.poll_after)
        return self._waits or page.has_more


class Events(Capability):
    """`/v1/events`."""

    def after(
        self,
        position: str = "0",
        *,
        types: Sequence[str] | None = None,
        limit: int | None = None,
        wait: int | None = None,
    ) -> Feed:
        """Iterate over the events behind `position`; `limit` is the size of one fetch.

        Raises, while iterating:
            ApiError: `cursor_expired` (410) when events behind `position` are no longer kept.
            UnreadableWebhook: an event that this version cannot read.
        """
        return Feed(self._transport, position, {"types": types, "limit": limit}, wait)


def _event(members: Mapping[str, object]) -> Event:
    if not members.keys() >= {"position", "event"}:
        raise UnexpectedAnswer("an item of the feed without its position or its event")
    return Event.parse(json.dumps(members["event"]).encode("ascii"))
