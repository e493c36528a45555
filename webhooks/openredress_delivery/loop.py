"""One thread waits for every socket: receivers, name servers and the database's hints."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable
from typing import Protocol

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


class Timer(Protocol):
    """Something that must act at a time even if no socket stirs."""

    def due(self) -> float | None:
        """When, on the monotonic clock; None for never."""

    def ring(self) -> None:
        """Act; called when `due` has passed."""


class Loop:
    """Watches sockets and timers; everything runs within `turn`."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[Timer] = []

    def add_timer(self, timer: Timer) -> None:
        """Ask this timer in every turn."""
        self._timers.append(timer)

    def watch(self, socket: int, events: int, ready: Callable[[int], None]) -> None:
        """Call `ready(events)` whenever the socket is; 0 events ends the watch."""
        # c-ares closes its last sockets in a thread of its own, when the map may be gone.
        known = socket in (self._selector.get_map() or ())
        if known and not events:
            self._selector.unregister(socket)
        elif known:
            self._selector.modify(socket, events, ready)
        elif events:
            self._selector.register(socket, events, ready)

    def turn(self, longest: float) -> None:
        """Wait at most `longest` seconds for something to do, and do it."""
        times = [due for timer in self._timers if (due := timer.due()) is not None]
        wait = min([longest, *(due - time.monotonic() for due in times)])
        for key, events in self._selector.select(max(0.0, wait)):
            key.data(events)
        now = time.monotonic()
        for timer in self._timers:
            due = timer.due()
            if due is not None and due <= now:
                timer.ring()

    def close(self) -> None:
        """End all watching."""
        self._selector.close()
