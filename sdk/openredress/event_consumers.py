"""Consumers of the feed: readers by name, whose place the server keeps."""

from __future__ import annotations

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "event-consumers"


class EventConsumer(Record):
    """A reader of the feed: `position` is committed, `lag` counts the events behind it."""

    id: str
    name: str
    position: str
    lag: int
    created_at: str
    updated_at: str


class EventConsumers(Capability):
    """`/v1/event-consumers`; `events.after(consumer=...)` goes on where one is."""

    def create(
        self, name: str, *, idempotency_key: str | None = None, **body: object
    ) -> EventConsumer:
        """Add a consumer; without `position` it begins before the oldest event that is kept."""
        consumer = {"name": name, **body}
        return self._post(EventConsumer, _PATH, body=consumer, key=idempotency_key)

    def get(self, consumer_id: str) -> EventConsumer:
        """Return one consumer."""
        return self._get(EventConsumer, _PATH, consumer_id)

    def list(self) -> Listing[EventConsumer]:
        """Iterate over the consumers of the own feed, by name."""
        return self._list(EventConsumer, _PATH)

    def commit(
        self, consumer_id: str, position: str, *, idempotency_key: str | None = None
    ) -> EventConsumer:
        """Say that everything up to `position` is dealt with.

        Raises:
            Conflict: that is behind what was committed, or beyond the end of the feed.
        """
        return self._to(consumer_id, "commit", position, idempotency_key)

    def seek(
        self, consumer_id: str, position: str, *, idempotency_key: str | None = None
    ) -> EventConsumer:
        """Go on from anywhere in what is kept.

        Raises:
            CursorExpired: events behind `position` are no longer kept.
            Conflict: it is beyond the end of the feed.
        """
        return self._to(consumer_id, "seek", position, idempotency_key)

    def delete(self, consumer_id: str) -> None:
        """Forget a consumer; the feed stays as it is."""
        self._transport.send("DELETE", path(_PATH, consumer_id))

    def _to(self, consumer_id: str, verb: str, position: str, key: str | None) -> EventConsumer:
        segments = (_PATH, consumer_id, verb)
        return self._post(EventConsumer, *segments, body={"position": position}, key=key)
