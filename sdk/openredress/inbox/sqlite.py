"""The store that needs nothing: an SQLite file, its transactions one at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from os import PathLike, fspath

from openredress.inbox.store import Waiting
from openredress.processes import PerProcess
from openredress_webhooks.events import Event
from openredress_webhooks.instants import write_instant

_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS openredress_event (
        inbox TEXT NOT NULL, id TEXT NOT NULL,
        subject TEXT NOT NULL, subject_seq INTEGER NOT NULL, timestamp TEXT NOT NULL,
        placed INTEGER NOT NULL,
        body BLOB,  -- NULL once it is dealt with
        PRIMARY KEY (inbox, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX IF NOT EXISTS openredress_event_subject
        ON openredress_event (inbox, subject, subject_seq)
    """,
    """
    CREATE INDEX IF NOT EXISTS openredress_event_waiting
        ON openredress_event (inbox, timestamp) WHERE body IS NOT NULL
    """,
    """
    CREATE TABLE IF NOT EXISTS openredress_feed (
        inbox TEXT NOT NULL PRIMARY KEY, position TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)
_ADD = """
    INSERT INTO openredress_event VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (inbox, id) DO UPDATE SET placed = max(placed, excluded.placed),
        body = CASE WHEN body IS NOT NULL AND ? THEN excluded.body ELSE body END
"""
_FIRST = """
    SELECT body, placed FROM openredress_event
    WHERE inbox = ? AND subject = ? AND body IS NOT NULL
    ORDER BY subject_seq, timestamp, id LIMIT 1
"""
_HIGHEST = """
    SELECT max(subject_seq) FROM openredress_event
    WHERE inbox = ? AND subject = ? AND body IS NULL
"""
_WAITING = """
    SELECT body, placed FROM openredress_event
    WHERE inbox = ? AND body IS NOT NULL ORDER BY timestamp, subject_seq, id
"""
_IS_WAITING = "SELECT 1 FROM openredress_event WHERE inbox = ? AND id = ? AND body IS NOT NULL"
_PLACE = "UPDATE openredress_event SET placed = 1 WHERE inbox = ? AND id = ?"
_DONE = "UPDATE openredress_event SET body = NULL WHERE inbox = ? AND id = ?"
_POSITION = "SELECT position FROM openredress_feed WHERE inbox = ?"
_MOVE = """
    INSERT INTO openredress_feed VALUES (?, ?)
    ON CONFLICT (inbox) DO UPDATE SET position = excluded.position
"""


class SqliteStore:
    """A store in an SQLite file, which may hold the tables of handlers too.

    Args:
        path: the file; made if it is not there. On a disk of this machine, not of a network.
        name: of the inbox: several may share a file, each with events of its own.
        patience: seconds to wait for the transaction of another thread or process to end.
    """

    def __init__(
        self, path: str | PathLike[str], *, name: str = "inbox", patience: float = 15.0
    ) -> None:
        self._path = fspath(path)
        self._name = name
        self._patience = patience
        if not self._path or self._path.startswith((":memory:", "file:")):
            raise ValueError("an inbox outlives its process: name a file")
        self._keeper = PerProcess(self._kept)
        with closing(self._opened()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            for table in _TABLES:
                connection.execute(table)

    def _kept(self) -> sqlite3.Connection:
        # Idle: while it is open the log is not written back after each transaction, which costs
        # three times as much.
        connection = self._opened()
        connection.execute(_POSITION, (self._name,)).fetchone()
        return connection

    def _opened(self) -> sqlite3.Connection:
        # A connection per transaction: none is shared by threads or carried over a fork.
        connection = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        # What is deleted is overwritten, not only forgotten.
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    @contextmanager
    def transaction(self) -> Iterator[SqliteLedger]:
        """Open a transaction; whatever tries to end it before the block does is refused."""
        self._keeper.get()
        with closing(self._opened()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            guard = _Guard()
            connection.set_authorizer(guard)
            try:
                yield SqliteLedger(connection, self._name)
            except BaseException:
                guard.open = True
                connection.rollback()
                raise
            guard.open = True
            connection.commit()


class _Guard:
    """Lets nobody commit or roll back but the store: half a handler's work must not stay."""

    open = False

    def __call__(self, action: int, *_: object) -> int:
        ends = action == sqlite3.SQLITE_TRANSACTION and not self.open
        return sqlite3.SQLITE_DENY if ends else sqlite3.SQLITE_OK


class SqliteLedger:
    """An open transaction of a `SqliteStore`."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self.connection = connection
        self._name = name

    def add(self, event: Event, body: bytes, *, placed: bool) -> bool:
        """Store an event unless its id is known; returns whether it waits to be dealt with."""
        order = (event.subject, event.subject_seq, write_instant(event.timestamp))
        row = (self._name, event.id, *order, placed, body)
        self.connection.execute(_ADD, (*row, event.tombstone))
        return self.is_waiting(event.id)

    def place(self, event_id: str) -> None:
        """Note that an event is placed."""
        self.connection.execute(_PLACE, (self._name, event_id))

    def first(self, subject: str) -> Waiting | None:
        """The waiting event of a subject that comes first."""
        row = self.connection.execute(_FIRST, (self._name, subject)).fetchone()
        return _waiting(*row) if row else None

    def highest(self, subject: str) -> int:
        """The highest subject_seq of a subject's events that were dealt with."""
        row = self.connection.execute(_HIGHEST, (self._name, subject)).fetchone()
        return int(row[0] or 0)

    def waiting(self) -> list[Waiting]:
        """All waiting events."""
        rows = self.connection.execute(_WAITING, (self._name,)).fetchall()
        return [_waiting(*row) for row in rows]

    def is_waiting(self, event_id: str) -> bool:
        """Whether an event is stored and not dealt with."""
        found = self.connection.execute(_IS_WAITING, (self._name, event_id))
        return found.fetchone() is not None

    def done(self, event_id: str) -> None:
        """Note that an event is dealt with.

        Raises:
            sqlite3.OperationalError: a handler's statement undid the transaction.
        """
        if not self.connection.in_transaction:
            raise sqlite3.OperationalError("the transaction was undone while a handler ran")
        self.connection.execute(_DONE, (self._name, event_id))

    def position(self) -> str | None:
        """How far the feed was read."""
        row = self.connection.execute(_POSITION, (self._name,)).fetchone()
        return str(row[0]) if row else None

    def move(self, position: str) -> None:
        """Note how far the feed was read."""
        self.connection.execute(_MOVE, (self._name, position))


def _waiting(body: bytes, placed: int) -> Waiting:
    return Waiting(Event.parse(body), bool(placed))
