"""Where an inbox keeps what it has seen: small enough to be put over another database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from openredress_webhooks.events import Event


@dataclass(frozen=True)
class Waiting:
    """A stored event that is not dealt with yet.

    `placed`: every event that stands before it in the feed is stored too, so nothing of its
    subject is missing.
    """

    event: Event
    placed: bool


class Ledger(Protocol):
    """An open transaction of a store."""

    @property
    def connection(self) -> Any:  # noqa: ANN401 - each database has its own
        """What handlers do their work with, so that it stands or falls with this transaction."""

    def add(self, event: Event, body: bytes, *, placed: bool) -> bool:
        """Store an event unless its id is known; returns whether it waits to be dealt with.

        Of one that waits already: a tombstone takes the place of its content, and `placed` is
        noted if true.
        """

    def place(self, event_id: str) -> None:
        """Note that an event is placed."""

    def first(self, subject: str) -> Waiting | None:
        """The waiting event of a subject that comes first: by subject_seq, timestamp and id."""

    def highest(self, subject: str) -> int:
        """The highest subject_seq of a subject's events that were dealt with; 0 for none."""

    def waiting(self) -> list[Waiting]:
        """All waiting events by timestamp, subject_seq and id."""

    def is_waiting(self, event_id: str) -> bool:
        """Whether an event is stored and not dealt with."""

    def done(self, event_id: str) -> None:
        """Note that an event is dealt with: its id stays, its content goes."""

    def position(self) -> str | None:
        """How far the feed was read; None if it never was."""

    def move(self, position: str) -> None:
        """Note how far the feed was read."""


class Store(Protocol):
    """A durable store; `SqliteStore` is one."""

    def transaction(self) -> AbstractContextManager[Ledger]:
        """Open a transaction: one at a time over all threads and processes.

        It is committed, durably, at the end of the block, and undone if the block raises.
        """
