"""One thing per process, so that a fork shares no lock, socket or half-read answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Makes its thing at the first use in each process; safe with threads."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._by_pid: dict[int, T] = {}

    def get(self) -> T:
        """Return this process's thing."""
        pid = os.getpid()
        found = self._by_pid.get(pid)
        # setdefault is atomic: of two first users the second takes what the first one made.
        return self._by_pid.setdefault(pid, self._make()) if found is None else found
