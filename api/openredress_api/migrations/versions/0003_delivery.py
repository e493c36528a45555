"""The feed, the endpoints and what is sent to them.

Kinds: event: feed · feed_head, webhook_endpoint, webhook_key, delivery, attempt: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import MINE, function, guard, own, policy, run

revision = "0003"
down_revision = "0002"

FEED = """
CREATE TABLE event (
    organisation_id uuid NOT NULL REFERENCES organisation (organisation_id),
    id uuid NOT NULL,
    webhook_id text NOT NULL CHECK (webhook_id ~ '^evt_[0-9a-hjkmnp-tv-z]{26}$'),
    type text NOT NULL CHECK (type ~ '^[a-z0-9_]+(\\.[a-z0-9_]+)?$'),
    subject text NOT NULL,
    subject_seq integer NOT NULL,
    occurred_at timestamptz NOT NULL,
    data_class text NOT NULL CHECK (data_class IN ('none', 'pseudonymous', 'restricted')),
    body bytea NOT NULL,
    dedupe_key text NOT NULL,
    position bigint CHECK (position > 0),
    retention_until timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, dedupe_key),
    UNIQUE (organisation_id, position)
);
CREATE INDEX event_unpositioned ON event (id) WHERE position IS NULL;
CREATE TABLE feed_head (
    organisation_id uuid PRIMARY KEY REFERENCES organisation (organisation_id),
    last_position bigint NOT NULL CHECK (last_position > 0)
);
"""

ENDPOINTS = """
CREATE TABLE webhook_endpoint (
    organisation_id uuid NOT NULL REFERENCES organisation (organisation_id),
    id uuid NOT NULL,
    url text NOT NULL,
    description text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'active'
        CHECK (state IN ('active', 'paused', 'disabled', 'deleted')),
    state_reason text,
    state_since timestamptz NOT NULL DEFAULT now(),
    event_patterns text[] NOT NULL,
    max_in_flight integer NOT NULL DEFAULT 4 CHECK (max_in_flight BETWEEN 1 AND 64),
    fanned_position bigint NOT NULL CHECK (fanned_position >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id)
);
CREATE TABLE webhook_key (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('hmac', 'ed25519')),
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    not_after timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, endpoint_id) REFERENCES webhook_endpoint (organisation_id, id)
);
CREATE INDEX webhook_key_endpoint ON webhook_key (organisation_id, endpoint_id);
"""

DELIVERIES = """
CREATE TABLE delivery (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    event_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'due' CHECK
        (state IN ('due', 'leased', 'waiting', 'succeeded', 'failed', 'cancelled', 'held')),
    state_reason text,
    attempt_count integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    lease_until timestamptz,
    lease_owner uuid,
    cause text NOT NULL DEFAULT 'auto' CHECK (cause IN ('auto')),
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, event_id, endpoint_id, cause),
    FOREIGN KEY (organisation_id, event_id) REFERENCES event (organisation_id, id),
    FOREIGN KEY (organisation_id, endpoint_id) REFERENCES webhook_endpoint (organisation_id, id),
    CHECK ((state = 'leased') = (lease_until IS NOT NULL)),
    CHECK ((state = 'leased') = (lease_owner IS NOT NULL))
);
CREATE INDEX delivery_due ON delivery (organisation_id, endpoint_id, due_at)
    WHERE state IN ('due', 'waiting');
CREATE INDEX delivery_held ON delivery (organisation_id, endpoint_id) WHERE state = 'held';
CREATE INDEX delivery_leased ON delivery (organisation_id, endpoint_id, lease_until)
    WHERE state = 'leased';
-- No foreign key to delivery: a month of attempts is dropped while its deliveries stay, and
-- deliveries are deleted in batches while their attempts wait for the end of their month.
CREATE TABLE attempt (
    organisation_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    n integer NOT NULL,
    duration_ms integer NOT NULL,
    peer_ip inet,
    status integer,
    error_code text,
    retry_after_s integer,
    response_head text CHECK (octet_length(response_head) <= 2048),
    worker uuid NOT NULL,
    PRIMARY KEY (organisation_id, delivery_id, started_at)
) PARTITION BY RANGE (started_at);
"""

PUBLISH = """
DECLARE
    caller CONSTANT uuid := gate.current_organisation();
    parties uuid[];
    permitted boolean := caller IS NOT NULL AND recipient = gate.institute();
