"""Contract terms, interviews, job orders, recruiters, register entries.

Kinds: job_order, recruiter_listing, agency_register_entry: own, read by the institute ·
post_arrival_interview: own of the institute.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import INSTITUTE, MINE, function, guard, own, policy, run

revision = "0012"
down_revision = "0011"

PLACEMENT = """
ALTER TABLE placement
    ADD COLUMN contract_origin jsonb,
    ADD COLUMN contract_arrival jsonb,
    ADD COLUMN voided_at timestamptz,
    ADD COLUMN void_reason text CHECK (void_reason IN (
        'entered_by_mistake', 'entered_twice', 'erasure_asked')),
    ADD CONSTRAINT placement_voided CHECK ((voided_at IS NULL) = (void_reason IS NULL));
ALTER TABLE worker_statement ADD COLUMN contract_arrival jsonb;
"""

# Zero must be stated. Beside that statement stand costs that others bore, as an employer who pays
# states them; a payer nobody knows may have been the worker.
NO_FEES = """NOT (no_fees_stated AND fee_lines @@
    'exists($[*] ? (@.amount.double() > 0 && (@.paid_by == "worker" || @.paid_by == "family" ||
        @.paid_by == "unknown")))')"""
NO_LINES = "NOT (no_fees_stated AND fee_lines <> '[]')"


def about_no_fees(rule: str) -> None:
    """Hold both sides' statements of no fees to this rule."""
    for table, name in (
        ("placement", "placement_check1"),
        ("worker_statement", "worker_statement_check"),
    ):
        run(
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})",
        )


# A sender names the site; whose it is follows, in a file of a million rows too.
SUPPLIER = """
BEGIN
  NEW.supplier_id := (SELECT s.organisation_id FROM public.site s WHERE s.id = NEW.site_id);
  RETURN NEW;
END
"""

# A sender's own identifier, and when the row was made and changed.
PUSHED = """
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    source_system text NOT NULL,
    external_id text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, source_system, external_id)
"""

INTERVIEW = """
CREATE TABLE post_arrival_interview (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    agency_id uuid NOT NULL,
    placement_id uuid NOT NULL,
    held_on date NOT NULL,
    method text NOT NULL,
    document_in_hand text NOT NULL CHECK (document_in_hand IN ('yes', 'no', 'not_asked')),
    in_debt text NOT NULL CHECK (in_debt IN ('yes', 'no', 'not_asked')),
    debt_months int CHECK (debt_months >= 0),
    share_in_aggregates boolean NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (agency_id, placement_id) REFERENCES placement (organisation_id, id),
    CHECK (debt_months IS NULL OR in_debt = 'yes')
);
CREATE INDEX post_arrival_interview_by_placement
    ON post_arrival_interview (organisation_id, placement_id, created_at, id);
"""

JOB_ORDER = f"""
CREATE TABLE job_order ({PUSHED},
    employer_name text NOT NULL,
    title text,
    occupation_code text,
    occupation_system text CHECK (occupation_system IN ('isco_08', 'soc')),
    sector_code text,
    sector_system text CHECK (sector_system IN ('isic_4', 'naics')),
    origin text CHECK (origin ~ '^[A-Z]{{2}}$'),
    destination text NOT NULL CHECK (destination ~ '^[A-Z]{{2}}$'),
    worksite_city text,
    worksite_admin1 text,
    workers_requested int CHECK (workers_requested >= 0),
    workers_certified int CHECK (workers_certified >= 0),
    status text CHECK (status IN ('submitted', 'incomplete', 'in_modification', 'certified',
        'partly_certified', 'denied', 'rejected', 'withdrawn', 'returned', 'expired')),
    submitted_on date,
    decided_on date CHECK (decided_on >= submitted_on),
    starts_on date,
    ends_on date CHECK (ends_on >= starts_on),
    wage_amount numeric(20, 3) CHECK (wage_amount > 0),
    wage_currency text CHECK (wage_currency ~ '^[A-Z]{{3}}$'),
    wage_period text CHECK (wage_period IN (
        'hour', 'day', 'week', 'fortnight', 'month', 'year', 'piece')),
    overtime_wage numeric(20, 3) CHECK (overtime_wage >= 0),
    hours_per_week numeric(20, 3) CHECK (hours_per_week BETWEEN 1 AND 168),
    agent_name text,
    CHECK ((occupation_code IS NULL) = (occupation_system IS NULL)),
    CHECK ((sector_code IS NULL) = (sector_system IS NULL)),
    CHECK ((wage_amount IS NULL) = (wage_currency IS NULL)),
    CHECK (wage_amount IS NOT NULL OR (wage_period IS NULL AND overtime_wage IS NULL))
);
CREATE INDEX job_order_by_update ON job_order (organisation_id, updated_at, id);
CREATE INDEX job_order_by_update_anywhere ON job_order (updated_at, id);
CREATE INDEX job_order_by_id ON job_order (id);
"""

