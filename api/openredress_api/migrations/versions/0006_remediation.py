"""Remediation requests, plans, objections, claims, validations, and the institute's tasks.

Kinds: remediation_request, remediation_plan, remediation_contest, completion_claim,
validation_result_notice: addressed · remediation_case, worker_validation, task: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import (
    INSTITUTE,
    MINE,
    addressed,
    function,
    lifecycle,
    own,
    policy,
    run,
)

revision = "0006"
down_revision = "0005"

REQUESTS = """
CREATE TABLE remediation_request (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    wire_id text NOT NULL CHECK (wire_id ~ '^rem_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
    site_id uuid NOT NULL,
    categories text[] NOT NULL CHECK (cardinality(categories) > 0),
    asked_outcome text NOT NULL,
    amount numeric(20, 3) CHECK (amount >= 0),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    asks_for_money boolean NOT NULL,
    workers int,
    worded text NOT NULL CHECK (worded IN ('counted', 'all_in_situation')),
    status text NOT NULL CHECK (status IN ('issued', 'acknowledged', 'contested',
        'plan_submitted', 'plan_agreed', 'plan_returned', 'in_progress',
        'supplier_claims_completed', 'evidence_review', 'worker_validation', 'validated_full',
        'validated_partial', 'disputed_by_workers', 'validation_not_possible', 'closed',
        'cancelled')),
    round int NOT NULL DEFAULT 1 CHECK (round > 0),
    due_at timestamptz NOT NULL,
    released_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (recipient_id, site_id) REFERENCES site,
    CHECK ((amount IS NULL) = (currency IS NULL)),
    CHECK (asks_for_money OR amount IS NULL),
    -- Fewer than three would point at somebody: their number stays with the institute.
    CHECK (CASE worded WHEN 'counted' THEN workers IS NOT NULL AND workers >= 3
        ELSE workers IS NULL END)
);
CREATE INDEX remediation_request_by_id ON remediation_request (id);
CREATE INDEX remediation_request_by_update
    ON remediation_request (organisation_id, updated_at, id);
CREATE INDEX remediation_request_by_recipient
    ON remediation_request (recipient_id, updated_at, id);
CREATE TABLE remediation_case (
    organisation_id uuid NOT NULL,
    request_id uuid NOT NULL,
    case_id uuid NOT NULL,
    referral_id uuid,
    workers_counted int CHECK (workers_counted > 0),
    amount_agreed numeric(20, 3) CHECK (amount_agreed >= 0),
    currency_agreed text CHECK (currency_agreed ~ '^[A-Z]{3}$'),
    cancelled_for text CHECK (cancelled_for IN
        ('consent_withdrawn', 'case_voided', 'duplicate', 'contest_accepted')),
    PRIMARY KEY (organisation_id, request_id),
    FOREIGN KEY (organisation_id, request_id) REFERENCES remediation_request,
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    CHECK ((amount_agreed IS NULL) = (currency_agreed IS NULL))
);
CREATE INDEX remediation_case_by_case ON remediation_case (organisation_id, case_id);
CREATE INDEX remediation_case_by_request ON remediation_case (request_id);
"""

ANSWERS = """
CREATE TABLE remediation_plan (
    organisation_id uuid NOT NULL REFERENCES organisation,
    request_id uuid NOT NULL,
    plan_no int NOT NULL CHECK (plan_no > 0),
    recipient_id uuid NOT NULL,
    actions jsonb NOT NULL,
    submitted_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, request_id, plan_no),
    FOREIGN KEY (recipient_id, request_id) REFERENCES remediation_request
);
CREATE INDEX remediation_plan_by_request ON remediation_plan (recipient_id, request_id);
CREATE TABLE remediation_contest (
    organisation_id uuid NOT NULL REFERENCES organisation,
    request_id uuid NOT NULL,
    contest_no int NOT NULL CHECK (contest_no > 0),
    recipient_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('not_our_facility', 'not_our_worker', 'duplicate',
        'outside_mandate', 'no_capacity', 'conflict_of_interest', 'insufficient_information',
        'safety_concern', 'legal_hold')),
    contested_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, request_id, contest_no),
    FOREIGN KEY (recipient_id, request_id) REFERENCES remediation_request
);
CREATE INDEX remediation_contest_by_request ON remediation_contest (recipient_id, request_id);
CREATE TABLE completion_claim (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    request_id uuid NOT NULL,
    round int NOT NULL,
    claim_no int NOT NULL CHECK (claim_no > 0),
    outcomes text[] NOT NULL CHECK (cardinality(outcomes) > 0),
    amount numeric(20, 3) CHECK (amount >= 0),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    workers int CHECK (workers >= 0),
    completed_on date NOT NULL,
    claimed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, request_id, claim_no),
    FOREIGN KEY (recipient_id, request_id) REFERENCES remediation_request,
    CHECK ((amount IS NULL) = (currency IS NULL))
);
CREATE INDEX completion_claim_by_request ON completion_claim (request_id, claimed_at, id);
"""

VALIDATIONS = """
CREATE TABLE worker_validation (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    request_id uuid NOT NULL,
    round int NOT NULL,
    validation_no int NOT NULL CHECK (validation_no > 0),
    methods text[] NOT NULL CHECK (cardinality(methods) > 0 AND methods <@ ARRAY[
        'call_back_all', 'call_back_sample', 'in_person', 'message_poll', 'committee_meeting',
        'payslip_check', 'bank_proof', 'document_in_hand_photo', 'union_statement',
        'third_party_audit']),
    validator_type text NOT NULL CHECK (validator_type IN
        ('worker', 'worker_representative', 'community', 'cso')),
    at timestamptz NOT NULL,
    n_affected int CHECK (n_affected >= 1),
    n_contacted int NOT NULL,
    n_confirmed int NOT NULL CHECK (n_confirmed >= 0),
    n_disputed int NOT NULL CHECK (n_disputed >= 0),
    n_unreachable int NOT NULL CHECK (n_unreachable >= 0),
    attempts int NOT NULL CHECK (attempts >= 0),
    days_of_attempts int NOT NULL CHECK (days_of_attempts >= 0),
    money_confirmed_in_full boolean,
    independent_of_supplier boolean NOT NULL,
    result text NOT NULL CHECK (result IN
        ('full', 'partial', 'disputed', 'not_possible', 'incomplete')),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, request_id, validation_no),
    CHECK (n_confirmed + n_disputed <= n_contacted),
    CHECK (n_contacted <= n_affected)
);
CREATE INDEX worker_validation_by_request ON worker_validation (request_id, recorded_at, id);
CREATE TABLE validation_result_notice (
    organisation_id uuid NOT NULL REFERENCES organisation,
    request_id uuid NOT NULL,
    round int NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    result text NOT NULL CHECK (result IN ('full', 'partial', 'disputed', 'not_possible')),
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, request_id, round)
);
CREATE INDEX validation_result_notice_by_request ON validation_result_notice (request_id);
"""

TASKS = """
CREATE TABLE task (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{0,63}$'),
    subject text NOT NULL CHECK (subject ~ '^[a-z]{2,4}_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
    severity text CHECK (severity IN ('s1_critical', 's2_severe', 's3_serious', 's4_minor')),
    due_at timestamptz,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done')),
    done_by uuid,
    done_at timestamptz,
    note_code text CHECK (note_code IN ('done', 'handed_on', 'not_needed')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, done_by) REFERENCES person,
    CHECK ((state = 'done') = (done_by IS NOT NULL)),
    CHECK ((state = 'done') = (done_at IS NOT NULL)),
    CHECK ((state = 'done') = (note_code IS NOT NULL))
);
CREATE INDEX task_by_update ON task (organisation_id, updated_at, id);
-- What waits to be done about a record waits once.
CREATE UNIQUE INDEX task_open ON task (organisation_id, kind, subject) WHERE state = 'open';
"""

STEPS = """
recipient: issued -> acknowledged
recipient: issued acknowledged -> contested
institute: contested -> issued
recipient: acknowledged plan_returned -> plan_submitted
institute: plan_submitted -> plan_agreed plan_returned
recipient: plan_agreed -> in_progress
recipient: in_progress -> supplier_claims_completed
institute: supplier_claims_completed -> evidence_review
institute: evidence_review -> worker_validation
institute: worker_validation -> validated_full validated_partial
institute: worker_validation -> disputed_by_workers validation_not_possible
validator: worker_validation -> validated_full validated_partial
validator: worker_validation -> disputed_by_workers validation_not_possible
institute: validated_partial disputed_by_workers -> in_progress
institute: validated_full validated_partial disputed_by_workers validation_not_possible -> closed
institute: issued acknowledged contested plan_submitted plan_agreed plan_returned -> cancelled
institute: in_progress supplier_claims_completed evidence_review worker_validation -> cancelled
institute: validated_partial disputed_by_workers -> cancelled
"""

OTHER_PARTY = """
BEGIN
  RETURN CASE WHEN kind = 'remediation_request' AND gate.is_assigned_request(id)
    THEN 'validator' END;
END"""
PARTIES_OF_A_ROW = """
  EXECUTE format('SELECT array_remove(ARRAY[t.organisation_id, '
    '(to_jsonb(t) ->> ''recipient_id'')::uuid], NULL) FROM public.%I t WHERE t.id = $1',
    kind) INTO found USING id;"""
# An assigned CSO is named in no column of the row.
PARTIES = f"""
DECLARE found uuid[];
BEGIN
  {PARTIES_OF_A_ROW}
  IF gate.other_party(kind, id) IS NOT NULL THEN
    found := found || gate.current_organisation();
  END IF;
  RETURN found;
END"""
PARTIES_BEFORE = f"DECLARE found uuid[]; BEGIN {PARTIES_OF_A_ROW} RETURN found; END"


def answers_a_request(table: str, status: str, also: str = "") -> str:
    """A supplier's row answers a request it received, which has just moved to `status`."""
    return (
        f"EXISTS (SELECT 1 FROM remediation_request r WHERE r.id = {table}.request_id "
        f"AND r.recipient_id = {table}.organisation_id "
        f"AND r.organisation_id = {table}.recipient_id AND r.status = '{status}'{also})"
    )


def upgrade() -> None:
    run(REQUESTS, ANSWERS, VALIDATIONS, TASKS)
    requests()
    answers()
    validations()
    tasks()
    lifecycle("remediation_request", STEPS)


def requests() -> None:
    addressed("remediation_request", f"{INSTITUTE} AND status = 'issued' AND round = 1")
    own("remediation_case", "INSERT", "UPDATE")
    function(
        "is_assigned_request(request uuid)",
        "boolean",
        """
        BEGIN
          -- Whether the caller is the CSO to which the case behind a request is assigned.
          RETURN gate.current_type() = 'cso' AND EXISTS (
            SELECT 1 FROM public.remediation_case l JOIN public.case_assignment a
              ON a.organisation_id = l.organisation_id AND a.case_id = l.case_id
            WHERE l.request_id = request AND a.recipient_id = gate.current_organisation()
              AND gate.consent_stands(l.case_id, 'share_cso'));
        END""",
        to="app",
        kind="STABLE",
    )
    function(
        "least_affected(request uuid)",
        "int",
        """
        BEGIN
          -- The number below which nobody may go, also where it is not told to the supplier: fewer
          -- affected workers would lower the number that has to confirm.
          IF gate.current_type() <> 'institute' AND NOT gate.is_assigned_request(request) THEN
            RETURN NULL;
          END IF;
          RETURN (SELECT greatest(l.workers_counted, (SELECT max(v.n_affected)
              FROM public.worker_validation v JOIN public.remediation_request r
              ON r.id = v.request_id AND r.round = v.round WHERE v.request_id = request))
            FROM public.remediation_case l WHERE l.request_id = request);
        END""",
        to="app",
        kind="STABLE",
    )
    function(
        "request_stands(request uuid)",
        "boolean",
        """
        BEGIN
          -- Whether what a supplier was told may still be read: consent is asked anew each time.
          RETURN EXISTS (SELECT 1 FROM public.remediation_request r
            JOIN public.remediation_case l
              ON l.organisation_id = r.organisation_id AND l.request_id = r.id
            WHERE r.id = request
              AND gate.current_organisation() IN (r.organisation_id, r.recipient_id)
              AND gate.consent_holds(l.case_id, 'share_deidentified_employer')
              AND (r.amount IS NULL OR r.worded = 'counted'
                OR gate.consent_holds(l.case_id, 'identify_to_employer')));
        END""",
        to="app",
        kind="STABLE",
    )
    function("other_party(kind text, id uuid)", "text", OTHER_PARTY, kind="STABLE")
    function("parties(kind text, id uuid)", "uuid[]", PARTIES, kind="STABLE")
    policy("remediation_request", "SELECT", "gate.is_assigned_request(id)", name="assigned")
    function(
        "count_round()",
        "trigger",
        """
        BEGIN
          NEW.round := OLD.round + 1;
          RETURN NEW;
        END""",
    )
    run(
        # Part of the move itself, so no way into a new round can forget to count it.
        "CREATE TRIGGER next_round BEFORE UPDATE ON remediation_request FOR EACH ROW "
        "WHEN (NEW.status = 'in_progress' "
        "AND OLD.status IN ('validated_partial', 'disputed_by_workers')) "
        "EXECUTE FUNCTION gate.count_round()"
    )


def answers() -> None:
    addressed("remediation_plan", answers_a_request("remediation_plan", "plan_submitted"))
    addressed("remediation_contest", answers_a_request("remediation_contest", "contested"))
    addressed(
        "completion_claim",
        answers_a_request(
            "completion_claim",
            "supplier_claims_completed",
            " AND r.round = completion_claim.round",
        ),
    )
    policy("completion_claim", "SELECT", "gate.is_assigned_request(request_id)", name="assigned")


# Who sees a request and is not asked by it is the institute or the assigned CSO.
VALIDATES = (
    "EXISTS (SELECT 1 FROM remediation_request r WHERE r.id = request_id "
    "AND r.recipient_id <> worker_validation.organisation_id "
    "AND r.round = worker_validation.round AND r.status = 'worker_validation')"
)


def validations() -> None:
    own("worker_validation", institute_reads=True)
    policy("worker_validation", "INSERT", f"{MINE} AND {VALIDATES}")
    addressed(
        "validation_result_notice",
        "EXISTS (SELECT 1 FROM worker_validation v JOIN remediation_request r "
        "ON r.id = v.request_id WHERE v.request_id = validation_result_notice.request_id "
        "AND v.organisation_id = validation_result_notice.organisation_id "
        "AND v.round = validation_result_notice.round "
        "AND v.result = validation_result_notice.result "
        "AND r.recipient_id = validation_result_notice.recipient_id)",
    )


def tasks() -> None:
    own("task", "UPDATE")
    function(
        "raise_task(task uuid, what text, about text, weight text, due timestamptz, "
        "moment timestamptz)",
        "boolean",
        """
        BEGIN
          -- Any organisation's act may make work for the institute; false: it waits already.
          IF gate.current_organisation() IS NULL THEN RETURN false; END IF;
          INSERT INTO public.task (organisation_id, id, kind, subject, severity, due_at,
              created_at, updated_at)
            VALUES (gate.institute(), task, what, about, weight, due, moment, moment)
            ON CONFLICT (organisation_id, kind, subject) WHERE state = 'open' DO NOTHING;
          RETURN FOUND;
        END""",
        to="app",
    )


def downgrade() -> None:
    run(
        "DELETE FROM gate.transition WHERE kind = 'remediation_request'",
        "DROP TABLE task, validation_result_notice, worker_validation, completion_claim, "
        "remediation_contest, remediation_plan, remediation_case, remediation_request CASCADE",
        "DROP FUNCTION gate.is_assigned_request(uuid), gate.count_round(), "
        "gate.least_affected(uuid), gate.request_stands(uuid), "
        "gate.raise_task(uuid, text, text, text, timestamptz, timestamptz)",
    )
    nobody = "BEGIN RETURN NULL; END"
    function("other_party(kind text, id uuid)", "text", nobody, kind="STABLE")
    function("parties(kind text, id uuid)", "uuid[]", PARTIES_BEFORE, kind="STABLE")
