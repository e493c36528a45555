"""An HTTPS server on the loopback that answers as a test tells it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO, Self

from tests.delivery.authority import Authority


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, body: bytes = b"", **headers: str) -> Callable[[BinaryIO], None]:
    """A complete answer."""
    lines = [f"HTTP/1.1 {status} said", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return lambda out: _write(out, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def _write(out: BinaryIO, content: bytes) -> None:
    out.write(content)
    out.flush()


class Receiver:
    """Keeps what it received; `answers` are used in turn, the last one for ever."""

    def __init__(self, authority: Authority, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.answers: list[Callable[[BinaryIO], None]] = [answer(204)]
        self.release = threading.Event()
        self._lock = threading.Lock()
        self.at_once = self.most_at_once = self.connections = 0
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._tls = tls or authority.loopback
        self._server.tls = self._tls
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self._server.server_port}/hook"

    def _take(self, request: Received) -> Callable[[BinaryIO], None]:
        with self._lock:
            self.received.append(request)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _count(self, change: int) -> None:
        with self._lock:
            self.at_once += change
            self.most_at_once = max(self.most_at_once, self.at_once)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def do_POST(self) -> None:
                receiver._count(1)
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    receiver._take(Received(self.path, headers, body))(self.wfile)
                except OSError:
                    self.close_connection = True  # the worker had read enough
                finally:
                    receiver._count(-1)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class Canary:
    """Listens on the loopback, in both families and on the ports we may call where they are free.

    Nobody should come.
    """

    def __init__(self) -> None:
        self.connected = 0
        self._listeners = [socket.create_server(("127.0.0.1", 0))]
        self.port = self._listeners[0].getsockname()[1]
        for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
            for port in (443, 8443, self.port):
                with suppress(OSError):
                    self._listeners.append(socket.create_server((host, port), family=family))
        for listener in self._listeners:
            listener.settimeout(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            listener.close()

    def count(self) -> int:
        """How many have come; the kernel kept them for us."""
        for listener in self._listeners:
            with suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    self.connected += 1
        return self.connected


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    tls: ssl.SSLContext

    def finish_request(self, request: object, client_address: object) -> None:
        """Shake hands in the connection's own thread."""
        with self.tls.wrap_socket(request, server_side=True) as wrapped:
            self.RequestHandlerClass(wrapped, client_address, self)

    def handle_error(self, *_: object) -> None:
        """A broken connection is part of the tests."""
