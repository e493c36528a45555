"""The engine's tables as this room sees them: one class each, no column of its own."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Mapped, column_property

from openredress_api.foundation.database import Base
from openredress_delivery import tables
from openredress_delivery.tables import delivery, event


class Endpoint(Base):
    """A receiver of events (own)."""

    __table__ = tables.webhook_endpoint

    organisation_id: Mapped[uuid.UUID]
    id: Mapped[uuid.UUID]
    url: Mapped[str]
    description: Mapped[str]
    state: Mapped[str]
    state_reason: Mapped[str | None]
    state_since: Mapped[datetime]
    event_patterns: Mapped[list[str]]
    max_in_flight: Mapped[int]
    rate_per_min: Mapped[int | None]
    ordered: Mapped[bool]
    header_names: Mapped[list[str]]
    token_url: Mapped[str | None]
    token_client_id: Mapped[str | None]
    token_scope: Mapped[str | None]
    sealed: Mapped[bytes | None]
    challenge: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    failed_attempts: Mapped[int]
    failed_days: Mapped[int]
    last_failed_on: Mapped[datetime | None]
    notices: Mapped[int]
    network_failures: Mapped[int]
    probe_at: Mapped[datetime | None]
    skip_before: Mapped[datetime | None]
    fanned_position: Mapped[int]
    created_at: Mapped[datetime]
    version: Mapped[int]


class Key(Base):
    """A key that signs an endpoint's deliveries, sealed (own)."""

    __table__ = tables.webhook_key

    organisation_id: Mapped[uuid.UUID]
    id: Mapped[uuid.UUID]
    endpoint_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    not_after: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    public_text: Mapped[str | None]


class Delivery(Base):
    """An event on its way to an endpoint (own); the worker writes it."""

    __table__ = delivery

    organisation_id: Mapped[uuid.UUID]
    id: Mapped[uuid.UUID]
    event_id: Mapped[uuid.UUID]
    endpoint_id: Mapped[uuid.UUID]
    state: Mapped[str]
    state_reason: Mapped[str | None]
    attempt_count: Mapped[int]
    due_at: Mapped[datetime]
    cause: Mapped[str]
    created_at: Mapped[datetime]
    # What waits for safety looks as if it did not (R15, R16).
    shown_due_at: Mapped[datetime] = column_property(
        case(
            (delivery.c.put_off_to == delivery.c.due_at, delivery.c.put_off_from),
            else_=delivery.c.due_at,
        )
    )
    # An event without a place in the feed yet is seen by nobody, and only a question is that quick.
    type: Mapped[str] = column_property(
        func.coalesce(
            select(event.c.type)
            .where(
                event.c.organisation_id == delivery.c.organisation_id,
                event.c.id == delivery.c.event_id,
            )
            .scalar_subquery(),
            "endpoint.verify",
        )
    )


class Attempt(Base):
    """One try to deliver, and what came back (own); the worker writes it."""

    __table__ = tables.attempt

    organisation_id: Mapped[uuid.UUID]
    delivery_id: Mapped[uuid.UUID]
    started_at: Mapped[datetime]
    n: Mapped[int]


class Replay(Base):
    """A choice of events that are sent once more; the worker carries it out (own)."""

    __table__ = tables.webhook_replay

    organisation_id: Mapped[uuid.UUID]
    id: Mapped[uuid.UUID]
    endpoint_id: Mapped[uuid.UUID]
    cause: Mapped[str]
    event_id: Mapped[uuid.UUID | None]
    types: Mapped[list[str]]
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    only_undelivered: Mapped[bool]
    at_position: Mapped[int]
    upto_position: Mapped[int]
    state: Mapped[str]
    matched: Mapped[int]
    made: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class LogEntry(Base):
    """What was done to an endpoint, or what state it came into (own)."""

    __table__ = tables.endpoint_log

    organisation_id: Mapped[uuid.UUID]
    id: Mapped[uuid.UUID]
    endpoint_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    what: Mapped[str]
    detail: Mapped[str | None]
    client_id: Mapped[uuid.UUID | None]


class Consumer(Base):
    """A reader of the feed by name, and how far it has come (own)."""

    __table__ = tables.feed_consumer

    organisation_id: Mapped[uuid.UUID]
    id: Mapped[uuid.UUID]
    name: Mapped[str]
    position: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]
