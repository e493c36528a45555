"""Which grievance a duplicate was merged into; an index for clocks that run out.

Kinds: no new table.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import function, lifecycle, run

revision = "0014"
down_revision = "0013"


# What the institute takes up again repeats no other one.
REOPENED = """
BEGIN
  NEW.reopened_at := NEW.updated_at;
  NEW.voided_at := NULL;
  NEW.void_reason := NULL;
  NEW.merged_into_id := NULL;
  RETURN NEW;
END
"""
FORMER = REOPENED.replace("  NEW.merged_into_id := NULL;\n", "")


def upgrade() -> None:
    function("grievance_reopened()", "trigger", REOPENED)
    lifecycle("grievance", "institute: merged_duplicate referred_elsewhere -> reopened")
    run(
        """ALTER TABLE grievance ADD merged_into_id uuid,
            ADD replaced_severity text, ADD replaced_category text,
            ADD FOREIGN KEY (organisation_id, merged_into_id) REFERENCES grievance,
            ADD CHECK (merged_into_id <> id)""",
        "CREATE INDEX grievance_by_merge ON grievance (organisation_id, merged_into_id) "
        "WHERE merged_into_id IS NOT NULL",
        "CREATE INDEX grievance_by_severity ON grievance (organisation_id, severity, status) "
        "WHERE severity IS NOT NULL AND status IN ('received', 'acknowledged', 'triaged', "
        "'in_investigation', 'action_agreed', 'reopened')",
    )


def downgrade() -> None:
    function("grievance_reopened()", "trigger", FORMER)
    run(
        "DELETE FROM gate.transition WHERE kind = 'grievance' AND to_status = 'reopened' "
        "AND from_status IN ('merged_duplicate', 'referred_elsewhere')",
        "DROP INDEX grievance_by_severity",
        "ALTER TABLE grievance DROP merged_into_id, DROP replaced_severity, DROP replaced_category",
    )
