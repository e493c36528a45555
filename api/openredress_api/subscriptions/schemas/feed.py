"""The wire shapes of the feed, its consumers, and synthetic events."""

from __future__ import annotations

import re
from typing import Any

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Field,
    Identifier,
    Instant,
    Items,
    Nested,
    Text,
    WireSchema,
    refuse,
)
from openredress_webhooks.events import EVENT_TYPES

_POSITION = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Position(Field):
    """A place in a feed: a whole number as text, 0 before the first event."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """At most 18 digits."""
        super().__init__(
            openapi={"type": "string", "pattern": f"^({_POSITION.pattern})$"}, **options
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:  # noqa: ANN401 - any text
        if not isinstance(value, str) or not _POSITION.fullmatch(value):
            raise refuse("not_a_position")
        return int(value)

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:  # noqa: ANN401 - a number
        return None if value is None else str(value)


class ConsumerName(Field):
    """A consumer's name, such as hr-portal."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """1 to 40 lower-case letters, digits, `_` or `-`."""
        super().__init__(openapi={"type": "string", "pattern": f"^{_NAME.pattern}$"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise refuse("not_a_consumer_name")
        return value


class FeedQuery(WireSchema):
    """Where to continue: `after` is the position the reader has, 0 at first."""

    after = Position()
    consumer = Identifier(
        "csm", description="without `after`, go on behind what this consumer has committed"
    )
    limit = Count(at_least=1)
    types = Text(
        at_most=1000, description="comma-separated event types or prefixes like referral.*"
    )
    wait = Count(at_most=25, description="seconds to wait for an event when there is none")


class Pushed(WireSchema):
    """At how many of the organisation's endpoints an event has arrived, and where it has not."""

    delivered = Count()
    waiting = Count()
    held = Count()
    failed = Count()


class FeedEvent(WireSchema):
    """An event with its place in the organisation's feed, and what became of its webhooks."""

    position = Position()
    event = Field(openapi={"$ref": "#/components/schemas/WebhookEvent"})
    pushed = Nested(Pushed)


class Feed(WireSchema):
    """Events in the order of the feed; positions have no gaps."""

    data = Items(Nested(FeedEvent))
    next_cursor = Position()
    has_more = Field(openapi={"type": "boolean"})
    poll_after = Count(description="seconds to wait before asking again")


class ConsumerBody(WireSchema):
    """A reader of the feed by name, and where it begins."""

    name = ConsumerName(required=True)
    position = Position(
        load_default=None, allow_none=True, description="by default before the oldest event kept"
    )


class PositionBody(WireSchema):
    """A place in the feed."""

    position = Position(required=True)


class ConsumerView(WireSchema):
    """How far a consumer has come."""

    id = Identifier("csm")
    name = Text()
    position = Position(description="committed: dealt with up to here")
    lag = Count(description="events behind it in the feed")
    created_at = Instant()
    updated_at = Instant()


class SyntheticBody(WireSchema):
    """An event about nothing, to try out a receiver."""

    type = Choice(tuple(EVENT_TYPES), required=True)


class Synthetic(WireSchema):
    """The event that was put into the feed."""

    id = Identifier("evt")
    type = Text()
