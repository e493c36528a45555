"""A real HTTP server on the loopback that plays an unlucky network, and a clock to wait by."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from openredress import Client
from openredress.clock import Clock

START = 1_800_000_000.0


class Hands:
    """The hands of a clock that moves only when somebody sleeps or turns it."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.pauses: list[float] = []
        self.luck = 0.5
        self.clock = Clock(
            monotonic=lambda: self.passed,
            wall=lambda: START + self.passed,
            sleep=self.sleep,
            luck=lambda: self.luck,
        )

    def sleep(self, seconds: float) -> None:
        """Pass the time and remember that it was slept."""
        self.pauses.append(seconds)
        self.passed += seconds

    def turn(self, seconds: float) -> None:
        """Pass the time without anybody sleeping."""
        self.passed += seconds


@dataclass
class Seen:
    """A request as it reached the server."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw_body: bytes
    form: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Any:
        """The JSON of the body, None without one."""
        return json.loads(self.raw_body) if self.raw_body else None


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the server's next step for its path."""

    protocol_version = "HTTP/1.1"
    server: Unlucky

    def handle_one_request(self) -> None:
        """Serve, and bear a client that has gone."""
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        raw_body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        seen = Seen(self.command, parts.path, query, dict(self.headers.items()), raw_body)
        if "urlencoded" in self.headers.get("Content-Type", ""):
            seen.form = {name: values[0] for name, values in parse_qs(raw_body.decode()).items()}
        self.server.seen.append(seen)
        self.server.step_for(seen)(self, seen)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def begin(self, status: int, length: int, headers: dict[str, str]) -> None:
        """Send the head of an answer."""
        self.send_response_only(status)
        date = formatdate(self.server.hands.clock.wall() + self.server.skew, usegmt=True)
        for name, value in {"Date": date, "Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()


Step = Callable[[Handler, Seen], None]


class Unlucky(ThreadingHTTPServer):
    """Answers each path with the steps it was told, the last of them for ever."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, hands: Hands) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.hands = hands
        self.skew = 0.0
        self.seen: list[Seen] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.issuer = self.url
        self.tokens = 0
        self._lock = threading.Lock()
        self._steps: dict[str, deque[Step]] = defaultdict(deque)

    def step_for(self, seen: Seen) -> Step:
        """Take the next step of a path; the last one stays."""
        with self._lock:
            steps = self._steps.get(seen.path)
            if steps:
                return steps.popleft() if len(steps) > 1 else steps[0]
        if seen.path.startswith("/.well-known/"):
            return self.metadata
        return self.token if seen.path == "/oauth2/token" else self.says({})

    def then(self, path: str, *steps: Step) -> None:
        """Queue steps for a path."""
        self._steps[path].extend(steps)

    def at(self, path: str) -> list[Seen]:
        """Return the requests that reached a path."""
        return [seen for seen in self.seen if seen.path == path]

    def metadata(self, handler: Handler, seen: Seen) -> None:
        """Answer as the metadata document."""
        found = {"issuer": self.issuer, "token_endpoint": f"{self.url}/oauth2/token"}
        self.says(found)(handler, seen)

    def token(self, handler: Handler, seen: Seen) -> None:
        """Give out the next token: tok_1, tok_2, ..."""
        with self._lock:
            self.tokens += 1
            number = self.tokens
        given = {"access_token": f"tok_{number}", "token_type": "Bearer", "expires_in": 600}
        self.says(given)(handler, seen)

    @staticmethod
    def says(body: Any, status: int = 200, **headers: str) -> Step:
        """Answer whole; `body` is bytes or becomes JSON; X_Y=... is the header X-Y."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def step(handler: Handler, _: Seen) -> None:
            content = b"" if status == 204 else raw
            handler.begin(status, len(content), {"Content-Type": "application/json", **named})
            handler.wfile.write(content)

        return step

    @classmethod
    def refuses(cls, status: int, code: str = "", **headers: str) -> Step:
        """Answer with a problem."""
        problem = {"type": f"https://docs.example.org/problems/{code}", "title": "No"}
        return cls.says({**problem, "status": status, "code": code}, status, **headers)

    def drips(self, seconds: float) -> Step:
        """Send a body byte by byte, each one `seconds` of the clock after the last."""

        def step(handler: Handler, _: Seen) -> None:
            handler.begin(200, 1_000_000, {})
            while True:
                self.hands.turn(seconds)
                handler.wfile.write(b" ")
                handler.wfile.flush()

        return step

    @staticmethod
    def resets(handler: Handler, _: Seen) -> None:
        """Reset the connection without an answer."""
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RD)
        handler.connection.close()

    @staticmethod
    def cuts_short(handler: Handler, _: Seen) -> None:
        """Promise more than is sent, and hang up."""
        handler.begin(200, 1_000, {})
        handler.wfile.write(b'{"id": "cut')
        handler.close_connection = True


@pytest.fixture
def hands() -> Hands:
    """Return the clock's hands."""
    return Hands()


@pytest.fixture
def server(hands: Hands) -> Iterator[Unlucky]:
    """Return a running server."""
    with Unlucky(hands) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def make_client(server: Unlucky, hands: Hands) -> Callable[..., Client]:
    """Return a maker of clients of the server; what it is given goes to `Client`."""

    def make(**options: Any) -> Client:
        given = {"secret": "s3cret", "scopes": ["grievances:read"], "clock": hands.clock}
        if "key" in options:
            del given["secret"]
        base_url = options.pop("base_url", server.url)
        return Client(base_url, "sup_1", **{**given, **options})

    return make


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """Return a client with the fake clock and a sandbox secret."""
    return make_client()
