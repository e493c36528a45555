"""Fees that are repaid to workers: agreements, what is due, payments, and what workers say of them.

Kinds: repayment_agreement, repayment_due, repayment_contest, repayment_payment, repayment_result:
addressed · repayment_basis, repayment_validation: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import (
    INSTITUTE,
    MINE,
    TO_ME,
    addressed,
    function,
    lifecycle,
    own,
    policy,
    run,
)

revision = "0023"
down_revision = "0022"

AGREEMENTS = """
CREATE TABLE repayment_agreement (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    supplier_id uuid,
    site_id uuid,
    origin text CHECK (origin ~ '^[A-Z]{2}$'),
    destination text CHECK (destination ~ '^[A-Z]{2}$'),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    groups jsonb NOT NULL CHECK (groups <> '[]'),
    instalments jsonb NOT NULL CHECK (instalments <> '[]'),
    status text NOT NULL CHECK (status IN ('drafted', 'offered', 'contested', 'accepted',
        'in_progress', 'completed', 'closed', 'cancelled')),
    offered_at timestamptz,
    agreed_at timestamptz,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (supplier_id, site_id) REFERENCES site,
    CHECK ((supplier_id IS NULL) = (site_id IS NULL)),
    CHECK ((origin IS NULL) = (destination IS NULL)),
    CHECK (offered_at IS NOT NULL OR status IN ('drafted', 'cancelled')),
    CHECK (agreed_at IS NOT NULL
        OR status IN ('drafted', 'offered', 'contested', 'cancelled'))
);
CREATE INDEX repayment_agreement_by_id ON repayment_agreement (id);
CREATE INDEX repayment_agreement_by_update
    ON repayment_agreement (organisation_id, updated_at, id);
CREATE INDEX repayment_agreement_by_recipient
    ON repayment_agreement (recipient_id, updated_at, id);
CREATE INDEX repayment_agreement_running ON repayment_agreement (organisation_id, id)
    WHERE status IN ('accepted', 'in_progress');
