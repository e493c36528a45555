"""What watches over delivery: manifests, notices, gaps, fallbacks, and what is forgotten."""

from __future__ import annotations

from openredress_api.migrations.kinds import function, run

revision = "0017"
down_revision = "0016"

MAKE_MANIFESTS = """
DECLARE
  e record; made int := 0;
  yesterday date := (now() AT TIME ZONE 'UTC')::date - 1;
BEGIN
  -- One row per endpoint and day; a day is closed once, so a second worker finds nothing to do.
  FOR e IN SELECT w.organisation_id, w.id, w.event_patterns, w.fanned_position, h.last_position,
        coalesce(p.last_position, 0) AS seen, p.digest AS previous
      FROM public.webhook_endpoint w
      JOIN public.feed_head h ON h.organisation_id = w.organisation_id
      LEFT JOIN LATERAL (SELECT m.last_position, m.digest, m.day FROM public.webhook_manifest m
        WHERE m.organisation_id = w.organisation_id AND m.endpoint_id = w.id
        ORDER BY m.day DESC LIMIT 1) p ON true
      WHERE w.state IN ('active', 'paused', 'held', 'disabled')
        AND (w.created_at AT TIME ZONE 'UTC')::date <= yesterday
        AND p.day IS DISTINCT FROM yesterday
      ORDER BY w.organisation_id, w.id LIMIT 100 FOR UPDATE OF w SKIP LOCKED LOOP
    IF e.previous IS NULL THEN
      -- The chain begins where the endpoint began to listen: events may tell of an earlier moment.
      e.seen := coalesce((SELECT min(v.position) - 1 FROM public.delivery d JOIN public.event v
          ON v.organisation_id = d.organisation_id AND v.id = d.event_id
        WHERE d.organisation_id = e.organisation_id AND d.endpoint_id = e.id AND d.cause = 'auto'),
        e.fanned_position);
      e.previous := decode(repeat('00', 32), 'hex');
    END IF;
    WITH told AS (SELECT v.webhook_id, v.position FROM public.event v
        WHERE v.organisation_id = e.organisation_id AND v.position > e.seen
          AND v.position <= e.last_position
          AND split_part(v.type, '.', 1) NOT IN ('endpoint', 'manifest')
          AND gate.is_for(e.event_patterns, e.id, v.type, v.subject)),
    closed AS (INSERT INTO public.webhook_manifest
        SELECT e.organisation_id, e.id, yesterday, e.seen + 1, e.last_position,
          count(*), e.previous, sha256(e.previous || convert_to(
            coalesce(string_agg(told.webhook_id, '' ORDER BY told.position), ''), 'UTF8'))
        FROM told
        ON CONFLICT DO NOTHING RETURNING *)
    SELECT count(gate.tell_owner(c.organisation_id, c.endpoint_id, 'manifest.daily',
        jsonb_build_object('day', c.day, 'count', c.count, 'first', c.first_position::text,
          'last', c.last_position::text, 'digest', encode(c.digest, 'hex'),
          'previous', encode(c.previous, 'hex')),
        NULL, 1, now(), c.day::text)) + made INTO made FROM closed c;
  END LOOP;
  RETURN made;
END"""
# The notices after 1 h, 24 h and 72 h without a success, and the end after five days.
TELL_OF_FAILING = r"""
DECLARE e record; told int := 0; due int;
BEGIN
  FOR e IN SELECT w.* FROM public.webhook_endpoint w
      WHERE w.state = 'active' AND w.failing_since < now() - interval '1 hour' AND w.notices < 3
      FOR UPDATE SKIP LOCKED LOOP
    due := 1 + (e.failing_since < now() - interval '24 hours')::int
      + (e.failing_since < now() - interval '72 hours')::int;
    CONTINUE WHEN due <= e.notices;
    PERFORM gate.tell_owner(e.organisation_id, e.id, 'endpoint.failing', jsonb_build_object(
        'failing_since', to_char(e.failing_since AT TIME ZONE 'UTC',
          'YYYY-MM-DD"T"HH24\:MI\:SS.US"Z"'),
        'will_disable_at', to_char((e.failing_since + interval '5 days') AT TIME ZONE 'UTC',
          'YYYY-MM-DD"T"HH24\:MI\:SS.US"Z"')),
      base, e.version, now(), concat(e.failing_since, due));
    UPDATE public.webhook_endpoint w SET notices = due
      WHERE w.organisation_id = e.organisation_id AND w.id = e.id;
    told := told + 1;
  END LOOP;
  FOR e IN SELECT w.* FROM public.webhook_endpoint w WHERE w.state = 'disabled'
      AND w.state_since > now() - interval '1 day' LOOP
    IF gate.tell_owner(e.organisation_id, e.id, 'endpoint.disabled',
        jsonb_build_object('reason', coalesce(e.state_reason, 'policy')),
        base, e.version, now(), e.state_since::text) IS NOT NULL THEN
      told := told + 1;
    END IF;
  END LOOP;
  RETURN told;
END"""
# What a recipient must have been told and is not in its feed: it cannot be, and is looked for.
TELL_OF_GAPS = r"""
DECLARE
  g record; event_id uuid; told int := 0;
  yesterday date := (now() AT TIME ZONE 'UTC')::date - 1;
BEGIN
  FOR g IN SELECT missed.recipient_id, count(*)::int AS number FROM (
        SELECT r.recipient_id, gate.wire_id('ref', r.id) AS subject, 'referral.offered' AS fact
          FROM public.referral r WHERE r.recipient_type <> 'government'
            AND r.released_at > gate.now_of(r.organisation_id) - interval '3 days'
        UNION ALL
        SELECT r.recipient_id, r.wire_id, 'remediation.requested'
          FROM public.remediation_request r
          WHERE r.released_at > gate.now_of(r.organisation_id) - interval '3 days') missed
      WHERE NOT EXISTS (SELECT 1 FROM public.event v
        WHERE v.organisation_id = missed.recipient_id
          AND v.subject = missed.subject AND v.type = missed.fact)
      GROUP BY missed.recipient_id LOOP
    event_id := gen_random_uuid();
    INSERT INTO public.event (organisation_id, id, webhook_id, type, subject, subject_seq,
        occurred_at, data_class, body, dedupe_key, retention_until)
      VALUES (g.recipient_id, event_id, gate.wire_id('evt', event_id), 'system.gap_detected',
        gate.wire_id('org', g.recipient_id), 1, now(), 'none', convert_to(json_build_object(
          'data', json_build_object('day', yesterday, 'missing', g.number), 'data_class', 'none',
          'id', gate.wire_id('evt', event_id), 'links', '{}'::json, 'schema_version', 1,
          'subject', gate.wire_id('org', g.recipient_id), 'subject_seq', 1,
          'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\:MI\:SS.US"Z"'),
          'type', 'system.gap_detected')::text, 'UTF8'),
        'system.gap_detected:' || yesterday, now() + interval '30 days')
      ON CONFLICT ON CONSTRAINT event_organisation_id_dedupe_key_key DO NOTHING;
    IF FOUND THEN told := told + g.number; END IF;
  END LOOP;
  RETURN told;
END"""
# Who has neither taken a delivery nor read what it tells of is reached by a person, the sooner the
# graver it is. Nothing here asks whether there is an endpoint at all.
RAISE_FALLBACKS = """
DECLARE w record; raised int := 0; moment timestamptz := gate.now_of(gate.institute());
BEGIN
  FOR w IN SELECT u.* FROM (
        SELECT r.recipient_id, gate.wire_id('ref', r.id) AS subject, r.severity, r.released_at,
            'referral.offered' AS fact FROM public.referral r
          WHERE r.status = 'offered' AND r.recipient_type <> 'government'
        UNION ALL
        SELECT r.recipient_id, r.wire_id, c.severity, r.released_at, 'remediation.requested'
          FROM public.remediation_request r
          JOIN public.remediation_case l
            ON l.organisation_id = r.organisation_id AND l.request_id = r.id
          JOIN public.case_record c
            ON c.organisation_id = l.organisation_id AND c.id = l.case_id
          WHERE r.status = 'issued') u
      WHERE u.released_at + CASE u.severity WHEN 's1_critical' THEN interval '4 hours'
          WHEN 's2_severe' THEN interval '1 day' WHEN 's3_serious' THEN interval '2 days'
          ELSE interval '5 days' END < moment
        AND NOT EXISTS (SELECT 1 FROM public.task t
          WHERE t.organisation_id = gate.institute() AND t.kind = 'reach_recipient'
            AND t.subject = u.subject)
        AND NOT EXISTS (SELECT 1 FROM public.event v JOIN public.delivery d
            ON d.organisation_id = v.organisation_id AND d.event_id = v.id
          WHERE v.organisation_id = u.recipient_id AND v.subject = u.subject AND v.type = u.fact
            AND d.state = 'succeeded')
        AND NOT EXISTS (SELECT 1 FROM public.audit a WHERE a.organisation_id = u.recipient_id
          AND strpos(a.content, u.subject) > 0) LOOP
    INSERT INTO public.task (organisation_id, id, kind, subject, severity, due_at, created_at,
        updated_at)
      VALUES (gate.institute(), gen_random_uuid(), 'reach_recipient', w.subject, w.severity,
        moment + interval '1 day', moment, moment)
      ON CONFLICT (organisation_id, kind, subject) WHERE state = 'open' DO NOTHING;
    raised := raised + 1;
  END LOOP;
  RETURN raised;
END"""
# Past its 30 days an event leaves with its deliveries; attempts go by whole months.
FORGET_EVENTS = """
DECLARE forgotten int; month text;
BEGIN
  WITH old AS (SELECT e.organisation_id, e.id FROM public.event e
      WHERE e.retention_until < now() AND e.position IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM public.delivery d
          WHERE d.organisation_id = e.organisation_id AND d.event_id = e.id AND d.state = 'leased')
      LIMIT 5000 FOR UPDATE SKIP LOCKED),
  gone AS (DELETE FROM public.delivery d USING old
      WHERE d.organisation_id = old.organisation_id AND d.event_id = old.id
      RETURNING d.organisation_id, d.event_id)
  SELECT count(*) INTO forgotten FROM gone;
  PERFORM gate.ensure_partitions('attempt', 12), gate.ensure_partitions('audit', 12);
  DELETE FROM public.event e WHERE (e.organisation_id, e.id) IN (
    SELECT o.organisation_id, o.id FROM public.event o
      WHERE o.retention_until < now() AND o.position IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM public.delivery d
          WHERE d.organisation_id = o.organisation_id AND d.event_id = o.id)
      LIMIT 5000 FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  FOR month IN SELECT c.oid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'public.attempt'::regclass
        AND substring(c.relname FROM '[0-9]{4}_[0-9]{2}$')
          < to_char(now() - interval '4 months', 'YYYY_MM')
  LOOP
    EXECUTE 'DROP TABLE ' || month;
  END LOOP;
  RETURN forgotten;
END"""
FUNCTIONS = (
    ("make_manifests()", MAKE_MANIFESTS),
    ("tell_of_endpoints(base text)", TELL_OF_FAILING),
    ("tell_of_gaps()", TELL_OF_GAPS),
    ("raise_fallbacks()", RAISE_FALLBACKS),
    ("forget_events()", FORGET_EVENTS),
)


def upgrade() -> None:
    for signature, body in FUNCTIONS:
        function(signature, "int", body, to="delivery")


def downgrade() -> None:
    run(*(f"DROP FUNCTION gate.{signature}" for signature, _ in FUNCTIONS))
