"""The receiver of every contender: takes a request, notes its id and the time, answers 204.

One process of one loop over bare sockets, which costs as much as nginx does: all contenders
together keep it busy for a fraction of one core. It listens on one address of the loopback for
each endpoint, so that no two endpoints share a connection.
"""

from __future__ import annotations

import json
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
HEADERS = re.compile(rb"\r\n(?:content-length: *(\d+)|webhook-id: *([^\r]+))", re.IGNORECASE)
END = b"\r\n\r\n"
READ = 65_536


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request: the event's id, and when its first octets came, on the monotonic clock."""

    id: str
    at: float


class Sink:
    """A running sink, told what to do over its standard input."""

    def __init__(self, child: subprocess.Popen[str], port: int) -> None:
        self._child = child
        self.port = port

    def count(self) -> int:
        """How many requests came since the last `take`."""
        return int(self._ask("count"))

    def take(self) -> list[Arrival]:
        """All requests since the last `take`, in their order."""
        return [Arrival(name, at) for name, at in json.loads(self._ask("take"))]

    def _ask(self, word: str) -> str:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(word + "\n")
        self._child.stdin.flush()
        return self._child.stdout.readline()


@contextmanager
def running(addresses: Sequence[str]) -> Iterator[Sink]:
    """A sink in a process of its own, until the block ends."""
    with subprocess.Popen(
        [sys.executable, Path(__file__), *addresses],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        try:
            yield Sink(child, int(child.stdout.readline()))
        finally:
            child.kill()


class _Server:
    """The loop. An event id stands in `arrivals` once for every whole request."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._poll = select.epoll()
        self._lines: dict[int, socket.socket] = {}
        self._begun: dict[int, tuple[float, bytes]] = {}
        self._arrivals: list[tuple[bytes, float]] = []
        self.port = 0
        self._doors = dict(map(self._door, addresses))

    def _door(self, address: str) -> tuple[int, socket.socket]:
        door = socket.create_server((address, self.port), backlog=512)
        self.port = door.getsockname()[1]
        door.settimeout(0)
        self._poll.register(door, select.EPOLLIN)
        return door.fileno(), door

    def serve(self) -> None:
        """Serve until standard input ends."""
        control = sys.stdin.fileno()
        self._poll.register(control, select.EPOLLIN)
        while True:
            for descriptor, _ in self._poll.poll():
                if line := self._lines.get(descriptor):
                    self._read(descriptor, line)
                elif door := self._doors.get(descriptor):
                    self._accept(door)
                elif word := sys.stdin.readline():
                    self._tell(word.strip())
                else:
                    return

    def _accept(self, door: socket.socket) -> None:
        line, _ = door.accept()
        line.settimeout(0)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines[line.fileno()] = line
        self._poll.register(line, select.EPOLLIN)

    def _read(self, descriptor: int, line: socket.socket) -> None:
        now = time.monotonic()
        try:
            part = line.recv(READ)
        except ConnectionError:
            part = b""
        if not part:
            self._poll.unregister(descriptor)
            del self._lines[descriptor]
            self._begun.pop(descriptor, None)
            line.close()
            return
        began, before = self._begun.pop(descriptor, (now, b""))
        request = before + part
        name, whole = _read_head(request)
        if whole:
            self._arrivals.append((name, began))
            line.send(ANSWER)
        else:
            self._begun[descriptor] = began, request

    def _tell(self, word: str) -> None:
        told: object = len(self._arrivals)
        if word == "take":
            told = [(name.decode("ascii"), at) for name, at in self._arrivals]
            self._arrivals = []
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _read_head(request: bytes) -> tuple[bytes, bool]:
    """The event's id, and whether the request is whole; nobody here sends two at once."""
    end = request.find(END)
    if end < 0:
        return b"", False
    name, length = b"", 0
    for size, told in HEADERS.findall(request, 0, end + 2):
        length, name = (int(size), name) if size else (length, told)
    return name, len(request) >= end + len(END) + length


if __name__ == "__main__":
    server = _Server(sys.argv[1:])
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve()
