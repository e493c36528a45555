"""Time, luck and patience: where the client's waiting is counted."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from openredress.errors import DeadlineExceeded


@dataclass(frozen=True)
class Clock:
    """Where time and chance come from; a test hands over its own.

    `monotonic` and `wall` tell seconds (the latter Unix time), `sleep` waits for seconds, `luck`
    is uniform in [0, 1).
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    luck: Callable[[], float] = random.random


SYSTEM = Clock()
"""The clock of this machine."""


class Deadline:
    """The moment at which one call must have ended."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, more than 0.

        Raises:
            DeadlineExceeded: none are left.
        """
        seconds = self._end - self._clock.monotonic()
        if seconds <= 0:
            raise DeadlineExceeded("the call's deadline has passed")
        return seconds

    def fits(self, pause: float) -> bool:
        """Say whether a pause of so many seconds would end before the deadline."""
        return self._clock.monotonic() + pause < self._end
