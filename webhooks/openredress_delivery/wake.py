"""The hint after a commit that there may be work: sent beside it, never inside.

NOTIFY in a business transaction makes all commits wait for each other behind a synchronous standby.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

from openredress_delivery.hints import CHANNEL

_PAUSE_S = 0.005
_AFTER_FAILURE_S = 1.0


class Wake:
    """One thread and one connection per process; many commits within 5 ms are one hint."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        """`connect` opens a connection in autocommit mode, when the first hint is due."""
        self._connect = connect
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False

    def tell(self) -> None:
        """Something was committed."""
        self._asked.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None and not self._closing:
                    self._thread = threading.Thread(target=self._run, name="wake", daemon=True)
                    self._thread.start()

    def close(self) -> None:
        """End the thread and its connection."""
        with self._lock:
            self._closing = True
        if self._thread is not None:
            self._asked.set()
            self._thread.join()

    def _run(self) -> None:
        while not self._closing:
            # A hint that is lost costs a quarter of a second: polling is the truth.
            with suppress(psycopg.Error):
                self._notify()
            time.sleep(0 if self._closing else _AFTER_FAILURE_S)

    def _notify(self) -> None:
        with self._connect() as connection:
            while True:
                self._asked.wait()
                if self._closing:
                    return
                self._asked.clear()
                connection.execute(f"NOTIFY {CHANNEL}".encode())
                time.sleep(_PAUSE_S)
