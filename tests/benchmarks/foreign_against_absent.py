"""Whether the time of an answer tells a foreign record from one that does not exist."""

from __future__ import annotations

import statistics
import time

from openredress_api.foundation.identifiers import dated_id, encode
from tests.benchmarks.figures import Figure
from tests.benchmarks.scratch import lasting, scratch
from tests.factories.parties import Party, World
from tests.factories.registers import push

PAIRS = 2000
ROWS = 500
WARM = 200


def run() -> list[Figure]:
    """GET of another supplier's grievance and of an absent one, in turns, in process."""
    with scratch() as installation:
        world = World(installation)
        owner, stranger = (lasting(world, world.party("supplier")) for _ in range(2))
        site = world.site(owner)
        ids = [push(owner, site, f"G{number}").json["id"] for number in range(ROWS)]
        foreign, absent = _measure(stranger, ids)
        world.app.extensions["openredress"].dispose()
    middle = statistics.median(foreign), statistics.median(absent)
    # The median of the differences: both of a pair met the same noise.
    difference = statistics.median(one - other for one, other in zip(foreign, absent, strict=True))
    share = abs(difference) / middle[1] * 100
    return [
        Figure("foreign_against_absent.foreign", middle[0], "us"),
        Figure("foreign_against_absent.absent", middle[1], "us"),
        Figure("foreign_against_absent.difference", share, "%", target="<= 3"),
    ]


def _measure(stranger: Party, ids: list[str]) -> tuple[list[float], list[float]]:
    """Microseconds of both kinds; the order within a pair changes with each pair."""
    foreign: list[float] = []
    absent: list[float] = []
    for turn in range(WARM + PAIRS):
        asked = [(foreign, ids[turn % len(ids)]), (absent, encode("grv", dated_id()))]
        for taken, grievance in asked[:: 1 if turn % 2 else -1]:
            began = time.perf_counter()
            answer = stranger.get(f"/v1/grievances/{grievance}")
            spent = (time.perf_counter() - began) * 1e6
            assert answer.status_code == 404
            if turn >= WARM:
                taken.append(spent)
    return foreign, absent
