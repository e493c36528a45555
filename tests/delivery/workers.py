"""Workers in processes of their own, to be killed.

One process imports everything once and forks a worker whenever it is told to: a worker that lives
for a moment only need not be born for seconds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from uuid import UUID

from sqlalchemy import Connection

from openredress_delivery.claims import Claimed
from tests.delivery.house import everything
from tests.delivery.worker_process import work

ROOT = Path(__file__).parents[2]
HEALTHY = "nowhere"
IN_CLAIM = "in_claim"
_CLAIMING = "claiming"


class WorkerProcesses:
    """Starts workers on a database, one at a time."""

    def __init__(self, url: str, ca_file: Path | str) -> None:
        environment = {**os.environ, "DATABASE_URL": url, "CA_FILE": str(ca_file)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.delivery.workers"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
        self._process.communicate()

    def start(self, point: str = HEALTHY) -> None:
        """Start one that dies at a point of `Faults`, or works on; `IN_CLAIM`: see `claims`."""
        self._say(point)
        self._pid = int(self._heard())

    def stop(self) -> int:
        """Tell it to stop, as an operator does; its exit code."""
        self.tell_to_stop()
        return self.ended()

    def tell_to_stop(self) -> None:
        """The same, without waiting for its end."""
        os.kill(self._pid, signal.SIGTERM)

    def ended(self) -> int:
        """Wait for its end; its exit code."""
        code = int(self._heard())
        self._pid = 0
        return code

    def claims(self) -> bool:
        """Wait until it stands within a claim; False if it has ended instead."""
        heard = self._heard()
        if heard != _CLAIMING:
            self._pid = 0
        return heard == _CLAIMING

    def go_on(self) -> None:
        """Let it go on with its claim."""
        self._say("")

    def _say(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _heard(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def _watched(connection: Connection, claimed: Sequence[Claimed]) -> dict[UUID, bytes]:
    """Everything may leave, once whoever watches has done to us what he wants to do here."""
    print(_CLAIMING, flush=True)  # noqa: T201 - whoever watches waits for it
    sys.stdin.readline()
    return everything(connection, claimed)


def main() -> None:
    """Fork a worker for each line, which names its point; tell its id, and how it ended."""
    while line := sys.stdin.readline():
        pid = os.fork()
        if not pid:
            os.environ["FAULT_AT"] = point = line.strip()
            work(_watched if point == IN_CLAIM else everything)
            os._exit(0)
        print(pid, flush=True)  # noqa: T201 - whoever started us waits for it
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    main()
