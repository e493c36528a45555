"""Tables of grievances, status changes and headcounts.

Kinds: grievance, headcount: own · grievance_status_change: addressed.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import INSTITUTE, addressed, function, lifecycle, own, run

revision = "0004"
down_revision = "0003"

GRIEVANCE = """
CREATE TABLE grievance (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    source_system text NOT NULL,
    external_id text NOT NULL,
    site_id uuid NOT NULL,
    category text NOT NULL CHECK (category IN (
        'wages.underpayment', 'wages.late_payment', 'wages.withheld', 'wages.illegal_deduction',
        'wages.overtime_unpaid', 'wages.benefits_social_security', 'wages.payslip_missing',
        'hours.excessive', 'hours.forced_overtime', 'hours.rest_leave_denied',
        'recruitment.fee_charged', 'recruitment.deception', 'recruitment.debt',
        'recruitment.no_contract_or_language', 'recruitment.unlicensed_agent',
        'recruitment.fee_not_repaid', 'documents.passport_retained',
        'documents.permit_not_renewed', 'documents.bank_card_control', 'movement.restricted',
        'movement.resignation_blocked', 'movement.communication_cut', 'violence.physical',
        'violence.sexual', 'harassment.sexual', 'harassment.verbal_bullying',
        'threats.intimidation', 'discrimination.hiring_pay_promotion',
        'discrimination.pregnancy_test', 'discrimination.migrant_status', 'osh.injury',
        'osh.unsafe_conditions', 'osh.ppe', 'osh.fire_building', 'osh.illness_medical_access',
        'living.housing', 'living.food_water_sanitation', 'foa.union_obstruction',
        'foa.union_dismissal', 'foa.committee_dysfunction', 'child.below_min_age',
        'child.hazardous_young_worker', 'employment.termination', 'employment.contract_status',
        'employment.transfer_subcontract', 'retaliation.any', 'mechanism.not_working',
        'trafficking.suspected', 'community.impact', 'other.workplace', 'query.information')),
    channel text NOT NULL CHECK (channel IN (
        'hotline_call', 'sms', 'app_own', 'line', 'viber', 'facebook_messenger', 'whatsapp',
        'telegram', 'imo', 'wechat', 'zalo', 'web_form', 'outreach_visit', 'walk_in',
        'hr_open_door', 'suggestion_box', 'factory_hotline', 'worker_committee', 'supervisor',
        'exit_interview', 'hr_system', 'trade_union', 'cso_partner', 'community_leader',
        'legal_aid', 'brand_hotline', 'shared_mechanism', 'audit_interview', 'ncp',
        'labour_inspectorate', 'gov_hotline', 'embassy_labour_attache', 'police')),
    severity text CHECK (severity IN (
        's1_critical', 's2_severe', 's3_serious', 's4_minor')),
    status text NOT NULL CHECK (status IN (
        'received', 'acknowledged', 'triaged', 'out_of_scope', 'merged_duplicate',
        'referred_elsewhere', 'withdrawn_by_worker', 'in_investigation', 'action_agreed',
        'resolved_reported', 'closed_validated', 'closed_unvalidated', 'closed_unreachable',
        'reopened')),
    received_at timestamptz NOT NULL,
    received_at_basis text NOT NULL CHECK (received_at_basis IN ('stated', 'stand_in')),
    acknowledged_at timestamptz CHECK (acknowledged_at >= received_at),
    resolved_at timestamptz CHECK (resolved_at >= received_at),
    closed_at timestamptz CHECK (closed_at >= received_at),
    workers_affected int CHECK (workers_affected >= 0),
    is_anonymous boolean NOT NULL,
    withdrawal_reason text CHECK (withdrawal_reason IN (
        'resolved_informally', 'fear', 'left_job', 'lost_trust', 'no_reason_given',
        'settlement')),
    out_of_scope_reason text CHECK (out_of_scope_reason IN (
        'independent_contractor', 'subcontractor_worker', 'fringe_benefit', 'other')),
    remedy_amount numeric(20, 3) CHECK (remedy_amount >= 0),
    remedy_currency text CHECK (remedy_currency ~ '^[A-Z]{3}$'),
    source_updated_at timestamptz,
    is_test boolean NOT NULL,
    replaced_status text,
    reopened_at timestamptz,
    voided_at timestamptz,
    void_reason text CHECK (void_reason IN (
        'entered_by_mistake', 'entered_twice', 'erasure_asked')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, source_system, external_id),
    FOREIGN KEY (organisation_id, site_id) REFERENCES site,
    CHECK (status <> 'withdrawn_by_worker' OR withdrawal_reason IS NOT NULL),
    CHECK (status <> 'out_of_scope' OR out_of_scope_reason IS NOT NULL),
    CHECK ((remedy_amount IS NULL) = (remedy_currency IS NULL)),
    CHECK ((voided_at IS NULL) = (void_reason IS NULL))
);
CREATE INDEX grievance_by_update ON grievance (organisation_id, updated_at, id);
CREATE INDEX grievance_by_update_anywhere ON grievance (updated_at, id);
CREATE INDEX grievance_by_site ON grievance (organisation_id, site_id, received_at);
CREATE INDEX grievance_by_id ON grievance (id);
"""

# The author is who took the step, the recipient whose register it is.
STATUS_CHANGE = """
CREATE TABLE grievance_status_change (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    grievance_id uuid NOT NULL,
    to_status text NOT NULL CHECK (to_status IN (
        'received', 'acknowledged', 'triaged', 'out_of_scope', 'merged_duplicate',
        'referred_elsewhere', 'withdrawn_by_worker', 'in_investigation', 'action_agreed',
        'resolved_reported', 'closed_validated', 'closed_unvalidated', 'closed_unreachable',
        'reopened')),
    at timestamptz,
    source text NOT NULL CHECK (source IN ('reported', 'import')),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (recipient_id, grievance_id) REFERENCES grievance (organisation_id, id)
);
CREATE INDEX grievance_status_change_by_grievance
    ON grievance_status_change (recipient_id, grievance_id, recorded_at, id);