RECRUITER_LISTING = f"""
CREATE TABLE recruiter_listing ({PUSHED},
    job_order_ref text NOT NULL,
    seq int CHECK (seq >= 1),
    role text NOT NULL,
    organisation_name text,
    city text,
    admin1 text,
    country text NOT NULL CHECK (country ~ '^[A-Z]{{2}}$'),
    persons_named int CHECK (persons_named >= 0),
    registered text NOT NULL CHECK (registered IN ('yes', 'no', 'unknown')),
    CHECK (organisation_name IS NOT NULL OR persons_named > 0)
);
CREATE INDEX recruiter_listing_by_update ON recruiter_listing (organisation_id, updated_at, id);
CREATE INDEX recruiter_listing_by_update_anywhere ON recruiter_listing (updated_at, id);
-- source_system last: beside the key a smaller index with the same beginning slows imports down.
CREATE INDEX recruiter_listing_by_order
    ON recruiter_listing (organisation_id, job_order_ref, source_system);
CREATE INDEX recruiter_listing_by_ref ON recruiter_listing (job_order_ref, updated_at, id);
"""

REGISTER_ENTRY = f"""
CREATE TABLE agency_register_entry ({PUSHED},
    kind text NOT NULL CHECK (kind IN ('licence', 'debarment', 'suspension', 'revocation',
        'penalty', 'case_listed')),
    subject_name text NOT NULL,
    subject_organisation_id uuid REFERENCES organisation,
    city text,
    admin1 text,
    country text NOT NULL CHECK (country ~ '^[A-Z]{{2}}$'),
    register text NOT NULL,
    reference text,
    authority text,
    valid_from date NOT NULL,
    valid_until date CHECK (valid_until >= valid_from),
    related_employer_name text,
    status text,
    source_note text
);
CREATE INDEX agency_register_entry_by_update
    ON agency_register_entry (organisation_id, updated_at, id);
CREATE INDEX agency_register_entry_by_update_anywhere ON agency_register_entry (updated_at, id);
CREATE INDEX agency_register_entry_by_id ON agency_register_entry (id);
CREATE INDEX agency_register_entry_by_subject
    ON agency_register_entry (subject_organisation_id, updated_at, id);
"""

# An agency states its own licences; findings are the institute's to record.
ABOUT_ITSELF = "(kind = 'licence' AND subject_organisation_id = organisation_id)"


def upgrade() -> None:
    run(PLACEMENT, INTERVIEW, JOB_ORDER, RECRUITER_LISTING, REGISTER_ENTRY)
    about_no_fees(NO_FEES)
    function("placement_supplier()", "trigger", SUPPLIER)
    run(
        "CREATE TRIGGER supplier BEFORE INSERT OR UPDATE OF site_id ON placement "
        "FOR EACH ROW EXECUTE FUNCTION gate.placement_supplier()"
    )
    own("post_arrival_interview", "INSERT")
    own("job_order", "INSERT", "UPDATE", institute_reads=True)
    own("recruiter_listing", "INSERT", "UPDATE", institute_reads=True)
    guard("agency_register_entry")
    policy("agency_register_entry", "SELECT", MINE)
    policy("agency_register_entry", "SELECT", INSTITUTE, name="institute")
    for command in ("INSERT", "UPDATE"):
        writer = f"{MINE} AND ({INSTITUTE} OR {ABOUT_ITSELF})"
        policy("agency_register_entry", command, writer)


def downgrade() -> None:
    about_no_fees(NO_LINES)
    run(
        "DROP TABLE agency_register_entry, recruiter_listing, job_order, post_arrival_interview",
        "DROP TRIGGER supplier ON placement",
        "DROP FUNCTION gate.placement_supplier()",
        "ALTER TABLE worker_statement DROP COLUMN contract_arrival",
        "ALTER TABLE placement DROP COLUMN contract_origin, DROP COLUMN contract_arrival, "
        "DROP COLUMN voided_at, DROP COLUMN void_reason",
    )
