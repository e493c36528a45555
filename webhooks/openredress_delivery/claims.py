"""Which worker sends what: leases on deliveries.

No transaction is open while a request is under way. A lease outlives the longest exchange, so
nobody needs to renew it; who lost one anyway has his attempt stored and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from openredress_delivery.retries import NETWORK_FAILURES
from openredress_delivery.transport import EXCHANGE_MS

LEASE_SECONDS = EXCHANGE_MS // 1_000 + 30
PUT_OFF_SECONDS = 600

# What may leave at all; of most there is nothing to ask. In order: the earlier one of a subject
# goes first, and none beside it; what was held for the endpoint's sake is about to go, too. Nothing
# is sent to who has not proved that he wants it, but the question itself.
_MAY_LEAVE = """w.organisation_id = e.organisation_id AND w.endpoint_id = e.id AND w.lane = {lane}
        AND w.state IN ('due', 'waiting') AND w.due_at <= (SELECT clock_timestamp())
        AND CASE WHEN e.state = 'active' AND e.skip_before IS NULL AND w.order_key IS NULL THEN true
        ELSE (e.state = 'active' OR w.cause = 'verify')
            AND (e.skip_before IS NULL OR w.cause <> 'auto' OR EXISTS (SELECT FROM event s
                WHERE s.organisation_id = w.organisation_id AND s.id = w.event_id
                AND s.occurred_at >= e.skip_before))
            AND (w.order_key IS NULL OR NOT EXISTS (SELECT FROM delivery b
                WHERE b.organisation_id = w.organisation_id AND b.endpoint_id = w.endpoint_id
                AND b.order_key = w.order_key AND b.state IN ('due', 'waiting', 'leased', 'held')
                AND b.state_reason IS DISTINCT FROM 'blocks_its_subject'
                AND (b.state = 'leased' OR (b.order_place, b.id) < (w.order_place, w.id))))
        END"""
_MOST = f"CASE WHEN e.network_failures >= {NETWORK_FAILURES} THEN 1 ELSE e.max_in_flight END"
_BUSY = """(SELECT count(*) FROM delivery l WHERE l.organisation_id = e.organisation_id
        AND l.endpoint_id = e.id AND l.state = 'leased')"""

# Two statements: the second must see what was leased before the first got its locks, and a
# statement's snapshot is older than its locks. Without that two workers lease twice the limit.
# Who can take nothing is no candidate: enough of them would keep the others waiting.
_LOCK_ENDPOINTS = text(f"""
SELECT e.organisation_id, e.id FROM webhook_endpoint e
WHERE e.state IN ('active', 'pending_verification')
    AND (e.probe_at IS NULL OR e.probe_at <= (SELECT clock_timestamp()))
    AND (e.bucket_at IS NULL OR e.bucket_at <= (SELECT clock_timestamp()))
    AND (EXISTS (SELECT FROM delivery w WHERE {_MAY_LEAVE.format(lane=0)})
            AND {_BUSY} < {_MOST}
        OR EXISTS (SELECT FROM delivery w WHERE {_MAY_LEAVE.format(lane=1)})
            AND {_BUSY} < least({_MOST}, greatest(1, e.max_in_flight - 1)))
