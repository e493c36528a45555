"""What receivers that hang cost those that do not.

The same load at fixed times, first with fifty healthy receivers; then one of them is a black hole
and one drips; then thirty more have names that no name server answers for. The healthy ones' p95
is compared within each round.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.delivery import strange
from tests.benchmarks.delivery.house import ENDPOINTS, House, Receiver, add_receiver, elsewhere
from tests.benchmarks.delivery.latency import WARM_S, arrived, percentile
from tests.benchmarks.delivery.publisher import publish
from tests.benchmarks.delivery.report import say
from tests.benchmarks.figures import Figure

RATE = 2.0  # events a second for each of the fifty
HEALTHY = ENDPOINTS - 2
MUTE = 30


def run(house: House, rounds: int, seconds: float) -> list[Figure]:
    """Measure in `rounds`, `seconds` for each of the three cases."""
    found: dict[str, list[float]] = {}
    with (
        strange.black_hole() as dead,
        strange.drip() as slow,
        strange.mute_name_server() as server,
    ):
        names = house.installation.settings.data_dir / "resolv.conf"
        names.write_text(f"nameserver {server}\n", encoding="ascii")
        cases: dict[str, Case] = {
            "well": lambda: (house.receivers, None),
            "hanging": lambda: (_hang(house, dead, slow), None),
        }
        if _may_mount(names):
            cases["mute"] = lambda: (_mixed(_hang(house, dead, slow) * 4, _mute(house)), names)
        else:
            say("fairness.mute: not measured: this machine lets us mount nothing for one process")
        for turn in range(rounds):
            for name in list(cases)[:: -1 if turn % 2 else 1]:
                high = _high(house, cases[name], seconds)
                found.setdefault(name, []).append(high)
                say(f"fairness, {name}: p95 of the healthy {high:.2f} ms")
    return [_figure(name, found) for name in found if name != "well"]


Case = Callable[[], tuple[list[Receiver], Path | None]]
"""Arranges the receivers: in which turn they are sent to, and the list of name servers, if any."""


def _high(house: House, case: Case, seconds: float) -> float:
    house.empty()
    recipients, names = case()
    healthy = house.receivers[:HEALTHY]
    # Each of the fifty gets as much in every case.
    rate = RATE * len(recipients) / recipients.count(healthy[0])
    with house.worker(names).started() as child:
        house.wait_for_workers()
        published = publish(house, recipients, rate, WARM_S + seconds)
        own = {one.organisation_id for one in healthy}
        sent = arrived(house, [one for one in published if one.recipient in own])
        child.kill()  # it would wait for those that hang
    return percentile([one.committed for one in sent], 95)


def _hang(house: House, dead: str, slow: str) -> list[Receiver]:
    """The fifty; the last two of them hang."""
    for receiver, url in zip(house.receivers[HEALTHY:], (dead, slow), strict=True):
        house.move(receiver, url)
    return house.receivers


def _mute(house: House) -> list[Receiver]:
    """Thirty more, whose names are asked of the name server."""
    with house.installation.as_owner() as connection:
        return [
            add_receiver(connection, house.installation, f"https://mute-{number}.example.org/hook")
            for number in range(MUTE)
        ]


def _mixed(many: list[Receiver], few: list[Receiver]) -> list[Receiver]:
    """`few` spread evenly among `many`."""
    share = len(many) / len(few)
    mixed = list(many)
    for place, one in reversed(list(enumerate(few))):
        mixed.insert(round(place * share), one)
    return mixed


def _may_mount(names: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    return not subprocess.run(
        [*elsewhere(names), "true"], check=False, capture_output=True
    ).returncode


def _figure(name: str, found: dict[str, list[float]]) -> Figure:
    pairs = zip(found[name], found["well"], strict=True)
    return Figure(
        f"delivery.fairness_{name}",
        statistics.median(found[name]),
        "ms p95",
        statistics.median(found["well"]),
        statistics.median(one / other for one, other in pairs),
        "< 1.1",
    )