"""

HEADCOUNT = """
CREATE TABLE headcount (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    total int NOT NULL CHECK (total >= 0),
    agency_workers int CHECK (agency_workers BETWEEN 0 AND total),
    source text NOT NULL CHECK (source IN ('payroll', 'time_records', 'estimate', 'other')),
    is_synthetic boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, site_id, month),
    FOREIGN KEY (organisation_id, site_id) REFERENCES site
);
CREATE INDEX headcount_by_update ON headcount (organisation_id, updated_at, id);
CREATE INDEX headcount_by_update_anywhere ON headcount (updated_at, id);
"""

# The institute moves the status through gate.move alone; what a reopening means for the
# supplier's row stands here.
REOPENED = """
BEGIN
  NEW.reopened_at := NEW.updated_at;
  NEW.voided_at := NULL;
  NEW.void_reason := NULL;
  RETURN NEW;
END
"""

ARROWS = """
    sender: received -> acknowledged
    sender: acknowledged -> triaged
    sender: triaged -> out_of_scope merged_duplicate referred_elsewhere in_investigation
    sender: in_investigation -> action_agreed
    sender: action_agreed -> resolved_reported
    sender: resolved_reported -> closed_unvalidated
    sender: received acknowledged triaged in_investigation -> withdrawn_by_worker
    sender: action_agreed resolved_reported reopened -> withdrawn_by_worker
    sender: reopened -> in_investigation
    institute: resolved_reported -> closed_validated closed_unreachable
    institute: closed_validated closed_unvalidated closed_unreachable -> reopened
    institute: out_of_scope withdrawn_by_worker -> reopened
"""


def upgrade() -> None:
    run(GRIEVANCE, STATUS_CHANGE, HEADCOUNT)
    function("grievance_reopened()", "trigger", REOPENED)
    run(
        "CREATE TRIGGER reopened BEFORE UPDATE OF status ON grievance FOR EACH ROW "
        "WHEN (NEW.status = 'reopened' AND OLD.status <> 'reopened') "
        "EXECUTE FUNCTION gate.grievance_reopened()"
    )
    own("grievance", "INSERT", "UPDATE", institute_reads=True)
    # In one's own register, or as the institute in any; the foreign key finds the grievance.
    addressed("grievance_status_change", f"(recipient_id = organisation_id OR {INSTITUTE})")
    own("headcount", "INSERT", "UPDATE", institute_reads=True)
    lifecycle("grievance", ARROWS)


def downgrade() -> None:
    run(
        "DELETE FROM gate.transition WHERE kind = 'grievance'",
        "DROP TABLE headcount, grievance_status_change, grievance",
        "DROP FUNCTION gate.grievance_reopened()",
    )