CREATE TABLE repayment_basis (
    organisation_id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    request_id uuid,
    consent_scope text CHECK (consent_scope IN ('share_deidentified_employer', 'share_agency')),
    cancelled_for text CHECK (cancelled_for IN ('consent_withdrawn', 'case_voided', 'duplicate',
        'contest_accepted', 'entered_by_mistake')),
    PRIMARY KEY (organisation_id, agreement_id),
    FOREIGN KEY (organisation_id, agreement_id) REFERENCES repayment_agreement,
    FOREIGN KEY (organisation_id, request_id) REFERENCES remediation_request,
    CHECK ((request_id IS NULL) = (consent_scope IS NULL))
);
CREATE INDEX repayment_basis_by_request ON repayment_basis (organisation_id, request_id);
CREATE INDEX repayment_basis_by_agreement ON repayment_basis (agreement_id);
CREATE TABLE repayment_due (
    organisation_id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    instalment_no int NOT NULL CHECK (instalment_no > 0),
    group_label text NOT NULL CHECK (group_label ~ '^[a-z]$'),
    recipient_id uuid NOT NULL,
    workers int CHECK (workers > 0),
    amount numeric(20, 3) NOT NULL CHECK (amount >= 0),
    told boolean NOT NULL,
    PRIMARY KEY (organisation_id, agreement_id, instalment_no, group_label),
    FOREIGN KEY (organisation_id, agreement_id) REFERENCES repayment_agreement,
    -- A sum of fewer than three would point at somebody: it is not told to the payer.
    CHECK (NOT told OR (workers IS NOT NULL AND workers >= 3))
);
CREATE INDEX repayment_due_by_agreement ON repayment_due (agreement_id);
"""

PAYMENTS = """
CREATE TABLE repayment_contest (
    organisation_id uuid NOT NULL REFERENCES organisation,
    agreement_id uuid NOT NULL,
    contest_no int NOT NULL CHECK (contest_no > 0),
    recipient_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('not_our_facility', 'not_our_worker', 'duplicate',
        'outside_mandate', 'no_capacity', 'conflict_of_interest', 'insufficient_information',
        'safety_concern', 'legal_hold')),
    contested_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, agreement_id, contest_no),
    FOREIGN KEY (recipient_id, agreement_id) REFERENCES repayment_agreement
);
CREATE INDEX repayment_contest_by_agreement ON repayment_contest (recipient_id, agreement_id);
CREATE TABLE repayment_payment (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    instalment_no int NOT NULL,
    group_label text NOT NULL,
    round int NOT NULL CHECK (round > 0),
    claim_no int NOT NULL CHECK (claim_no > 0),
    amount numeric(20, 3) NOT NULL CHECK (amount >= 0),
    workers int NOT NULL CHECK (workers >= 0),
    paid_on date NOT NULL,
    method text NOT NULL CHECK (method IN ('bank', 'cash', 'payroll')),
    evidence uuid[] NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, agreement_id, instalment_no, group_label, claim_no),
    FOREIGN KEY (recipient_id, agreement_id, instalment_no, group_label)
        REFERENCES repayment_due (organisation_id, agreement_id, instalment_no, group_label)
);
CREATE INDEX repayment_payment_by_agreement ON repayment_payment (agreement_id, reported_at, id);
CREATE TABLE repayment_validation (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    payer_organisation_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    validation_no int NOT NULL CHECK (validation_no > 0),
    amount_confirmed numeric(20, 3) CHECK (amount_confirmed >= 0),
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
    independent_of_supplier boolean NOT NULL,
    result text NOT NULL CHECK (result IN
        ('full', 'partial', 'disputed', 'not_possible', 'incomplete')),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, payment_id, validation_no),
    FOREIGN KEY (payer_organisation_id, payment_id) REFERENCES repayment_payment,
    CHECK (n_confirmed + n_disputed <= n_contacted),
    CHECK (n_contacted <= n_affected),
    -- Who confirms says how much; who was not asked has confirmed nothing, which is not zero.
    CHECK (n_confirmed = 0 OR amount_confirmed IS NOT NULL),
    CHECK (n_confirmed > 0 OR coalesce(amount_confirmed, 0) = 0)
);
CREATE INDEX repayment_validation_by_payment
    ON repayment_validation (payment_id, recorded_at, id);
CREATE INDEX repayment_validation_by_agreement ON repayment_validation (agreement_id);
CREATE TABLE repayment_result (
    organisation_id uuid NOT NULL REFERENCES organisation,
    payment_id uuid NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    agreement_id uuid NOT NULL,
    instalment_no int NOT NULL,
    group_label text NOT NULL,
    result text NOT NULL CHECK (result IN ('full', 'partial', 'disputed', 'not_possible')),
    amount_confirmed numeric(20, 3),
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, payment_id),
    FOREIGN KEY (recipient_id, payment_id) REFERENCES repayment_payment (organisation_id, id)
);
CREATE INDEX repayment_result_by_agreement ON repayment_result (agreement_id);
"""

STEPS = """
institute: drafted contested -> offered
recipient: offered -> accepted contested
recipient: accepted -> in_progress
institute: in_progress -> completed
validator: in_progress -> completed
institute: in_progress completed -> closed
institute: drafted offered contested accepted in_progress -> cancelled
"""

# The dates that others count from are part of the step itself.
DATED = """
BEGIN
  IF NEW.status = 'offered' THEN NEW.offered_at := NEW.updated_at; END IF;
  IF NEW.status = 'accepted' THEN NEW.agreed_at := NEW.updated_at; END IF;
  RETURN NEW;
