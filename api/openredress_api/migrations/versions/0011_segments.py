"""Segments of headcounts: how many of the workers are women, come from abroad and so on.

Kinds: headcount stays own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run("ALTER TABLE headcount ADD COLUMN segments jsonb")


def downgrade() -> None:
    run("ALTER TABLE headcount DROP COLUMN segments")
