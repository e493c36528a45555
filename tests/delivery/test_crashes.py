"""What kill -9, a restarted database and a lost hint cost: nothing but a second copy."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import NullPool, Row, create_engine, text

from openredress_delivery.hints import CHANNEL
from tests.delivery.authority import Authority
from tests.delivery.conftest import Workers
from tests.delivery.desk import Desk
from tests.delivery.house import House
from tests.delivery.receiver import Receiver
from tests.delivery.workers import WorkerProcesses

POINTS = (
    "during_fanout",
    "during_replay",
    "after_claim",
    "during_post",
    "after_answer",
    "after_store",
)
# A worker that dies here has sent nothing.
BEFORE_SENDING = {"during_fanout", "during_replay", "after_claim"}
EVENTS = 12


@pytest.fixture(scope="module")
def processes(delivery_database: House, authority: Authority) -> Iterator[WorkerProcesses]:
    """A starter of workers in processes of their own."""
    url = delivery_database.role_url("delivery").render_as_string(hide_password=False)
    with WorkerProcesses(url, authority.ca_file) as made:
        yield made


def _wait(done: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def _expire_leases(house: House) -> None:
    """A lease is longer than a test wants to wait; a commit cut off may have left one.

    What a worker is writing just now is let be: it and we might wait for each other.
    """
    house.rows(
        "UPDATE delivery SET lease_until = now() WHERE (organisation_id, id) IN "
        "(SELECT organisation_id, id FROM delivery WHERE state = 'leased' "
        "FOR UPDATE SKIP LOCKED)"
    )


def _all_succeeded(house: House, organisation: UUID) -> bool:
    rows = house.deliveries(organisation)
    return len(rows) == EVENTS and all(row.state == "succeeded" for row in rows)


@pytest.mark.parametrize("point", POINTS)
def test_killed_worker(
    delivery_database: House, receiver: Receiver, processes: WorkerProcesses, point: str
) -> None:
    """A worker killed at any point loses no event; each further copy has the same id and bytes."""
    desk = Desk(delivery_database)
    house, organisation = delivery_database, desk.organisation
    endpoint = house.endpoint(organisation, receiver.url)
    house.key(organisation, endpoint)
    house.events(organisation, EVENTS)
    asked = 0
    if point == "during_replay":
        desk.fan_out()
        house.rows("UPDATE delivery SET state = 'failed'")
        asked = len({desk.ask_again(endpoint) for _ in range(2)})
    processes.start(point)
    assert processes.ended() == -signal.SIGKILL
    _expire_leases(house)
    processes.start()
    try:
        _wait(lambda: _all_arrived(house, organisation, EVENTS * (asked or 1)))
    finally:
        assert processes.stop() == 0
    bodies = {row.webhook_id: row.body for row in _events(house, organisation)}
    copies = Counter(request.headers["webhook-id"] for request in receiver.received)
    assert copies.keys() == bodies.keys()
    assert max(copies.values()) <= (asked or 1) + (point not in BEFORE_SENDING)
    assert all(
        request.body == bodies[request.headers["webhook-id"]] for request in receiver.received
    )


def _all_arrived(house: House, organisation: UUID, count: int) -> bool:
    states = Counter(row.state for row in house.deliveries(organisation))
    return states["succeeded"] == count and states.keys() <= {"succeeded", "failed"}


def _events(house: House, organisation: UUID) -> Sequence[Row[Any]]:
    return house.rows("SELECT * FROM event WHERE organisation_id = :id", id=organisation)


def test_connections_lost(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """A worker whose connections are all cut, again and again, goes on by itself."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    stop, worker = threading.Event(), workers(sweep_seconds=0.05)
    cutter = create_engine(house.role_url("delivery"), poolclass=NullPool)
    running = threading.Thread(target=worker.run, args=(stop,))
    running.start()
    try:
        for _ in range(EVENTS):
            house.events(organisation)
            with cutter.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE usename = current_user AND pid <> pg_backend_pid()"
                    )
                )
            time.sleep(0.05)
        _wait(lambda: _expire_leases(house) or _all_succeeded(house, organisation))
    finally:
        stop.set()
        running.join()


def test_hint_wakes(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """A hint wakes a worker whose next look would be an hour away."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    stop = threading.Event()
    worker = workers(poll_seconds=3_600.0, idle_poll_seconds=3_600.0)
    running = threading.Thread(target=worker.run, args=(stop,))
    running.start()
    try:
        listening = "SELECT 1 FROM pg_stat_activity WHERE query ~ '^LISTEN'"
        _wait(lambda: bool(house.rows(listening, role="delivery")))
        house.events(organisation, EVENTS)
        with house.engine("owner").begin() as connection:
            connection.execute(text(f"NOTIFY {CHANNEL}"))
        _wait(lambda: _all_succeeded(house, organisation))
    finally:
        stop.set()
        with house.engine("owner").begin() as connection:
            connection.execute(text(f"NOTIFY {CHANNEL}"))
        running.join()


def test_stopping_ends_what_is_under_way(
    delivery_database: House, receiver: Receiver, workers: Workers
) -> None:
    """A worker that is told to stop still takes the answers it waits for."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    slow = receiver.answers[0]
    receiver.answers = [lambda out: (receiver.release.wait(30), slow(out))[1]]
    house.events(organisation)
    stop = threading.Event()
    running = threading.Thread(target=workers().run, args=(stop,))
    running.start()
    _wait(lambda: len(receiver.received) == 1)
    stop.set()
    receiver.release.set()
    running.join()
    assert house.deliveries(organisation)[0].state == "succeeded"
