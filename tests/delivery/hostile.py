"""Receivers that are slow, broken, lying or hostile: each speaks raw octets on its own port."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509

from tests.delivery.authority import LOOPBACK, Authority

Talk = Callable[["Line"], None]

NOTHING = b"\r\ncontent-length: 0\r\n\r\n"
OK = b"HTTP/1.1 200 OK" + NOTHING
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Hostile:
    """One kind of receiver.

    Attributes:
        name: what it does.
        code: the error code that its owner must find; None if the delivery succeeds.
        talk: what it does once connected, after the handshake if there is one.
        tls: label of the server's TLS, or empty to speak before any handshake.
    """

    name: str
    code: str | None
    talk: Talk
    tls: str = "loopback"


class Line:
    """One connection, as the receiver holds it."""

    def __init__(self, plain: socket.socket, release: threading.Event, heads: list[bytes]) -> None:
        self._plain = self.socket = plain
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._release = release
        self._heads = heads

    def shake_hands(self, tls: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self.socket = tls.wrap_socket(self._plain, server_side=True, do_handshake_on_connect=False)
        try:
            self.socket.do_handshake()
        except ssl.SSLError:
            while socket.socket.recv(self.socket, 65_536):
                pass  # closed with something unread, a reset would overtake our alert
            raise

    def request(self) -> bytes:
        """Read one request whole and return its head."""
        content = b""
        while b"\r\n\r\n" not in content:
            content += self._some()
        head, _, body = content.partition(b"\r\n\r\n")
        self._heads.append(head)
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += self._some()
        return head

    def _some(self) -> bytes:
        part = self.socket.recv(65_536)
        if not part:
            raise ConnectionAbortedError
        return part

    def say(self, *parts: bytes) -> None:
        """Send each part in a record of its own."""
        for part in parts:
            self.socket.sendall(part)

    def hold(self, seconds: float = 60) -> None:
        """Keep the connection open."""
        self._release.wait(seconds)

    def drip(self, part: bytes, seconds: float = 0.2) -> None:
        """Send the same again and again, slowly."""
        while not self._release.wait(seconds):
            self.socket.sendall(part)

    def flood(self, part: bytes) -> None:
        """Send the same as fast as it is taken, for as long."""
        while not self._release.is_set():
            self.socket.sendall(part)

    def reset(self) -> None:
        """End the connection with a reset."""
        self._plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def end(self) -> None:
        """End the connection as TLS wants it."""
        if isinstance(self.socket, ssl.SSLSocket):
            with suppress(OSError):
                self.socket.unwrap()
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()
        self._plain.close()


def says(*parts: bytes) -> Talk:
    """Answers each request with these parts and keeps the connection open."""

    def talk(line: Line) -> None:
        while True:
            line.request()
            line.say(*parts)

    return talk


def says_and(then: Callable[[Line], None], *parts: bytes) -> Talk:
    """Answers one request with these parts, then does something else."""

    def talk(line: Line) -> None:
        line.request()
        line.say(*parts)
        then(line)

    return talk


def answers(status: str, *headers: str, body: bytes = b"") -> Talk:
    """Answers each request whole and keeps the connection open."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
    return says("\r\n".join(lines).encode() + body)


class Town:
    """All of them at once, each on a port of its own."""

    def __init__(self, cases: list[Hostile], authority: Authority, folder: Path) -> None:
        self.heads: dict[str, list[bytes]] = {case.name: [] for case in cases}
        self._release = threading.Event()
        self._tls = contexts(authority, folder)
        self._listeners: dict[str, socket.socket] = {}
        self._blockers: list[socket.socket] = []
        for case in cases:
            self._listeners[case.name] = socket.create_server(("127.0.0.1", 0), backlog=8)
            thread = threading.Thread(target=self._serve, args=(case,), daemon=True)
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._release.set()
        for one in (*self._listeners.values(), *self._blockers):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
            one.close()

    def url(self, case: Hostile) -> str:
        """Where the receiver is."""
        return f"https://127.0.0.1:{self._listeners[case.name].getsockname()[1]}/hook"

    def deaf(self) -> str:
        """A port that takes no connection: its queue is full."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self._blockers.append(listener)
        for _ in range(4):
            blocker = socket.socket()
            blocker.settimeout(0)
            blocker.connect_ex(listener.getsockname())
            self._blockers.append(blocker)
        return f"https://127.0.0.1:{listener.getsockname()[1]}/hook"

    def closed(self) -> str:
        """A port where nobody listens."""
        unheard = socket.socket()
        unheard.bind(("127.0.0.1", 0))
        self._blockers.append(unheard)
        return f"https://127.0.0.1:{unheard.getsockname()[1]}/hook"

    def _serve(self, case: Hostile) -> None:
        with suppress(OSError):  # the listener is closed in the end
            while True:
                connection, _ = self._listeners[case.name].accept()
                line = Line(connection, self._release, self.heads[case.name])
                threading.Thread(target=self._talk, args=(case, line), daemon=True).start()

    def _talk(self, case: Hostile, line: Line) -> None:
        try:
            if case.tls:
                line.shake_hands(self._tls[case.tls])
            case.talk(line)
        except OSError:
            pass  # the worker had enough
        finally:
            line.close()


def contexts(authority: Authority, folder: Path) -> dict[str, ssl.SSLContext]:
    """The servers' TLS by label."""
    folder.joinpath("stranger").mkdir()
    stranger = Authority(folder / "stranger")
    made = {
        "loopback": authority.loopback,
        "expired": authority.server("expired", LOOPBACK, days=-1),
        "future": authority.server("future", LOOPBACK, from_days=10),
        "wrong": authority.server("wrong", [x509.DNSName("stranger.example")]),
        "nameless": authority.server("nameless", []),
        "self-signed": authority.self_signed("self-signed", LOOPBACK),
        "stranger": stranger.loopback,
        "chain": authority.server("chain", LOOPBACK, chain=400),
        "demanding": authority.server("demanding", LOOPBACK),
        "demanding-old": authority.server("demanding-old", LOOPBACK),
        "old": authority.server("old", LOOPBACK),
    }
    for label in ("demanding", "demanding-old"):
        made[label].verify_mode = ssl.CERT_REQUIRED
        made[label].load_verify_locations(authority.ca_file)
    made["demanding-old"].maximum_version = ssl.TLSVersion.TLSv1_2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made["old"].minimum_version = ssl.TLSVersion.TLSv1
        made["old"].maximum_version = ssl.TLSVersion.TLSv1_1
    made["old"].set_ciphers("ALL:@SECLEVEL=0")
    return made
