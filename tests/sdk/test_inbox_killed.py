"""A receiver under `kill -9` and the bridge that brings it its events: each effect exactly once."""

from __future__ import annotations

import itertools
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from openredress import Client, errors
from openredress.bookmarks import Place
from openredress.clock import Clock
from openredress.forwarding import Attempt, Passing, Receiver, bridge
from tests.sdk import letters

EVENTS, POINTS = 3, ("asked", "stored", "working", "before_the_answer")
PROGRAM = Path(__file__).with_name("killed_receiver.py")


class Watching:
    """Notes what the bridge sees, and ends it."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.taken: list[str] = []

    def answered(self, passing: Passing, attempt: Attempt) -> None:
        """Note an attempt."""
        self.statuses.append(attempt.status)
        if attempt.taken:
            self.taken.append(passing.event.id)

    def disconnected(self, failure: Any) -> None:
        """Fail: this server is always there."""
        raise failure


class Supervised:
    """A process that is started again whenever it dies."""

    def __init__(self, listener: socket.socket, folder: Path) -> None:
        self.starts = 0
        self._over = False
        self._words = (sys.executable, str(PROGRAM), str(listener.fileno()), str(folder))
        self._options: Any = {
            "pass_fds": (listener.fileno(),),
            "env": {**os.environ, "SECRET": letters.SECRET.text},
        }
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over:
            self._process = subprocess.Popen(self._words, **self._options)
            self.starts += 1
            self._process.wait()

    def end(self) -> None:
        """End it for good."""
        self._over = True
        self._process.kill()
        self._thread.join()


def test_killed_at_every_point(client: Client, server: Any, hands: Any, tmp_path: Path) -> None:
    """Killed at each point of each event the receiver has every effect once, and in order."""
    feed = letters.Feed(server)
    feed.put(*(letters.event(number) for number in range(1, EVENTS + 1)))
    last = server._steps["/v1/events"][0]

    def until_the_end(handler: Any, seen: Any) -> None:
        if seen.query["after"] == str(EVENTS):
            server.refuses(403, "over")(handler, seen)
        else:
            last(handler, seen)

    server._steps["/v1/events"][0] = until_the_end
    with closing(sqlite3.connect(tmp_path / "inbox.db")) as connection:
        connection.execute("CREATE TABLE effect (id TEXT)")
    watching = Watching()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        process = Supervised(listener, tmp_path)
        place = Place(tmp_path / "place.json", "this feed")
        receiver = Receiver(url, letters.SECRET)
        try:
            with pytest.raises(errors.Forbidden, match="over"):
                bridge(client, receiver, place, watching, clock=Clock(sleep=hands.sleep))
        finally:
            process.end()
    ids = [f"evt_{number}" for number in range(1, EVENTS + 1)]
    with closing(sqlite3.connect(tmp_path / "inbox.db")) as connection:
        effects = connection.execute("SELECT id FROM effect ORDER BY rowid").fetchall()
    assert [row[0] for row in effects] == ids
    deaths = {path.name for path in tmp_path.glob("evt_*")}
    assert deaths == {f"{each}.{point}" for each, point in itertools.product(ids, POINTS)}
    assert process.starts == len(deaths) + 1
    assert (watching.taken, place.read()) == (ids, str(EVENTS))
