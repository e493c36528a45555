"""What is kept for how long, what is erased when a worker asks, and what authorities asked for.

Kinds: erasure_request, legal_request, legal_decision: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import (
    INSTITUTE,
    MINE,
    function,
    own,
    policy,
    reword,
    run,
)

revision = "0027"
down_revision = "0026"

TABLES = """
-- The receipt: that something was erased, and never what. Each index holds what is still there.
ALTER TABLE case_record ADD contact_erased_at timestamptz, ADD content_erased_at timestamptz;
CREATE INDEX case_record_with_contact ON case_record (updated_at)
    WHERE contact_erased_at IS NULL;
CREATE INDEX case_record_with_content ON case_record (updated_at)
    WHERE content_erased_at IS NULL;
CREATE TABLE erasure_request (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('asked', 'approved', 'refused')),
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    decided_by uuid,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    FOREIGN KEY (organisation_id, asked_by) REFERENCES person,
    FOREIGN KEY (organisation_id, decided_by) REFERENCES person,
    CHECK (decided_by <> asked_by),
    CHECK ((status = 'asked') = (decided_by IS NULL))
);
CREATE INDEX erasure_request_by_update ON erasure_request (organisation_id, updated_at, id);
CREATE TABLE legal_request (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    n int NOT NULL CHECK (n > 0),
    received_on date NOT NULL,
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    authority text NOT NULL,
    legal_basis text NOT NULL,
    asked_for text[] NOT NULL CHECK (cardinality(asked_for) > 0),
    sealed bytea NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, n),
    FOREIGN KEY (organisation_id, recorded_by) REFERENCES person
);
CREATE INDEX legal_request_by_number ON legal_request (organisation_id, recorded_at, id);
CREATE TABLE legal_decision (
    organisation_id uuid NOT NULL,
    request_id uuid NOT NULL,
    decision text NOT NULL CHECK (decision IN ('granted', 'granted_in_part', 'refused')),
    workers_told text NOT NULL CHECK (workers_told IN ('yes', 'no', 'forbidden')),
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, request_id),
    FOREIGN KEY (organisation_id, request_id) REFERENCES legal_request,
    FOREIGN KEY (organisation_id, decided_by) REFERENCES person
);
"""
# When the last of all that a case waits for has ended; null while something is open. A duplicate
# is kept as long as the case that stays.
ENDED = """
DECLARE
  c public.case_record%ROWTYPE;
  ended timestamptz;
BEGIN
  SELECT r.* INTO c FROM public.case_record r WHERE r.id = of_case;
  IF c.merged_into IS NOT NULL THEN RETURN gate.case_ended(c.merged_into); END IF;
  IF c.voided_at IS NULL AND c.status NOT IN ('out_of_scope', 'referred_elsewhere',
      'withdrawn_by_worker', 'closed_validated', 'closed_unvalidated', 'closed_unreachable') THEN
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT 1 FROM public.remediation_case l JOIN public.remediation_request r
        ON r.organisation_id = l.organisation_id AND r.id = l.request_id
      LEFT JOIN public.repayment_basis b
        ON b.organisation_id = r.organisation_id AND b.request_id = r.id
      LEFT JOIN public.repayment_agreement a
        ON a.organisation_id = b.organisation_id AND a.id = b.agreement_id
      WHERE l.case_id = of_case AND (r.status NOT IN ('closed', 'cancelled')
        OR a.status NOT IN ('closed', 'cancelled'))) THEN
    RETURN NULL;
  END IF;
  SELECT greatest(coalesce(c.voided_at, (SELECT max(s.changed_at) FROM public.case_status_change s
        WHERE s.case_id = of_case)),
      (SELECT max(w.ends_at) FROM public.retaliation_watch w WHERE w.case_id = of_case),
      (SELECT max(r.updated_at) FROM public.remediation_case l JOIN public.remediation_request r
        ON r.organisation_id = l.organisation_id AND r.id = l.request_id
        WHERE l.case_id = of_case))
    INTO ended;
  RETURN ended;
