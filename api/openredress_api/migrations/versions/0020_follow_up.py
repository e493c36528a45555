"""The intake and follow-up side of cases: contacts, severity, observations, messages, merging.

Kinds: contact, case_severity_change, case_receipt_code, follow_up_tries: own · case_observation,
case_safe_contact, case_message: own, read by assigned CSOs.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import INSTITUTE, MINE, function, lifecycle, own, policy, run

revision = "0020"
down_revision = "0019"


def codes(column: str, words: str) -> str:
    """A CHECK that `column` holds one of `words`."""
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"CHECK ({column} IN ({listed}))"


def all_of(column: str, words: str) -> str:
    """A CHECK that `column` holds nothing but `words`."""
    return f"CHECK ({column} <@ string_to_array('{' '.join(words.split())}', ' '))"


VOICE_CHANNELS = """
    hotline_call sms app_own line viber facebook_messenger whatsapp telegram imo wechat zalo
    web_form outreach_visit walk_in"""
CHANNELS = f"""{VOICE_CHANNELS}
    hr_open_door suggestion_box factory_hotline worker_committee
    supervisor exit_interview hr_system trade_union cso_partner community_leader legal_aid
    brand_hotline shared_mechanism audit_interview ncp labour_inspectorate gov_hotline
    embassy_labour_attache police"""
SEVERITIES = "s1_critical s2_severe s3_serious s4_minor"
REASONS = """
    risk_to_life risk_to_liberty child_concerned sexual_violence current_harm many_workers
    hard_to_undo restricted_category breach_of_law service_or_discomfort harm_ended
    facts_corrected made_safe indicators_observed duplicate_merged"""
INDICATORS = """
    abuse_of_vulnerability deception restriction_of_movement isolation physical_sexual_violence
    intimidation_threats document_retention wage_withholding debt_bondage abusive_conditions
    excessive_overtime"""
DAYS = "monday tuesday wednesday thursday friday saturday sunday"

MERGING = f"""
ALTER TABLE case_record
    ADD COLUMN severity_reasons text[] NOT NULL DEFAULT '{{}}'
        {all_of("severity_reasons", REASONS)},
    ADD COLUMN merged_into uuid,
    ADD FOREIGN KEY (organisation_id, merged_into) REFERENCES case_record,
    ADD CHECK (merged_into <> id),
    ADD CHECK (merged_into IS NULL OR status = 'merged_duplicate');
CREATE INDEX case_record_by_survivor ON case_record (organisation_id, merged_into)
    WHERE merged_into IS NOT NULL;
"""
CONTACTS = f"""
CREATE TABLE contact (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    channel text NOT NULL {codes("channel", CHANNELS)},
    received_at timestamptz NOT NULL,
    received_at_basis text NOT NULL {codes("received_at_basis", "stated stand_in")},
    outcome text NOT NULL {
    codes("outcome", "opened_case added_to_case information_given referred_elsewhere no_content")
},
    case_id uuid,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    CHECK ((outcome IN ('opened_case', 'added_to_case')) = (case_id IS NOT NULL))
);
CREATE INDEX contact_by_time ON contact (organisation_id, recorded_at, id);
CREATE INDEX contact_by_case ON contact (organisation_id, case_id, recorded_at, id);
"""
GRADING = f"""
CREATE TABLE case_severity_change (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    n int NOT NULL CHECK (n > 0),
    severity text NOT NULL {codes("severity", SEVERITIES)},
    reasons text[] NOT NULL {all_of("reasons", REASONS)},
    cause text NOT NULL {codes("cause", "opened decided observed merged")},
    person_id uuid,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, case_id, n),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    CHECK (cause = 'opened' OR cardinality(reasons) > 0)
);
CREATE TABLE case_observation (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    indicator text NOT NULL {codes("indicator", INDICATORS)},
    observed_at date NOT NULL CHECK (date_part('day', observed_at) = 1),
    basis text NOT NULL {codes("basis", "stated_by_worker seen_by_case_worker document")},
    current_harm boolean NOT NULL,
    person_id uuid,
    recorded_at timestamptz NOT NULL,
    voided_at timestamptz,
    void_reason text {codes("void_reason", "entered_by_mistake entered_twice erasure_asked")},
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    CHECK ((voided_at IS NULL) = (void_reason IS NULL))
);
CREATE INDEX case_observation_by_time
    ON case_observation (organisation_id, case_id, recorded_at, id);
