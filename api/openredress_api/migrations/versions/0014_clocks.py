"""Which grievance a duplicate was merged into; an index for clocks that run out.

Kinds: no new table.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run(
        """ALTER TABLE grievance ADD merged_into_id uuid,
            ADD FOREIGN KEY (organisation_id, merged_into_id) REFERENCES grievance,
            ADD CHECK (merged_into_id <> id)""",
        "CREATE INDEX grievance_by_merge ON grievance (organisation_id, merged_into_id) "
        "WHERE merged_into_id IS NOT NULL",
        "CREATE INDEX grievance_by_severity ON grievance (organisation_id, severity, status) "
        "WHERE severity IS NOT NULL AND status IN ('received', 'acknowledged', 'triaged', "
        "'in_investigation', 'action_agreed', 'reopened')",
    )


def downgrade() -> None:
    run(
        "DROP INDEX grievance_by_severity",
        "ALTER TABLE grievance DROP merged_into_id",
    )
