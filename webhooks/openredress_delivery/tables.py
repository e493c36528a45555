"""The tables that this room reads and writes; migrations 0003 and 0016 create them.

`info["kind"]` is the table's kind in the sense of row-level security: `feed` rows are inserted
by `gate.publish` alone, `own` rows belong to one organisation.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    ScalarSelect,
    SmallInteger,
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
    Column("tombstoned_at", DateTime(timezone=True), comment="its content stands on no consent"),
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
    Column("rate_per_min", Integer, comment="at most so many attempts a minute"),
    Column("bucket_at", DateTime(timezone=True), comment="when the next attempt fits the rate"),
    Column("ordered", Boolean, nullable=False, server_default="false"),
    Column("header_names", ARRAY(Text), nullable=False, server_default="{}"),
    Column("token_url", Text, comment="where an OAuth token for the receiver is fetched"),
    Column("token_client_id", Text),
    Column("token_scope", Text),
    Column("sealed", LargeBinary, comment="JSON of header values and client secret, sealed"),
    Column("challenge", Text, comment="what the receiver has to send back"),
    Column("failing_since", DateTime(timezone=True), comment="first failure since a success"),
    Column("failed_attempts", Integer, nullable=False, server_default="0"),
    Column("failed_days", Integer, nullable=False, server_default="0"),
    Column("last_failed_on", Date),
    Column("notices", Integer, nullable=False, server_default="0", comment="sent to its owner"),
    Column("network_failures", Integer, nullable=False, server_default="0"),
    Column("probe_at", DateTime(timezone=True), comment="when an open breaker lets one through"),
    Column("skip_before", DateTime(timezone=True), comment="older events are not sent"),
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
    Column("public_text", Text, comment="whpk_ of an ed25519 key"),
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
    Column("put_off_from", DateTime(timezone=True), comment="what due_at was before"),
    Column("put_off_to", DateTime(timezone=True), comment="counts while due_at is the same"),
    Column("lease_until", DateTime(timezone=True)),
    Column("lease_owner", Uuid),
    Column("cause", Text, nullable=False, server_default="auto"),
    Column("cause_id", Uuid, nullable=False, comment="the replay or question; nil for auto"),
    Column("lane", SmallInteger, nullable=False, server_default="0", comment="1: behind new ones"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("order_key", Text, comment="subject, at an ordered endpoint"),
    Column("order_place", BigInteger, comment="position, at an ordered endpoint"),
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
    Column("tls_version", Text),
    Column("request_digest", LargeBinary, comment="SHA-256 of the headers that were sent"),
    info={"kind": "own"},
)

webhook_replay = Table(
    "webhook_replay",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("cause", Text, nullable=False, comment="manual: one event; replay: a choice of them"),
    Column("event_id", Uuid),
    Column("types", ARRAY(Text), nullable=False),
    Column("since", DateTime(timezone=True)),
    Column("until", DateTime(timezone=True)),
    Column("only_undelivered", Boolean, nullable=False),
    Column("at_position", BigInteger, nullable=False, comment="done up to here"),
    Column("upto_position", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default="running"),
    Column("matched", Integer, nullable=False, comment="counted when it was asked for"),
    Column("made", Integer, nullable=False, server_default="0"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    info={"kind": "own"},
)

webhook_manifest = Table(
    "webhook_manifest",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("first_position", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("previous", LargeBinary, nullable=False, comment="digest of the manifest before"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of previous and event ids"),
    info={"kind": "own"},
)

endpoint_log = Table(
    "endpoint_log",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("what", Text, nullable=False, comment="a state it came into, or what was done to it"),
    Column("detail", Text),
    Column("client_id", Uuid, comment="who did it; null: the house"),
    info={"kind": "own"},
)

feed_consumer = Table(
    "feed_consumer",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", BigInteger, nullable=False, comment="read and done up to here"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    info={"kind": "own"},
)


def head_of(organisation_id: UUID) -> ScalarSelect[int]:
    """The feed's last position as an expression: where a new endpoint starts to listen."""
    last = select(feed_head.c.last_position).where(feed_head.c.organisation_id == organisation_id)
    return select(func.coalesce(last.scalar_subquery(), 0)).scalar_subquery()
