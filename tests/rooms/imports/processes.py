"""A whole installation at work: server and import worker as processes, a supplier, and sockets."""

from __future__ import annotations

import base64
import hashlib
import select
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from openredress_api.foundation.contents import MAX_PART
from tests.factories.parties import Party, World
from tests.reliability.scratch import SERVER, scratch_installation
from tests.reliability.services import Service, wait_for

PATIENCE_S = 20.0
MIB = 1024 * 1024


@dataclass(frozen=True)
class House:
    """Where the server answers, for whom, and its processes: that of the server and the worker."""

    port: int
    supplier: Party
    site: str
    server: int
    worker: int
    http: requests.Session = field(default_factory=requests.Session)

    def call(
        self, method: str, path: str, headers: dict[str, str] | None = None, **body: Any
    ) -> requests.Response:
        """One request; no answer is a fault of the server."""
        url = f"http://127.0.0.1:{self.port}{path}"
        sent = {"Authorization": f"Bearer {self.supplier.token}", **(headers or {})}
        answer = self.http.request(method, url, headers=sent, timeout=60, **body)
        assert answer.status_code < 500, answer.text
        return answer

    def hand_in(self, octets: bytes, **body: Any) -> str:
        """Announce a file of grievances and send it; its id."""
        told = {
            "record": "grievance",
            "format": "ndjson",
            "size": len(octets),
            "sha256": hashlib.sha256(octets).hexdigest(),
            "source_system": "hr",
            "mode": "upsert",
        }
        key = {"Idempotency-Key": str(time.monotonic_ns())}
        announced = self.call("POST", "/v1/imports", key, json=told | body)
        assert announced.status_code == 202, announced.text
        import_id = str(announced.json()["id"])
        for first in range(0, len(octets), MAX_PART):
            part = octets[first : first + MAX_PART]
            path = f"/v1/imports/{import_id}/content?offset={first}"
            assert self.call("PUT", path, vouched(part), data=part).status_code == 200
        return import_id

    def ended(self, import_id: str) -> dict[str, Any]:
        """An import when its end has come."""
        wait_for(import_id, lambda: self.read(import_id)["ended_at"] is not None)
        return self.read(import_id)

    def read(self, import_id: str) -> dict[str, Any]:
        """An import as it stands."""
        return dict(self.call("GET", f"/v1/imports/{import_id}").json())

    def raw(self, method: str, path: str, headers: Iterable[str], body: Iterable[bytes]) -> bytes:
        """What comes back on a connection that sends `body` until it is answered or cut off."""
        with self._opened(method, path, headers) as connection:
            # A server that has answered may close while the client still speaks.
            with suppress(ConnectionError):
                _speak(connection, body)
            with suppress(ConnectionError):
                return _answer(connection)
        return b""

    def leave(self, method: str, path: str, headers: Iterable[str]) -> None:
        """Begin a request, send one octet of its body, and go away."""
        with self._opened(method, path, headers) as connection:
            connection.sendall(b" ")

    @contextmanager
    def _opened(self, method: str, path: str, headers: Iterable[str]) -> Iterator[socket.socket]:
        head = (
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Bearer {self.supplier.token}",
            *headers,
        )
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as connection:
            connection.sendall("\r\n".join((*head, "", "")).encode())
            yield connection


def vouched(octets: bytes) -> dict[str, str]:
    """The headers of a part of a file."""
    digest = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    return {
        "Content-Type": "application/octet-stream",
        "Content-Digest": f"sha-256=:{digest}:",
    }


def _speak(connection: socket.socket, body: Iterable[bytes]) -> None:
    for piece in body:
        if select.select([connection], [], [], 0)[0]:
            break
        connection.sendall(piece)


def _answer(connection: socket.socket) -> bytes:
    """The first answer: its head, and its body as far as it came with it."""
    said = b""
    while b"\r\n\r\n" not in said and (more := connection.recv(65_536)):
        said += more
    return said


@contextmanager
def house() -> Iterator[House]:
    """An installation with one server process and one import worker, until the block ends."""
    with scratch_installation() as scratch:
        world = World.around(scratch.installation)
        supplier = world.party("supplier")
        site = world.site(supplier)
        world.app.extensions["openredress"].dispose()
        serve = _service(scratch, "serve", "--port", str(scratch.port), "--workers", "1")
        work = _service(scratch, "work")
        try:
            serve.start()
            work.start()
            wait_for("the server", lambda: _listens(scratch.port))
            (server,) = serve.workers()
            assert work._process is not None
            yield House(scratch.port, supplier, site, server, work._process.pid)
        finally:
            work.stop()
            serve.stop()


def _service(scratch: Any, *words: str) -> Service:
    # One heap for all threads: what each keeps for later is not what a file takes.
    environment = {**scratch.environment, "MALLOC_ARENA_MAX": "1"}
    return Service([SERVER, *words], environment, scratch.folder / f"{words[0]}.log")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def peak(pid: int) -> float:
    """The most memory that a process held since `forget_peak`, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (told,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(told.split()[1]) / 1024


def forget_peak(pid: int) -> None:
    """Let the highest mark be what is held now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