END"""
# Whether the caller is the CSO to which the case behind an agreement is assigned.
ASSIGNED = """
BEGIN
  RETURN gate.current_type() = 'cso' AND EXISTS (SELECT 1 FROM public.repayment_basis b
    JOIN public.repayment_agreement a
      ON a.organisation_id = b.organisation_id AND a.id = b.agreement_id
    WHERE b.agreement_id = agreement AND a.offered_at IS NOT NULL
      AND gate.is_assigned_request(b.request_id));
END"""
# An agreement that came of a worker's case rests on that worker's consent, for good.
RESTS = """
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.repayment_basis b LEFT JOIN public.remediation_case l
      ON l.organisation_id = b.organisation_id AND l.request_id = b.request_id
    WHERE b.agreement_id = agreement
      AND (b.request_id IS NULL OR gate.consent_holds(l.case_id, b.consent_scope)));
END"""
STANDS = """
BEGIN
  RETURN gate.current_organisation() = ANY (gate.parties('repayment_agreement', agreement))
    AND gate.repayment_rests(agreement);
END"""
# Rooms add to the two functions below without knowing of each other: what stood before is asked
# for whatever is not ours.
OTHER_PARTY = """
BEGIN
  RETURN CASE kind
    WHEN 'repayment_agreement' THEN
      CASE WHEN gate.is_assigned_repayment(id) THEN 'validator' END
    WHEN 'repayment_payment' THEN
      (SELECT 'validator' FROM public.repayment_payment p
        WHERE p.id = other_party.id AND gate.is_assigned_repayment(p.agreement_id))
    ELSE gate.other_party_but_repayments(kind, id) END;
END"""
HAS_FALLEN = """
BEGIN
  IF split_part(fact, '.', 1) <> 'repayment' THEN
    RETURN gate.has_fallen_but_repayments(fact, about);
  END IF;
  RETURN NOT gate.repayment_rests(coalesce((SELECT p.agreement_id FROM public.repayment_payment p
    WHERE p.id = gate.id_of(about)), gate.id_of(about)));
END"""
WRAPPED = (
    ("other_party(kind text, id uuid)", "text", OTHER_PARTY, "kind text, id uuid"),
    ("has_fallen(fact text, about text)", "boolean", HAS_FALLEN, "fact text, about text"),
)
# Which families of events are asked for the consent that they rest on.
FAMILIES = """
DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('gate.tombstone'::regproc), '{}', '{}');
END $do$"""
BEFORE, AFTER = "''remediation'')", "''remediation'', ''repayment'')"
# An instalment is overdue when its day is over and the payer has the next word on it. It is told
# once, and once more after each round that workers did not confirm.
TELL_OF_OVERDUE = r"""
DECLARE
  g record; event_id uuid; about text; moment timestamptz; told int := 0;
