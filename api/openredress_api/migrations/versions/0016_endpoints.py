"""Endpoints that prove themselves and fail in steps; replays, consumers, tombstones.

Kinds: webhook_replay, webhook_manifest, endpoint_log, feed_consumer: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import function, own, policy, run

revision = "0016"
down_revision = "0015"

ENDPOINT_STATES = "'pending_verification', 'active', 'paused', 'held', 'disabled', 'deleted'"
COLUMNS = f"""
ALTER TABLE webhook_endpoint
    DROP CONSTRAINT webhook_endpoint_state_check,
    ADD CONSTRAINT webhook_endpoint_state_check CHECK (state IN ({ENDPOINT_STATES})),
    ADD ordered boolean NOT NULL DEFAULT false,
    ADD rate_per_min integer CHECK (rate_per_min BETWEEN 1 AND 60000),
    ADD bucket_at timestamptz,
    ADD header_names text[] NOT NULL DEFAULT '{{}}',
    ADD token_url text,
    ADD token_client_id text,
    ADD token_scope text,
    ADD sealed bytea,
    ADD challenge text,
    ADD failing_since timestamptz,
    ADD failed_attempts integer NOT NULL DEFAULT 0,
    ADD failed_days integer NOT NULL DEFAULT 0,
    ADD last_failed_on date,
    ADD notices integer NOT NULL DEFAULT 0,
    ADD network_failures integer NOT NULL DEFAULT 0,
    ADD probe_at timestamptz,
    ADD skip_before timestamptz;
ALTER TABLE webhook_key ADD public_text text CHECK (public_text LIKE 'whpk\\_%');
ALTER TABLE event ADD tombstoned_at timestamptz;
DROP INDEX event_of_offers;
CREATE INDEX event_by_subject ON event (organisation_id, subject);
ALTER TABLE delivery
    DROP CONSTRAINT delivery_cause_check,
    ADD CONSTRAINT delivery_cause_check
        CHECK (cause IN ('auto', 'verify', 'manual', 'replay')),
    ADD cause_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    ADD lane smallint NOT NULL DEFAULT 0 CHECK (lane IN (0, 1)),
    ADD created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD order_key text,
    ADD order_place bigint,
    DROP CONSTRAINT delivery_organisation_id_event_id_endpoint_id_cause_key,
    ADD CONSTRAINT delivery_once UNIQUE (organisation_id, event_id, endpoint_id, cause_id);
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (organisation_id, endpoint_id, lane, due_at)
    WHERE state IN ('due', 'waiting');
CREATE INDEX delivery_order ON delivery (organisation_id, endpoint_id, order_key, order_place)
    WHERE order_key IS NOT NULL AND state IN ('due', 'leased', 'waiting', 'held', 'failed');
