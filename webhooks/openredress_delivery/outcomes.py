"""What became of each attempt, written in batches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, text

from openredress_delivery.claims import Claimed, Endpoint
from openredress_delivery.retries import (
    BLOCKED_HOURS,
    EARLY_ATTEMPTS,
    FAILING_ATTEMPTS,
    FAILING_DAYS,
    FAILING_ON_DAYS,
    NETWORK_FAILURES,
    OUR_FAULTS,
    PROBE_SECONDS,
    Verdict,
)
from openredress_delivery.transport import Answer

# Storing the same outcome twice changes nothing: an attempt's key is when it began. The count
# follows the stored attempts, whoever holds the lease; the state follows the lease's holder.
_STORE = text("""
WITH outcome AS (
    SELECT * FROM jsonb_to_recordset(CAST(:outcomes AS jsonb)) AS o (
        organisation_id uuid, delivery_id uuid, lease_until timestamptz, started_at timestamptz,
        duration_ms int, peer_ip inet, tls_version text, status int, error_code text,
        retry_after_s int, head text, request_digest text, state text, delay float)
), known AS (
    SELECT o.*, d.attempt_count + 1 AS next,
        d.lease_owner = :worker AND d.lease_until = o.lease_until IS TRUE AS mine
    FROM delivery d JOIN outcome o
        ON o.organisation_id = d.organisation_id AND o.delivery_id = d.id
    LEFT JOIN LATERAL (SELECT a.n FROM attempt a WHERE a.organisation_id = o.organisation_id
        AND a.delivery_id = o.delivery_id AND a.started_at = o.started_at LIMIT 1) AS stored
        ON true
    WHERE stored.n IS NULL
    ORDER BY d.organisation_id, d.id FOR UPDATE OF d
), stored AS (
    INSERT INTO attempt (organisation_id, delivery_id, started_at, n, duration_ms, peer_ip,
        tls_version, status, error_code, retry_after_s, response_head, request_digest, worker)
    SELECT organisation_id, delivery_id, started_at, next, duration_ms, peer_ip, tls_version,
        status, error_code, retry_after_s, head, decode(request_digest, 'hex'), :worker
    FROM known
)
UPDATE delivery d SET attempt_count = k.next,
    state = CASE WHEN k.mine THEN k.state ELSE d.state END,
    state_reason = CASE WHEN k.mine THEN k.error_code ELSE d.state_reason END,
    due_at = CASE WHEN k.mine THEN clock_timestamp() + make_interval(secs => k.delay)
        ELSE d.due_at END,
    lane = CASE WHEN k.mine AND k.next >= :early THEN 1 ELSE d.lane END,
    lease_until = CASE WHEN k.mine THEN NULL ELSE d.lease_until END,
    lease_owner = CASE WHEN k.mine THEN NULL ELSE d.lease_owner END
FROM known k
WHERE d.organisation_id = k.organisation_id AND d.id = k.delivery_id
RETURNING d.id, k.started_at, k.mine
""")
# One row per endpoint and batch, in one order for all workers, and none for one that is well. A
# success forgives everything before it; a failure counts from the first after the last success.
_HEALTH = text(f"""
WITH seen AS (
    SELECT * FROM jsonb_to_recordset(CAST(:seen AS jsonb)) AS s (organisation_id uuid,
        endpoint_id uuid, url text, succeeded boolean, failures int, network_failures int,
        since timestamptz, gone boolean)
), known AS (
    SELECT w.* FROM webhook_endpoint w JOIN seen s
        ON s.organisation_id = w.organisation_id AND s.endpoint_id = w.id AND s.url = w.url
    WHERE s.failures > 0 OR w.failing_since IS NOT NULL OR w.network_failures > 0
    ORDER BY w.organisation_id, w.id FOR NO KEY UPDATE OF w
)
UPDATE webhook_endpoint e SET
    failing_since = CASE WHEN s.failures = 0 THEN NULL WHEN s.succeeded THEN s.since
        ELSE coalesce(w.failing_since, s.since) END,
    failed_attempts = s.failures + CASE WHEN s.succeeded THEN 0 ELSE w.failed_attempts END,
    failed_days = CASE WHEN s.failures = 0 THEN 0 WHEN s.succeeded THEN 1
        ELSE w.failed_days + (w.last_failed_on IS DISTINCT FROM day.today)::int END,
    last_failed_on = CASE WHEN s.failures = 0 THEN NULL ELSE day.today END,
    notices = CASE WHEN s.succeeded THEN 0 ELSE w.notices END,
    network_failures = probe.failures,
    probe_at = CASE WHEN probe.failures >= {NETWORK_FAILURES}
        THEN clock_timestamp() + make_interval(secs => {PROBE_SECONDS}) END,
    state = CASE WHEN final.reason IS NULL THEN w.state ELSE 'disabled' END,
    state_reason = CASE WHEN final.reason IS NULL THEN w.state_reason ELSE final.reason END,
    state_since = CASE WHEN final.reason IS NULL THEN w.state_since ELSE clock_timestamp() END,
    version = w.version + (final.reason IS NOT NULL)::int
