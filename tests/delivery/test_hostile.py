"""A hundred bad receivers at once, and what they cost the good ones: nothing."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.delivery.authority import Authority
from tests.delivery.hostile import Hostile, Town
from tests.delivery.hostile_cases import (
    RETRY_AFTER,
    broken_cases,
    polite_cases,
    slow_cases,
    tls_cases,
    waiting_cases,
)
from tests.delivery.house import House
from tests.delivery.receiver import Receiver

ROOT = Path(__file__).parents[2]
HEALTHY = 5
UNCONNECTED = {"connect_timeout", "tls_timeout"}
PAGE = resource.getpagesize()
SENT = {
    b"POST /hook HTTP/1.1", b"host", b"user-agent", b"content-type", b"content-length",
    b"webhook-id", b"webhook-timestamp", b"webhook-signature",
    b"openredress-delivery-id", b"openredress-attempt",
}  # fmt: skip


@dataclass
class Run:
    """What was seen while all of them were called."""

    cases: list[Hostile]
    heads: dict[str, list[bytes]]
    canary: int
    first: dict[str, Any]
    """By case: the first attempt and its delivery, as they are stored."""
    seen_after: dict[str, float]
    """By case: seconds from the event to the stored attempt."""
    healthy: list[Any]
    """Deliveries to the healthy endpoints, with the number of their stored attempts."""
    received: int
    grown: int
    """Octets by which the worker's memory grew at most."""
    took: float


@pytest.fixture(scope="module")
def run(delivery_database: House, authority: Authority, tmp_path_factory: Any) -> Run:
    """One worker in a process of its own, all hostile receivers at once, and healthy ones."""
    if int(delivery_database.rows("SHOW server_version_num")[0].server_version_num) < 160_000:
        pytest.skip("half a minute twice: receivers do not see which server keeps the books")
    folder = tmp_path_factory.mktemp("hostile")
    house, bad = delivery_database, delivery_database.organisation()
    good = [house.organisation() for _ in range(HEALTHY)]
    with Receiver(authority) as canary, Receiver(authority) as healthy:
        cases = [
            *tls_cases(), *slow_cases(), *broken_cases(), *polite_cases(canary.url),
            *waiting_cases(),
        ]  # fmt: skip
        for organisation in good:
            house.key(organisation, house.endpoint(organisation, healthy.url))
        with Town(cases, authority, folder) as town, worker(house, authority) as process:
            _deliver_some(house, good)
            before = _memory(process)
            named = _endpoints(house, bad, town, cases)
            (event,) = house.events(bad)
            began, grown = time.monotonic(), 0
            first: dict[str, Any] = {}
            seen_after: dict[str, float] = {}
            while len(first) < len(named) and time.monotonic() - began < 40:
                for organisation in good:
                    house.events(organisation)
                time.sleep(0.2)
                grown = max(grown, _memory(process) - before)
                for row in _first_attempts(house, event):
                    if named[row.endpoint_id] not in first:
                        first[named[row.endpoint_id]] = row
                        seen_after[named[row.endpoint_id]] = time.monotonic() - began
            took = time.monotonic() - began
        return Run(
            cases, town.heads, len(canary.received), first, seen_after,
            [row for one in good for row in _deliveries(house, one)],
            len(healthy.received), grown, took,
        )  # fmt: skip


