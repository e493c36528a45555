"""Placements as agencies state them, and what workers state of them.

Kinds: placement: own, read by the institute · worker_statement: own of the institute.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import own, run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run(
        """CREATE TABLE placement (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            source_system text NOT NULL,
            external_id text NOT NULL,
            worker_pseudonym text NOT NULL,
            origin text NOT NULL CHECK (origin ~ '^[A-Z]{2}$'),
            destination text NOT NULL CHECK (destination ~ '^[A-Z]{2}$'),
            supplier_id uuid,
            site_id uuid,
            job_order_ref text,
            status text NOT NULL CHECK (status IN ('job_order_received', 'worker_registered',
                'offer_explained', 'contract_signed_origin', 'predeparture_done', 'departed',
                'arrived', 'working', 'post_arrival_interview_done', 'completed', 'renewed',
                'changed_employer', 'terminated_early', 'returned',
                'cancelled_before_departure')),
            end_reason text,
            arrived_on date,
            no_fees_stated boolean NOT NULL,
            fee_lines jsonb NOT NULL,
            agent_chain jsonb NOT NULL,
            is_test boolean NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version int NOT NULL DEFAULT 1,
            PRIMARY KEY (organisation_id, id),
            UNIQUE (organisation_id, source_system, external_id),
            FOREIGN KEY (supplier_id, site_id) REFERENCES site,
            CHECK ((site_id IS NULL) = (supplier_id IS NULL)),
            -- Zero must be stated: no lines and no statement is unknown, not free of charge.
            CHECK (NOT (no_fees_stated AND fee_lines <> '[]'))
        )""",
        "CREATE INDEX placement_by_update ON placement (organisation_id, updated_at, id)",
        "CREATE INDEX placement_by_id ON placement (id)",
        "CREATE INDEX placement_by_site ON placement (supplier_id, site_id, arrived_on)",
        """CREATE TABLE worker_statement (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            agency_id uuid NOT NULL,
            placement_id uuid NOT NULL,
            stated_on date NOT NULL,
            method text NOT NULL,
            no_fees_stated boolean NOT NULL,
            fee_lines jsonb NOT NULL,
            no_intermediary_stated boolean NOT NULL,
            agent_chain jsonb NOT NULL,
            share_in_aggregates boolean NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (organisation_id, id),
            FOREIGN KEY (agency_id, placement_id) REFERENCES placement (organisation_id, id),
            CHECK (NOT (no_fees_stated AND fee_lines <> '[]')),
            CHECK (NOT (no_intermediary_stated AND agent_chain <> '[]'))
        )""",
        "CREATE INDEX worker_statement_by_placement ON worker_statement (organisation_id, "
        "placement_id, created_at, id)",
    )
    own("placement", "INSERT", "UPDATE", institute_reads=True)
    own("worker_statement", "INSERT")


def downgrade() -> None:
    run("DROP TABLE worker_statement, placement")