FROM seen s
CROSS JOIN (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS today) AS day
JOIN known w
    ON w.organisation_id = s.organisation_id AND w.id = s.endpoint_id AND w.url = s.url
CROSS JOIN LATERAL (SELECT CASE WHEN s.succeeded OR s.network_failures < s.failures
    THEN s.network_failures ELSE w.network_failures + s.network_failures END AS failures) AS probe
CROSS JOIN LATERAL (SELECT CASE
    WHEN w.state NOT IN ('active', 'paused') THEN NULL
    WHEN s.gone THEN 'gone'
    WHEN NOT s.succeeded AND w.failing_since < clock_timestamp() - interval '{FAILING_DAYS} days'
        AND w.failed_attempts + s.failures >= {FAILING_ATTEMPTS}
        AND w.failed_days + (w.last_failed_on IS DISTINCT FROM day.today)::int
            >= {FAILING_ON_DAYS} THEN 'failing' END AS reason) AS final
WHERE e.organisation_id = w.organisation_id AND e.id = w.id
RETURNING final.reason
""")  # noqa: S608 - numbers of our own
_PROVEN = text("""
UPDATE webhook_endpoint SET state = 'active', state_reason = NULL,
    state_since = clock_timestamp(), version = version + 1
WHERE organisation_id = :organisation_id AND id = :endpoint_id AND url = :url
    AND state = 'pending_verification'
""")
# SKIP LOCKED: what another worker is writing now is looked at in the next sweep.
_FREE = text("""
UPDATE delivery SET state = 'due', state_reason = 'worker_lost', lease_until = NULL,
    lease_owner = NULL
WHERE (organisation_id, id) IN (
    SELECT organisation_id, id FROM delivery
    WHERE state = 'leased' AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED)
