"""Cases, their issues, consents and assignments; referrals and the trail they leave.

Kinds: case_record, case_issue: own, read by assigned CSOs · case_consent, case_status_change,
referral_case: own · case_assignment, referral, referral_status_change: addressed.
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

revision = "0005"
down_revision = "0004"


def codes(column: str, words: str) -> str:
    """A CHECK that `column` holds one of `words`."""
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"CHECK ({column} IN ({listed}))"


CATEGORIES = """
    wages.underpayment wages.late_payment wages.withheld wages.illegal_deduction
    wages.overtime_unpaid wages.benefits_social_security wages.payslip_missing hours.excessive
    hours.forced_overtime hours.rest_leave_denied recruitment.fee_charged recruitment.deception
    recruitment.debt recruitment.no_contract_or_language recruitment.unlicensed_agent
    recruitment.fee_not_repaid documents.passport_retained documents.permit_not_renewed
    documents.bank_card_control movement.restricted movement.resignation_blocked
    movement.communication_cut violence.physical violence.sexual harassment.sexual
    harassment.verbal_bullying threats.intimidation discrimination.hiring_pay_promotion
    discrimination.pregnancy_test discrimination.migrant_status osh.injury osh.unsafe_conditions
    osh.ppe osh.fire_building osh.illness_medical_access living.housing
    living.food_water_sanitation foa.union_obstruction foa.union_dismissal
    foa.committee_dysfunction child.below_min_age child.hazardous_young_worker
    employment.termination employment.contract_status employment.transfer_subcontract
    retaliation.any mechanism.not_working trafficking.suspected community.impact other.workplace
    query.information"""
CHANNELS = """
    hotline_call sms app_own line viber facebook_messenger whatsapp telegram imo wechat zalo
    web_form outreach_visit walk_in hr_open_door suggestion_box factory_hotline worker_committee
    supervisor exit_interview hr_system trade_union cso_partner community_leader legal_aid
    brand_hotline shared_mechanism audit_interview ncp labour_inspectorate gov_hotline
    embassy_labour_attache police"""
SEVERITIES = "s1_critical s2_severe s3_serious s4_minor"
STATUSES = """
    received acknowledged triaged out_of_scope merged_duplicate referred_elsewhere
    withdrawn_by_worker in_investigation action_agreed resolved_reported closed_validated
    closed_unvalidated closed_unreachable reopened"""
SCOPES = """
    case_handling share_deidentified_employer identify_to_employer share_agency
    share_brand_aggregate share_cso share_authority contact_back use_quote_anonymised
    research_statistics"""
PURPOSES = """
    remediate investigate protect legal_aid shelter medical psychosocial reintegration
    fee_repayment document_return inform_only"""
REFERRAL_STATUSES = """
    offered delivered opened accepted declined expired in_progress response_submitted returned
    completed closed revoked"""

CASES = f"""
CREATE TABLE case_record (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    supplier_id uuid NOT NULL,
    site_id uuid NOT NULL,
    status text NOT NULL {codes("status", STATUSES)},
    channel text NOT NULL {codes("channel", CHANNELS)},
    severity text NOT NULL {codes("severity", SEVERITIES)},
    received_at timestamptz NOT NULL,
    received_at_basis text NOT NULL {codes("received_at_basis", "stated stand_in")},
    workers_affected int CHECK (workers_affected > 0),
    is_test boolean NOT NULL,
    external_ref text,
    voided_at timestamptz,
    void_reason text {codes("void_reason", "entered_by_mistake entered_twice erasure_asked")},
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (supplier_id, site_id) REFERENCES site,
    CHECK ((voided_at IS NULL) = (void_reason IS NULL))
);
CREATE INDEX case_record_by_update ON case_record (organisation_id, updated_at, id);
CREATE INDEX case_record_by_site ON case_record (organisation_id, site_id, updated_at, id);
CREATE INDEX case_record_by_id ON case_record (id);
CREATE TABLE case_issue (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    category text NOT NULL {codes("category", CATEGORIES)},
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, case_id, category),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record
);
CREATE INDEX case_issue_by_case ON case_issue (case_id);
"""
# An answer is never changed: the next one, with a higher n, takes its place.
HISTORY = f"""
CREATE TABLE case_consent (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    scope text NOT NULL {codes("scope", SCOPES)},
    n int NOT NULL CHECK (n > 0),
    state text NOT NULL {codes("state", "granted refused withdrawn")},
    method text NOT NULL {codes("method", "spoken written digital")},
    language text NOT NULL,
    expires_at timestamptz,
    recorded_at timestamptz NOT NULL,
    person_id uuid,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, case_id, scope, n),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record
);
CREATE INDEX case_consent_by_time ON case_consent (organisation_id, case_id, recorded_at, id);
CREATE TABLE case_status_change (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    to_status text NOT NULL {codes("to_status", STATUSES)},
    withdrawal_reason text {
    codes(
        "withdrawal_reason",
        "resolved_informally fear left_job lost_trust no_reason_given settlement",
    )
},
    out_of_scope_reason text {
    codes(
        "out_of_scope_reason",
        "independent_contractor subcontractor_worker fringe_benefit other",
    )
},
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    CHECK ((to_status = 'withdrawn_by_worker') = (withdrawal_reason IS NOT NULL)),
    CHECK ((to_status = 'out_of_scope') = (out_of_scope_reason IS NOT NULL))
);
CREATE INDEX case_status_change_by_time
    ON case_status_change (organisation_id, case_id, changed_at, id);
