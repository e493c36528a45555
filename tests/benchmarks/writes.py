"""Writes per second of `PUT /v1/grievances`, everything on, against floors and rivals.

All servers run at once and take short turns in one run, so that whatever else the machine does
falls on each of them; a ratio is the median of the ratios of the rounds.
"""

from __future__ import annotations

import os
import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from tests.benchmarks import load, pgbench, rivals_venv
from tests.benchmarks.contenders import (
    Contender,
    connection_words,
    contenders,
    settle,
)
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.rows import values
from tests.benchmarks.scratch import scratch

CLIENTS = 8
WARM_S = 2.0
STEADY_S = 15.0
LOST_S = 1.0  # of the steady part: connections are being opened
UNIT = "writes/s"


@dataclass
class Rounds:
    """What the rounds found: rates, and CPU microseconds per write, by contender."""

    rates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    costs: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def figure(self, name: str, over: str, target: str | None = None) -> Figure:
        """The product's rate over that of `over`."""
        return _compare(f"writes.{name}", self.rates, over, UNIT, target)

    def cost(self, over: str, target: str | None = None) -> Figure:
        """The product's CPU per write over that of `over`."""
        return _compare(f"writes.cpu_of_{over}", self.costs, over, "us CPU/write", target)


def run(rounds: int, seconds: float) -> list[Figure]:
    """Measure, in `rounds` of `seconds` per contender."""
    rivals_venv.ensure()
    _say(rounds, seconds)
    with scratch() as installation:
        parties = settle(installation)
        script = installation.settings.data_dir / "write.sql"
        sample = values(parties.body(plain=True), "sample", parties.ids)
        pgbench.write_script(sample, script)
        database = _Pgbench(
            installation.cluster.binaries.bin / "pgbench",
            script,
            connection_words(installation, "pgbench"),
        )
        with contenders(installation, parties) as servers:
            found = _rounds(servers, database, rounds, seconds)
            half = statistics.median(found.rates["product"]) / 2
            p99 = _p99(servers["product"], half)
    return [*_figures(found), Figure("writes.p99_at_half_rate", p99, "ms", target="< 50")]


@dataclass(frozen=True, slots=True)
class _Pgbench:
    tool: Path
    script: Path
    connection: Mapping[str, str]

    def rate(self, seconds: float) -> float:
        return pgbench.rate(self.tool, self.script, self.connection, CLIENTS, seconds)


def _say(rounds: int, seconds: float) -> None:
    console = Console(width=130)
    console.print(
        f"writes: {rounds} rounds of {seconds:g} s per server, {CLIENTS} connections. Load, "
        f"servers and PostgreSQL share the {os.cpu_count()} cores of this machine; each server "
        "has one process per core."
    )
    console.print(f"rivals: {rivals_venv.versions()}")


def _rounds(
    servers: Mapping[str, Contender], database: _Pgbench, rounds: int, seconds: float
) -> Rounds:
    found = Rounds()
    for server in servers.values():
        load.closed(server.target, CLIENTS, WARM_S)
    for turn in range(rounds):
        order = list(servers.values())[:: -1 if turn % 2 else 1]
        for server in order:
            spent = cpu_seconds(server.pid)
            taken = load.closed(server.target, CLIENTS, seconds)
            spent = cpu_seconds(server.pid) - spent
            found.rates[server.name].append(taken.rate)
            found.costs[server.name].append(spent / len(taken.latencies) * 1e6)
        found.rates["pgbench"].append(database.rate(seconds))
    return found


def _p99(server: Contender, rate: float) -> float:
    """Milliseconds from the time that was set to the answer, for 99 of 100 writes."""
    taken = load.open_model(server.target, rate, STEADY_S)
    latencies = taken.latencies[int(rate * LOST_S) :]
    return statistics.quantiles(latencies, n=100)[98] * 1000


def _figures(found: Rounds) -> list[Figure]:
    own = {name: statistics.median(rates) for name, rates in found.rates.items()}
    return [
        Figure("writes.rate", own["product"], UNIT),
        found.figure("of_floor", "floor", ">= 0.6"),
        found.figure("of_one_statement_floor", "statement"),
        found.figure("of_pgbench", "pgbench", ">= 0.15"),
        found.cost("floor", "<= 1.8"),
        found.cost("statement"),
        found.figure("of_fastapi", "fastapi", ">= 2.5"),
        found.figure("of_django", "django", ">= 3"),
        found.cost("fastapi"),
        found.cost("django"),
    ]


def _compare(
    name: str, found: Mapping[str, list[float]], over: str, unit: str, target: str | None
) -> Figure:
    pairs = zip(found["product"], found[over], strict=True)
    return Figure(
        name,
        statistics.median(found["product"]),
        unit,
        statistics.median(found[over]),
        statistics.median(one / other for one, other in pairs),
        target,
    )
