"""A month of calls in ten minutes, each opening a case, while suppliers send as ever."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import orjson

from tests.benchmarks.figures import Figure
from tests.benchmarks.imports import OURS, worker
from tests.benchmarks.load import Target, open_model
from tests.benchmarks.processes import free_port, running
from tests.benchmarks.scratch import environment_of, lasting, scratch
from tests.factories.cases import ARRIVAL
from tests.factories.parties import World
from tests.factories.registers import grievance

# 20,000 contacts in ten minutes; each supplier's system sends at its own time.
CONTACTS, PUSHES = 20_000 / 600, 20.0
IDLE, IDLE_S, WARM_S = 2.0, 30.0, 5.0
SHORT_S, WHOLE_S = 60.0, 600.0


def run(*, whole: bool) -> list[Figure]:
    """Both loads at once, against either of them alone and slow; an error ends the run.

    A minute at these rates, or with `whole` the ten minutes of a whole month.
    """
    seconds = WHOLE_S if whole else SHORT_S
    with scratch() as installation:
        world = World(installation)
        institute = lasting(world, world.institute)
        supplier = lasting(world, world.party("supplier"))
        site = world.site(supplier)
        opening = {"site": site, "categories": ["wages.withheld"], "severity": "s3_serious"}
        called, pushed = (
            orjson.dumps(b) for b in (ARRIVAL | {"open_case": opening}, grievance(site))
        )
        world.app.extensions["openredress"].dispose()
        folder, port = installation.settings.data_dir, free_port()
        tool, settings, log = OURS / "openredress-server", environment_of(folder), folder / "log"
        url = f"http://127.0.0.1:{port}/v1"
        targets = {
            "contacts": Target(f"{url}/contacts", institute.token, called, "POST"),
            "pushes": Target(f"{url}/grievances", supplier.token, pushed),
        }
        command = [tool, "serve", "--port", str(port)]
        with running(command, settings, log, port, folder), worker(tool, settings, log):
            _at_once(targets, {"contacts": CONTACTS, "pushes": PUSHES}, WARM_S)
            idle = _at_once(targets, dict.fromkeys(targets, IDLE), IDLE_S)
            busy = _at_once(targets, {"contacts": CONTACTS, "pushes": PUSHES}, seconds)
    return [
        Figure(
            f"bursts.{name}_p95",
            _p95(busy[name]) * 1000,
            "ms",
            floor=_p95(idle[name]) * 1000,
            ratio=_p95(busy[name]) / _p95(idle[name]),
            target="<= 2",
        )
        for name in targets
    ] + [Figure("bursts.sent", float(sum(map(len, busy.values()))), "calls, all answered 201")]


def _at_once(
    targets: Mapping[str, Target], rates: Mapping[str, float], seconds: float
) -> dict[str, list[float]]:
    """The latencies of each target in seconds, all loaded at once."""
    with ThreadPoolExecutor(len(targets)) as pool:
        running_ones = {
            name: pool.submit(open_model, target, rates[name], seconds)
            for name, target in targets.items()
        }
        return {name: one.result().latencies for name, one in running_ones.items()}


def _p95(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=20)[-1]