CREATE INDEX delivery_list ON delivery (organisation_id, endpoint_id, created_at, id);
ALTER TABLE attempt ADD tls_version text, ADD request_digest bytea;
"""

TABLES = """
CREATE TABLE webhook_replay (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    cause text NOT NULL CHECK (cause IN ('manual', 'replay')),
    event_id uuid,
    types text[] NOT NULL,
    since timestamptz,
    until timestamptz,
    only_undelivered boolean NOT NULL,
    at_position bigint NOT NULL CHECK (at_position >= 0),
    upto_position bigint NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled')),
    matched integer NOT NULL,
    made integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, endpoint_id) REFERENCES webhook_endpoint (organisation_id, id)
);
CREATE INDEX webhook_replay_running ON webhook_replay (organisation_id) WHERE state = 'running';
CREATE INDEX webhook_replay_list ON webhook_replay (organisation_id, endpoint_id, created_at, id);
CREATE TABLE webhook_manifest (
    organisation_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    day date NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    count integer NOT NULL,
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (organisation_id, endpoint_id, day),
    FOREIGN KEY (organisation_id, endpoint_id) REFERENCES webhook_endpoint (organisation_id, id)
);
CREATE TABLE endpoint_log (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    endpoint_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    what text NOT NULL,
    detail text,
    client_id uuid,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, endpoint_id) REFERENCES webhook_endpoint (organisation_id, id)
);
CREATE INDEX endpoint_log_list ON endpoint_log (organisation_id, endpoint_id, at, id);
CREATE TABLE feed_consumer (
    organisation_id uuid NOT NULL REFERENCES organisation (organisation_id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    position bigint NOT NULL CHECK (position >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, name)
);
"""

# Every change of an endpoint's state tells who made it; the worker has no context, so no client.
LOG_STATE = """
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN RETURN NULL; END IF;
  INSERT INTO public.endpoint_log (organisation_id, endpoint_id, what, detail, client_id)
    VALUES (NEW.organisation_id, NEW.id, NEW.state, NEW.state_reason, gate.current_client());
  RETURN NULL;
END"""
ID_OF = """
DECLARE bits text := '';
BEGIN
  FOR n IN 1 .. 26 LOOP
    bits := bits || (strpos('0123456789abcdefghjkmnpqrstvwxyz',
      substr(split_part(wire, '_', 2), n, 1)) - 1)::bit(5)::text;
  END LOOP;
  RETURN (SELECT string_agg(to_hex(substr(bits, 3 + 4 * n, 4)::bit(4)::int), '' ORDER BY n)
    FROM generate_series(0, 31) n)::uuid;
END"""
# What is told of an endpoint goes where it is of use: its own count to itself, its failures to the
# others, its proof to nobody but by ask_verification.
IS_FOR = """
BEGIN
  RETURN ARRAY['*', split_part(fact, '.', 1) || '.*', fact] && patterns AND CASE
    WHEN fact = 'endpoint.verify' THEN false
    WHEN split_part(fact, '.', 1) = 'endpoint' THEN about <> gate.wire_id('whe', endpoint)
    WHEN fact = 'manifest.daily' THEN about = gate.wire_id('whe', endpoint)
    ELSE true END;
END"""
REPLAYED = """
BEGIN
  RETURN QUERY SELECT v.id, v.subject, v.position FROM public.event v
    JOIN public.webhook_endpoint e
      ON e.organisation_id = v.organisation_id AND e.id = replayed.endpoint
    WHERE v.organisation_id = replayed.organisation
      AND v.position > replayed.after AND v.position <= replayed.upto
      AND CASE WHEN replayed.one IS NOT NULL
          THEN v.id = replayed.one AND v.type <> 'endpoint.verify'
        ELSE gate.is_for(e.event_patterns, e.id, v.type, v.subject) END
      AND (cardinality(replayed.types) = 0
        OR ARRAY['*', split_part(v.type, '.', 1) || '.*', v.type] && replayed.types)
      AND v.occurred_at >= coalesce(replayed.since, '-infinity')
      AND v.occurred_at < coalesce(replayed.until, 'infinity')
      -- What will come by itself is not undelivered.
      AND NOT (replayed.only_undelivered AND (v.position > e.fanned_position
        OR EXISTS (SELECT 1 FROM public.delivery d
          WHERE d.organisation_id = v.organisation_id AND d.event_id = v.id
            AND d.endpoint_id = e.id
            AND (d.state IN ('due', 'leased', 'waiting', 'succeeded') OR d.state = 'held'
              AND d.state_reason IS DISTINCT FROM 'blocks_its_subject'))));
END"""
COUNT_REPLAYED = """
BEGIN
  RETURN (SELECT count(*) FROM gate.replayed(gate.current_organisation(), endpoint, one, types,
    since, until, only_undelivered, 0, upto));
END"""
# What the house itself tells the owner of an endpoint.
TELL_OWNER = r"""
DECLARE event_id uuid := gen_random_uuid();
  subject text := gate.wire_id('whe', endpoint);
BEGIN
  INSERT INTO public.event (organisation_id, id, webhook_id, type, subject, subject_seq,
      occurred_at, data_class, body, dedupe_key, retention_until)
    VALUES (owner, event_id, gate.wire_id('evt', event_id), fact, subject, seq, moment, 'none',
      convert_to(json_build_object(
        'data', json_build_object('id', subject)::jsonb || data,
        'data_class', 'none',
        'id', gate.wire_id('evt', event_id),
        'links', CASE WHEN base IS NULL THEN '{}'::json
          ELSE json_build_object('self', base || '/v1/webhook-endpoints/' || subject) END,
        'schema_version', 1,
        'subject', subject,
        'subject_seq', seq,
        'timestamp', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\:MI\:SS.US"Z"'),
        'type', fact)::text, 'UTF8'),
      concat_ws(':', fact, subject, mark), now() + interval '30 days')
    ON CONFLICT ON CONSTRAINT event_organisation_id_dedupe_key_key DO NOTHING;
  RETURN CASE WHEN FOUND THEN event_id END;
END"""
# Asked by the owner, or by the house after the address has changed.
ASK_VERIFICATION = r"""
DECLARE
  e public.webhook_endpoint%ROWTYPE;
  told uuid;
BEGIN
  SELECT w.* INTO e FROM public.webhook_endpoint w
    WHERE w.organisation_id = gate.current_organisation() AND w.id = endpoint
      AND w.state IN ('pending_verification', 'active') FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  told := gate.tell_owner(e.organisation_id, e.id, 'endpoint.verify',
    jsonb_build_object('challenge', asked), NULL, e.version, now(), asked);
  UPDATE public.webhook_endpoint w SET challenge = asked
    WHERE w.organisation_id = e.organisation_id AND w.id = e.id;
  -- What was asked before is no longer an answer to this.
  UPDATE public.delivery d SET state = 'cancelled', state_reason = 'asked_again'
    WHERE d.organisation_id = e.organisation_id AND d.endpoint_id = e.id
      AND d.cause = 'verify' AND d.state IN ('due', 'waiting', 'held');
  INSERT INTO public.delivery (organisation_id, id, event_id, endpoint_id, due_at, cause, cause_id)
    VALUES (e.organisation_id, gen_random_uuid(), told, e.id, clock_timestamp(), 'verify', told);
  RETURN told;
END"""
# Which restricted bodies no longer stand on a consent. Withdrawals and replies are told themselves.
FALLEN = """
BEGIN
  RETURN (fact IN ('referral.offered', 'referral.updated', 'referral.expired')
      AND NOT EXISTS (SELECT 1 FROM public.referral_case l
        WHERE l.organisation_id = gate.institute() AND l.referral_id = gate.id_of(about)
          AND gate.consent_holds(l.case_id, l.consent_scope)))
    OR (split_part(fact, '.', 1) = 'remediation'
      AND NOT EXISTS (SELECT 1 FROM public.remediation_request r
        JOIN public.remediation_case l
          ON l.organisation_id = r.organisation_id AND l.request_id = r.id
        WHERE r.id = gate.id_of(about)
          AND gate.consent_holds(l.case_id, 'share_deidentified_employer')
          AND (r.amount IS NULL OR r.worded = 'counted'
            OR gate.consent_holds(l.case_id, 'identify_to_employer'))));
END"""
# Asked before every attempt and every reading of the feed: the same row for both, for good.
TOMBSTONE = """
BEGIN
  -- In one order for all who ask, so that no two wait for each other.
  UPDATE public.event e SET tombstoned_at = now(), body = convert_to(
      (convert_from(e.body, 'UTF8')::jsonb || '{"data": {}, "tombstone": true}')::text, 'UTF8')
    FROM (SELECT v.organisation_id, v.id
      FROM unnest(organisations, events) AS wanted (organisation_id, id)
      JOIN public.event v ON v.organisation_id = wanted.organisation_id AND v.id = wanted.id
      WHERE v.tombstoned_at IS NULL AND v.organisation_id <> gate.institute()
        AND v.dedupe_key NOT LIKE 'synthetic:%'
        AND split_part(v.type, '.', 1) IN ('referral', 'remediation')
        AND gate.has_fallen(v.type, v.subject)
      ORDER BY v.organisation_id, v.id FOR NO KEY UPDATE OF v) fallen
    WHERE e.organisation_id = fallen.organisation_id AND e.id = fallen.id;
END"""
SENDABLE = """
BEGIN
  PERFORM gate.tombstone(organisations, events);
  RETURN QUERY SELECT e.organisation_id, e.id,
      CASE WHEN e.tombstoned_at IS NOT NULL THEN e.body END
    FROM unnest(organisations, events) AS wanted (organisation_id, id)
    JOIN public.event e ON e.organisation_id = wanted.organisation_id AND e.id = wanted.id
    WHERE e.organisation_id IN (SELECT each FROM unnest(organisations) AS each
      GROUP BY each HAVING gate.is_active(each));
END"""
# The public halves of every valid signing key: what a receiver may look up before it trusts one.
PUBLIC_KEYS = """
BEGIN
  RETURN QUERY SELECT k.id, k.public_text, k.created_at, k.not_after FROM public.webhook_key k
    JOIN public.webhook_endpoint e ON e.organisation_id = k.organisation_id AND e.id = k.endpoint_id
    WHERE k.public_text IS NOT NULL AND k.revoked_at IS NULL AND e.state <> 'deleted'
      AND (k.not_after IS NULL OR k.not_after > now())
    ORDER BY k.created_at DESC, k.id;
END"""
# An event about nothing, for whoever tries out a receiver: in its own feed, in a sandbox alone.
PUBLISH_SYNTHETIC = """
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.organisation o
      WHERE o.organisation_id = gate.current_organisation() AND o.is_sandbox) THEN
    RAISE insufficient_privilege USING MESSAGE = 'synthetic events are for sandboxes';
  END IF;
  INSERT INTO public.event (organisation_id, id, webhook_id, type, subject, subject_seq,
      occurred_at, data_class, body, dedupe_key, retention_until)
    VALUES (gate.current_organisation(), publish_synthetic.id, gate.wire_id('evt',
        publish_synthetic.id), fact, about, 1, moment, class, content,
      'synthetic:' || publish_synthetic.id, now() + interval '30 days');