ORDER BY random() LIMIT 64
FOR NO KEY UPDATE SKIP LOCKED
""")  # noqa: S608 - numbers and lanes of our own

_LANE = f"""SELECT * FROM (SELECT w.organisation_id, w.id, w.lane FROM delivery w
        WHERE {_MAY_LEAVE}
        ORDER BY w.due_at LIMIT {{limit}} FOR NO KEY UPDATE OF w SKIP LOCKED) AS lane_{{lane}}"""  # noqa: S608 - as above

_LATE = "greatest(0, least(e.places, e.max_in_flight - e.busy - (e.max_in_flight > 1)::int))"

# A bucket of tokens kept as one moment: when the next one is there. Whoever was late finds a few
# saved up; they come so much slower that no minute sees more than its rate. An open breaker lets
# one through as a probe. One place is kept free for what is new.
_LEASE = text(f"""
WITH open AS (
    SELECT e.*, t.token, pace.since, busy.number AS busy,
        least({_MOST} - busy.number, 1 + floor(extract(epoch FROM now.moment - pace.since)
            / extract(epoch FROM t.token)))::int AS places
    FROM unnest(CAST(:organisations AS uuid[]), CAST(:endpoints AS uuid[]))
        AS locked (organisation_id, id)
    JOIN webhook_endpoint e USING (organisation_id, id)
    CROSS JOIN (SELECT clock_timestamp() AS moment) AS now
    CROSS JOIN LATERAL {_BUSY} AS busy (number)
    CROSS JOIN LATERAL (SELECT least(e.max_in_flight - 1, e.rate_per_min / 10) AS saved) AS purse
    CROSS JOIN LATERAL (SELECT interval '1 minute' / (e.rate_per_min - purse.saved) AS token) AS t
    CROSS JOIN LATERAL (
        SELECT greatest(e.bucket_at, now.moment - purse.saved * t.token) AS since) AS pace
    WHERE e.state IN ('active', 'pending_verification')
), ready AS (
    SELECT * FROM (
        SELECT d.organisation_id, d.id, d.lane, e.url,
            row_number() OVER (PARTITION BY e.organisation_id, e.id ORDER BY d.lane) AS place,
            e.places
        FROM open e CROSS JOIN LATERAL (
            {_LANE.format(lane=0, limit="greatest(0, e.places)")}
            UNION ALL
            {_LANE.format(lane=1, limit=_LATE)}
        ) AS d) AS both_lanes
    WHERE place <= places
    ORDER BY lane, random() LIMIT :room
), leased AS (
    UPDATE delivery d SET state = 'leased', lease_owner = :worker,
        lease_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM ready r
    WHERE d.organisation_id = r.organisation_id AND d.id = r.id AND d.state IN ('due', 'waiting')
    RETURNING d.*, r.url
), spent AS (
    UPDATE webhook_endpoint e SET bucket_at = o.since + s.number * o.token
    FROM open o JOIN (SELECT organisation_id, endpoint_id, count(*) AS number FROM leased
        GROUP BY organisation_id, endpoint_id) AS s
        ON s.organisation_id = o.organisation_id AND s.endpoint_id = o.id
    WHERE e.organisation_id = o.organisation_id AND e.id = o.id AND e.rate_per_min IS NOT NULL
)
SELECT l.organisation_id, l.id AS delivery_id, l.endpoint_id, l.lease_until,
    l.attempt_count + 1 AS attempt, l.url, v.id AS event_id, v.webhook_id, v.type, v.body,
    l.cause, l.order_key IS NOT NULL AND EXISTS (SELECT FROM delivery h
        WHERE h.organisation_id = l.organisation_id AND h.endpoint_id = l.endpoint_id
        AND h.order_key = l.order_key AND h.state IN ('held', 'failed')
        AND h.order_place < l.order_place AND NOT EXISTS (SELECT FROM delivery a
            WHERE a.organisation_id = h.organisation_id AND a.event_id = h.event_id
            AND a.endpoint_id = h.endpoint_id AND a.state = 'succeeded')) AS gap
FROM leased l JOIN event v ON v.organisation_id = l.organisation_id AND v.id = l.event_id
""")  # noqa: S608 - numbers and lanes of our own
_KEYS = text("""
SELECT k.organisation_id, k.endpoint_id, k.id, k.kind, k.sealed
FROM unnest(CAST(:organisations AS uuid[]), CAST(:endpoints AS uuid[]))
    AS wanted (organisation_id, endpoint_id)
JOIN webhook_key k USING (organisation_id, endpoint_id)
WHERE k.revoked_at IS NULL AND (k.not_after IS NULL OR k.not_after > clock_timestamp())
ORDER BY k.created_at DESC, k.id
""")
_ACCESS = text("""
SELECT e.organisation_id, e.id AS endpoint_id, e.token_url, e.token_client_id, e.token_scope,
    e.sealed
FROM unnest(CAST(:organisations AS uuid[]), CAST(:endpoints AS uuid[]))
    AS wanted (organisation_id, id)
JOIN webhook_endpoint e USING (organisation_id, id)
WHERE e.sealed IS NOT NULL
""")
_HOLD = text("""
UPDATE delivery d SET state = 'held', state_reason = :reason, lease_until = NULL,
    lease_owner = NULL
