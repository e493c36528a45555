"""From the feed to the endpoints: positions first, then one delivery per event and endpoint."""

from __future__ import annotations

from sqlalchemy import Engine, text

from openredress_delivery.faults import Faults

_SEQUENCE = text("SELECT gate.sequence_events()")

# The cursor on the endpoint's row is what makes it exactly once: it moves in the transaction that
# inserts, and the row's lock keeps a second worker away. NO KEY: a foreign key may still point
# at the row meanwhile. The counts bound how long one turn keeps the exchanges waiting.
_FAN_OUT = text("""
WITH behind AS (
    SELECT e.organisation_id, e.id, e.event_patterns, e.fanned_position, e.ordered, e.skip_before,
        least(h.last_position, e.fanned_position + 100) AS upto
    FROM webhook_endpoint e JOIN feed_head h USING (organisation_id)
    WHERE e.state = 'active' AND e.fanned_position < h.last_position
    ORDER BY random() LIMIT 32
    FOR NO KEY UPDATE OF e SKIP LOCKED
), made AS (
    INSERT INTO delivery (organisation_id, id, event_id, endpoint_id, due_at, order_key,
        order_place)
    SELECT b.organisation_id, gen_random_uuid(), v.id, b.id, clock_timestamp(),
        CASE WHEN b.ordered THEN v.subject END, CASE WHEN b.ordered THEN v.position END
    FROM behind b JOIN event v ON v.organisation_id = b.organisation_id
        AND v.position > b.fanned_position AND v.position <= b.upto
    WHERE gate.is_for(b.event_patterns, b.id, v.type, v.subject)
        AND (b.skip_before IS NULL OR v.occurred_at >= b.skip_before)
)
UPDATE webhook_endpoint e SET fanned_position = b.upto FROM behind b
WHERE e.organisation_id = b.organisation_id AND e.id = b.id
""")


def fan_out(engine: Engine, faults: Faults) -> bool:
    """Give positions and make deliveries for a bounded number of events.

    An endpoint that is not active keeps its cursor: nothing is lost while it is paused.

    Returns:
        Whether anything moved, so that there may be more.
    """
    with engine.begin() as connection:
        sequenced = connection.execute(_SEQUENCE).scalar_one()
        advanced = connection.execute(_FAN_OUT).rowcount
        if advanced:
            faults.at("during_fanout")
    return bool(sequenced or advanced)