CREATE TABLE case_assignment (
    organisation_id uuid NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    case_id uuid NOT NULL,
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, case_id, recipient_id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record
);
CREATE INDEX case_assignment_by_recipient ON case_assignment (recipient_id, case_id);
"""
# No column tells of the case: which one it is stands in referral_case, which never leaves.
REFERRALS = f"""
CREATE TABLE referral (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    recipient_type text NOT NULL {codes("recipient_type", "supplier agency cso government")},
    purpose text NOT NULL {codes("purpose", PURPOSES)},
    categories text[] NOT NULL CHECK (cardinality(categories) BETWEEN 1 AND 10
        AND categories <@ string_to_array('{" ".join(CATEGORIES.split())}', ' ')),
    workers int CHECK (workers > 0),
    event_month date NOT NULL CHECK (date_part('day', event_month) = 1),
    severity text NOT NULL {codes("severity", SEVERITIES)},
    site_id uuid,
    link text NOT NULL,
    status text NOT NULL {codes("status", REFERRAL_STATUSES)},
    due_at timestamptz NOT NULL,
    released_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (recipient_id, site_id) REFERENCES site,
    CHECK ((recipient_type = 'supplier') = (site_id IS NOT NULL)),
    CHECK (recipient_type NOT IN ('supplier', 'agency') OR workers >= 3 OR workers IS NULL)
);
CREATE INDEX referral_by_update ON referral (organisation_id, updated_at, id);
CREATE INDEX referral_by_recipient ON referral (recipient_id, updated_at, id);
CREATE INDEX referral_by_id ON referral (id);
CREATE INDEX referral_waiting ON referral (due_at)
    WHERE status IN ('offered', 'delivered', 'opened');
CREATE INDEX event_of_offers ON event (organisation_id, subject) WHERE type = 'referral.offered';
CREATE TABLE referral_case (
    organisation_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    case_id uuid NOT NULL,
    consent_scope text NOT NULL {codes("consent_scope", SCOPES)},
    PRIMARY KEY (organisation_id, referral_id),
    FOREIGN KEY (organisation_id, referral_id) REFERENCES referral,
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record
);
CREATE INDEX referral_case_by_case ON referral_case (organisation_id, case_id);
CREATE TABLE referral_status_change (
    organisation_id uuid NOT NULL REFERENCES organisation,
    recipient_id uuid NOT NULL REFERENCES organisation,
    sender_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    version int NOT NULL,
    to_status text NOT NULL {codes("to_status", REFERRAL_STATUSES)},
    reason text,
    outcomes text[],
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, referral_id, version),
    FOREIGN KEY (sender_id, referral_id) REFERENCES referral (organisation_id, id),
    CHECK ((to_status IN ('declined', 'revoked')) = (reason IS NOT NULL)),
    CHECK ((to_status = 'response_submitted') = (outcomes IS NOT NULL))
);
CREATE INDEX referral_status_change_by_referral ON referral_status_change (referral_id, version);
"""

ASSIGNED = (
    "(SELECT gate.current_type()) = 'cso' AND {case} IN (SELECT a.case_id FROM case_assignment a "
    "WHERE a.recipient_id = (SELECT gate.current_organisation())) "
    "AND gate.consent_stands({case}, 'share_cso')"
)
# A step is told by the party that took it, of a referral it can see, as the referral now stands.
TOLD = """EXISTS (SELECT 1 FROM referral r WHERE r.organisation_id = sender_id
    AND r.id = referral_id AND r.status = to_status
    AND r.version = referral_status_change.version
    AND ARRAY[referral_status_change.organisation_id, referral_status_change.recipient_id]
        IN (ARRAY[r.organisation_id, r.recipient_id], ARRAY[r.recipient_id, r.organisation_id]))"""

CASE_STEPS = """
    institute: received -> acknowledged withdrawn_by_worker
    institute: acknowledged -> triaged withdrawn_by_worker
    institute: triaged -> out_of_scope merged_duplicate referred_elsewhere in_investigation
    institute: triaged in_investigation action_agreed -> withdrawn_by_worker
    institute: in_investigation -> action_agreed
    institute: action_agreed -> resolved_reported
    institute: resolved_reported -> closed_validated closed_unvalidated closed_unreachable
    institute: resolved_reported reopened -> withdrawn_by_worker
    institute: closed_validated closed_unvalidated closed_unreachable -> reopened
    institute: out_of_scope withdrawn_by_worker -> reopened
    institute: reopened -> in_investigation
