"""Mechanisms, contact volumes, engagement, surveys, probes.

Kinds: mechanism, contact_volume, engagement_event, awareness_survey, reachability_probe: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import own, run

revision = "0010"
down_revision = "0009"

CHANNELS = """'hotline_call', 'sms', 'app_own', 'line', 'viber', 'facebook_messenger', 'whatsapp',
        'telegram', 'imo', 'wechat', 'zalo', 'web_form', 'outreach_visit', 'walk_in',
        'hr_open_door', 'suggestion_box', 'factory_hotline', 'worker_committee', 'supervisor',
        'exit_interview', 'hr_system', 'trade_union', 'cso_partner', 'community_leader',
        'legal_aid', 'brand_hotline', 'shared_mechanism', 'audit_interview', 'ncp',
        'labour_inspectorate', 'gov_hotline', 'embassy_labour_attache', 'police'"""
OPERATORS = """'employer', 'group_company', 'external_provider', 'institute', 'trade_union', 'cso',
        'agency', 'brand', 'shared_mechanism', 'industry_body', 'government'"""
OBSERVERS = "'supplier', 'institute', 'cso', 'third_party'"
# A site is named with its supplier: the institute's rows are about other organisations' sites.
SITE = "FOREIGN KEY (supplier_id, site_id) REFERENCES site (organisation_id, id)"

MECHANISM = f"""
CREATE TABLE mechanism (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    source_system text NOT NULL,
    external_id text NOT NULL,
    name text NOT NULL,
    site_ids uuid[] NOT NULL,
    all_sites boolean NOT NULL CHECK (all_sites = (cardinality(site_ids) = 0)),
    operator_kind text NOT NULL CHECK (operator_kind IN (
        {OPERATORS})),
    independent_of_management boolean,
    external_procedure boolean,
    external_procedure_name text CHECK (
        external_procedure_name IS NULL OR external_procedure IS TRUE),
    channels text[] NOT NULL CHECK (cardinality(channels) > 0 AND channels <@ ARRAY[
        {CHANNELS}]),
    languages text[],
    anonymous_possible boolean,
    always_open boolean,
    hours jsonb CHECK (hours IS NULL OR always_open IS NOT TRUE),
    open_to text[] CHECK (open_to <@ ARRAY[
        'direct', 'agency', 'contractor', 'former', 'community']),
    published_time_frames jsonb,
    procedure_published boolean,
    procedure_url text CHECK (procedure_url IS NULL OR procedure_published IS TRUE),
    text_form_procedure boolean,
    anti_retaliation_policy boolean,
    anti_retaliation_policy_since date CHECK (
        anti_retaliation_policy_since IS NULL OR anti_retaliation_policy IS TRUE),
    reasons_given boolean,
    may_meet boolean,
    appeal_possible boolean,
    no_waiver_of_rights boolean,
    representative_allowed boolean,
    workers_consulted_on_design boolean,
    workers_consulted_on date CHECK (
        workers_consulted_on IS NULL OR workers_consulted_on_design IS TRUE),
    performance_published boolean,
    effectiveness_checked_on date,
    effectiveness_check_method text CHECK (effectiveness_check_method IN (
        'register_analysis', 'case_review', 'complainant_feedback', 'worker_survey',
        'worker_representatives', 'internal_audit', 'external_audit')),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, source_system, external_id),
    CHECK (effectiveness_check_method IS NULL OR effectiveness_checked_on IS NOT NULL)
);
CREATE INDEX mechanism_by_id ON mechanism (id);
"""

CONTACT_VOLUME = f"""
CREATE TABLE contact_volume (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    about_id uuid NOT NULL CHECK (about_id = coalesce(site_id, mechanism_id)),
    site_id uuid,
    supplier_id uuid CHECK ((supplier_id IS NULL) = (site_id IS NULL)),
    mechanism_id uuid CHECK ((mechanism_id IS NULL) <> (site_id IS NULL)),
    channel_class text NOT NULL CHECK (channel_class IN (
        'worker_voice', 'operational', 'representative', 'third_party', 'government')),
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    calls int CHECK (calls >= 0),
    messages int CHECK (messages >= 0),
    visits int CHECK (visits >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, about_id, channel_class, month),
    {SITE},
    FOREIGN KEY (organisation_id, mechanism_id) REFERENCES mechanism,
    CHECK (coalesce(calls, messages, visits) IS NOT NULL)
);
"""

ENGAGEMENT_EVENT = f"""
CREATE TABLE engagement_event (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    source_system text NOT NULL,
    external_id text NOT NULL,
    held_on date NOT NULL,
    site_ids uuid[] NOT NULL,
    all_sites boolean NOT NULL CHECK (all_sites = (cardinality(site_ids) = 0)),
    topics text[] NOT NULL CHECK (cardinality(topics) > 0 AND topics <@ ARRAY[
        'wages', 'hours', 'recruitment', 'documents', 'movement', 'violence', 'harassment',
        'threats', 'discrimination', 'osh', 'living', 'foa', 'child', 'employment',
        'retaliation', 'mechanism', 'trafficking', 'community', 'other']),
    workers_reached int CHECK (workers_reached >= 0),
    languages text[],
    by text[] NOT NULL CHECK (cardinality(by) > 0 AND by <@ ARRAY[
        {OPERATORS}]),
    method text NOT NULL CHECK (method IN (
        'general_meeting', 'committee_meeting', 'focus_group', 'interviews', 'training',
        'outreach_visit', 'calls_and_messages', 'online_meeting')),
    representatives_present boolean,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, source_system, external_id)
);
"""

AWARENESS_SURVEY = f"""
CREATE TABLE awareness_survey (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    source_system text NOT NULL,
    external_id text NOT NULL,
    supplier_id uuid NOT NULL,
    site_id uuid NOT NULL,
    surveyed_on date NOT NULL,
    method text NOT NULL CHECK (method IN ('in_person', 'phone', 'sms', 'app', 'paper')),
    by text NOT NULL CHECK (by IN ({OBSERVERS})),
    asked_n int NOT NULL CHECK (asked_n > 0),
    aware_asked_n int CHECK (aware_asked_n BETWEEN 0 AND asked_n),
    aware_n int CHECK (
        aware_n IS NULL OR aware_asked_n IS NOT NULL AND aware_n BETWEEN 0 AND aware_asked_n),
    trust_asked_n int CHECK (trust_asked_n BETWEEN 0 AND asked_n),
    trust_n int CHECK (
        trust_n IS NULL OR trust_asked_n IS NOT NULL AND trust_n BETWEEN 0 AND trust_asked_n),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, source_system, external_id),
    {SITE}
);
"""

# The mechanism that the institute tries is mostly somebody else's.
REACHABILITY_PROBE = f"""
CREATE TABLE reachability_probe (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    source_system text NOT NULL,
    external_id text NOT NULL,
    mechanism_organisation_id uuid NOT NULL,
    mechanism_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN (
        {CHANNELS})),
    probed_at timestamptz NOT NULL,
    reached boolean NOT NULL,
    answered_in_seconds int CHECK (
        answered_in_seconds IS NULL OR reached AND answered_in_seconds >= 0),
    language text,
    by text NOT NULL CHECK (by IN ({OBSERVERS})),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, source_system, external_id),
    FOREIGN KEY (mechanism_organisation_id, mechanism_id) REFERENCES mechanism (organisation_id, id)
);
"""

TABLES = (
    "mechanism",
    "contact_volume",
    "engagement_event",
    "awareness_survey",
    "reachability_probe",
)


def upgrade() -> None:
    run(MECHANISM, CONTACT_VOLUME, ENGAGEMENT_EVENT, AWARENESS_SURVEY, REACHABILITY_PROBE)
    for table in TABLES:
        run(
            f"CREATE INDEX {table}_by_update ON {table} (organisation_id, updated_at, id)",
            f"CREATE INDEX {table}_by_update_anywhere ON {table} (updated_at, id)",
        )
        own(table, "INSERT", "UPDATE", institute_reads=True)


def downgrade() -> None:
    run("DROP TABLE reachability_probe, awareness_survey, engagement_event, contact_volume")
    run("DROP TABLE mechanism")
