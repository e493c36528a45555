"""Releases of figures, one report per audience, and the cells of each report.

Kinds: metric_release: own · metric_report, metric_cell: addressed, read by their audience once
the release is published. The institute alone writes them, reports and cells only while their
release is a draft; no role but the owner changes a cell, a report or a published release.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import (
    INSTITUTE,
    MINE,
    TO_ME,
    function,
    guard,
    policy,
    run,
)

revision = "0008"
down_revision = "0007"

DRAFTED = (
    "EXISTS (SELECT 1 FROM metric_release r WHERE r.organisation_id = {0}.organisation_id "
    "AND r.id = {0}.release_id AND r.status = 'draft')"
)


def upgrade() -> None:
    run(
        """CREATE TABLE metric_release (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            period text NOT NULL CHECK (period ~ '^[0-9]{4}-Q[1-4]$'),
            cut_off_at timestamptz NOT NULL,
            status text NOT NULL CHECK (status IN ('draft', 'preview', 'approved', 'published')),
            drafted_by uuid NOT NULL,
            drafted_at timestamptz NOT NULL,
            preview_at timestamptz,
            approved_by uuid,
            published_at timestamptz,
            updated_at timestamptz NOT NULL,
            version int NOT NULL DEFAULT 1,
            PRIMARY KEY (organisation_id, id),
            UNIQUE (organisation_id, period),
            -- Who drafts a release does not approve it.
            CHECK (approved_by <> drafted_by),
            CHECK ((status IN ('approved', 'published')) = (approved_by IS NOT NULL)),
            CHECK ((status = 'draft') = (preview_at IS NULL)),
            CHECK ((status = 'published') = (published_at IS NOT NULL))
        )""",
        "CREATE INDEX metric_release_by_update ON metric_release (organisation_id, updated_at, id)",
        """CREATE TABLE metric_report (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            recipient_id uuid NOT NULL REFERENCES organisation,
            release_id uuid NOT NULL,
            period text NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (organisation_id, id),
            UNIQUE (organisation_id, release_id, recipient_id),
            -- What a cell repeats of its report, so that no cell can name another audience.
            UNIQUE (organisation_id, id, release_id, recipient_id, period),
            FOREIGN KEY (organisation_id, release_id) REFERENCES metric_release
        )""",
        "CREATE INDEX metric_report_by_id ON metric_report (id)",
        "CREATE INDEX metric_report_by_recipient ON metric_report (recipient_id, created_at, id)",
        """CREATE TABLE metric_cell (
            organisation_id uuid NOT NULL,
            report_id uuid NOT NULL,
            recipient_id uuid NOT NULL,
            release_id uuid NOT NULL,
            period text NOT NULL,
            metric text NOT NULL,
            definition_version int NOT NULL,
            unit text NOT NULL,
            provenance text NOT NULL CHECK (provenance IN
                ('verified', 'supplier_reported', 'agency_reported', 'mixed')),
            value numeric,
            numerator bigint,
            denominator bigint,
            reason text CHECK (reason IN
                ('no_exposure', 'suppressed', 'not_reached', 'overlapping_scope')),
            rule text,
            coverage_band text CHECK (coverage_band IN ('<50', '50-79', '>=80')),
            PRIMARY KEY (organisation_id, report_id, metric),
            FOREIGN KEY (organisation_id, report_id, release_id, recipient_id, period)
                REFERENCES metric_report (organisation_id, id, release_id, recipient_id, period),
            -- Empty, hidden and zero never look alike: every null has its reason.
            CHECK ((value IS NULL) = (reason IS NOT NULL)),
            -- A hidden value's parts would give it away.
            CHECK (reason IS NULL OR reason IN ('no_exposure', 'not_reached')
                OR (numerator IS NULL AND denominator IS NULL AND coverage_band IS NULL))
        )""",
        "CREATE INDEX metric_cell_by_recipient ON metric_cell (recipient_id, period, metric)",
    )
    writer = f"{MINE} AND {INSTITUTE}"
    guard("metric_release")
    policy("metric_release", "SELECT", MINE)
    policy("metric_release", "INSERT", f"{writer} AND status = 'draft'")
    run(
        "CREATE POLICY app_mine_update ON metric_release FOR UPDATE TO openredress_app "
        f"USING ({writer} AND status <> 'published') WITH CHECK ({writer})",
        "GRANT UPDATE (status, preview_at, approved_by, published_at, updated_at, version) "
        "ON metric_release TO openredress_app",
    )
    function(
        "is_published(release uuid)",
        "boolean",
        """
        BEGIN
          RETURN EXISTS (SELECT 1 FROM public.metric_release r
            WHERE r.id = release AND r.status = 'published');
        END""",
        to="app",
        kind="STABLE",
    )
    for table in ("metric_report", "metric_cell"):
        guard(table)
        policy(table, "INSERT", f"{writer} AND {DRAFTED.format(table)}")
        policy(table, "SELECT", f"{MINE} OR ({TO_ME} AND gate.is_published(release_id))")
        policy(table, "SELECT", INSTITUTE, name="institute")


def downgrade() -> None:
    run("DROP TABLE metric_cell, metric_report, metric_release")
    run("DROP FUNCTION gate.is_published(uuid)")
