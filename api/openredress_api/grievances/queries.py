"""The hot verb of the register: one statement that stores a pushed grievance and its steps.

A push proposes: the row changes only if it differs, is not outdated, and the lifecycle leads
from the present status to the proposed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from openredress_api.foundation.database import Transaction, driver_connection
from openredress_api.grievances.rules import ENDED, MOMENTS, ways_to

KEY = ("source_system", "external_id")
CONTENT = (
    *("site_id", "category", "channel", "severity", "status", "received_at", "received_at_basis"),
    *("acknowledged_at", "resolved_at", "closed_at", "workers_affected", "is_anonymous"),
    *("withdrawal_reason", "out_of_scope_reason", "remedy_amount", "remedy_currency", "is_test"),
)
# When each step was taken, as the row says it.
MOMENTS_SQL = " ".join(f"WHEN '{status}' THEN {name}" for status, name in MOMENTS.items())
_WRITTEN = (
    *("organisation_id", "id", *KEY, *CONTENT, "source_updated_at", "created_at", "updated_at"),
)
_PARTS = {
    "columns": ", ".join(_WRITTEN),
    "given": ", ".join(f"%({name})s" for name in _WRITTEN),
    "content": ", ".join(f"{name} = excluded.{name}" for name in CONTENT),
    "old": ", ".join(f"g.{name}" for name in CONTENT),
    "new": ", ".join(f"excluded.{name}" for name in CONTENT),
    "moments": MOMENTS_SQL,
}
# Written for few bytes: psycopg keeps the parsed form of statements up to 4,096 only.
# ways is the lifecycle as rules.ways_to() gives it; replaced_status tells what an update found,
# which RETURNING could not. A row without source_updated_at says nothing about its age, and
# whoever closes what a worker reopened must have written the row after the reopening.
_STATEMENT = """WITH stored AS (
INSERT INTO grievance AS g ({columns}) VALUES ({given})
ON CONFLICT (organisation_id, source_system, external_id) DO UPDATE SET {content},
source_updated_at = coalesce(excluded.source_updated_at, g.source_updated_at),
replaced_status = g.status, replaced_severity = g.severity, replaced_category = g.category,
updated_at = excluded.updated_at, version = g.version + 1,
missing_from_source_since = NULL
WHERE ({old}, g.source_updated_at, g.missing_from_source_since) IS DISTINCT FROM
({new}, coalesce(excluded.source_updated_at, g.source_updated_at), NULL)
AND g.voided_at IS NULL
AND (excluded.source_updated_at < g.source_updated_at) IS NOT TRUE
AND CAST(%(ways)s AS jsonb) ? g.status
AND NOT (%(ends)s AND g.status <> excluded.status AND (
coalesce(excluded.source_updated_at < g.reopened_at, g.status = 'reopened')))
RETURNING g.*
), taken AS (
INSERT INTO grievance_status_change
(organisation_id, id, recipient_id, grievance_id, to_status, at, source, recorded_at)
SELECT organisation_id, gen_random_uuid(), organisation_id, id, step,
CASE step {moments} END,
CASE step WHEN status THEN 'reported' ELSE 'import' END,
updated_at + place * interval '1 microsecond'
FROM stored, jsonb_array_elements_text(CAST(%(ways)s AS jsonb) -> coalesce(replaced_status, ''))
WITH ORDINALITY AS way (step, place)
)
SELECT id, version, created_at, reopened_at, merged_into_id, replaced_status,
replaced_severity, replaced_category FROM stored"""
STORE = _STATEMENT.format(**_PARTS).encode("ascii")


class Stored(NamedTuple):
    """What the statement wrote; `replaced_status` None: the grievance is new."""

    id: UUID
    version: int
    created_at: datetime
    reopened_at: datetime | None
    merged_into_id: UUID | None
    replaced_status: str | None
    replaced_severity: str | None
    replaced_category: str | None


def store(transaction: Transaction, row: Mapping[str, Any]) -> Stored | None:
    """Store `row`, which has every column that a push writes, with its steps.

    None: nothing was written. ForeignKeyViolation: the site is not one of the caller's. The driver
    is asked directly: SQLAlchemy's way to it costs as much processor time as all checks of a row.
    """
    status = row["status"]
    given = {**row, "ways": ways_to(status), "ends": status in ENDED}
    found = driver_connection(transaction.connection).execute(STORE, given).fetchone()
    return Stored(*found) if found else None
