"""One POST to one address that was chosen beforehand, by libcurl's multi interface."""

from __future__ import annotations

import io
import ipaddress
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pycurl

from openredress_delivery.egress import Address, Target
from openredress_delivery.loop import READ, WRITE, Loop

CONNECT_MS = 8_000
EXCHANGE_MS = 20_000
MOST_READ = 16_384
MOST_SHOWN = 2_048
KEPT_CONNECTIONS = 256

_WATCHES = {
    pycurl.POLL_IN: READ,
    pycurl.POLL_OUT: WRITE,
    pycurl.POLL_INOUT: READ | WRITE,
    pycurl.POLL_REMOVE: 0,
}
_CODES = {
    pycurl.E_COULDNT_CONNECT: "connect_failed",
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_SSL_CONNECT_ERROR: "tls_failed",
    pycurl.E_PEER_FAILED_VERIFICATION: "certificate_refused",
    pycurl.E_SEND_ERROR: "connection_lost",
    pycurl.E_RECV_ERROR: "connection_lost",
    pycurl.E_PARTIAL_FILE: "connection_lost",
    pycurl.E_GOT_NOTHING: "connection_lost",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: the body to `target`, at `address` and nowhere else."""

    target: Target
    address: Address
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        started_at: when sending began, UTC.
        duration_ms: until the end of the exchange.
        fault: a code if the exchange itself failed, else None.
        status: the answer's status, if one came.
        peer_ip: the address that answered, if a connection stood.
        retry_after: the Retry-After header as it came.
        head: at most 2,048 octets of text for the endpoint's owner.
    """

    started_at: datetime
    duration_ms: int
    fault: str | None
    status: int | None = None
    peer_ip: str | None = None
    retry_after: str | None = None
    head: str | None = None


class Transport:
    """Exchanges in parallel within a loop, over connections that are kept for the next one."""

    def __init__(
        self,
        loop: Loop,
        *,
        ca_file: str,
        user_agent: str,
        admits: Callable[[Address], bool],
        answer_begins: Callable[[], None],
    ) -> None:
        """Prepare libcurl.

        Args:
            loop: where the sockets are watched.
            ca_file: PEM file of the authorities that receivers' certificates must come from.
            user_agent: value of the header of that name.
            admits: asked again with the very address that a socket is opened for.
            answer_begins: called when the first line of an answer has come.
        """
        self._loop = loop
        self._options = {
            pycurl.CAINFO: ca_file,
            pycurl.USERAGENT: user_agent,
            pycurl.OPENSOCKETFUNCTION: _second_lock(admits),
        }
        self._answer_begins = answer_begins
        self._idle: list[_Exchange] = []
        self._running: dict[pycurl.Curl, _Exchange] = {}
        self._due: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._multi.setopt(pycurl.M_MAXCONNECTS, KEPT_CONNECTIONS)
        loop.add_timer(self)

    def send(self, request: Request, answered: Callable[[Answer], None]) -> None:
        """Begin an exchange; `answered` is called once, within 20 s."""
        exchange = self._idle.pop() if self._idle else _Exchange(self._options, self._answer_begins)
        exchange.prepare(request, answered)
        self._running[exchange.curl] = exchange
        self._multi.add_handle(exchange.curl)

    def due(self) -> float | None:
        """When libcurl wants to look at its time limits."""
        return self._due

    def ring(self) -> None:
        """Let libcurl look at its time limits."""
        self._due = None
        self._act(pycurl.SOCKET_TIMEOUT, 0)

    def close(self) -> None:
        """Close all connections."""
        for curl in self._running:
            self._multi.remove_handle(curl)
        self._running.clear()
        self._multi.close()

    def _watch(self, event: int, descriptor: int, _multi: object, _data: object) -> None:
        self._loop.watch(descriptor, _WATCHES[event], lambda ready: self._ready(descriptor, ready))

    def _set_timer(self, milliseconds: int) -> None:
        self._due = None if milliseconds < 0 else time.monotonic() + milliseconds / 1_000

    def _ready(self, descriptor: int, ready: int) -> None:
        events = (pycurl.CSELECT_IN if ready & READ else 0) | (
            pycurl.CSELECT_OUT if ready & WRITE else 0
        )
        self._act(descriptor, events)

    def _act(self, descriptor: int, events: int) -> None:
        self._multi.socket_action(descriptor, events)
        left = 1
        while left:
            left, done, failed = self._multi.info_read()
            for curl in done:
                self._finish(curl, None)
            for curl, number, _ in failed:
                self._finish(curl, number)

    def _finish(self, curl: pycurl.Curl, failure: int | None) -> None:
        self._multi.remove_handle(curl)
        exchange = self._running.pop(curl)
        answer = exchange.answer(failure)
        answered = exchange.answered
        self._idle.append(exchange)
        answered(answer)


class _Exchange:
    """One libcurl handle, used for many exchanges in turn."""

    def __init__(self, options: Mapping[int, object], answer_begins: Callable[[], None]) -> None:
        self._answer_begins = answer_begins
        self.curl = pycurl.Curl()
        fixed: dict[int, object] = {
            pycurl.NOSIGNAL: 1,
            pycurl.PROXY: "",
            pycurl.NOPROXY: "*",
            pycurl.FOLLOWLOCATION: 0,
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
            pycurl.SSLVERSION: pycurl.SSLVERSION_TLSv1_2,
            pycurl.CONNECTTIMEOUT_MS: CONNECT_MS,
            pycurl.TIMEOUT_MS: EXCHANGE_MS,
            pycurl.POST: 1,
            pycurl.WRITEFUNCTION: self._read,
            pycurl.HEADERFUNCTION: self._read_header,
        }
        for option, value in {**fixed, **options}.items():
            self.curl.setopt(option, value)

    def prepare(self, request: Request, answered: Callable[[Answer], None]) -> None:
        """Take up the next request."""
        self.answered = answered
        self._body = io.BytesIO()
        self._enough = False
        self._retry_after: str | None = None
        self._started_at = datetime.now(UTC)
        target, address = request.target, request.address
        shown = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IPv6
        set_option = self.curl.setopt
        set_option(pycurl.URL, target.url)
        plain = target.url.startswith("http://")
        set_option(pycurl.PROTOCOLS, pycurl.PROTO_HTTP if plain else pycurl.PROTO_HTTPS)
        # Whatever host libcurl reads from the URL, this is where it goes.
        set_option(pycurl.CONNECT_TO, [f"::{shown}:{target.port}"])
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        set_option(pycurl.HTTPHEADER, [*lines, "Expect:", "Accept:"])
        set_option(pycurl.POSTFIELDS, request.body)

    def answer(self, failure: int | None) -> Answer:
        """What came of it; `failure` is libcurl's number or None."""
        info = self.curl.getinfo
        if failure == pycurl.E_WRITE_ERROR and self._enough:
            failure = None
        return Answer(
            started_at=self._started_at,
            duration_ms=round(info(pycurl.TOTAL_TIME) * 1_000),
            fault=None if failure is None else _CODES.get(failure, "exchange_failed"),
            status=info(pycurl.RESPONSE_CODE) or None,
            peer_ip=info(pycurl.PRIMARY_IP) or None,
            retry_after=self._retry_after,
            head=_readable(self.curl.getinfo_raw(pycurl.REDIRECT_URL), self._body.getvalue()),
        )

    def _read(self, part: bytes) -> int:
        self._body.write(part[: MOST_READ - self._body.tell()])
        self._enough = self._body.tell() >= MOST_READ
        return 0 if self._enough else len(part)

    def _read_header(self, line: bytes) -> None:
        if line.startswith(b"HTTP/"):
            self._answer_begins()
        elif line[:12].lower() == b"retry-after:":
            self._retry_after = line[12:].decode("latin-1").strip()


class _Lent(socket.socket):
    """A socket that libcurl takes a duplicate of; ours closes when it is let go."""

    def __del__(self) -> None:
        self.close()


def _second_lock(admits: Callable[[Address], bool]) -> Callable[..., socket.socket | int]:
    def open_socket(
        _purpose: int, wanted: tuple[int, int, int, tuple[str, int]]
    ) -> socket.socket | int:
        family, kind, protocol, address = wanted
        if not admits(ipaddress.ip_address(address[0])):
            return int(pycurl.SOCKET_BAD)
        return _Lent(family, kind, protocol)

    return open_socket


def _readable(redirect: bytes | None, body: bytes) -> str | None:
    """Text that a database takes and an owner can read, at most 2,048 octets."""
    head = (b"Location: " + redirect + b"\n" if redirect else b"") + body[:MOST_SHOWN]
    text = head.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return text.encode()[:MOST_SHOWN].decode("utf-8", "ignore") or None
