"""The wire shapes of endpoints and the feed."""

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

_POSITION = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)


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

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - a number
        return str(value)


class EndpointBody(WireSchema):
    """A receiver: an https address and the event types it wants."""

    url = Text(at_most=2000, reference=True, required=True, description="https, port 443 or 8443")
    description = Text(at_most=200, load_default="", at_least=0)
    event_patterns = Items(
        Text(at_most=60, description="a type, `prefix.*` or `*`"), at_least=1, required=True
    )
    signature = Choice(
        ("hmac", "ed25519"), load_default="hmac", description="v1 (shared secret) or v1a"
    )
    max_in_flight = Count(at_least=1, at_most=64, load_default=4)


class EndpointView(WireSchema):
    """A stored endpoint; its secret is never shown again."""

    id = Identifier("whe")
    url = Text()
    description = Text(at_least=0)
    event_patterns = Items(Text())
    state = Choice(("active", "paused", "disabled", "deleted"))
    state_reason = Text(allow_none=True)
    state_since = Instant()
    max_in_flight = Count()
    created_at = Instant()


class EndpointCreated(EndpointView):
    """A new endpoint with the key that verifies its deliveries, shown once."""

    secret = Text(description="`whsec_…`, or `whpk_…` for ed25519; shown this once")


class RotationBody(WireSchema):
    """How long both keys sign: 0 ends the old key now, as after a compromise."""

    overlap_hours = Count(at_most=168, load_default=24)


class Rotated(WireSchema):
    """The new key, shown once, and when the old one ends."""

    secret = Text(description="shown this once")
    old_key_ends_at = Instant()


class FeedQuery(WireSchema):
    """Where to continue: `after` is the position the reader has, 0 at first."""

    after = Position(load_default=0)
    limit = Count(at_least=1)
    types = Text(
        at_most=1000, description="comma-separated event types or prefixes like referral.*"
    )
    wait = Count(at_most=25, description="seconds to wait for an event when there is none")


class FeedEvent(WireSchema):
    """An event with its place in the organisation's feed."""

    position = Position()
    event = Field(openapi={"$ref": "#/components/schemas/WebhookEvent"})


class Feed(WireSchema):
    """Events in the order of the feed; positions have no gaps."""

    data = Items(Nested(FeedEvent))
    next_cursor = Position()
    has_more = Field(openapi={"type": "boolean"})
    poll_after = Count(description="seconds to wait before asking again")
