"""Dies at a named point, so that a test can prove that dying there loses nothing."""

from __future__ import annotations

import os
import signal


class Faults:
    """Kills this process at the point that FAULT_AT names; in development only.

    Points: `during_fanout`, `during_replay`, `after_claim`, `during_post`, `after_answer`,
    `after_store`.
    """

    def __init__(self, *, development: bool) -> None:
        self._point = os.environ.get("FAULT_AT") if development else None

    def at(self, point: str) -> None:
        """SIGKILL, as an operator's mistake or the kernel's memory killer would send it."""
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)
