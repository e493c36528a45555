"""While a remedy is under way: progress, evidence asked for, escalation, answers to workers.

Kinds: progress_report, evidence_demand, escalation, worker_response, response_verdict: addressed.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import (
    INSTITUTE,
    addressed,
    function,
    lifecycle,
    run,
)

revision = "0025"
down_revision = "0024"

TABLES = """
CREATE TABLE progress_report (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    request_id uuid NOT NULL,
    round int NOT NULL,
    report_no int NOT NULL CHECK (report_no > 0),
    planned_outcome text NOT NULL,
    state text NOT NULL CHECK (state IN ('under_way', 'late', 'done')),
    expected_on date,
    evidence uuid[] NOT NULL CHECK (cardinality(evidence) <= 20),
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, request_id, report_no),
    FOREIGN KEY (recipient_id, request_id) REFERENCES remediation_request
);
CREATE INDEX progress_report_by_request ON progress_report (request_id, at, id);
CREATE TABLE evidence_demand (
    organisation_id uuid NOT NULL REFERENCES organisation,
    request_id uuid NOT NULL,
    demand_no int NOT NULL CHECK (demand_no > 0),
    recipient_id uuid NOT NULL REFERENCES organisation,
    purposes text[] NOT NULL CHECK (cardinality(purposes) > 0),
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, request_id, demand_no),
    FOREIGN KEY (organisation_id, request_id) REFERENCES remediation_request
);
CREATE INDEX evidence_demand_by_request ON evidence_demand (request_id);
CREATE TABLE escalation (
    organisation_id uuid NOT NULL REFERENCES organisation,
    request_id uuid NOT NULL,
    level int NOT NULL CHECK (level BETWEEN 1 AND 3),
    recipient_id uuid NOT NULL REFERENCES organisation,
    reason text NOT NULL CHECK (reason IN ('no_answer', 'deadline_passed', 'plan_insufficient',
        'evidence_missing', 'disputed_again')),
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, request_id, level),
    FOREIGN KEY (organisation_id, request_id) REFERENCES remediation_request
);
CREATE INDEX escalation_by_request ON escalation (request_id);
CREATE TABLE worker_response (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    referral_id uuid,
    request_id uuid,
    sealed bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('submitted', 'approved', 'returned', 'delivered')),
    submitted_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (recipient_id, referral_id) REFERENCES referral,
    FOREIGN KEY (recipient_id, request_id) REFERENCES remediation_request,
    CHECK (num_nonnulls(referral_id, request_id) = 1)
);
CREATE INDEX worker_response_by_id ON worker_response (id);
CREATE INDEX worker_response_by_update ON worker_response (organisation_id, updated_at, id);
CREATE INDEX worker_response_by_recipient ON worker_response (recipient_id, updated_at, id);
CREATE TABLE response_verdict (
    organisation_id uuid NOT NULL REFERENCES organisation,
    response_id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('names_somebody', 'threatening', 'promises_too_much',
        'hard_to_understand', 'not_agreed')),
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, response_id),
    FOREIGN KEY (recipient_id, response_id) REFERENCES worker_response
);
"""

_REQUEST = """EXISTS (SELECT 1 FROM remediation_request r WHERE r.id = {table}.request_id
    AND r.{mine} = {table}.organisation_id AND r.{theirs} = {table}.recipient_id AND {also})"""
REPORTED = _REQUEST.format(
    table="progress_report",
    mine="recipient_id",
    theirs="organisation_id",
    also="""r.round = progress_report.round AND r.status IN ('plan_agreed', 'in_progress',
        'supplier_claims_completed', 'evidence_review', 'worker_validation')""",
)
DEMANDED = f"{INSTITUTE} AND " + _REQUEST.format(
    table="evidence_demand",
    mine="organisation_id",
    theirs="recipient_id",
    also="r.status IN ('in_progress', 'supplier_claims_completed', 'evidence_review')",
)
ESCALATED = f"{INSTITUTE} AND " + _REQUEST.format(
    table="escalation",
    mine="organisation_id",
    theirs="recipient_id",
    also="r.status NOT IN ('validated_full', 'closed', 'cancelled') AND r.released_at IS NOT NULL",
)
# Whoever holds the referral or request answers those behind it.
ANSWERED = """status = 'submitted' AND recipient_id = gate.institute()
    AND CASE WHEN request_id IS NOT NULL THEN gate.request_stands(request_id)
        ELSE gate.referral_stands(referral_id) END"""
RETURNED = """EXISTS (SELECT 1 FROM worker_response w WHERE w.id = response_id
    AND w.recipient_id = response_verdict.organisation_id
    AND w.organisation_id = response_verdict.recipient_id AND w.status = 'returned')"""
STEPS = """
    recipient: submitted -> approved returned
    recipient: approved -> delivered
"""
# What is shown of a request is part of its version.
TOUCH = """
BEGIN
  UPDATE public.remediation_request r SET version = r.version + 1, updated_at = NEW.at
    WHERE r.id = NEW.request_id;
  RETURN NULL;
END"""
LEVEL = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN NULL; END IF;
  RETURN (SELECT coalesce(max(e.level), 0) FROM public.escalation e
    WHERE e.request_id = of_request);
END"""
# One level after the other: a supplier is warned before anybody else is asked to act.
IN_ORDER = """
BEGIN
  IF NEW.level <> (SELECT count(*) FROM public.escalation e
      WHERE e.request_id = NEW.request_id) THEN
    RAISE check_violation USING MESSAGE = 'escalation goes one level at a time';
  END IF;
  RETURN NULL;
END"""
KEY = """
BEGIN
  -- The key that sealed an answer, still wrapped, for its sender and its reviewers.
  RETURN (SELECT k.wrapped FROM public.worker_response w
    JOIN public.data_key k ON k.organisation_id = w.organisation_id
    WHERE w.id = of_response
      AND gate.current_organisation() IN (w.organisation_id, w.recipient_id));
END"""
TOUCHING = ("progress_report", "evidence_demand", "escalation")


def upgrade() -> None:
    run(TABLES)
    function("touch_request()", "trigger", TOUCH)
    function("escalation_of(of_request uuid)", "int", LEVEL, to="app", kind="STABLE")
    function("escalate_in_order()", "trigger", IN_ORDER)
    function("key_of_response(of_response uuid)", "bytea", KEY, to="app", kind="STABLE")
    addressed("progress_report", REPORTED)
    addressed("evidence_demand", DEMANDED)
    addressed("escalation", ESCALATED)
    addressed("worker_response", ANSWERED)
    addressed("response_verdict", RETURNED)
    run(
        "CREATE TRIGGER in_order AFTER INSERT ON escalation FOR EACH ROW "
        "EXECUTE FUNCTION gate.escalate_in_order()",
        *(
            f"CREATE TRIGGER touched AFTER INSERT ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION gate.touch_request()"
            for table in TOUCHING
        ),
    )
    lifecycle("worker_response", STEPS)


def downgrade() -> None:
    run(
        "DELETE FROM gate.transition WHERE kind = 'worker_response'",
        "DELETE FROM task WHERE kind = 'review_response'",
        "DROP TABLE response_verdict, worker_response, escalation, evidence_demand, "
        "progress_report",
        "DROP FUNCTION gate.key_of_response(uuid), gate.escalate_in_order(), "
        "gate.escalation_of(uuid), gate.touch_request()",
    )
