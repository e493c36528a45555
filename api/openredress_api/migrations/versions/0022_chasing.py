"""What is owed and late: receipts of deletion (R1), and remedies whose deadline nears or passed.

Kinds: deletion_receipt: addressed · remediation_notice: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import addressed, function, own, run

revision = "0022"
down_revision = "0021"

TABLES = """
CREATE TABLE deletion_receipt (
    organisation_id uuid NOT NULL REFERENCES organisation,
    recipient_id uuid NOT NULL REFERENCES organisation,
    referral_id uuid NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, referral_id),
    FOREIGN KEY (recipient_id, referral_id) REFERENCES referral (organisation_id, id)
);
CREATE INDEX deletion_receipt_by_referral ON deletion_receipt (referral_id);
CREATE INDEX referral_revoked ON referral (updated_at) WHERE status = 'revoked';
-- That it was told: the request itself holds nothing that the clock alone brings about.
CREATE TABLE remediation_notice (
    organisation_id uuid NOT NULL,
    request_id uuid NOT NULL,
    fact text NOT NULL CHECK (fact IN ('remediation.due_soon', 'remediation.overdue')),
    due_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, request_id, fact, due_at),
    FOREIGN KEY (organisation_id, request_id) REFERENCES remediation_request
);
"""
# Whoever holds copies of what was taken back says that they are gone.
OWES_A_RECEIPT = """EXISTS (SELECT 1 FROM referral r WHERE r.id = referral_id
    AND r.recipient_id = deletion_receipt.organisation_id
    AND r.organisation_id = deletion_receipt.recipient_id AND r.status = 'revoked')"""

# An authority has no client that could confirm; the institute asks it by other ways.
DEMAND_RECEIPTS = """
DECLARE raised int; moment timestamptz := gate.now_of(gate.institute());
BEGIN
  INSERT INTO public.task (organisation_id, id, kind, subject, severity, due_at, created_at,
      updated_at)
    SELECT gate.institute(), gen_random_uuid(), 'demand_deletion_receipt',
        gate.wire_id('ref', r.id), r.severity, moment + interval '1 day', moment, moment
      FROM public.referral r
      WHERE r.status = 'revoked' AND r.recipient_type <> 'government'
        AND r.updated_at < moment - interval '24 hours'
        AND NOT EXISTS (SELECT 1 FROM public.deletion_receipt d WHERE d.referral_id = r.id)
        AND NOT EXISTS (SELECT 1 FROM public.task t WHERE t.organisation_id = gate.institute()
          AND t.kind = 'demand_deletion_receipt' AND t.subject = gate.wire_id('ref', r.id))
    ON CONFLICT (organisation_id, kind, subject) WHERE state = 'open' DO NOTHING;
  GET DIAGNOSTICS raised = ROW_COUNT;
  RETURN raised;
END"""
# Statuses in which the supplier is the one who has to act; overdue is derived and never stored.
WAITS_FOR_SUPPLIER = """('issued', 'acknowledged', 'plan_agreed', 'plan_returned', 'in_progress',
        'validated_partial', 'disputed_by_workers')"""
TELL_OF_DEADLINES = f"""
DECLARE
  r record; event_id uuid; told int := 0; moment timestamptz := gate.now_of(gate.institute());
BEGIN
  FOR r IN SELECT q.*, CASE WHEN q.due_at < moment THEN 'remediation.overdue'
        ELSE 'remediation.due_soon' END AS fact
      FROM public.remediation_request q
      WHERE q.status IN {WAITS_FOR_SUPPLIER} AND q.due_at < moment + interval '7 days'
        AND NOT EXISTS (SELECT 1 FROM public.remediation_notice n
          WHERE n.organisation_id = q.organisation_id AND n.request_id = q.id
            AND n.due_at = q.due_at AND n.fact = CASE WHEN q.due_at < moment
              THEN 'remediation.overdue' ELSE 'remediation.due_soon' END)
      ORDER BY q.id FOR NO KEY UPDATE OF q SKIP LOCKED LOOP
    event_id := gen_random_uuid();
    -- Its sender's context, for as long as the telling takes.
    PERFORM gate.enter(r.organisation_id, 'institute', NULL, NULL);
    PERFORM gate.publish(event_id, r.recipient_id, r.fact, 'remediation_request', r.id,
      r.wire_id, r.version, moment, 'pseudonymous', convert_to(json_build_object(
        'data', json_build_object('due_at', to_char(r.due_at AT TIME ZONE 'UTC',
          'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'id', r.wire_id, 'round', r.round,
          'status', r.status),
        'data_class', 'pseudonymous',
        'id', gate.wire_id('evt', event_id),
        'links', json_build_object('self', base || '/v1/remediation-requests/' || r.wire_id),
        'schema_version', 1,
        'subject', r.wire_id,
        'subject_seq', r.version,
        'timestamp', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'type', r.fact)::text, 'UTF8'), concat_ws(':', r.fact, r.wire_id, r.due_at));
    PERFORM set_config('openredress.context', '', true);
    INSERT INTO public.remediation_notice (organisation_id, request_id, fact, due_at)
      VALUES (r.organisation_id, r.id, r.fact, r.due_at);
    IF r.fact = 'remediation.overdue' THEN
      INSERT INTO public.task (organisation_id, id, kind, subject, due_at, created_at, updated_at)
        VALUES (r.organisation_id, gen_random_uuid(), 'chase_overdue_remedy', r.wire_id,
          moment + interval '5 days', moment, moment)
        ON CONFLICT (organisation_id, kind, subject) WHERE state = 'open' DO NOTHING;
    END IF;
    told := told + 1;
  END LOOP;
  RETURN told;
END"""
FUNCTIONS = (
    ("demand_deletion_receipts()", DEMAND_RECEIPTS),
    ("tell_of_deadlines(base text)", TELL_OF_DEADLINES),
)


def upgrade() -> None:
    run(TABLES)
    addressed("deletion_receipt", OWES_A_RECEIPT)
    own("remediation_notice")
    for signature, body in FUNCTIONS:
        function(signature, "int", body, to="delivery")


def downgrade() -> None:
    for signature, _ in FUNCTIONS:
        run(f"DROP FUNCTION gate.{signature.replace('base text', 'text')}")
    run(
        "DROP TABLE remediation_notice, deletion_receipt",
        "DROP INDEX referral_revoked",
    )