END"""
DUE = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN; END IF;
  RETURN QUERY SELECT * FROM gate.all_due(until) d ORDER BY d.due_at, d.case_id LIMIT 500;
END"""
# Whatever was done after the end counts as well: what somebody works on is needed.
ALL_DUE = """
BEGIN
  RETURN QUERY SELECT d.* FROM (
      SELECT c.id, 'contact', greatest(gate.case_ended(c.id), c.updated_at) + interval '90 days'
        FROM public.case_record c
        WHERE c.contact_erased_at IS NULL AND c.updated_at <= until - interval '90 days'
      UNION ALL
      SELECT c.id, 'content', greatest(gate.case_ended(c.id), c.updated_at) + interval '2 years'
        FROM public.case_record c
        WHERE c.content_erased_at IS NULL AND c.updated_at <= until - interval '2 years'
    ) AS d (case_id, what, due_at)
    WHERE gate.case_ended(d.case_id) IS NOT NULL AND d.due_at <= until;
END"""
# A worker of another case, of which contact is still kept, stays known for that one.
ERASE = """
DECLARE moment timestamptz := gate.now_of(gate.institute());
BEGIN
  IF what = 'contact' THEN
    DELETE FROM public.case_safe_contact s WHERE s.case_id = of_case;
    DELETE FROM public.case_receipt_code r WHERE r.case_id = of_case;
    UPDATE public.vault_worker v SET sealed = '', phone_index = NULL
      WHERE v.id IN (SELECT l.id FROM public.worker_in_case l WHERE l.case_id = of_case)
        AND NOT EXISTS (SELECT 1 FROM public.worker_in_case o
          WHERE o.id = v.id AND o.case_id <> of_case
            AND EXISTS (SELECT 1 FROM public.case_record k
              WHERE k.id = o.case_id AND k.contact_erased_at IS NULL));
    UPDATE public.case_record c SET contact_erased_at = moment WHERE c.id = of_case;
  ELSE
    UPDATE public.case_message m SET sealed = '' WHERE m.case_id = of_case;
    UPDATE public.case_record c SET external_ref = NULL, content_erased_at = moment
      WHERE c.id = of_case;
    UPDATE public.worker_response w SET sealed = ''
      WHERE w.request_id IN (SELECT l.request_id FROM public.remediation_case l
          WHERE l.case_id = of_case)
        OR w.referral_id IN (SELECT l.referral_id FROM public.referral_case l
          WHERE l.case_id = of_case);
  END IF;
END"""
ERASE_DUE = """
DECLARE d record; erased int := 0;
BEGIN
  FOR d IN SELECT * FROM gate.all_due(gate.now_of(gate.institute())) LIMIT 500 LOOP
    PERFORM gate.erase_case(d.case_id, d.what);
    erased := erased + 1;
  END LOOP;
  RETURN erased;
END"""
# Two people: whoever asks in a worker's name, and another one who looks at it.
APPROVE = """
DECLARE r public.erasure_request%ROWTYPE;
BEGIN
  SELECT e.* INTO r FROM public.erasure_request e
    WHERE e.organisation_id = gate.current_organisation() AND e.id = request FOR UPDATE;
  IF NOT FOUND THEN RETURN 'absent'; END IF;
  IF r.asked_by = gate.current_person() OR NOT gate.has_duty('custodian') THEN
    RETURN 'forbidden';
  END IF;
  IF r.status <> 'asked' THEN RETURN 'decided'; END IF;
  UPDATE public.erasure_request e SET status = verdict, decided_by = gate.current_person(),
      updated_at = gate.now_of(r.organisation_id), version = e.version + 1
    WHERE e.organisation_id = r.organisation_id AND e.id = r.id;
  IF verdict = 'approved' THEN
    PERFORM gate.erase_case(r.case_id, 'contact');
    PERFORM gate.erase_case(r.case_id, 'content');
  END IF;
  RETURN 'done';
END"""
FUNCTIONS = (
    ("case_ended(of_case uuid)", "timestamptz", ENDED, "", "STABLE"),
    (
        "all_due(until timestamptz)",
        "TABLE (case_id uuid, what text, due_at timestamptz)",
        ALL_DUE,
        "",
        "STABLE",
    ),
    (
        "retention_due(until timestamptz)",
        "TABLE (case_id uuid, what text, due_at timestamptz)",
        DUE,
        "app",
        "STABLE",
    ),
    ("erase_case(of_case uuid, what text)", "void", ERASE, "", ""),
    ("erase_due()", "int", ERASE_DUE, "delivery", ""),
    ("decide_erasure(request uuid, verdict text)", "text", APPROVE, "app", ""),
)
OURS = f"{MINE} AND {INSTITUTE}"
# What was erased is read by nobody, whatever was granted before.
READ = "ELSIF r.read_at IS NOT NULL OR r.expires_at <= moment THEN outcome := 'over';"
READ_KEPT = f"""{READ[:-24]}
      OR '' = (SELECT v.sealed FROM public.vault_worker v
        WHERE v.organisation_id = r.organisation_id AND v.id = r.worker_id
        ORDER BY v.n DESC LIMIT 1) THEN outcome := 'over';"""


def upgrade() -> None:
    run(TABLES)
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    reword("read_identity", READ, READ_KEPT)
    own("erasure_request")
    policy(
        "erasure_request",
        "INSERT",
        f"{OURS} AND status = 'asked' AND asked_by = gate.current_person()",
    )
    own("legal_request")
    policy("legal_request", "INSERT", f"{OURS} AND recorded_by = gate.current_person()")
    own("legal_decision")
    policy(
        "legal_decision",
        "INSERT",
        f"{OURS} AND decided_by = gate.current_person() AND EXISTS (SELECT 1 FROM legal_request r "
        "WHERE r.id = request_id AND r.recorded_by <> legal_decision.decided_by)",
    )


def downgrade() -> None:
    reword("read_identity", READ_KEPT, READ)
    run(
        "DELETE FROM task WHERE kind IN ('decide_erasure', 'decide_legal_request')",
        *(f"DROP FUNCTION gate.{signature}" for signature, *_ in reversed(FUNCTIONS)),
        "DROP TABLE legal_decision, legal_request, erasure_request",
        "DROP INDEX case_record_with_contact, case_record_with_content",
        "ALTER TABLE case_record DROP contact_erased_at, DROP content_erased_at",
    )