END"""

# A worker's word counts at once, for what waits to be sent and for what waits to be read.
CONSENT_CHANGED = """
BEGIN
  PERFORM gate.tombstone(array_agg(v.organisation_id), array_agg(v.id)) FROM public.event v
    JOIN (SELECT r.recipient_id, gate.wire_id('ref', r.id) AS subject FROM public.referral_case l
          JOIN public.referral r ON r.organisation_id = l.organisation_id AND r.id = l.referral_id
          WHERE l.organisation_id = NEW.organisation_id AND l.case_id = NEW.case_id
        UNION ALL
        SELECT r.recipient_id, r.wire_id FROM public.remediation_case l
          JOIN public.remediation_request r
            ON r.organisation_id = l.organisation_id AND r.id = l.request_id
          WHERE l.organisation_id = NEW.organisation_id AND l.case_id = NEW.case_id) held
      ON v.organisation_id = held.recipient_id AND v.subject = held.subject;
  RETURN NULL;
END"""

# An event that a transaction is taking back just now gets its place later, and none waits for it.
PLACES = """
DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('gate.sequence_events'::regproc), '{}', '{}');
END $do$"""
PLACED, UNLOCKED = "LIMIT 500", "LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED"
RIGHTS = {
    "webhook_replay": ("SELECT", "UPDATE"),
    "webhook_manifest": ("SELECT",),
    "endpoint_log": ("INSERT",),
}
CHOICE = (
    "endpoint uuid, one uuid, types text[], since timestamptz, until timestamptz, "
    "only_undelivered boolean"
)
TOLD = "owner uuid, endpoint uuid, fact text, data jsonb, base text, seq int, moment timestamptz"
SYNTHETIC = "id uuid, fact text, about text, moment timestamptz, class text, content bytea"
FUNCTIONS = (
    ("id_of(wire text)", "uuid", ID_OF, "", "IMMUTABLE"),
    (
        "is_for(patterns text[], endpoint uuid, fact text, about text)",
        "boolean",
        IS_FOR,
        "delivery",
        "IMMUTABLE",
    ),
    (
        f"replayed(organisation uuid, {CHOICE}, after bigint, upto bigint)",
        'TABLE (id uuid, subject text, "position" bigint)',
        REPLAYED,
        "delivery",
        "STABLE",
    ),
    (f"count_replayed({CHOICE}, upto bigint)", "int", COUNT_REPLAYED, "app", "STABLE"),
    (f"tell_owner({TOLD}, mark text)", "uuid", TELL_OWNER, "", ""),
    ("ask_verification(endpoint uuid, asked text)", "uuid", ASK_VERIFICATION, "app", ""),
    ("has_fallen(fact text, about text)", "boolean", FALLEN, "", "STABLE"),
    ("tombstone(organisations uuid[], events uuid[])", "void", TOMBSTONE, "app", ""),
    (
        "sendable(organisations uuid[], events uuid[])",
        "TABLE (organisation_id uuid, event_id uuid, body bytea)",
        SENDABLE,
        "delivery",
        "",
    ),
    (
        "webhook_public_keys()",
        "TABLE (id uuid, public_text text, created_at timestamptz, not_after timestamptz)",
        PUBLIC_KEYS,
        "app",
        "STABLE",
    ),
    (
        f"publish_synthetic({SYNTHETIC})",
        "void",
        PUBLISH_SYNTHETIC,
        "app",
        "",
    ),
    ("log_endpoint_state()", "trigger", LOG_STATE, "", ""),
    ("consent_changed()", "trigger", CONSENT_CHANGED, "", ""),
)


def upgrade() -> None:
    run(COLUMNS, TABLES)
    own("webhook_replay", "INSERT", "UPDATE")
    own("webhook_manifest")
    own("endpoint_log", "INSERT")
    own("feed_consumer", "INSERT", "UPDATE", "DELETE")
    for table, commands in RIGHTS.items():
        for command in commands:
            policy(table, command, "true", role="delivery", name="all")
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    run(
        PLACES.format(PLACED, UNLOCKED),
        "CREATE TRIGGER logged_state AFTER INSERT OR UPDATE OF state ON webhook_endpoint "
        "FOR EACH ROW EXECUTE FUNCTION gate.log_endpoint_state()",
        "CREATE TRIGGER tombstones AFTER INSERT ON case_consent FOR EACH ROW "
        "WHEN (NEW.state <> 'granted') EXECUTE FUNCTION gate.consent_changed()",
    )


def downgrade() -> None:
    run(
        PLACES.format(UNLOCKED, PLACED),
        "DROP TRIGGER tombstones ON case_consent",
        "DROP TRIGGER logged_state ON webhook_endpoint",
        "DROP TABLE feed_consumer, endpoint_log, webhook_manifest, webhook_replay",
        *(f"DROP FUNCTION gate.{signature}" for signature, *_ in reversed(FUNCTIONS)),
        "DELETE FROM delivery WHERE cause <> 'auto'",
        # What the earlier version does not know waits where its owner sees it.
        "UPDATE webhook_endpoint SET state = 'paused' "
        "WHERE state IN ('pending_verification', 'held')",
        "DROP INDEX delivery_list, delivery_order, delivery_due, event_by_subject",
        """ALTER TABLE attempt DROP tls_version, DROP request_digest;
        ALTER TABLE delivery DROP CONSTRAINT delivery_once, DROP order_place, DROP order_key,
            DROP created_at, DROP lane, DROP cause_id, DROP CONSTRAINT delivery_cause_check,
            ADD CONSTRAINT delivery_cause_check CHECK (cause IN ('auto')),
            ADD UNIQUE (organisation_id, event_id, endpoint_id, cause);
        CREATE INDEX delivery_due ON delivery (organisation_id, endpoint_id, due_at)
            WHERE state IN ('due', 'waiting');
        CREATE INDEX event_of_offers ON event (organisation_id, subject)
            WHERE type = 'referral.offered';
        ALTER TABLE event DROP tombstoned_at;
        ALTER TABLE webhook_key DROP public_text;
        ALTER TABLE webhook_endpoint DROP skip_before, DROP probe_at, DROP network_failures,
            DROP notices, DROP last_failed_on, DROP failed_days, DROP failed_attempts,
            DROP failing_since, DROP challenge, DROP sealed, DROP token_scope,
            DROP token_client_id, DROP token_url, DROP header_names, DROP bucket_at,
            DROP rate_per_min, DROP ordered, DROP CONSTRAINT webhook_endpoint_state_check,
            ADD CONSTRAINT webhook_endpoint_state_check
                CHECK (state IN ('active', 'paused', 'disabled', 'deleted'))""",
    )
