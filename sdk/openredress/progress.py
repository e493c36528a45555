"""How far an import is, told in one line that is written again and again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from openredress.records import Record

Tell = Callable[[Record], None]
"""Told of an import each time something is heard of it."""

Progress = Tell | bool | None
"""Who is told: a callable; True: whoever reads standard error; None or False: nobody."""

_MEGA = 1e6
_MINUTE = 60


def reporter(progress: Progress) -> Tell:
    """The one that tells."""
    if callable(progress):
        return progress
    return Line(sys.stderr) if progress else _silent


def told(imported: Record) -> str:
    """State, rows, pace, good and bad ones, time left; while it is sent, the octets."""
    if imported.state == "receiving":
        return f"sending: {imported.received / _MEGA:,.1f} of {imported.size / _MEGA:,.1f} MB"
    counts = imported.counts
    words = [f"{imported.state}: {counts.read:,} rows"]
    if imported.rows_per_second:
        words.append(f"{imported.rows_per_second:,.0f}/s")
    words += [f"{counts.read - counts.refused:,} good", f"{counts.refused:,} bad"]
    if imported.seconds_left is not None:
        minutes, seconds = divmod(imported.seconds_left, _MINUTE)
        words.append(f"{minutes}:{seconds:02} left")
    return ", ".join(words)


class Line:
    """One line of a terminal, written over; elsewhere a line for each new state."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._state = ""
        self._width = 0

    def __call__(self, imported: Record) -> None:
        """Tell how far it is."""
        said = told(imported)
        if self._stream.isatty():
            end = "\n" if imported.ended_at else ""
            self._stream.write(f"\r{said.ljust(self._width)}{end}")
            self._stream.flush()
            self._width = len(said)
        elif imported.state != self._state:
            self._stream.write(f"{said}\n")
        self._state = imported.state


def _silent(_: Record) -> None:
    """Tell nobody."""
