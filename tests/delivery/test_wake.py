"""The hint that follows a commit."""

from __future__ import annotations

import socket
from typing import Any

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from openredress_delivery.hints import CHANNEL, Hints
from openredress_delivery.loop import READ, Loop
from openredress_delivery.wake import Wake
from tests.delivery.house import House
from tests.factories import registers
from tests.factories.parties import World


def _connect(house: House) -> psycopg.Connection[Any]:
    url = house.role_url("delivery").set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _hints(listener: psycopg.Connection[Any], *, patience: float) -> int:
    return len(list(listener.notifies(timeout=patience, stop_after=1)))


@pytest.fixture
def listener(delivery_database: House) -> Any:
    """A worker's ear."""
    with _connect(delivery_database) as connection:
        connection.execute(f"LISTEN {CHANNEL}".encode())
        yield connection


def test_a_commit_with_an_event_is_heard(world: World, listener: psycopg.Connection[Any]) -> None:
    """Whoever listens hears of an event's commit at once, and nothing of a commit without one."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    assert _hints(listener, patience=0.3) == 0
    assert registers.push(supplier, site, "W-1").status_code == 201
    assert _hints(listener, patience=5.0) == 1


def test_many_commits_are_few_hints_and_a_broken_connection_is_replaced(
    delivery_database: House, listener: psycopg.Connection[Any]
) -> None:
    """Telling costs the caller nothing, and one that was lost is told again with the next."""
    opened: list[psycopg.Connection[Any]] = []

    def connect() -> psycopg.Connection[Any]:
        opened.append(_connect(delivery_database))
        return opened[-1]

    wake = Wake(connect)
    try:
        for _ in range(200):
            wake.tell()
        assert _hints(listener, patience=5.0) == 1
        with _connect(delivery_database) as other:
            other.execute(
                "SELECT pg_terminate_backend(%s)", [opened[0].info.backend_pid], prepare=False
            )
        while len(opened) < 2:
            wake.tell()
            _hints(listener, patience=0.05)
        wake.tell()
        assert _hints(listener, patience=5.0) == 1
    finally:
        wake.close()


def test_who_is_cut_off_while_it_begins_to_listen_begins_again(delivery_database: House) -> None:
    """The worker closes what it had, whatever that was, and hears at its next try."""
    engine = create_engine(delivery_database.role_url("delivery"), poolclass=NullPool)
    loop, heard, cuts = Loop(), [], [1]
    ours, theirs = socket.socketpair()
    loop.watch(ours.fileno(), READ, heard.append)
    hints = Hints(engine, loop, lambda: heard.append(1))

    def cut(connection: Any, *_: Any) -> None:
        if cuts and cuts.pop():
            pid = connection.connection.driver_connection.info.backend_pid
            with delivery_database.engine("delivery").begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    event.listen(engine, "before_cursor_execute", cut)
    with pytest.raises(OperationalError):
        hints.listen()
    hints.close()
    hints.listen()
    with delivery_database.engine("delivery").begin() as connection:
        connection.execute(text(f"NOTIFY {CHANNEL}"))
    while not heard:
        loop.turn(1.0)
    hints.close()
    loop.close()
    engine.dispose()
    ours.close()
    theirs.close()
