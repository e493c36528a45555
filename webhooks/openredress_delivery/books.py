"""The worker's books: what it reads from the database and writes there, beside the exchanges."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, TypeVar

from openredress_delivery.loop import READ, Loop

T = TypeVar("T")


class Books(Generic[T]):
    """One turn at a time, in a thread of its own: no exchange waits while the database works."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._thread = ThreadPoolExecutor(1, "books")
        self._turn: Future[T] | None = None
        # Wakes the loop when a turn has ended; what is on it says nothing more.
        self._woken, self._waking = socket.socketpair()
        self._woken.settimeout(0)
        self._waking.settimeout(0)
        loop.watch(self._woken.fileno(), READ, self._drain)

    @property
    def are_open(self) -> bool:
        """Whether a turn is under way, or over and not taken yet."""
        return self._turn is not None

    def begin(self, turn: Callable[[], T]) -> None:
        """Start a turn; none may be under way."""
        self._turn = self._thread.submit(turn)
        self._turn.add_done_callback(self._wake)

    def take(self) -> Future[T] | None:
        """The turn, once it is over; None while it is not."""
        if self._turn is None or not self._turn.done():
            return None
        turn, self._turn = self._turn, None
        return turn

    def close(self) -> None:
        """Wait for the end of a turn; what it brought is found again by its leases."""
        self._thread.shutdown()
        self._loop.watch(self._woken.fileno(), 0, self._drain)
        self._woken.close()
        self._waking.close()

    def _wake(self, _: object) -> None:
        with suppress(BlockingIOError):  # it is awake
            self._waking.send(b"\0")

    def _drain(self, _: int) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(64)