FROM unnest(CAST(:organisations AS uuid[]), CAST(:deliveries AS uuid[]))
    AS held (organisation_id, id)
WHERE d.organisation_id = held.organisation_id AND d.id = held.id
""")

# As it was before the lease, and with the moment that was planned before kept beside the new one,
# so that its owner sees no difference.
_PUT_OFF = text("""
UPDATE delivery d SET state = CASE d.attempt_count WHEN 0 THEN 'due' ELSE 'waiting' END,
    put_off_from = CASE WHEN d.put_off_to = d.due_at THEN d.put_off_from ELSE d.due_at END,
    put_off_to = later.moment, due_at = later.moment, lease_until = NULL, lease_owner = NULL
FROM (SELECT *, clock_timestamp() + make_interval(secs => :seconds) AS moment
    FROM unnest(CAST(:organisations AS uuid[]), CAST(:deliveries AS uuid[]))
        AS named (organisation_id, id)) AS later
WHERE d.organisation_id = later.organisation_id AND d.id = later.id
""")

Endpoint = tuple[UUID, UUID]
"""Organisation and id."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery under lease, with its event and where it goes.

    `attempt` is the number of the coming attempt, from 1; `lease_until` tells this lease from a
    later one of the same worker; `gap`: an earlier event of its subject did not arrive.
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
    body: bytes
    cause: str
    gap: bool

    @property
    def endpoint(self) -> Endpoint:
        """The key of the endpoint it goes to."""
        return self.organisation_id, self.endpoint_id


def claim(connection: Connection, worker: UUID, room: int) -> list[Claimed]:
    """Lease up to `room` due deliveries, for each endpoint no more than it takes at a time."""
    # The index gives them in their order; a bitmap of all that is due would be sorted each time.
    connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
    endpoints = connection.execute(_LOCK_ENDPOINTS).all()
    if not endpoints:
        return []
    rows = connection.execute(
        _LEASE,
        {**_columns(endpoints), "room": room, "worker": worker, "seconds": LEASE_SECONDS},
    )
    # The statement returns the columns in the order of the fields.
    return [Claimed(*row) for row in rows]


def hold(connection: Connection, claimed: Sequence[Claimed], reason: str) -> None:
    """Keep deliveries that must not be sent now."""
    connection.execute(
        _HOLD,
        {
            **_keys(claimed),
            "reason": reason,
        },
    )


def permitted(
    connection: Connection, claimed: Sequence[Claimed], bodies: Mapping[UUID, bytes | None]
) -> list[Claimed]:
    """Those that leave now, each with its body of `bodies`; the others are put off or held."""
    kept = [one for one in claimed if one.delivery_id not in bodies]
    if kept:
        hold(connection, kept, "not_permitted")
    leaving = [(one, bodies[one.delivery_id]) for one in claimed if one.delivery_id in bodies]
    later = [one for one, body in leaving if body is None]
    if later:
        connection.execute(_PUT_OFF, {**_keys(later), "seconds": PUT_OFF_SECONDS})
    return [replace(one, body=body) for one, body in leaving if body is not None]


def sealed_keys(connection: Connection, endpoints: Iterable[Endpoint]) -> Sequence[Row[Any]]:
    """The valid keys of these endpoints, newest first: organisation, endpoint, id, kind, sealed."""
    return connection.execute(_KEYS, _columns(endpoints)).all()


def sealed_access(connection: Connection, endpoints: Iterable[Endpoint]) -> Sequence[Row[Any]]:
    """What these endpoints ask for besides a signature, sealed; those that ask for nothing lack."""
    return connection.execute(_ACCESS, _columns(endpoints)).all()


def _keys(claimed: Iterable[Claimed]) -> dict[str, list[UUID]]:
    pairs = [(one.organisation_id, one.delivery_id) for one in claimed]
    return {
        "organisations": [one for one, _ in pairs],
        "deliveries": [one for _, one in pairs],
    }


def _columns(endpoints: Iterable[Endpoint | Row[Any]]) -> dict[str, list[UUID]]:
    pairs = [tuple(endpoint) for endpoint in endpoints]
    return {"organisations": [one for one, _ in pairs], "endpoints": [one for _, one in pairs]}