CREATE INDEX case_observation_by_case ON case_observation (case_id);
"""
# Who may not be contacted has no hours; who may has all of them.
SAFE_CONTACT = f"""
CREATE TABLE case_safe_contact (
    organisation_id uuid NOT NULL,
    case_id uuid NOT NULL,
    may_contact boolean NOT NULL,
    channels text[] NOT NULL {all_of("channels", VOICE_CHANNELS)},
    days text[] NOT NULL {all_of("days", DAYS)},
    from_hour int CHECK (from_hour BETWEEN 0 AND 23),
    until_hour int CHECK (until_hour BETWEEN 0 AND 24),
    time_zone text,
    who_answers text {codes("who_answers", "worker_only anyone")},
    leave_messages boolean NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, case_id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    CHECK (may_contact = (num_nonnulls(from_hour, until_hour, time_zone, who_answers) = 4)),
    CHECK (may_contact OR num_nonnulls(from_hour, until_hour, time_zone, who_answers) = 0),
    CHECK (may_contact = (cardinality(channels) > 0 AND cardinality(days) > 0)),
    CHECK (may_contact OR NOT leave_messages)
);
CREATE INDEX case_safe_contact_by_case ON case_safe_contact (case_id);
"""
FOLLOW_UP = f"""
CREATE TABLE case_receipt_code (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    code_index bytea NOT NULL CHECK (length(code_index) = 32),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, code_index),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record
);
CREATE UNIQUE INDEX case_receipt_code_live ON case_receipt_code (organisation_id, case_id)
    WHERE revoked_at IS NULL;
CREATE TABLE case_message (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    n int NOT NULL CHECK (n > 0),
    author text NOT NULL {codes("author", "worker case_team")},
    sealed bytea NOT NULL,
    wants_reopen boolean NOT NULL,
    person_id uuid,
    sent_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, case_id, n),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    CHECK (author = 'worker' OR NOT wants_reopen),
    CHECK (author = 'case_team' OR (person_id IS NULL AND read_at IS NULL))
);
CREATE INDEX case_message_by_case ON case_message (case_id, n);
CREATE TABLE follow_up_tries (
    organisation_id uuid NOT NULL,
    client_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    tries int NOT NULL CHECK (tries > 0),
    PRIMARY KEY (organisation_id, client_id),
    FOREIGN KEY (organisation_id, client_id) REFERENCES client
);
"""
# Whoever raised the cases of before is not known; each begins its history as it stands.
BACKFILL = """
DO $$
DECLARE told int;
BEGIN
  INSERT INTO case_severity_change (organisation_id, id, case_id, n, severity, reasons, cause,
      changed_at)
    SELECT organisation_id, gen_random_uuid(), id, 1, severity, '{}', 'opened', created_at
    FROM case_record;
  GET DIAGNOSTICS told = ROW_COUNT;
  ASSERT told = (SELECT count(*) FROM case_record);
END $$"""
ASSIGNED = (
    "(SELECT gate.current_type()) = 'cso' AND case_id IN (SELECT a.case_id FROM case_assignment a "
    "WHERE a.recipient_id = (SELECT gate.current_organisation())) "
    "AND gate.consent_stands(case_id, 'share_cso')"
)
# Without it an assigned CSO could read the row of a message and not the message.
KEY_OF_CASE = """
BEGIN
  RETURN (SELECT k.wrapped FROM public.data_key k WHERE k.organisation_id = gate.institute()
    AND (gate.current_type() = 'institute' OR gate.consent_stands(of_case, 'share_cso')));
END"""
TABLES = (
    "contact",
    "case_severity_change",
    "case_observation",
    "case_safe_contact",
    "case_receipt_code",
    "case_message",
    "follow_up_tries",
)
CHANGED = (
    "case_observation",
    "case_safe_contact",
    "case_receipt_code",
    "case_message",
    "follow_up_tries",
)
STEPS = """
    institute: received acknowledged in_investigation action_agreed -> merged_duplicate
    institute: resolved_reported reopened -> merged_duplicate
"""


def upgrade() -> None:
    run(MERGING, CONTACTS, GRADING, SAFE_CONTACT, FOLLOW_UP)
    for table in TABLES:
        own(table)
        policy(table, "INSERT", f"{MINE} AND {INSTITUTE}")
    for table in CHANGED:
        policy(table, "UPDATE", f"{MINE} AND {INSTITUTE}")
    for table in ("case_observation", "case_safe_contact", "case_message"):
        policy(table, "SELECT", ASSIGNED, name="assigned")
    run(BACKFILL)
    function("key_of_case(of_case uuid)", "bytea", KEY_OF_CASE, to="app", kind="STABLE")
    lifecycle("case_record", STEPS)


def downgrade() -> None:
    run(
        "DELETE FROM gate.transition WHERE kind = 'case_record' "
        "AND to_status = 'merged_duplicate' AND from_status <> 'triaged'",
        "DROP FUNCTION gate.key_of_case(uuid)",
        f"DROP TABLE {', '.join(TABLES)}",
        "ALTER TABLE case_record DROP COLUMN merged_into, DROP COLUMN severity_reasons",
    )