BEGIN
  FOR g IN SELECT a.organisation_id, a.id, a.recipient_id, a.status, a.version, i.n, i.due_on,
        count(r.payment_id) AS rounds
      FROM public.repayment_agreement a
      CROSS JOIN LATERAL jsonb_to_recordset(a.instalments) AS i (n int, due_on date)
      LEFT JOIN public.repayment_result r ON r.agreement_id = a.id AND r.instalment_no = i.n
      WHERE a.status IN ('accepted', 'in_progress')
        AND i.due_on < (gate.now_of(a.organisation_id) AT TIME ZONE 'UTC')::date
        AND gate.repayment_rests(a.id)
        AND EXISTS (SELECT 1 FROM public.repayment_due d
          WHERE d.organisation_id = a.organisation_id AND d.agreement_id = a.id
            AND d.instalment_no = i.n AND d.amount > 0
            AND coalesce((SELECT coalesce(s.result, 'waiting') IN ('partial', 'disputed')
              FROM public.repayment_payment p LEFT JOIN public.repayment_result s
                ON s.recipient_id = p.organisation_id AND s.payment_id = p.id
              WHERE p.recipient_id = d.organisation_id AND p.agreement_id = d.agreement_id
                AND p.instalment_no = d.instalment_no AND p.group_label = d.group_label
              ORDER BY p.claim_no DESC LIMIT 1), true))
      GROUP BY a.organisation_id, a.id, i.n, i.due_on LOOP
    event_id := gen_random_uuid();
    about := gate.wire_id('rpa', g.id);
    moment := gate.now_of(g.organisation_id);
    INSERT INTO public.event (organisation_id, id, webhook_id, type, subject, subject_seq,
        occurred_at, data_class, body, dedupe_key, retention_until)
      VALUES (g.recipient_id, event_id, gate.wire_id('evt', event_id), 'repayment.overdue', about,
        g.version, moment, 'pseudonymous', convert_to(json_build_object(
          'data', json_build_object('id', about, 'status', g.status, 'instalment', g.n,
            'due_on', g.due_on),
          'data_class', 'pseudonymous',
          'id', gate.wire_id('evt', event_id),
          'links', json_build_object('self', base || '/v1/repayment-agreements/' || about),
          'schema_version', 1,
          'subject', about,
          'subject_seq', g.version,
          'timestamp', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\:MI\:SS.US"Z"'),
          'type', 'repayment.overdue')::text, 'UTF8'),
        concat_ws(':', 'repayment.overdue', about, g.n, g.rounds), now() + interval '30 days')
      ON CONFLICT ON CONSTRAINT event_organisation_id_dedupe_key_key DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    INSERT INTO public.task (organisation_id, id, kind, subject, due_at, created_at, updated_at)
      VALUES (g.organisation_id, gen_random_uuid(), 'chase_repayment', about,
        moment + interval '5 days', moment, moment)
      ON CONFLICT (organisation_id, kind, subject) WHERE state = 'open' DO NOTHING;
    told := told + 1;
  END LOOP;
  RETURN told;