"""
REFERRAL_STEPS = """
    system: offered -> delivered
    recipient: offered delivered -> opened
    recipient: offered delivered opened -> accepted declined
    system: offered delivered opened -> expired
    recipient: accepted returned -> in_progress
    recipient: in_progress -> response_submitted
    sender: response_submitted -> returned completed
    sender: completed -> closed
    sender: offered delivered opened accepted in_progress response_submitted returned -> revoked
"""

NOW_OF = """
BEGIN
  RETURN transaction_timestamp() + (SELECT o.clock_offset FROM public.organisation o
    WHERE o.organisation_id = of_organisation);
END"""
CONSENT_HOLDS = """
DECLARE moment timestamptz := gate.now_of(gate.institute());
BEGIN
  RETURN coalesce((SELECT c.state = 'granted' AND (c.expires_at > moment OR c.expires_at IS NULL)
    FROM public.case_consent c WHERE c.organisation_id = gate.institute()
      AND c.case_id = of_case AND c.scope = for_scope AND c.recorded_at <= moment
    ORDER BY c.n DESC LIMIT 1), false);
END"""
# For those alone who may know: the institute, and the CSO at work on the case.
CONSENT_STANDS = """
BEGIN
  RETURN (gate.current_type() = 'institute' OR EXISTS (SELECT 1 FROM public.case_assignment a
      WHERE a.case_id = of_case AND a.recipient_id = gate.current_organisation()))
    AND gate.consent_holds(of_case, for_scope);
END"""
REFERRAL_STANDS = """
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.referral r
    JOIN public.referral_case l ON l.organisation_id = r.organisation_id AND l.referral_id = r.id
    WHERE r.id = of_referral
      AND gate.current_organisation() IN (r.organisation_id, r.recipient_id)
      AND gate.consent_holds(l.case_id, l.consent_scope));
END"""
# foundation/identifiers.py in SQL; a test holds the two against each other.
WIRE_ID = """
DECLARE bits bit(130) := B'00' || ('x' || replace(of_id::text, '-', ''))::bit(128);
BEGIN
  RETURN prefix || '_' || (SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
    substring(bits FROM 5 * n + 1 FOR 5)::bit(5)::int + 1, 1), '' ORDER BY n)
    FROM generate_series(0, 25) n);
END"""
# The event that subscriptions would render; a test reads it back and renders it again.
TELL_OF_REFERRAL = r"""
DECLARE
  r public.referral%ROWTYPE;
  event_id uuid := gen_random_uuid();
  subject text := gate.wire_id('ref', of_referral);
