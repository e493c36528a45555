"""Deliveries per second, each result stored, against a bare client and three queues.

Two phases: first all jobs wait, then the worker starts. The clock runs from the first request at
the sink (so nobody pays for starting up) until the last result is stored; every id must have come
once. All are on the same PostgreSQL server, the same sink, http over the loopback.
"""

from __future__ import annotations

import collections
import functools
import json
import shutil
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.benchmarks.contenders import OURS, connection_words
from tests.benchmarks.delivery.house import Database, House, Job, settle, superuser, wait_for
from tests.benchmarks.delivery.report import say
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import Program, cpu_seconds, free_port, running
from tests.benchmarks.rivals_venv import BIN, ROOT

UNIT = "deliveries/s"
PROGRAMS = ROOT / "tests" / "benchmarks" / "rivals" / "deliveries"
COUNTS = {
    "product": 30_000,
    "bare": 40_000,
    "pgqueuer": 10_000,
    "celery": 2_500,
    "procrastinate": 1_000,
}
CELERY = ("worker", "--pool", "threads", "--concurrency", "16", "--loglevel", "WARNING")
REDIS = ("--bind", "127.0.0.1", "--appendonly", "yes", "--save", "", "--loglevel", "warning")
OPEN_JOBS: dict[str, LiteralString] = {
    "pgqueuer": "pgqueuer",
    "procrastinate": "procrastinate_jobs WHERE status IN ('todo', 'doing')",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one contender did in one round: the rate, and microseconds of CPU per delivery."""

    rate: float
    own_cpu: float
    database_cpu: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contender whose jobs wait: how its worker is started, and whether all is stored."""

    worker: Program
    is_done: Callable[[], bool]


Contender = Callable[[House, Sequence[Job]], AbstractContextManager[Waiting]]


def run(house: House, rounds: int, share: float) -> list[Figure]:
    """Measure in `rounds`, each with `share` of the usual number of jobs."""
    contenders = _contenders()
    found: dict[str, list[Turn]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders)[:: -1 if number % 2 else 1]:
            turn = _turn(house, contenders[name], house.jobs(round(COUNTS[name] * share)))
            found[name].append(turn)
            say(
                f"{name}: {turn.rate:,.0f} {UNIT}, own CPU {turn.own_cpu:.0f} us, "
                f"PostgreSQL {turn.database_cpu:.0f} us each"
            )
    own = found["product"]
    return [
        Figure(
            "delivery.rate", statistics.median(turn.rate for turn in own), UNIT, target=">= 3000"
        ),
        *_ratios(found),
        Figure("delivery.worker_cpu", statistics.median(turn.own_cpu for turn in own), "us"),
        Figure(
            "delivery.database_cpu",
            statistics.median(turn.database_cpu for turn in own),
            "us",
            target="<= 80",
        ),
    ]


def _contenders() -> dict[str, Contender]:
    found: dict[str, Contender] = {"product": _product, "bare": _bare}
    for name, open_jobs in OPEN_JOBS.items():
        found[name] = functools.partial(_queue, name, open_jobs)
    if redis := shutil.which("redis-server"):
        found["celery"] = functools.partial(_celery, redis)
    else:
        say("celery: not measured: no redis-server on this machine")
    return found


def _ratios(found: dict[str, list[Turn]]) -> Iterator[Figure]:
    targets = {"bare": ">= 0.25", "celery": ">= 8", "pgqueuer": ">= 2", "procrastinate": None}
    own = [turn.rate for turn in found["product"]]
    for name, target in targets.items():
        if others := [turn.rate for turn in found.get(name, ())]:
            ratio = statistics.median(one / other for one, other in zip(own, others, strict=True))
            floor = statistics.median(others)
            yield Figure(f"delivery.of_{name}", statistics.median(own), UNIT, floor, ratio, target)


def _turn(house: House, contender: Contender, jobs: Sequence[Job]) -> Turn:
    with contender(house, jobs) as waiting:
        house.sink.take()
        return measure(house, waiting, jobs)


def measure(house: House, waiting: Waiting, jobs: Sequence[Job]) -> Turn:
    """Start the worker and watch it until the last result is stored; check every id."""
    with waiting.worker.started() as child:

        def came(least: int) -> bool:
            waiting.worker.check(child)
            return house.sink.count() >= least

        wait_for("the first request", lambda: came(1))
        first, own, database = house.sink.count(), cpu_seconds(child.pid), house.database_cpu()
        wait_for("every request", lambda: came(len(jobs)))
        wait_for("every result", waiting.is_done)
        ended = time.monotonic()
        own, database = cpu_seconds(child.pid) - own, house.database_cpu() - database
        child.kill()
    arrivals = house.sink.take()
    sent = collections.Counter(job.event.id for job in jobs)
    assert sent == collections.Counter(one.id for one in arrivals), "not every id came once"
    rest = len(jobs) - first
    return Turn(len(jobs) / (ended - arrivals[0].at), own / rest * 1e6, database / rest * 1e6)


@contextmanager
def _product(house: House, jobs: Sequence[Job]) -> Iterator[Waiting]:
    house.enqueue(jobs)
    yield Waiting(house.worker(), house.is_done)


@contextmanager
def _bare(house: House, jobs: Sequence[Job]) -> Iterator[Waiting]:
    yield Waiting(_rival(house, jobs, OURS / "python", "bare.py"), lambda: True)


@contextmanager
def _celery(redis: str, house: House, jobs: Sequence[Job]) -> Iterator[Waiting]:
    """Each round with a broker of its own, in its usual durability: on disk every second."""
    port = free_port()
    log = house.installation.settings.data_dir / f"redis-{port}"
    folder = log.with_suffix(".d")
    folder.mkdir()
    broker = {"BENCH_BROKER": f"redis://127.0.0.1:{port}/0"}
    with running([redis, "--port", str(port), *REDIS], {}, log, port, folder):
        _rival(house, jobs, BIN / "python", "celery_app.py", **broker).run()
        work = _rival(house, jobs, BIN / "celery", "--app", "celery_app", *CELERY, **broker)
        yield Waiting(work, lambda: _is_acknowledged(port))


@contextmanager
def _queue(
    name: str, open_jobs: LiteralString, house: House, jobs: Sequence[Job]
) -> Iterator[Waiting]:
    """A queue in PostgreSQL; `open_jobs` says where its jobs are that wait or are under way."""
    program = (BIN / "python", f"{name}_app.py")
    with _database(house, name) as (own, place):
        _rival(house, jobs, *program, "enqueue", **place).run()
        settle(own)
        left = f"SELECT EXISTS (SELECT FROM {open_jobs})"  # noqa: S608 - names above

        def is_done() -> bool:
            return own.execute(left).fetchone() == (False,)

        yield Waiting(_rival(house, jobs, *program, **place), is_done)


@contextmanager
def _database(house: House, name: str) -> Iterator[tuple[Database, dict[str, str]]]:
    """A database of its own on the same server, made anew; and how libpq reaches it."""
    place = sql.Identifier(name)
    house.database.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(place))
    make = sql.SQL("CREATE DATABASE {} OWNER openredress_owner TEMPLATE template0")
    house.database.execute(make.format(place))
    words = connection_words(house.installation, "public") | {"PGDATABASE": name}
    with psycopg.connect(superuser(house.installation, name), autocommit=True) as own:
        yield own, words


def _is_acknowledged(port: int) -> bool:
    """Whether Redis holds no task, neither a waiting one nor one under way."""
    with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rb") as answers:
        line.sendall(b"LLEN celery\r\nHLEN unacked\r\n")
        return [answers.readline() for _ in range(2)] == [b":0\r\n", b":0\r\n"]


def _rival(house: House, jobs: Sequence[Job], *command: str | Path, **environment: str) -> Program:
    """A program that knows no database of ours: jobs and keys are handed to it as files."""
    folder = house.installation.settings.data_dir
    secrets = {one.url: one.secret.text for one in house.receivers}
    (folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")
    lines = (
        {"url": job.receiver.url, "event_id": job.event.id, "body": job.body.decode("ascii")}
        for job in jobs
    )
    told = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "jobs.ndjson").write_text(told, encoding="utf-8")
    shared = {"BENCH_JOBS": str(folder), "PYTHONPATH": str(ROOT / "webhooks")}
    return Program(command, shared | environment, folder / "rivals.log", PROGRAMS)
