"""Which worker sends what: leases on deliveries.

No transaction is open while a request is under way. A lease outlives the longest exchange, so
nobody needs to renew it; who lost one anyway has his attempt stored and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from openredress_delivery.transport import EXCHANGE_MS

LEASE_SECONDS = EXCHANGE_MS // 1_000 + 30

# Two statements: the second must see what was leased before the first got its locks, and a
# statement's snapshot is older than its locks. Without that two workers lease twice the limit.
_LOCK_ENDPOINTS = text("""
SELECT e.organisation_id, e.id FROM webhook_endpoint e
WHERE e.state = 'active'
    AND EXISTS (SELECT FROM delivery d
        WHERE d.organisation_id = e.organisation_id AND d.endpoint_id = e.id
        AND d.state IN ('due', 'waiting') AND d.due_at <= (SELECT clock_timestamp()))
    AND e.max_in_flight > (SELECT count(*) FROM delivery l
        WHERE l.organisation_id = e.organisation_id AND l.endpoint_id = e.id
        AND l.state = 'leased')
ORDER BY random() LIMIT 64
FOR NO KEY UPDATE SKIP LOCKED
""")
_LEASE = text("""
WITH ready AS (
    SELECT d.organisation_id, d.id, e.url
    FROM unnest(CAST(:organisations AS uuid[]), CAST(:endpoints AS uuid[]))
        AS locked (organisation_id, id)
    JOIN webhook_endpoint e USING (organisation_id, id)
    CROSS JOIN LATERAL (SELECT count(*) AS number FROM delivery l
        WHERE l.organisation_id = e.organisation_id AND l.endpoint_id = e.id
        AND l.state = 'leased') AS busy
    CROSS JOIN LATERAL (SELECT w.organisation_id, w.id FROM delivery w
        WHERE w.organisation_id = e.organisation_id AND w.endpoint_id = e.id
        AND w.state IN ('due', 'waiting') AND w.due_at <= (SELECT clock_timestamp())
        ORDER BY w.due_at LIMIT greatest(0, e.max_in_flight - busy.number)) AS d
    WHERE e.state = 'active'
    LIMIT :room
)
UPDATE delivery d SET state = 'leased', lease_owner = :worker,
    lease_until = clock_timestamp() + make_interval(secs => :seconds)
FROM ready r JOIN event v USING (organisation_id)
WHERE d.organisation_id = r.organisation_id AND d.id = r.id AND v.id = d.event_id
    AND d.state IN ('due', 'waiting')
RETURNING d.organisation_id, d.id AS delivery_id, d.endpoint_id, d.lease_until,
    d.attempt_count + 1 AS attempt, r.url, v.id AS event_id, v.webhook_id, v.type, v.subject,
    v.subject_seq, v.occurred_at, v.data_class, v.body
""")
_KEYS = text("""
SELECT k.organisation_id, k.endpoint_id, k.id, k.kind, k.sealed
FROM unnest(CAST(:organisations AS uuid[]), CAST(:endpoints AS uuid[]))
    AS wanted (organisation_id, endpoint_id)
JOIN webhook_key k USING (organisation_id, endpoint_id)
WHERE k.revoked_at IS NULL AND (k.not_after IS NULL OR k.not_after > clock_timestamp())
ORDER BY k.created_at DESC, k.id
""")
_CANCEL = text("""
UPDATE delivery SET state = 'cancelled', state_reason = :reason, lease_until = NULL,
    lease_owner = NULL
WHERE organisation_id = :organisation_id AND id = :delivery_id
""")

Endpoint = tuple[UUID, UUID]
"""Organisation and id."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery under lease, with its event and where it goes.

    `attempt` is the number of the coming attempt, from 1; `lease_until` tells this lease from a
    later one of the same worker.
    """

    organisation_id: UUID
    delivery_id: UUID
    endpoint_id: UUID
    lease_until: datetime
    attempt: int
    url: str
    event_id: UUID
    webhook_id: str
    type: str
    subject: str
    subject_seq: int
    occurred_at: datetime
    data_class: str
    body: bytes

    @property
    def endpoint(self) -> Endpoint:
        """The key of the endpoint it goes to."""
        return self.organisation_id, self.endpoint_id


def claim(connection: Connection, worker: UUID, room: int) -> list[Claimed]:
    """Lease up to `room` due deliveries, for each endpoint no more than it takes at a time."""
    endpoints = connection.execute(_LOCK_ENDPOINTS).all()
    if not endpoints:
        return []
    rows = connection.execute(
        _LEASE,
        {**_columns(endpoints), "room": room, "worker": worker, "seconds": LEASE_SECONDS},
    )
    # The statement returns the columns in the order of the fields.
    return [Claimed(*row) for row in rows]


def cancel(connection: Connection, claimed: Claimed, reason: str) -> None:
    """End a delivery that must not be sent."""
    connection.execute(
        _CANCEL,
        {
            "organisation_id": claimed.organisation_id,
            "delivery_id": claimed.delivery_id,
            "reason": reason,
        },
    )


def sealed_keys(connection: Connection, endpoints: Iterable[Endpoint]) -> Sequence[Row[Any]]:
    """The valid keys of these endpoints, newest first: organisation, endpoint, id, kind, sealed."""
    return connection.execute(_KEYS, _columns(endpoints)).all()


def _columns(endpoints: Iterable[Endpoint | Row[Any]]) -> dict[str, list[UUID]]:
    pairs = [tuple(endpoint) for endpoint in endpoints]
    return {"organisations": [one for one, _ in pairs], "endpoints": [one for _, one in pairs]}
