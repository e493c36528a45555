"""Files in bulk: imports, what was found in them, what each merge wrote, saved mappings.

Kinds: bulk_import, bulk_import_finding, bulk_import_batch, import_mapping: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import INSTITUTE, MINE, TO_ME, function, own, policy, run

revision = "0015"
down_revision = "0014"

# What follows from a record: news to those it concerns, and work for the institute.
FUNCTIONS = ("publish", "raise_task", "os_id_is_contested", "is_partner", "drop_content")
# What the worker does in a sender's name, as (table, commands, for which rows, name of the policy):
# nothing that the sender could not do itself.
RIGHTS = (
    ("grievance", "SELECT INSERT UPDATE", MINE, "mine"),
    ("grievance_status_change", "SELECT INSERT", MINE, "mine"),
    ("headcount", "SELECT INSERT UPDATE DELETE", MINE, "mine"),
    ("contact_volume", "SELECT INSERT UPDATE DELETE", MINE, "mine"),
    ("placement", "SELECT INSERT UPDATE", MINE, "mine"),
    ("job_order", "SELECT INSERT UPDATE", MINE, "mine"),
    ("recruiter_listing", "SELECT INSERT UPDATE", MINE, "mine"),
    ("agency_register_entry", "SELECT INSERT UPDATE", MINE, "mine"),
    ("site", "SELECT INSERT UPDATE", MINE, "mine"),
    # An agency names sites of the suppliers that it works with.
    ("site", "SELECT", "gate.is_partner(organisation_id, id)", "partner"),
    ("relation", "SELECT", f"{MINE} OR {TO_ME}", "party"),
    ("relation_confirmation", "SELECT", f"{MINE} OR {TO_ME}", "party"),
    # The institute counts contacts at anybody's sites, and enters licences of anybody.
    ("site", "SELECT", INSTITUTE, "institute"),
    ("organisation", "SELECT", INSTITUTE, "institute"),
    ("organisation", "SELECT", MINE, "mine"),
    ("mechanism", "SELECT", MINE, "mine"),
    # A fee line cites files of its sender's own.
    ("evidence", "SELECT", MINE, "mine"),
    ("bulk_import", "SELECT UPDATE", MINE, "mine"),
    ("bulk_import_finding", "SELECT INSERT DELETE", MINE, "mine"),
    ("bulk_import_batch", "SELECT INSERT DELETE", MINE, "mine"),
    ("import_mapping", "SELECT", MINE, "mine"),
    ("content", "INSERT UPDATE", MINE, "mine"),
    ("content_part", "INSERT", MINE, "mine"),
    ("data_key", "SELECT", MINE, "mine"),
    ("audit", "INSERT", MINE, "mine"),
)


def upgrade() -> None:
    run(
        """CREATE TABLE bulk_import (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            content_id uuid,
            corrections_id uuid,
            size bigint NOT NULL,
            job_id uuid,
            record text NOT NULL,
            format text NOT NULL CHECK (format IN ('ndjson', 'csv', 'xlsx')),
            compression text NOT NULL CHECK (compression IN ('none', 'gzip', 'zstd')),
            source_system text NOT NULL,
            reading jsonb NOT NULL,
            mode text NOT NULL CHECK (mode IN ('check', 'upsert', 'replace_period')),
            commit_by text NOT NULL CHECK (commit_by IN ('row', 'all')),
            is_complete boolean NOT NULL,
            state text NOT NULL CHECK (state IN ('receiving', 'waiting', 'checking', 'merging',
                'checked', 'done', 'refused', 'failed', 'cancelled')),
            cancel_asked boolean NOT NULL DEFAULT false,
            counts jsonb NOT NULL,
            resume_line int NOT NULL DEFAULT 0,
            batches int NOT NULL DEFAULT 0,
            findings int NOT NULL DEFAULT 0,
            rows_per_second double precision,
            seconds_left int,
            fault jsonb,
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            ended_at timestamptz,
            updated_at timestamptz NOT NULL,
            version int NOT NULL DEFAULT 1,
            PRIMARY KEY (organisation_id, id),
            FOREIGN KEY (organisation_id, content_id) REFERENCES content,
            FOREIGN KEY (organisation_id, corrections_id) REFERENCES content,
            FOREIGN KEY (organisation_id, job_id) REFERENCES job
        )""",
        "CREATE INDEX bulk_import_by_update ON bulk_import (organisation_id, updated_at, id)",
        "CREATE INDEX bulk_import_by_end ON bulk_import (coalesce(ended_at, updated_at)) "
        "WHERE content_id IS NOT NULL",
        "CREATE INDEX bulk_import_by_content ON bulk_import (organisation_id, content_id)",
        """CREATE TABLE bulk_import_finding (
            organisation_id uuid NOT NULL,
            id uuid NOT NULL,
            import_id uuid NOT NULL,
            line int NOT NULL,
            weight text NOT NULL CHECK (weight IN ('must_fix', 'please_check', 'information')),
            code text NOT NULL,
            params jsonb NOT NULL,
            pointer text NOT NULL,
            heading text,
            sealed bytea NOT NULL,
            PRIMARY KEY (organisation_id, id),
            FOREIGN KEY (organisation_id, import_id) REFERENCES bulk_import
        )""",
        "CREATE INDEX bulk_import_finding_by_line ON bulk_import_finding "
        "(organisation_id, import_id, line, id)",
        """CREATE TABLE bulk_import_batch (
            organisation_id uuid NOT NULL,
            import_id uuid NOT NULL,
            number int NOT NULL,
            last_line int NOT NULL,
            digest bytea NOT NULL CHECK (length(digest) = 32),
            listing bytea NOT NULL,
            stored_at timestamptz NOT NULL,
            PRIMARY KEY (organisation_id, import_id, number),
            FOREIGN KEY (organisation_id, import_id) REFERENCES bulk_import
        )""",
        """CREATE TABLE import_mapping (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            record text NOT NULL,
            source_system text NOT NULL,
            columns jsonb NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version int NOT NULL DEFAULT 1,
            PRIMARY KEY (organisation_id, id),
            UNIQUE (organisation_id, record, source_system)
        )""",
        "ALTER TABLE grievance ADD missing_from_source_since timestamptz",
        "ALTER TABLE placement ADD missing_from_source_since timestamptz",
    )
    function(
        "forget_imported_files(days int)",
        "int",
        """
        DECLARE one record; forgotten int := 0;
        BEGIN
          -- What was read of a row may hold more than is kept of it; counts and lists stay. One at
          -- a time: a large one must not keep the others.
          SELECT b.organisation_id, b.id, b.content_id, b.corrections_id INTO one
            FROM public.bulk_import b WHERE b.content_id IS NOT NULL
            AND coalesce(b.ended_at, b.updated_at)
              < transaction_timestamp() - make_interval(days => days)
            AND (b.ended_at IS NOT NULL OR b.state = 'receiving')
            ORDER BY coalesce(b.ended_at, b.updated_at) LIMIT 1 FOR UPDATE SKIP LOCKED;
          IF FOUND THEN
            UPDATE public.bulk_import b SET content_id = NULL, corrections_id = NULL,
                state = CASE b.state WHEN 'receiving' THEN 'cancelled' ELSE b.state END,
                ended_at = coalesce(b.ended_at, transaction_timestamp()),
                reading = b.reading || '{"columns": [], "questions": [], "mapping": null,
                  "chosen": null, "sheet": null}'
              WHERE b.organisation_id = one.organisation_id AND b.id = one.id;
            DELETE FROM public.bulk_import_finding f
              WHERE f.organisation_id = one.organisation_id AND f.import_id = one.id;
            DELETE FROM public.content c WHERE c.organisation_id = one.organisation_id
              AND c.id IN (one.content_id, one.corrections_id);
            forgotten := 1;
          END IF;
          RETURN forgotten;
        END""",
        to="delivery",
    )
    own("bulk_import", "INSERT", "UPDATE")
    own("bulk_import_finding")
    own("bulk_import_batch")
    own("import_mapping", "INSERT", "UPDATE", "DELETE")
    for table, commands, rows, named in RIGHTS:
        for command in commands.split():
            policy(table, command, rows, role="import", name=named)
    for name in FUNCTIONS:
        run(f"GRANT EXECUTE ON FUNCTION gate.{name} TO openredress_import")


def downgrade() -> None:
    for table, commands, _, named in RIGHTS:
        for command in commands.split():
            run(
                f"DROP POLICY import_{named}_{command.lower()} ON {table}",
                f"REVOKE {command} ON {table} FROM openredress_import",
            )
    for name in FUNCTIONS:
        run(f"REVOKE EXECUTE ON FUNCTION gate.{name} FROM openredress_import")
    run(
        "DROP FUNCTION gate.forget_imported_files(int)",
        "ALTER TABLE placement DROP missing_from_source_since",
        "ALTER TABLE grievance DROP missing_from_source_since",
        "DROP TABLE import_mapping, bulk_import_batch, bulk_import_finding, bulk_import",
    )
