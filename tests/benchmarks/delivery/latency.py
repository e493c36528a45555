"""From the commit of an event to its first octets at the receiver, at fixed times."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.delivery.house import House, wait_for
from tests.benchmarks.delivery.publisher import Published, publish
from tests.benchmarks.delivery.report import say
from tests.benchmarks.figures import Figure

TARGETS = {50: "< 15", 200: "< 30"}
WARM_S = 3.0
LATE_S = 60.0


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that arrived; in milliseconds since it was planned, and since its commit."""

    published: Published
    planned: float
    committed: float


def run(house: House, seconds: float) -> list[Figure]:
    """Measure at each rate for `seconds`, with one idle worker."""
    found = []
    for rate, target in TARGETS.items():
        house.empty()
        with house.worker().started() as child:
            house.wait_for_workers()
            sent = arrived(house, publish(house, house.receivers, rate, WARM_S + seconds))
            child.kill()
        times = [one.committed for one in sent]
        middle, high = statistics.median(times), percentile(times, 95)
        whole = percentile([one.planned for one in sent], 95)
        late = max(one.planned - one.committed for one in sent)
        say(
            f"latency at {rate}/s: p50 {middle:.1f} p95 {high:.1f} max {max(times):.1f} ms since "
            f"the commit; p95 {whole:.1f} ms since the planned time (commits up to {late:.1f} ms "
            f"after it)"
        )
        found += [
            Figure(f"delivery.latency_p50_at_{rate}", middle, "ms"),
            Figure(f"delivery.latency_p95_at_{rate}", high, "ms", target=target),
            Figure(f"delivery.latency_max_at_{rate}", max(times), "ms"),
        ]
    return found


def arrived(house: House, published: Sequence[Published]) -> list[Sent]:
    """Wait until all of these are at the sink; those of the first seconds are left out."""
    expected = {one.id: one for one in published}
    found: dict[str, float] = {}

    def are_there() -> bool:
        found.update((one.id, one.at) for one in house.sink.take())
        return expected.keys() <= found.keys()

    wait_for("the last event", are_there, LATE_S)
    start = min(one.planned for one in published) + WARM_S
    return [
        Sent(one, (found[one.id] - one.planned) * 1e3, (found[one.id] - one.committed) * 1e3)
        for one in expected.values()
        if one.planned >= start
    ]


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of 100 do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