END"""
FUNCTIONS = (
    ("date_repayment()", "trigger", DATED, "", ""),
    ("is_assigned_repayment(agreement uuid)", "boolean", ASSIGNED, "app", "STABLE"),
    ("repayment_rests(agreement uuid)", "boolean", RESTS, "", "STABLE"),
    ("repayment_stands(agreement uuid)", "boolean", STANDS, "app", "STABLE"),
    ("tell_of_overdue_repayments(base text)", "int", TELL_OF_OVERDUE, "delivery", ""),
)

OFFERED = f"{MINE} OR ({TO_ME} AND offered_at IS NOT NULL)"
# Under the reader's own policies: a due of a draft, or one that is not told, is not the payer's.
TOLD = (
    f"{MINE} OR ({TO_ME} AND told AND EXISTS (SELECT 1 FROM repayment_agreement a "
    "WHERE a.organisation_id = repayment_due.organisation_id AND a.id = agreement_id))"
)
DRAFTED = (
    f"{INSTITUTE} AND EXISTS (SELECT 1 FROM repayment_agreement a "
    "WHERE a.organisation_id = repayment_due.organisation_id AND a.id = agreement_id "
    "AND a.recipient_id = repayment_due.recipient_id AND a.status = 'drafted')"
)
PAYS = (
    "EXISTS (SELECT 1 FROM repayment_agreement a WHERE a.id = {table}.agreement_id "
    "AND a.recipient_id = {table}.organisation_id AND a.organisation_id = {table}.recipient_id "
    "AND a.status = '{status}')"
)
IN_ITS_ROUND = (
    " AND round = 1 + (SELECT count(*) FROM repayment_result r "
    "WHERE r.agreement_id = repayment_payment.agreement_id "
    "AND r.instalment_no = repayment_payment.instalment_no "
    "AND r.group_label = repayment_payment.group_label)"
)
# Whoever sees a payment and has not made it is the institute or the assigned CSO; and nobody
# confirms more than what the payer says it paid.
VALIDATES = (
    f"{MINE} AND EXISTS (SELECT 1 FROM repayment_payment p JOIN repayment_agreement a "
    "ON a.organisation_id = p.recipient_id AND a.id = p.agreement_id "
    "WHERE p.id = payment_id AND p.organisation_id = payer_organisation_id "
    "AND p.agreement_id = repayment_validation.agreement_id "
    "AND p.organisation_id <> repayment_validation.organisation_id "
    "AND a.status = 'in_progress' AND coalesce(amount_confirmed, 0) <= p.amount)"
)
CONCLUDES = (
    "EXISTS (SELECT 1 FROM repayment_validation v "
    "JOIN repayment_payment p ON p.organisation_id = v.payer_organisation_id "
    "AND p.id = v.payment_id JOIN repayment_due d ON d.organisation_id = p.recipient_id "
    "AND d.agreement_id = p.agreement_id AND d.instalment_no = p.instalment_no "
    "AND d.group_label = p.group_label "
    "WHERE v.payment_id = repayment_result.payment_id "
    "AND v.organisation_id = repayment_result.organisation_id "
    "AND v.result = repayment_result.result "
    "AND p.organisation_id = repayment_result.recipient_id "
    "AND p.agreement_id = repayment_result.agreement_id "
    "AND p.instalment_no = repayment_result.instalment_no "
    "AND p.group_label = repayment_result.group_label "
    "AND repayment_result.amount_confirmed IS NOT DISTINCT FROM "
    "CASE WHEN d.told THEN v.amount_confirmed END)"
)


def upgrade() -> None:
    run(AGREEMENTS, PAYMENTS)
    for signature, _, _, arguments in WRAPPED:
        name = signature.partition("(")[0]
        run(f"ALTER FUNCTION gate.{name}({arguments}) RENAME TO {name}_but_repayments")
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    for signature, returns, body, _ in WRAPPED:
        function(signature, returns, body, kind="STABLE")
    run(
        FAMILIES.format(BEFORE, AFTER),
        "CREATE TRIGGER dated BEFORE UPDATE OF status ON repayment_agreement "
        "FOR EACH ROW EXECUTE FUNCTION gate.date_repayment()",
    )
    policies()
    lifecycle("repayment_agreement", STEPS)


def policies() -> None:
    addressed(
        "repayment_agreement",
        f"{INSTITUTE} AND status = 'drafted' AND agreed_at IS NULL AND offered_at IS NULL",
        OFFERED,
    )
    policy("repayment_agreement", "SELECT", "gate.is_assigned_repayment(id)", name="assigned")
    own("repayment_basis", "INSERT", "UPDATE")
    addressed("repayment_due", DRAFTED, TOLD)
    addressed("repayment_contest", PAYS.format(table="repayment_contest", status="contested"))
    addressed(
        "repayment_payment",
        PAYS.format(table="repayment_payment", status="in_progress") + IN_ITS_ROUND,
    )
    own("repayment_validation", institute_reads=True)
    policy("repayment_validation", "INSERT", VALIDATES)
    addressed("repayment_result", CONCLUDES)
    for table in ("repayment_due", "repayment_payment", "repayment_validation"):
        policy(table, "SELECT", "gate.is_assigned_repayment(agreement_id)", name="assigned")


def downgrade() -> None:
    run(
        "DELETE FROM gate.transition WHERE kind = 'repayment_agreement'",
        FAMILIES.format(AFTER, BEFORE),
        "DROP TABLE repayment_result, repayment_validation, repayment_payment, "
        "repayment_contest, repayment_due, repayment_basis, repayment_agreement CASCADE",
        *(f"DROP FUNCTION gate.{signature}" for signature, *_ in (*FUNCTIONS, *WRAPPED)),
    )
    for signature, _, _, arguments in WRAPPED:
        name = signature.partition("(")[0]
        run(f"ALTER FUNCTION gate.{name}_but_repayments({arguments}) RENAME TO {name}")
