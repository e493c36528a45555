"""The tables that this room reads and writes; migration 0003 creates them.

`info["kind"]` is the table's kind in the sense of row-level security: `feed` rows are inserted
by `gate.publish` alone, `own` rows belong to one organisation.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    ScalarSelect,
    Table,
    Text,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET

metadata = MetaData()

event = Table(
    "event",
    metadata,
    Column("organisation_id", Uuid, primary_key=True, comment="the recipient"),
    Column("id", Uuid, primary_key=True),
    Column("webhook_id", Text, nullable=False, comment="`id` of the body: evt_ and 26 letters"),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_seq", Integer, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("data_class", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("dedupe_key", Text, nullable=False),
    Column("position", BigInteger, comment="place in the feed, given after commit"),
    Column("retention_until", DateTime(timezone=True), nullable=False),
    info={"kind": "feed"},
)

feed_head = Table(
    "feed_head",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("last_position", BigInteger, nullable=False),
    info={"kind": "own"},
)

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("url", Text, nullable=False, comment="as egress.check_url returned it"),
    Column("description", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False, server_default="active"),
    Column("state_reason", Text),
    Column("state_since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("event_patterns", ARRAY(Text), nullable=False, comment="type, prefix.* or *"),
    Column("max_in_flight", Integer, nullable=False, server_default="4"),
    Column("fanned_position", BigInteger, nullable=False, comment="last position fanned out"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("version", Integer, nullable=False, server_default="1"),
    info={"kind": "own"},
)

webhook_key = Table(
    "webhook_key",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="text of the secret, sealed"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("not_after", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    ForeignKeyConstraint(
        ["organisation_id", "endpoint_id"],
        ["webhook_endpoint.organisation_id", "webhook_endpoint.id"],
    ),
    info={"kind": "own"},
)

delivery = Table(
    "delivery",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("endpoint_id", Uuid, nullable=False),
    Column("state", Text, nullable=False, server_default="due"),
    Column("state_reason", Text),
    Column("attempt_count", Integer, nullable=False, server_default="0"),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("lease_until", DateTime(timezone=True)),
    Column("lease_owner", Uuid),
    Column("cause", Text, nullable=False, server_default="auto"),
    ForeignKeyConstraint(["organisation_id", "event_id"], ["event.organisation_id", "event.id"]),
    ForeignKeyConstraint(
        ["organisation_id", "endpoint_id"],
        ["webhook_endpoint.organisation_id", "webhook_endpoint.id"],
    ),
    info={"kind": "own"},
)

attempt = Table(
    "attempt",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("delivery_id", Uuid, primary_key=True),
    Column("started_at", DateTime(timezone=True), primary_key=True),
    Column("n", Integer, nullable=False, comment="1 for the first stored attempt"),
    Column("duration_ms", Integer, nullable=False),
    Column("peer_ip", INET, comment="for the operator; never in an answer"),
    Column("status", Integer),
    Column("error_code", Text),
    Column("retry_after_s", Integer),
    Column("response_head", Text, comment="at most 2,048 octets, for the endpoint's owner"),
    Column("worker", Uuid, nullable=False),
    info={"kind": "own"},
)


def head_of(organisation_id: UUID) -> ScalarSelect[int]:
    """The feed's last position as an expression: where a new endpoint starts to listen."""
    last = select(feed_head.c.last_position).where(feed_head.c.organisation_id == organisation_id)
    return select(func.coalesce(last.scalar_subquery(), 0)).scalar_subquery()
