"""Real processes: started, killed, started again as a process manager does, and all ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90.0
_LOOK_S = 0.05


class DidNotCome(Exception):
    """What had to come did not come, however long it was waited for."""


def wait_for(what: str, happened: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Wait for what must come, however slow the machine; DidNotCome after `seconds`."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise DidNotCome(f"{what}: not within {seconds:.0f} s")
        time.sleep(_LOOK_S)


@dataclass(frozen=True)
class Process:
    """A line of the system's process table."""

    pid: int
    parent: int
    group: int
    command: str


def processes() -> list[Process]:
    """All processes that live; who is dead and waits for its parent does not."""
    table = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,pgid=,stat=,args="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = (line.split(None, 4) for line in table.splitlines())
    return [
        Process(int(row[0]), int(row[1]), int(row[2]), row[4] if len(row) == 5 else "")
        for row in rows
        if not row[3].startswith("Z")
    ]


def kill_each(pids: Sequence[int]) -> None:
    """SIGKILL; one that has gone meanwhile is none of ours any more."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Service:
    """A program in a process group of its own, which stands for a process manager's unit."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.groups: list[int] = []
        self.own_exits: list[int] = []
        self._command, self._environment, self._log = command, environment, log
        self._lock = threading.Lock()
        self._wanted = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, to be kept alive from now on."""
        with self._lock:
            self._wanted = True
            self._spawn()

    def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.groups.append(self._process.pid)

    def revive(self) -> None:
        """Start it again if it died; what is left of its group goes first, as in a unit."""
        with self._lock:
            if not self._wanted or self._process is None or self._process.poll() is None:
                return
            if self._process.returncode >= 0:
                self.own_exits.append(self._process.returncode)
            _kill_group(self._process.pid)
            self._spawn()

    def kill(self) -> None:
        """SIGKILL to the whole group, the first process first."""
        with self._lock:
            if self._process is not None:
                kill_each([self._process.pid])
                _kill_group(self._process.pid)

    def workers(self) -> list[int]:
        """The Python workers that it started and that live."""
        with self._lock:
            parent = self._process.pid if self._process else 0
        ours = [one for one in processes() if one.parent == parent and "python" in one.command]
        return [one.pid for one in ours if "resource_tracker" not in one.command]

    def stop(self) -> int:
        """SIGTERM, as an operator would; its exit code. One that does not end is killed."""
        with self._lock:
            self._wanted = False
            process, self._process = self._process, None
        if process is None:
            return 0
        process.terminate()
        try:
            return process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL
        finally:
            _kill_group(process.pid)
            process.wait()


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


@contextmanager
def kept_alive(services: Sequence[Service]) -> Iterator[None]:
    """A process manager: starts the services, and each again that died, until the block ends."""
    over = threading.Event()

    def manage() -> None:
        while not over.wait(_LOOK_S):
            for service in services:
                service.revive()

    manager = threading.Thread(target=manage)
    manager.start()
    try:
        for service in services:
            service.start()
        yield
    finally:
        over.set()
        manager.join()
        for service in services:
            service.stop()


@contextmanager
def helper(
    module: str, *arguments: str, stdout: IO[bytes] | int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of this folder; it ends when its standard input does, which is with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.reliability.{module}", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=stdout,
        start_new_session=True,
    )
    assert process.stdin is not None
    try:
        yield process
        process.stdin.close()
        process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def postgres_family(pgdata: Path) -> list[int]:
    """The postmaster that lives on `pgdata`, then its children; empty while there is none.

    The file's process id proves nothing: after a crash it may be a stranger's.
    """
    try:
        pid = int((pgdata / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
    except (FileNotFoundError, ValueError):
        return []
    living = processes()
    if not any(one.pid == pid and str(pgdata) in one.command for one in living):
        return []
    return [pid, *(one.pid for one in living if one.parent == pid)]
