"""Servers as child processes: started with a log, measured by /proc, ended with their children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 60.0


class NotUp(RuntimeError):
    """A server ended or stayed silent; the message carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, with these additions to the environment, in which folder; its log."""

    command: Sequence[str | Path]
    environment: Mapping[str, str]
    log: Path
    folder: Path

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run it until the block ends."""
        with self.log.open("ab") as output:
            child = subprocess.Popen(
                [os.fspath(word) for word in self.command],
                env={**os.environ, **self.environment},
                cwd=self.folder,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            yield child
        finally:
            _end(child)

    def run(self) -> None:
        """Run it to its end."""
        with self.started() as child:
            child.wait()
            self.check(child)

    def check(self, child: subprocess.Popen[bytes]) -> None:
        """Raise if it failed; while it goes on, or when it ended well, it has not."""
        if child.poll():
            raise NotUp(self._told(child, "failed"))

    def await_port(self, child: subprocess.Popen[bytes], port: int) -> None:
        """Wait until it listens."""
        until = time.monotonic() + PATIENCE_S
        while child.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise NotUp(self._told(child, "did not come up"))

    def _told(self, child: subprocess.Popen[bytes], what: str) -> str:
        return f"{child.args!r} {what}:\n{self.log.read_text(errors='replace')[-3000:]}"


@contextmanager
def running(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    log: Path,
    port: int,
    folder: Path,
) -> Iterator[int]:
    """Run a server in `folder` until the block ends; gives its process id once it listens."""
    server = Program(command, environment, log, folder)
    with server.started() as child:
        server.await_port(child, port)
        yield child.pid


def free_port() -> int:
    """A port of the loopback address that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_seconds(pid: int) -> float:
    """User and system time of `pid` and all its descendants so far, PostgreSQL left out."""
    found = _processes()
    family, grown = {pid}, True
    while grown:
        more = {one for one, (parent, _, _) in found.items() if parent in family} - family
        family |= more
        grown = bool(more)
    times = (found[one] for one in family if one in found)
    return sum(spent for _, name, spent in times if name != "postgres") / TICKS


def _processes() -> dict[int, tuple[int, str, int]]:
    """Parent, name and ticks of every process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / "stat").read_text()
        except OSError:
            continue  # it ended meanwhile
        name, _, rest = text.partition("(")[2].rpartition(")")
        fields = rest.split()
        found[int(entry.name)] = (int(fields[1]), name, int(fields[11]) + int(fields[12]))
    return found


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)  # our own session: workers that outlived their parent
    child.wait()
