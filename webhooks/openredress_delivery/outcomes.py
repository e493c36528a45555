"""What became of each attempt, written in batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from openredress_delivery.claims import Claimed
from openredress_delivery.retries import Verdict
from openredress_delivery.transport import Answer

# Storing the same outcome twice changes nothing: an attempt's key is when it began. The count
# follows the stored attempts, whoever holds the lease; the state follows the lease's holder.
_STORE = text("""
WITH outcome AS (
    SELECT * FROM jsonb_to_recordset(CAST(:outcomes AS jsonb)) AS o (
        organisation_id uuid, delivery_id uuid, lease_until timestamptz, started_at timestamptz,
        duration_ms int, peer_ip inet, status int, error_code text, retry_after_s int,
        head text, state text, delay float)
), known AS (
    SELECT o.*, d.attempt_count + 1 AS n,
        d.lease_owner = :worker AND d.lease_until = o.lease_until IS TRUE AS mine
    FROM delivery d JOIN outcome o
        ON o.organisation_id = d.organisation_id AND o.delivery_id = d.id
    ORDER BY d.organisation_id, d.id FOR UPDATE OF d
), stored AS (
    INSERT INTO attempt (organisation_id, delivery_id, started_at, n, duration_ms, peer_ip,
        status, error_code, retry_after_s, response_head, worker)
    SELECT organisation_id, delivery_id, started_at, n, duration_ms, peer_ip,
        status, error_code, retry_after_s, head, :worker
    FROM known
    ON CONFLICT (organisation_id, delivery_id, started_at) DO NOTHING
    RETURNING organisation_id, delivery_id, started_at
)
UPDATE delivery d SET attempt_count = k.n,
    state = CASE WHEN k.mine THEN k.state ELSE d.state END,
    state_reason = CASE WHEN k.mine THEN k.error_code ELSE d.state_reason END,
    due_at = CASE WHEN k.mine THEN clock_timestamp() + make_interval(secs => k.delay)
        ELSE d.due_at END,
    lease_until = CASE WHEN k.mine THEN NULL ELSE d.lease_until END,
    lease_owner = CASE WHEN k.mine THEN NULL ELSE d.lease_owner END
FROM known k JOIN stored USING (organisation_id, delivery_id, started_at)
WHERE d.organisation_id = k.organisation_id AND d.id = k.delivery_id
RETURNING d.id, k.mine
""")
_DISABLE = text("""
UPDATE webhook_endpoint SET state = 'disabled', state_reason = 'gone',
    state_since = clock_timestamp(), version = version + 1
WHERE organisation_id = :organisation_id AND id = :endpoint_id AND state IN ('active', 'paused')
""")
# SKIP LOCKED: what another worker is writing now is looked at in the next sweep.
_FREE = text("""
UPDATE delivery SET state = 'due', state_reason = 'worker_lost', lease_until = NULL,
    lease_owner = NULL
WHERE (organisation_id, id) IN (
    SELECT organisation_id, id FROM delivery
    WHERE state = 'leased' AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED)
""")
_REST = text("""
WITH idle AS (
    SELECT d.organisation_id, d.id, e.state AS endpoint_state
    FROM webhook_endpoint e JOIN delivery d
        ON d.organisation_id = e.organisation_id AND d.endpoint_id = e.id
        AND d.state IN ('due', 'waiting')
    WHERE e.state IN ('disabled', 'deleted')
    LIMIT 1000 FOR UPDATE OF d SKIP LOCKED
)
UPDATE delivery d SET state_reason = 'endpoint_' || i.endpoint_state,
    state = CASE i.endpoint_state WHEN 'deleted' THEN 'cancelled' ELSE 'held' END
FROM idle i WHERE d.organisation_id = i.organisation_id AND d.id = i.id
""")

_RESUME = text("""
UPDATE delivery d SET state = 'due', state_reason = NULL, due_at = clock_timestamp()
FROM webhook_endpoint e
WHERE d.state = 'held' AND e.state = 'active'
    AND e.organisation_id = d.organisation_id AND e.id = d.endpoint_id
""")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finished attempt: what was sent, what came back, what follows."""

    claimed: Claimed
    answer: Answer
    retry_after: int | None
    verdict: Verdict


def store(
    connection: Connection,
    worker: UUID,
    outcomes: Sequence[Outcome],
    on_unanswered: Callable[[Connection, Claimed], None],
) -> None:
    """Write attempts and, where this worker still holds the lease, what follows from them."""
    rows = json.dumps([_row(outcome) for outcome in outcomes])
    stored = connection.execute(_STORE, {"outcomes": rows, "worker": worker})
    mine = {row.id for row in stored if row.mine}
    settled = [outcome for outcome in outcomes if outcome.claimed.delivery_id in mine]
    gone = {outcome.claimed.endpoint for outcome in settled if outcome.verdict.gone}
    for organisation_id, endpoint_id in gone:
        connection.execute(
            _DISABLE, {"organisation_id": organisation_id, "endpoint_id": endpoint_id}
        )
    if gone:
        connection.execute(_REST)
    for outcome in settled:
        if outcome.verdict.unanswered:
            on_unanswered(connection, outcome.claimed)


def sweep(connection: Connection) -> int:
    """Free expired leases; put to rest what waits for an endpoint that is gone, and back again.

    Returns:
        How many leases had expired: work of workers that were lost.
    """
    freed = connection.execute(_FREE).rowcount
    connection.execute(_REST)
    connection.execute(_RESUME)
    return freed


def _row(outcome: Outcome) -> dict[str, Any]:
    claimed, answer, verdict = outcome.claimed, outcome.answer, outcome.verdict
    return {
        "organisation_id": str(claimed.organisation_id),
        "delivery_id": str(claimed.delivery_id),
        "lease_until": claimed.lease_until.isoformat(),
        "started_at": answer.started_at.isoformat(),
        "duration_ms": answer.duration_ms,
        "peer_ip": answer.peer_ip,
        "status": answer.status,
        "error_code": verdict.error_code,
        "retry_after_s": outcome.retry_after,
        "head": answer.head,
        "state": verdict.state,
        "delay": verdict.delay,
    }
