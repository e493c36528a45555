"""What an operator's monitoring reads of delivery, as Prometheus metrics on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, text

from openredress_delivery.worker import Worker

# Every part has an index of its own; what is done is never counted here.
_BY_STATE = text("""
SELECT 'due' AS state, count(*) FROM delivery
  WHERE state IN ('due', 'waiting') AND due_at <= clock_timestamp()
UNION ALL SELECT 'waiting', count(*) FROM delivery
  WHERE state IN ('due', 'waiting') AND due_at > clock_timestamp()
UNION ALL SELECT 'leased', count(*) FROM delivery WHERE state = 'leased'
UNION ALL SELECT 'held', count(*) FROM delivery WHERE state = 'held'
""")
_OLDEST_DUE = text("""
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0) FROM delivery
WHERE state IN ('due', 'waiting') AND due_at <= clock_timestamp()
""")
_OLDEST_EVENT = text("""
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(occurred_at)), 0) FROM event
WHERE position IS NULL
""")
_ENDPOINTS = text("SELECT state, count(*) FROM webhook_endpoint GROUP BY state")
_REPLAYS = text("SELECT count(*) FROM webhook_replay WHERE state = 'running'")
_COUNTS = {
    "succeeded": ("openredress_attempts_succeeded", "Attempts that the receiver accepted"),
    "failed_there": ("openredress_attempts_failed_there", "Attempts that failed at the receiver"),
    "failed_here": ("openredress_attempts_failed_here", "Attempts that failed on our side"),
    "leases_lost": ("openredress_leases_lost", "Leases of workers that were lost"),
    "turns_failed": ("openredress_turns_failed", "Turns of this worker that failed"),
}


class DeliveryFigures(Collector):
    """The state of all deliveries, read at every scrape, and what this worker counted."""

    def __init__(self, engine: Engine, worker: Worker) -> None:
        self._engine = engine
        self._worker = worker

    def collect(self) -> Iterator[Metric]:
        """One metric after the other."""
        with self._engine.connect() as connection:
            states = GaugeMetricFamily(
                "openredress_deliveries", "Deliveries that are not done", labels=["state"]
            )
            for state, number in connection.execute(_BY_STATE):
                states.add_metric([state], number)
            yield states
            endpoints = GaugeMetricFamily(
                "openredress_endpoints", "Webhook endpoints", labels=["state"]
            )
            for state, number in connection.execute(_ENDPOINTS):
                endpoints.add_metric([state], number)
            yield endpoints
            for name, said, statement in (
                ("openredress_oldest_due_seconds", "Age of the oldest due delivery", _OLDEST_DUE),
                ("openredress_oldest_event_seconds", "Oldest event without place", _OLDEST_EVENT),
                ("openredress_replays_running", "Replays under way", _REPLAYS),
            ):
                yield GaugeMetricFamily(name, said, value=connection.scalar(statement))
        for counted, (name, said) in _COUNTS.items():
            yield CounterMetricFamily(name, said, value=self._worker.counts[counted])


def serve_figures(port: int, engine: Engine, worker: Worker) -> None:
    """Answer scrapes on the loopback at `port`; it tells of numbers, and of nobody."""
    registry = CollectorRegistry()
    registry.register(DeliveryFigures(engine, worker))
    start_http_server(port, "127.0.0.1", registry)
