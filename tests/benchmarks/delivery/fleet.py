"""Four workers on one database: their common speed, and who takes over from the dead."""

from __future__ import annotations

import collections
import re
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from openredress_delivery.claims import LEASE_SECONDS
from tests.benchmarks.delivery.house import House, Job, wait_for
from tests.benchmarks.delivery.report import say
from tests.benchmarks.delivery.throughput import UNIT
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import Program

WORKERS = 4
KILLED = 2
COUNT = 20_000
QUIET_S = 1.0
MOST = """
SELECT max(number) FROM (
    SELECT count(*)::int AS number FROM delivery WHERE state = 'leased' GROUP BY endpoint_id) AS t
"""
OVERLAPPING = """
SELECT count(*) FROM attempt a JOIN attempt b USING (organisation_id, delivery_id)
WHERE a.started_at < b.started_at
    AND b.started_at < a.started_at + a.duration_ms * interval '1 millisecond'
"""
TWICE = "SELECT count(*) FROM (SELECT FROM attempt GROUP BY delivery_id HAVING count(*) > 1) AS t"
LATEST_LEASE = """
SELECT extract(epoch FROM max(lease_until) - clock_timestamp()) FROM delivery
WHERE state = 'leased'
"""
HELD = "SELECT lease_owner, count(*) FROM delivery WHERE state = 'leased' GROUP BY lease_owner"
ID = re.compile(r'"worker": ?"([^"]+)"')
EXPIRE = "UPDATE delivery SET lease_until = clock_timestamp() WHERE state = 'leased'"


def run(house: House, rounds: int, share: float) -> list[Figure]:
    """One worker and four in turns; then two of four are killed at once."""
    rates: dict[int, list[float]] = {1: [], WORKERS: []}
    most = 0
    for turn in range(rounds):
        for workers in (1, WORKERS)[:: -1 if turn % 2 else 1]:
            rate, leased = _drain(house, workers, house.jobs(round(COUNT * share)))
            rates[workers].append(rate)
            most = max(most, leased)
            say(f"fleet: {workers} workers: {rate:,.0f} {UNIT}")
    pairs = zip(rates[WORKERS], rates[1], strict=True)
    many, one = (statistics.median(rates[workers]) for workers in (WORKERS, 1))
    ratio = statistics.median(four / one for four, one in pairs)
    return [
        Figure("delivery.four_workers", many, UNIT, one, ratio, ">= 0.9"),
        Figure("delivery.most_in_flight", most, "leases of an endpoint", target="<= 4"),
        *_kill(house, house.jobs(round(COUNT * share))),
    ]


def _drain(house: House, workers: int, jobs: list[Job]) -> tuple[float, int]:
    """Deliveries per second, and the most leases at a time; every id must come once."""
    house.enqueue(jobs)
    most = 0

    def all_came() -> bool:
        nonlocal most
        most = max(most, house.one(MOST) or 0)
        return house.sink.count() >= len(jobs)

    with ExitStack() as stack:
        children = [stack.enter_context(house.worker().started()) for _ in range(workers)]
        wait_for("every request", all_came)
        wait_for("every result", house.is_done)
        ended = time.monotonic()
        for child in children:
            child.kill()
    arrivals = house.sink.take()
    copies = collections.Counter(one.id for one in arrivals)
    assert copies == collections.Counter(job.event.id for job in jobs), "not every id came once"
    assert house.one(TWICE) == 0, "a delivery was attempted twice"
    return len(jobs) / (ended - arrivals[0].at), most


def _kill(house: House, jobs: list[Job]) -> list[Figure]:
    """Two workers die at once, as with their machine; nobody waits for the end of their leases."""
    house.enqueue(jobs)
    programs = [house.worker(log=f"deliver-{number}.log") for number in range(WORKERS)]
    with ExitStack() as stack:
        children = [stack.enter_context(program.started()) for program in programs]
        wait_for("half of the requests", lambda: house.sink.count() >= len(jobs) // 2)
        for number in _busiest(house, programs)[:KILLED]:
            children[number].kill()
        killed = time.monotonic()
        wait_for("the end of what the others may send", lambda: _is_quiet(house))
        left = house.count("leased")
        lease = float(house.one(LATEST_LEASE) or 0) + time.monotonic() - killed
        house.database.execute(EXPIRE)
        expired = time.monotonic()
        wait_for("the work of the dead", house.is_done)
        taken_over = time.monotonic() - expired
        for child in children:
            child.kill()
    copies = collections.Counter(one.id for one in house.sink.take())
    assert copies.keys() == {job.event.id for job in jobs}, "an event was lost"
    assert max(copies.values()) <= 2, "an event came more than once per death"
    again = sum(copies.values()) - len(jobs)
    assert again <= left, f"{again} came twice, the dead had leased {left}"
    assert house.one(OVERLAPPING) == 0, "two attempts of one delivery overlap"
    say(f"fleet: 2 of 4 killed: {left} leases left, {again} of them sent once more")
    return [
        Figure("delivery.lease_of_the_dead", lease, "s", target=f"<= {LEASE_SECONDS}"),
        # They look for lost leases every 10 s, and then there is work to do.
        Figure("delivery.taken_over_after_lease", taken_over, "s", target="<= 15"),
    ]


def _busiest(house: House, programs: Sequence[Program]) -> list[int]:
    """The numbers of the workers, who holds most leases first."""
    held = {str(owner): number for owner, number in house.database.execute(HELD)}
    return sorted(range(len(programs)), key=lambda one: -held.get(_id(programs[one].log), 0))


def _id(log: Path) -> str:
    """A worker's id, which it says when it starts."""
    found = ID.search(log.read_text(encoding="utf-8"))
    return found[1] if found else ""


def _is_quiet(house: House) -> bool:
    """Whether the living have nothing to do: what is left waits for places that the dead hold."""
    before = house.sink.count()
    time.sleep(QUIET_S)
    return house.sink.count() == before
