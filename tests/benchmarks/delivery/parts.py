"""What the delivery worker promises about its speed and its fairness, part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.benchmarks import rivals_venv
from tests.benchmarks.delivery import backlog, fairness, fleet, latency, throughput
from tests.benchmarks.delivery.house import ENDPOINTS, house
from tests.benchmarks.delivery.report import say
from tests.benchmarks.figures import Figure

PARTS = ("throughput", "latency", "fairness", "backlog", "fleet")
ROUNDS = 3


def run(parts: Sequence[str], share: float, *, to_the_end: bool) -> list[Figure]:
    """Measure `share` of the usual amounts; `to_the_end`: the whole backlog is drained."""
    if "throughput" in parts:
        rivals_venv.ensure()
        say(f"rivals: {rivals_venv.versions()}")
    say(
        f"delivery: {ENDPOINTS} receivers of one sink, http over the loopback for everybody, the "
        "worker in development mode (production sends over TLS alone), PostgreSQL durable"
    )
    with house() as found:
        chosen: dict[str, Callable[[], list[Figure]]] = {
            "throughput": lambda: throughput.run(found, ROUNDS, share),
            "latency": lambda: latency.run(found, 20 * share),
            "fairness": lambda: fairness.run(found, ROUNDS, 10 * share),
            "backlog": lambda: backlog.run(found, share, to_the_end=to_the_end),
            "fleet": lambda: fleet.run(found, ROUNDS - 1, share),
        }
        return [one for part in parts for one in chosen[part]()]