BEGIN
    IF caller IS NOT NULL AND permitted IS NOT TRUE THEN
        parties := gate.parties(subject_kind, subject_id);
        permitted := recipient = ANY (parties)
            AND (gate.current_type() = 'institute' OR caller = ANY (parties));
    END IF;
    IF permitted IS NOT TRUE THEN
        RAISE insufficient_privilege
            USING MESSAGE = 'caller and recipient of an event must be parties of its subject';
    END IF;
    INSERT INTO public.event (
        organisation_id, id, webhook_id, type, subject, subject_seq, occurred_at, data_class,
        body, dedupe_key, retention_until)
    VALUES (
        recipient, publish.id,
        -- Read from the bytes that are sent: the header and the body cannot disagree.
        pg_catalog.convert_from(publish.body, 'UTF8')::json ->> 'id',
        publish.type, publish.subject, publish.subject_seq, publish.occurred_at,
        publish.data_class, publish.body, publish.dedupe_key,
        pg_catalog.now() + interval '30 days')
    ON CONFLICT ON CONSTRAINT event_organisation_id_dedupe_key_key DO NOTHING;
END
"""

# After commit, so that a reader's cursor never passes a row that becomes visible later. Each
# statement inside the function sees what was committed before it took the lock.
SEQUENCE = """
DECLARE
    sequenced integer;
BEGIN
    IF NOT pg_catalog.pg_try_advisory_xact_lock(
        pg_catalog.hashtextextended('gate.sequence_events', 0)) THEN
        RETURN 0;
    END IF;
    WITH batch AS (
        SELECT organisation_id, id, occurred_at, subject_seq FROM public.event
        WHERE position IS NULL ORDER BY occurred_at, subject_seq, id LIMIT 500
    ), head AS (
        INSERT INTO public.feed_head AS known (organisation_id, last_position)
        SELECT organisation_id, count(*) FROM batch GROUP BY organisation_id
        ON CONFLICT (organisation_id)
        DO UPDATE SET last_position = known.last_position + excluded.last_position
        RETURNING organisation_id, last_position
    ), numbered AS (
        SELECT organisation_id, id, head.last_position + 1 - row_number() OVER (
            PARTITION BY organisation_id
            ORDER BY occurred_at DESC, subject_seq DESC, id DESC) AS place
        FROM batch JOIN head USING (organisation_id)
    )
    UPDATE public.event SET position = numbered.place FROM numbered
    WHERE event.organisation_id = numbered.organisation_id AND event.id = numbered.id;
    GET DIAGNOSTICS sequenced = ROW_COUNT;
    RETURN sequenced;
END
"""

# What the worker may do to the rows of all organisations, on these tables alone.
WORKER_RIGHTS = {
    "event": ("SELECT",),
    "feed_head": ("SELECT",),
    "webhook_endpoint": ("SELECT", "UPDATE"),
    "webhook_key": ("SELECT",),
    "delivery": ("SELECT", "INSERT", "UPDATE"),
    "attempt": ("SELECT", "INSERT"),
}


def upgrade() -> None:
    run(FEED, ENDPOINTS, DELIVERIES)
    guard("event")
    policy("event", "SELECT", f"{MINE} AND position IS NOT NULL")
    own("feed_head")
    own("webhook_endpoint", "INSERT", "UPDATE")
    own("webhook_key", "INSERT", "UPDATE")
    own("delivery")
    own("attempt")
    for table, commands in WORKER_RIGHTS.items():
        for command in commands:
            policy(table, command, "true", role="delivery", name="all")
    run("SELECT gate.ensure_partitions('attempt', 12)")
    function(
        "publish(id uuid, recipient uuid, type text, subject_kind text, subject_id uuid, "
        "subject text, subject_seq int, occurred_at timestamptz, data_class text, body bytea, "
        "dedupe_key text)",
        "void",
        PUBLISH,
        to="app",
    )
    function("sequence_events()", "int", SEQUENCE, to="app delivery")


def downgrade() -> None:
    run(
        "DROP FUNCTION gate.publish, gate.sequence_events",
        "DROP TABLE attempt, delivery, webhook_key, webhook_endpoint, feed_head, event",
    )
