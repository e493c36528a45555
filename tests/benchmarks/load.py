"""The load: one thread, libcurl, kept connections; the same for every server under test."""

from __future__ import annotations

import collections
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pycurl

OPEN_LINES = 64
PAUSE_S = 0.02


class Refused(RuntimeError):
    """A server answered otherwise than 201: the round counts for nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to write: the address up to the query, the bearer token, the record.

    A record that is PUT has an external id of its own in the query; what is POSTed has none.
    """

    url: str
    token: str
    body: bytes
    method: str = "PUT"


@dataclass
class Taken:
    """What one round took: `latencies` in seconds, one for each write."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Writes per second."""
        return len(self.latencies) / self.seconds


def closed(target: Target, clients: int, seconds: float) -> Taken:
    """`clients` connections, each sending its next write when the last one is answered."""
    lines = _Lines(target, clients)
    taken, began = Taken(), time.perf_counter()
    until = began + seconds
    while lines.free:
        lines.send(time.perf_counter())
    while lines.busy:
        for late in lines.answered():
            taken.latencies.append(late)
            if time.perf_counter() < until:
                lines.send(time.perf_counter())
    taken.seconds = time.perf_counter() - began
    lines.close()
    return taken


def open_model(target: Target, rate: float, seconds: float) -> Taken:
    """Writes at fixed times, `rate` a second, whatever the server does.

    A latency counts from the time that was set: a server that stalls pays for all who wait.
    """
    lines = _Lines(target, OPEN_LINES)
    taken, began = Taken(), time.perf_counter()
    due = collections.deque(began + place / rate for place in range(int(rate * seconds)))
    while due or lines.busy:
        while due and lines.free and due[0] <= time.perf_counter():
            lines.send(due.popleft())
        wait = due[0] - time.perf_counter() if due and lines.free else PAUSE_S
        taken.latencies += lines.answered(max(0.0, min(wait, PAUSE_S)))
    taken.seconds = time.perf_counter() - began
    lines.close()
    return taken


class _Lines:
    """Kept connections to one target; `busy` maps those with a write under way to its time."""

    def __init__(self, target: Target, count: int) -> None:
        self._target = target
        self._multi = pycurl.CurlMulti()
        self._run, self._sent = secrets.token_hex(6), 0
        self.free = [_line(target) for _ in range(count)]
        self.busy: dict[pycurl.Curl, float] = {}

    def send(self, since: float) -> None:
        """Send a write of a new record on a free connection."""
        line, target = self.free.pop(), self._target
        self._sent += 1
        name = f"{self._run}-{self._sent}"
        identity = f"?external_id={name}&source_system=bench" if target.method == "PUT" else ""
        line.setopt(pycurl.URL, f"{target.url}{identity}")
        line.setopt(
            pycurl.HTTPHEADER,
            [
                f"Authorization: Bearer {target.token}",
                "Content-Type: application/json",
                f"Idempotency-Key: {name}",
            ],
        )
        self.busy[line] = since
        self._multi.add_handle(line)

    def answered(self, wait: float = PAUSE_S) -> list[float]:
        """The latencies of the writes that were answered by now, after at most `wait` seconds."""
        self._multi.perform()
        _, done, failed = self._multi.info_read()
        if not done and not failed:
            self._multi.select(wait)
            self._multi.perform()
            _, done, failed = self._multi.info_read()
        if failed:
            raise Refused(f"{self._target.url}: {failed[0][2]}")
        now = time.perf_counter()
        return [now - self._settled(line) for line in done]

    def _settled(self, line: pycurl.Curl) -> float:
        status = line.getinfo(pycurl.RESPONSE_CODE)
        if status != 201:
            raise Refused(f"{self._target.url} answered {status}: {line.said()}")
        self._multi.remove_handle(line)
        self.free.append(line)
        return self.busy.pop(line)

    def close(self) -> None:
        """Close all connections."""
        for line in self.free:
            line.close()
        self._multi.close()


class _Line(pycurl.Curl):
    """A handle that keeps the beginning of the last answer, for a message."""

    last: bytes = b""

    def hear(self, part: bytes) -> None:
        """Take a part of an answer."""
        self.last = part

    def said(self) -> str:
        """The end of the last answer as text."""
        return self.last.decode(errors="replace")


def _line(target: Target) -> _Line:
    line = _Line()
    hear: Callable[[bytes], None] = line.hear
    for option, value in (
        (pycurl.CUSTOMREQUEST, target.method),
        (pycurl.POSTFIELDS, target.body),
        (pycurl.WRITEFUNCTION, hear),
        (pycurl.NOSIGNAL, 1),
        (pycurl.PROXY, ""),
        (pycurl.TIMEOUT, 30),
    ):
        line.setopt(option, value)
    return line
