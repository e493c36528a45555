"""Whatever is lost, repeated, reordered or killed: each effect once, in order per subject."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from openredress import Client, Inbox
from openredress.inbox import Context, SqliteStore
from openredress.webhooks import Event
from tests.sdk import letters

SUBJECTS = ("ref_1", "ref_2", "ref_3")


class Killed(BaseException):
    """What no code catches: as if the process were gone."""


class Unsynced(SqliteStore):
    """A store whose machine never loses its power, for speed."""

    def _opened(self) -> sqlite3.Connection:
        connection = super()._opened()
        connection.execute("PRAGMA synchronous = OFF")
        return connection


class Mortal:
    """A store whose process dies after so many steps: before, inside or behind a transaction."""

    def __init__(self, store: SqliteStore, steps: int) -> None:
        self._store, self._steps = store, steps

    def _step(self) -> None:
        self._steps -= 1
        if not self._steps:
            raise Killed

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Open a transaction."""
        self._step()
        with self._store.transaction() as ledger:
            yield ledger
            self._step()
        self._step()


class Receiver:
    """A receiver over one file, started anew for each request."""

    def __init__(self, folder: str, client: Client | None) -> None:
        self._file = Path(folder) / "inbox.db"
        self._client = client
        self._store = Unsynced(self._file)
        self.failures = 0
        with closing(sqlite3.connect(self._file)) as connection:
            connection.execute("CREATE TABLE effect (id TEXT, subject TEXT, seq INT, late INT)")

    def _started(self, steps: int) -> Inbox:
        inbox = Inbox(Mortal(self._store, steps), [letters.SECRET.text], client=self._client)
        inbox.on("*")(self._write)
        return inbox

    def _write(self, event: Event, context: Context) -> None:
        row = (event.id, event.subject, event.subject_seq, context.is_late)
        context.connection.execute("INSERT INTO effect VALUES (?, ?, ?, ?)", row)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not today")

    def deliver(self, members: Any, steps: int = 0) -> bool:
        """Whether the sender learns that the event was taken."""
        try:
            return letters.delivered(self._started(steps), members) == 204
        except Killed:
            return False

    def catch_up(self, steps: int = 0) -> None:
        """Read the feed, as far as one comes."""
        try:
            self._started(steps).catch_up()
        except (Killed, RuntimeError):
            return

    def effects(self) -> list[tuple[str, str, int, int]]:
        """What happened, in order."""
        with closing(sqlite3.connect(self._file)) as connection:
            return connection.execute("SELECT * FROM effect ORDER BY rowid").fetchall()


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Any], list[tuple[str, int, int]]]:
    """Events in the order of the feed, and what befalls them: (what, which event, how far)."""
    versions = dict.fromkeys(SUBJECTS, 0)
    sent = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        subject = draw(st.sampled_from(SUBJECTS))
        versions[subject] += draw(st.integers(1, 3))
        sent.append(letters.event(number, subject=subject, seq=versions[subject]))
    acts = st.tuples(
        st.sampled_from(["deliver", "deliver", "deliver", "fail", "catch_up"]),
        st.integers(0, len(sent) - 1),
        st.integers(0, 24),
    )
    return sent, draw(st.lists(acts, max_size=14))


def lived(
    receiver: Receiver, sent: Sequence[Any], acts: Sequence[Any], feed: letters.Feed | None = None
) -> None:
    """Let a story happen; an event is sent when the feed holds it."""
    for what, which, steps in acts:
        if what == "fail":
            receiver.failures = steps % 4
        elif what == "deliver":
            if feed:
                feed.put(*sent[len(feed.events) : which + 1])
            event("taken" if receiver.deliver(sent[which], steps) else "to be sent again")
        elif feed:
            receiver.catch_up(steps)
    receiver.failures = 0


@given(stories())
@settings(max_examples=60, deadline=None)
def test_pushed_alone(story: Any) -> None:
    """Without a client each event has one effect; exactly what was overtaken is marked late."""
    sent, acts = story
    with tempfile.TemporaryDirectory() as folder:
        receiver = Receiver(folder, None)
        lived(receiver, sent, acts)
        for each in sent:
            assert receiver.deliver(each)
        effects = receiver.effects()
    assert sorted(row[0] for row in effects) == sorted(each["id"] for each in sent)
    for place, (_, subject, seq, late) in enumerate(effects):
        before = [row[2] for row in effects[:place] if row[1] == subject]
        assert bool(late) == (seq < max(before, default=0))


@pytest.fixture
def feed_server(server: Any) -> Any:
    """An unlucky server; each story takes its own feed to it."""
    return server


@given(story=stories())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pushed_and_pulled(feed_server: Any, client: Client, story: Any) -> None:
    """With a client each event has one effect in the order of its subject, none of them late.

    Webhooks that are never sent again make no difference: one look at the feed brings the rest.
    """
    sent, acts = story
    feed_server._steps.clear()
    feed = letters.Feed(feed_server)
    with tempfile.TemporaryDirectory() as folder:
        receiver = Receiver(folder, client)
        lived(receiver, sent, acts, feed)
        feed.put(*sent[len(feed.events) :])
        receiver.catch_up()
        effects = receiver.effects()
    assert sorted(row[0] for row in effects) == sorted(each["id"] for each in sent)
    assert not any(late for *_, late in effects)
    for subject in SUBJECTS:
        seqs = [row[2] for row in effects if row[1] == subject]
        assert seqs == sorted(seqs)