""")
_REST = """
WITH idle AS (
    SELECT d.organisation_id, d.id, e.state AS endpoint_state
    FROM webhook_endpoint e JOIN delivery d
        ON d.organisation_id = e.organisation_id AND d.endpoint_id = e.id
        AND d.state IN ({of})
    WHERE e.state IN ({at})
    LIMIT 5000 FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE delivery d SET state_reason = 'endpoint_' || i.endpoint_state,
    state = CASE i.endpoint_state WHEN 'deleted' THEN 'cancelled' ELSE 'held' END
FROM idle i WHERE d.organisation_id = i.organisation_id AND d.id = i.id
"""
_HOLD = text(_REST.format(of="'due', 'waiting'", at="'disabled', 'held', 'deleted'"))
_BURY = text(_REST.format(of="'held'", at="'deleted'"))

# What was held for the endpoint's sake goes on with it, behind what is new, unless its owner chose
# to let the older part be; what blocked an ordered subject waits for its owner.
_RESUME = text("""
WITH kept AS (
    SELECT d.organisation_id, d.id,
        d.cause = 'auto' AND e.skip_before > v.occurred_at IS TRUE AS skipped
    FROM webhook_endpoint e JOIN delivery d
        ON d.organisation_id = e.organisation_id AND d.endpoint_id = e.id AND d.state = 'held'
    JOIN event v ON v.organisation_id = d.organisation_id AND v.id = d.event_id
    WHERE e.state = 'active' AND d.state_reason IS DISTINCT FROM 'blocks_its_subject'
    LIMIT 5000 FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE delivery d SET state = CASE WHEN k.skipped THEN 'cancelled' ELSE 'due' END,
    state_reason = CASE WHEN k.skipped THEN 'skipped_by_owner' END, lane = 1,
    due_at = clock_timestamp()
FROM kept k WHERE d.organisation_id = k.organisation_id AND d.id = k.id
""")
_SKIP = text("""
WITH old AS (
    SELECT d.organisation_id, d.id FROM webhook_endpoint e JOIN delivery d
        ON d.organisation_id = e.organisation_id AND d.endpoint_id = e.id
        AND d.state IN ('due', 'waiting') AND d.cause = 'auto'
    JOIN event v ON v.organisation_id = d.organisation_id AND v.id = d.event_id
    WHERE e.state = 'active' AND v.occurred_at < e.skip_before
    LIMIT 5000 FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE delivery d SET state = 'cancelled', state_reason = 'skipped_by_owner'
FROM old o WHERE d.organisation_id = o.organisation_id AND d.id = o.id
""")
# After a day the others of its subject go on, and say that one is missing. A rest is no such day,
# and one that nobody can be reached for blocks nothing.
_UNBLOCK = text(f"""
WITH blocking AS (
    SELECT d.organisation_id, d.id FROM webhook_endpoint e JOIN delivery d
        ON d.organisation_id = e.organisation_id AND d.endpoint_id = e.id AND d.state = 'waiting'
    WHERE e.state = 'active' AND e.network_failures < {NETWORK_FAILURES}
        AND d.order_key IS NOT NULL AND d.due_at > clock_timestamp()
        AND greatest(d.created_at, e.state_since)
            < clock_timestamp() - interval '{BLOCKED_HOURS} hours'
        AND EXISTS (SELECT FROM delivery o WHERE o.organisation_id = d.organisation_id
            AND o.endpoint_id = d.endpoint_id AND o.order_key = d.order_key
            AND o.order_place > d.order_place AND o.state IN ('due', 'waiting'))
    LIMIT 5000 FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE delivery d SET state = 'held', state_reason = 'blocks_its_subject'
FROM blocking b WHERE d.organisation_id = b.organisation_id AND d.id = b.id
""")  # noqa: S608 - numbers of our own
# Nothing leaves for an organisation that was suspended; nothing of it is lost.
_SUSPEND = text("""
UPDATE webhook_endpoint e SET version = e.version + 1, state_since = clock_timestamp(),
    state = CASE WHEN e.state = 'held' THEN 'active' ELSE 'held' END,
    state_reason = CASE WHEN e.state = 'held' THEN NULL ELSE 'organisation_suspended' END
WHERE e.state IN ('active', 'held') AND (e.state = 'held') = gate.is_active(e.organisation_id)
""")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finished attempt: what was sent, what came back, what follows."""

    claimed: Claimed
    answer: Answer
    retry_after: int | None
    verdict: Verdict


def store(connection: Connection, worker: UUID, outcomes: Sequence[Outcome]) -> None:
    """Write attempts and, where this worker still holds the lease, what follows from them."""
    mine = set()
    for each_once in _rounds(outcomes):
        rows = orjson.dumps([_row(outcome) for outcome in each_once]).decode()
        values = {"outcomes": rows, "worker": worker, "early": EARLY_ATTEMPTS}
        stored = connection.execute(_STORE, values)
        mine |= {(row.id, row.started_at) for row in stored if row.mine}
    settled = [
        outcome
        for outcome in outcomes
        if (outcome.claimed.delivery_id, outcome.answer.started_at) in mine
    ]
    for outcome in settled:
        if outcome.verdict.proven:
            claimed = outcome.claimed
            connection.execute(
                _PROVEN,
                {
                    "organisation_id": claimed.organisation_id,
                    "endpoint_id": claimed.endpoint_id,
                    "url": claimed.url,
                },
            )
    seen = orjson.dumps(_health(settled)).decode()
    if any(row.reason for row in connection.execute(_HEALTH, {"seen": seen})):
        connection.execute(_HOLD)


def sweep(connection: Connection) -> int:
    """Free expired leases; put to rest what waits for an endpoint that is gone, and back again.

    Returns:
        How many leases had expired: work of workers that were lost.
    """
    freed = connection.execute(_FREE).rowcount
    for statement in (_SUSPEND, _HOLD, _BURY, _RESUME, _SKIP, _UNBLOCK):
        connection.execute(statement)
    return freed


def _rounds(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """Each delivery once per round: one whose lease was lost and taken again ends twice."""
    rounds: list[list[Outcome]] = []
    times = Counter[UUID]()
    for outcome in outcomes:
        number = times[outcome.claimed.delivery_id]
        times[outcome.claimed.delivery_id] += 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(outcome)
    return rounds


def _health(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What a batch says of each endpoint, in the order of their ids; our own faults say nothing."""
    by_address: dict[tuple[Endpoint, str], list[Outcome]] = defaultdict(list)
    for outcome in sorted(outcomes, key=lambda one: one.answer.started_at):
        if outcome.verdict.error_code not in OUR_FAULTS:
            by_address[outcome.claimed.endpoint, outcome.claimed.url].append(outcome)
    return [_health_of(address, by_address[address]) for address in sorted(by_address)]


def _health_of(address: tuple[Endpoint, str], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """A success, and the failures after the last one, of which `network_failures` in a row."""
    failed: list[Outcome] = []
    for outcome in outcomes:
        failed = [] if outcome.verdict.state == "succeeded" else [*failed, outcome]
    in_a_row = takewhile(lambda one: one.verdict.is_network, reversed(failed))
    (organisation_id, endpoint_id), url = address
    return {
        "organisation_id": organisation_id,
        "endpoint_id": endpoint_id,
        "url": url,
        "succeeded": len(failed) < len(outcomes),
        "failures": len(failed),
        "network_failures": len(list(in_a_row)),
        "since": failed[0].answer.started_at if failed else None,
        "gone": any(one.verdict.gone for one in failed),
    }


def _row(outcome: Outcome) -> dict[str, Any]:
    claimed, answer, verdict = outcome.claimed, outcome.answer, outcome.verdict
    return {
        "organisation_id": claimed.organisation_id,
        "delivery_id": claimed.delivery_id,
        "lease_until": claimed.lease_until,
        "started_at": answer.started_at,
        "duration_ms": answer.duration_ms,
        "peer_ip": answer.peer_ip,
        "tls_version": answer.tls_version,
        "status": answer.status,
        "error_code": verdict.error_code,
        "retry_after_s": outcome.retry_after,
        "head": answer.head,
        "request_digest": answer.request_digest,
        "state": verdict.state,
        "delay": verdict.delay,
    }
