"""Agencies' own pseudonyms of workers are sealed with the agency's key (R4).

What stood there in plain goes: without the master key nothing can be sealed here. The next row that
the agency sends of a placement brings it back.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import run

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run(
        "ALTER TABLE placement ALTER worker_pseudonym DROP NOT NULL",
        "UPDATE placement SET worker_pseudonym = NULL",
    )


def downgrade() -> None:
    run(
        "UPDATE placement SET worker_pseudonym = 'removed-' || left(id::text, 8)",
        "ALTER TABLE placement ALTER worker_pseudonym SET NOT NULL",
    )
