"""A million late deliveries, and whether new ones wait behind them."""

from __future__ import annotations

import time

from tests.benchmarks.delivery.house import ENDPOINTS, FANNED, HEADS, House, settle, wait_for
from tests.benchmarks.delivery.latency import WARM_S, arrived, percentile
from tests.benchmarks.delivery.publisher import publish
from tests.benchmarks.delivery.report import say
from tests.benchmarks.figures import Figure

COUNT = 1_000_000
RATE = 20.0
LONG_S = 60.0
MOST_S = 3_600.0
# Made in the database, where a million of them take less than a minute; nobody reads the bodies.
EVENTS = """
INSERT INTO event (organisation_id, id, webhook_id, type, subject, subject_seq, occurred_at,
    data_class, body, dedupe_key, position, retention_until)
SELECT e.organisation_id, made.id, name, 'grievance.closed_validated', name, place,
    now() - interval '1 hour', 'pseudonymous',
    convert_to(json_build_object('id', name, 'rest', repeat('x', 350))::text, 'UTF8'),
    name, place, now() + interval '30 days'
FROM webhook_endpoint e CROSS JOIN generate_series(1, %s) AS place
    CROSS JOIN LATERAL (SELECT uuidv7() AS id WHERE e.id IS NOT NULL AND place > 0) AS made
    CROSS JOIN LATERAL (SELECT 'evt_' || right(translate(made.id::text, '-', ''), 26)) AS n (name)
"""
LATE = """
INSERT INTO delivery (organisation_id, id, event_id, endpoint_id, due_at, state, lane,
    attempt_count)
SELECT v.organisation_id, gen_random_uuid(), v.id, e.id, now() - interval '1 minute', 'waiting',
    1, 5
FROM event v JOIN webhook_endpoint e USING (organisation_id)
"""


def run(house: House, share: float, *, to_the_end: bool) -> list[Figure]:
    """Watch for a minute how the worker drains late ones while new ones come."""
    count, seconds = round(COUNT * share), LONG_S * share
    began = time.monotonic()
    _wait_late(house, count)
    say(f"backlog: {count:,} late deliveries made in {time.monotonic() - began:.0f} s")
    with house.worker().started() as child:
        wait_for("the drain", lambda: house.sink.count() > 0)
        house.sink.take()
        began = time.monotonic()
        published = publish(house, house.receivers, RATE, WARM_S + seconds)
        drained = house.sink.count() - len(published)
        rate = drained / (time.monotonic() - began)
        times = [one.committed for one in arrived(house, published)]
        if to_the_end:
            wait_for("the end of the backlog", house.is_done, MOST_S)
            assert house.count("succeeded") == count + len(published)
            say(f"backlog: drained to the end in {time.monotonic() - began:.0f} s")
        child.kill()
    middle, high = (percentile(times, percent) for percent in (50, 95))
    say(
        f"backlog: {rate:,.0f} late ones/s; new ones at {RATE:g}/s: p50 {middle:.0f} "
        f"p95 {high:.0f} max {max(times):.0f} ms since the commit"
    )
    return [
        Figure("delivery.backlog_drain", rate, "deliveries/s"),
        Figure("delivery.backlog_new_p95", high, "ms", target="< 1000"),
    ]


def _wait_late(house: House, count: int) -> None:
    house.empty()
    with house.database.transaction():
        # Without this each row is checked against its event and endpoint, which come from here.
        house.database.execute("SET LOCAL session_replication_role = replica")
        house.database.execute(EVENTS, (count // ENDPOINTS,))
        for statement in (LATE, HEADS, FANNED):
            house.database.execute(statement)
    settle(house.database)
