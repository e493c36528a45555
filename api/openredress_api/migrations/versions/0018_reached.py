"""Whoever has read a feed was reached; looking for that, and for what is old, stays cheap."""

from __future__ import annotations

from openredress_api.migrations.kinds import run

revision = "0018"
down_revision = "0017"

# An offer that nobody took ends after 30 days: older entries tell of no one who waits.
EDIT = """
DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('gate.raise_fallbacks'::regproc), $a${}$a$,
    $a${}$a$);
END $do$"""
ENDLESS = "WHERE a.organisation_id = u.recipient_id"
BOUNDED = "WHERE a.organisation_id = u.recipient_id AND a.at > now() - interval '45 days'"


def upgrade() -> None:
    run(
        EDIT.format(ENDLESS, BOUNDED),
        "CREATE INDEX event_by_retention ON event (retention_until)",
    )


def downgrade() -> None:
    run("DROP INDEX event_by_retention", EDIT.format(BOUNDED, ENDLESS))