BEGIN
  SELECT f.* INTO STRICT r FROM public.referral f WHERE f.id = of_referral;
  PERFORM gate.publish(event_id, told, fact, 'referral', r.id, subject, r.version, r.updated_at,
    'restricted', convert_to(json_build_object(
      'data', json_build_object('id', subject, 'status', r.status),
      'data_class', 'restricted',
      'id', gate.wire_id('evt', event_id),
      'links', json_build_object('self', r.link),
      'schema_version', 1,
      'subject', subject,
      'subject_seq', r.version,
      'timestamp', to_char(r.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\:MI\:SS.US"Z"'),
      'type', fact)::text, 'UTF8'), concat_ws(':', fact, subject, r.version));
END"""
MOVE_REFERRAL = """
DECLARE r public.referral%ROWTYPE;
BEGIN
  UPDATE public.referral f SET status = target, version = f.version + 1,
      updated_at = gate.now_of(f.organisation_id)
    WHERE f.id = of_referral AND f.status IN (SELECT t.from_status FROM gate.transition t
      WHERE t.kind = 'referral' AND t.to_status = target AND t.party = 'system')
    RETURNING f.* INTO r;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO public.referral_status_change (organisation_id, recipient_id, sender_id,
      referral_id, version, to_status, changed_at)
    VALUES (r.organisation_id, r.recipient_id, r.organisation_id, r.id, r.version, r.status,
      r.updated_at);
  -- Its sender's context, for as long as the telling takes.
  PERFORM gate.enter(r.organisation_id, 'institute', NULL, NULL);
  PERFORM gate.tell_of_referral(of_referral, r.organisation_id, 'referral.updated');
  IF target = 'expired' AND r.recipient_type <> 'government' THEN
    PERFORM gate.tell_of_referral(of_referral, r.recipient_id, 'referral.expired');
  END IF;
  PERFORM set_config('openredress.context', '', true);
END"""
MARK_DELIVERED = """
DECLARE waiting uuid; moved int := 0;
BEGIN
  FOR waiting IN SELECT r.id FROM public.referral r WHERE r.status = 'offered'
      AND EXISTS (SELECT 1 FROM public.event e JOIN public.delivery d
        ON d.organisation_id = e.organisation_id AND d.event_id = e.id
        WHERE e.organisation_id = r.recipient_id AND e.type = 'referral.offered'
          AND e.subject = gate.wire_id('ref', r.id) AND d.state = 'succeeded')
      ORDER BY r.id FOR UPDATE OF r SKIP LOCKED LOOP
    PERFORM gate.move_referral(waiting, 'delivered');
    moved := moved + 1;
  END LOOP;
  RETURN moved;
END"""
EXPIRE = """
DECLARE waiting uuid; moved int := 0;
BEGIN
  FOR waiting IN SELECT r.id FROM public.referral r
      WHERE r.status IN ('offered', 'delivered', 'opened')
        AND r.due_at < gate.now_of(r.organisation_id) - interval '30 days'
      ORDER BY r.id FOR UPDATE SKIP LOCKED LOOP
    PERFORM gate.move_referral(waiting, 'expired');
    moved := moved + 1;
  END LOOP;
  RETURN moved;
END"""
FUNCTIONS = (
    ("now_of(of_organisation uuid)", "timestamptz", NOW_OF, "", "STABLE"),
    ("wire_id(prefix text, of_id uuid)", "text", WIRE_ID, "", "IMMUTABLE"),
    ("consent_holds(of_case uuid, for_scope text)", "boolean", CONSENT_HOLDS, "", "STABLE"),
    ("consent_stands(of_case uuid, for_scope text)", "boolean", CONSENT_STANDS, "app", "STABLE"),
    ("referral_stands(of_referral uuid)", "boolean", REFERRAL_STANDS, "app", "STABLE"),
    ("tell_of_referral(of_referral uuid, told uuid, fact text)", "void", TELL_OF_REFERRAL, "", ""),
    ("move_referral(of_referral uuid, target text)", "void", MOVE_REFERRAL, "", ""),
    ("mark_delivered_referrals()", "int", MARK_DELIVERED, "delivery", ""),
    ("expire_referrals()", "int", EXPIRE, "delivery", ""),
)


def upgrade() -> None:
    run(CASES, HISTORY, REFERRALS)
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    for table in ("case_record", "case_issue", "case_consent", "case_status_change"):
        own(table)
        policy(table, "INSERT", f"{MINE} AND {INSTITUTE}")
    policy("case_record", "UPDATE", f"{MINE} AND {INSTITUTE}")
    policy("case_record", "SELECT", ASSIGNED.format(case="id"), name="assigned")
    policy("case_issue", "SELECT", ASSIGNED.format(case="case_id"), name="assigned")
    own("referral_case")
    policy("referral_case", "INSERT", f"{MINE} AND {INSTITUTE}")
    addressed("case_assignment", INSTITUTE)
    addressed("referral", INSTITUTE)
    addressed("referral_status_change", TOLD)
    lifecycle("case_record", CASE_STEPS)
    lifecycle("referral", REFERRAL_STEPS)


def downgrade() -> None:
    run(
        "DROP TABLE referral_status_change, referral_case, referral, case_status_change, "
        "case_consent, case_issue, case_record, case_assignment CASCADE",
        "DROP INDEX event_of_offers",
        *(f"DROP FUNCTION gate.{signature}" for signature, *_ in FUNCTIONS),
        "DELETE FROM gate.transition WHERE kind IN ('case_record', 'referral')",
    )
