"""Sending again what its owner asks for, a bounded part at a time, whoever works on it."""

from __future__ import annotations

from sqlalchemy import Engine, text

from openredress_delivery.faults import Faults

# The place on the job's row moves in the transaction that makes the deliveries: a worker that dies
# between the two leaves neither. The late lane, so that what is new is never kept waiting.
_STEP = text("""
WITH job AS (
    SELECT r.*, least(r.upto_position, r.at_position + 500) AS reaches, e.state AS endpoint_state,
        e.ordered
    FROM webhook_replay r JOIN webhook_endpoint e
        ON e.organisation_id = r.organisation_id AND e.id = r.endpoint_id
    WHERE r.state = 'running'
    ORDER BY random() LIMIT 1
    FOR UPDATE OF r SKIP LOCKED
), made AS (
    INSERT INTO delivery (organisation_id, id, event_id, endpoint_id, due_at, cause, cause_id, lane,
        order_key, order_place)
    SELECT j.organisation_id, gen_random_uuid(), v.id, j.endpoint_id, clock_timestamp(), j.cause,
        j.id, 1, CASE WHEN j.ordered THEN v.subject END, CASE WHEN j.ordered THEN v.position END
    FROM job j CROSS JOIN LATERAL gate.replayed(j.organisation_id, j.endpoint_id, j.event_id,
        j.types, j.since, j.until, j.only_undelivered, j.at_position, j.reaches) AS v
    WHERE j.endpoint_state <> 'deleted'
    ON CONFLICT ON CONSTRAINT delivery_once DO NOTHING
    RETURNING 1
)
UPDATE webhook_replay r SET at_position = j.reaches, made = r.made + (SELECT count(*) FROM made),
    updated_at = clock_timestamp(), version = r.version + 1,
    state = CASE WHEN j.endpoint_state = 'deleted' THEN 'cancelled'
        WHEN j.reaches >= r.upto_position THEN 'done' ELSE 'running' END
FROM job j WHERE r.organisation_id = j.organisation_id AND r.id = j.id
""")


def advance(engine: Engine, faults: Faults) -> bool:
    """Do a part of one replay; whether there was any."""
    with engine.begin() as connection:
        moved = connection.execute(_STEP).rowcount
        if moved:
            faults.at("during_replay")
    return bool(moved)
