"""Files of JSON lines that outlive whatever is killed, and who writes them for others."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


class Lines:
    """Reads a file of JSON lines as it grows."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self.path = path
        self.read: list[dict[str, Any]] = []
        self._place = 0

    def news(self) -> list[dict[str, Any]]:
        """Read on; everything that was ever read."""
        with self.path.open("rb") as file:
            file.seek(self._place)
            whole, end, _ = file.read().rpartition(b"\n")
        self._place += len(whole + end)
        self.read += map(json.loads, whole.splitlines())
        return self.read


def append(file: int, text: bytes) -> None:
    """Write and bring to the disk; returns when it is there."""
    os.write(file, text)
    os.fsync(file)


def main() -> None:
    """The logger: append what comes from standard input to the file named, until it ends.

    A process of its own, so that an acknowledgement is known whatever becomes of who got it.
    """
    file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    while text := os.read(0, 65_536):
        append(file, text)
    os.close(file)


if __name__ == "__main__":
    main()