@contextmanager
def worker(house: House, authority: Authority) -> Iterator[int]:
    """A worker in a process of its own; gives its id."""
    environment = {
        **os.environ,
        "DATABASE_URL": house.role_url("delivery").render_as_string(hide_password=False),
        "CA_FILE": str(authority.ca_file),
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.delivery.worker_process"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running.pid
    finally:
        running.terminate()
        assert running.wait(30) == 0


def _memory(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE


def _deliver_some(house: House, good: list[UUID]) -> None:
    """What a worker has in memory once it works."""
    for organisation in good:
        house.events(organisation, 20)
    end = time.monotonic() + 30
    while not all(
        len(rows := house.deliveries(one)) == 20 and {row.state for row in rows} == {"succeeded"}
        for one in good
    ):
        assert time.monotonic() < end
        time.sleep(0.1)


def _endpoints(
    house: House, organisation: UUID, town: Town, cases: list[Hostile]
) -> dict[UUID, str]:
    urls = {case.name: town.url(case) for case in cases}
    urls |= {"takes no connection": town.deaf(), "nobody listens": town.closed()}
    named = {house.endpoint(organisation, url): name for name, url in urls.items()}
    for endpoint in named:
        house.key(organisation, endpoint)
    return named


def _first_attempts(house: House, event: UUID) -> Any:
    return house.rows(
        "SELECT d.endpoint_id, d.state, a.*, d.due_at - clock_timestamp() AS wait "
        "FROM attempt a JOIN delivery d "
        "ON d.organisation_id = a.organisation_id AND d.id = a.delivery_id "
        "WHERE d.event_id = :event AND a.n = 1",
        event=event,
    )


def _deliveries(house: House, organisation: UUID) -> Any:
    return house.rows(
        "SELECT d.*, (SELECT count(*) FROM attempt a WHERE a.organisation_id = d.organisation_id "
        "AND a.delivery_id = d.id) AS stored FROM delivery d WHERE d.organisation_id = :id",
        id=organisation,
    )


def test_every_owner_reads_the_reason(run: Run) -> None:
    """Each of more than a hundred kinds of failure is stored with a code that says what it was."""
    expected = {case.name: case.code for case in run.cases}
    expected |= {"takes no connection": "connect_timeout", "nobody listens": "connection_refused"}
    assert len(expected) > 100
    assert {name: row.error_code for name, row in run.first.items()} == expected


def test_every_attempt_ends_in_time(run: Run) -> None:
    """No receiver keeps an attempt longer than 20 s, nor its result from the owner for 23 s.

    One that does not get as far as TLS keeps it 8 s at most.
    """
    assert max(row.duration_ms for row in run.first.values()) < 20_500
    unconnected = [one for one in run.first.values() if one.error_code in UNCONNECTED]
    assert len(unconnected) == 4
    assert max(row.duration_ms for row in unconnected) < 8_500
    assert max(run.seen_after.values()) < 23


def test_the_healthy_are_served_meanwhile(run: Run) -> None:
    """Every event for the healthy arrives at its first attempt, and none of these gets lost."""
    assert len(run.healthy) > 50 * HEALTHY
    assert {(row.state, row.attempt_count, row.stored) for row in run.healthy} == {
        ("succeeded", 1, 1)
    }
    assert run.received == len(run.healthy)


def test_memory_stays(run: Run) -> None:
    """A gigabyte, bombs and floods included, the worker grows by less than 20 MiB."""
    assert run.grown < 20 * 1024 * 1024


def test_nothing_harmful_is_stored(run: Run) -> None:
    """What came back is kept as clean text, 2,048 octets at most."""
    heads = [row.response_head for row in run.first.values() if row.response_head]
    assert len(heads) > 10
    for head in heads:
        assert len(head.encode()) <= 2_048
        bad = {unicodedata.category(sign) for sign in head if sign not in "\n\t"}
        assert not bad & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_nothing_but_the_event_is_sent(run: Run) -> None:
    """Nobody gets credentials, cookies or anything else that it asks for; nobody leads us on."""
    heads = [head for heads in run.heads.values() for head in heads]
    assert len(run.heads["asks who we are"]) > 1
    for head in heads:
        first, *lines = head.split(b"\r\n")
        assert {first, *(line.partition(b":")[0].lower() for line in lines)} == SENT
    assert run.canary == 0


def test_receivers_get_the_time_they_ask_for(run: Run) -> None:
    """Seconds or a date, a day at most; what is no time leaves the schedule as it is."""
    for case in waiting_cases():
        text = next(text for text in RETRY_AFTER if case.name.endswith(f", {text[:40]}"))
        row = run.first[case.name]
        assert (row.retry_after_s, row.state) == (RETRY_AFTER[text], "waiting")
        asked = RETRY_AFTER[text] or 0
        assert row.wait.total_seconds() > asked - 20 if asked else row.wait.total_seconds() < 6.1
