"""The wire shapes of deliveries, their attempts, and replays."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.subscriptions import rules
from openredress_webhooks.events import EVENT_TYPES


class DeliveryQuery(PageQuery):
    """A page of deliveries, narrowed: `limit` above 500 is clamped."""

    state = Choice(rules.DELIVERY_STATES)
    type = Choice(tuple(EVENT_TYPES))
    since = Instant(description="those made at this moment or later")


class DeliveryView(WireSchema):
    """An event on its way to an endpoint."""

    id = Identifier("dlv")
    endpoint_id = Identifier("whe")
    event_id = Identifier("evt")
    type = Choice(tuple(EVENT_TYPES))
    state = Choice(rules.DELIVERY_STATES)
    reason = Text(allow_none=True, attribute="state_reason", description="why it is in this state")
    cause = Choice(rules.CAUSES)
    attempt_count = Count()
    due_at = Instant(
        attribute="shown_due_at", description="when it is tried next, while it is due or waiting"
    )
    created_at = Instant()


class AttemptView(WireSchema):
    """One try to deliver, and what came back."""

    n = Count(description="1 for the first")
    started_at = Instant()
    duration_ms = Count()
    status = Count(allow_none=True, description="of the answer; null: none came")
    error_code = Text(allow_none=True, description="null: it arrived")
    retry_after_s = Count(allow_none=True, description="what the answer asked for")
    tls_version = Text(allow_none=True, description="null where a connection was used again")
    response_head = Text(allow_none=True, description="the first 2,048 octets of the answer")


class DeliveryDetail(DeliveryView):
    """A delivery with its attempts, the first one first."""

    attempts = Items(Nested(AttemptView))


class ReplayBody(WireSchema):
    """Which events are sent once more: one, or those that fit all that is said."""

    event = Identifier("evt", load_default=None, allow_none=True, description="this one alone")
    types = Items(
        Text(at_most=60, description="a type, `prefix.*` or `*`"), at_most=50, load_default=list
    )
    since = Instant(load_default=None, allow_none=True, description="timestamps from here on")
    until = Instant(load_default=None, allow_none=True, description="timestamps before this one")
    only = Choice(  # type: ignore[assignment] # marshmallow takes fields off the class
        ("undelivered", "all"),
        load_default=None,
        allow_none=True,
        description="`undelivered` by default: neither arrived nor under way; `all` for one event",
    )
    dry_run = Flag(load_default=False, description="count, and send nothing")


class ReplayView(WireSchema):
    """A replay as it stands; of a dry run `matched` alone."""

    id = Identifier("rpl")
    endpoint_id = Identifier("whe")
    cause = Choice(("manual", "replay"))
    event_id = Identifier("evt", allow_none=True)
    types = Items(Text())
    since = Instant(allow_none=True)
    until = Instant(allow_none=True)
    only = Choice(("undelivered", "all"))  # type: ignore[assignment] # as above
    state = Choice(rules.REPLAY_STATES)
    matched = Count(description="events that fitted when it was asked for")
    made = Count(description="deliveries made so far")
    created_at = Instant()
    updated_at = Instant()
