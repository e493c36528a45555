"""The database's word that there may be work: a hint that may be lost, never the truth."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import psycopg
from sqlalchemy import Connection, Engine

from openredress_delivery.loop import READ, Loop

CHANNEL = "openredress_events"


class Hints:
    """Listens on one extra connection; without one, polling goes on alone."""

    def __init__(self, engine: Engine, loop: Loop, hinted: Callable[[], None]) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._loop = loop
        self._hinted = hinted
        self._connection: Connection | None = None
        self._descriptor = -1

    def listen(self) -> None:
        """Make sure that we listen.

        Raises:
            OperationalError: the database cannot be reached now.
        """
        if self._connection is not None:
            return
        with ExitStack() as undone:
            connection = undone.enter_context(self._engine.connect())
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            self._descriptor = self._driver(connection).fileno()
            # From here on it is there to be closed; one that was cut before is closed already.
            undone.pop_all()
        self._connection = connection
        self._loop.watch(self._descriptor, READ, self._heard)

    def close(self) -> None:
        """Listen no more."""
        if self._connection is not None:
            self._loop.watch(self._descriptor, 0, self._heard)
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _heard(self, _: int) -> None:
        if self._connection is None:
            return
        try:
            for _notice in self._driver(self._connection).notifies(timeout=0):
                pass
        except psycopg.OperationalError:
            self.close()
        self._hinted()

    @staticmethod
    def _driver(connection: Connection) -> psycopg.Connection:
        driver = connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            raise TypeError("the delivery worker needs SQLAlchemy's psycopg dialect")
        return driver
