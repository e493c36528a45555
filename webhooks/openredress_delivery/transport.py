"""One POST to one address that was chosen beforehand, by libcurl's multi interface."""

from __future__ import annotations

import hashlib
import io
import ipaddress
import re
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import pycurl

from openredress_delivery.egress import Address, Target
from openredress_delivery.kept import COUNTED, Ends, Kept, Lent, Line
from openredress_delivery.loop import READ, WRITE, Loop
from openredress_delivery.reasons import reason

CONNECT_MS = 8_000
EXCHANGE_MS = 20_000
MOST_READ = 16_384
MOST_HEADERS = 32_768
# Headers and body with all that surrounds them: TLS, marks between chunks.
MOST_RECEIVED = 1_048_576
_LOOK_EVERY = 16
_read_address = lru_cache(4_096)(ipaddress.ip_address)
_GO_ON, _STOP = int(pycurl.PREREQFUNC_OK), int(pycurl.PREREQFUNC_ABORT)
MOST_SHOWN = 2_048
KEPT_CONNECTIONS = 256
MOST_KNOWN = 4_096

_SAYS_TLS = b"SSL connection using "
_WATCHES = {
    pycurl.POLL_IN: READ,
    pycurl.POLL_OUT: WRITE,
    pycurl.POLL_INOUT: READ | WRITE,
    pycurl.POLL_REMOVE: 0,
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
        body: what was read of the answer, at most 16,384 octets.
        tls_version: such as TLSv1.3; None without TLS.
        request_digest: SHA-256 of the headers that were sent, in lower-case hexadecimal.
    """

    started_at: datetime
    duration_ms: int
    fault: str | None
    status: int | None = None
    peer_ip: str | None = None
    retry_after: str | None = None
    head: str | None = None
    body: bytes = b""
    tls_version: str | None = None
    request_digest: str | None = None


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
            admits: asked again with the very address that a socket is opened for, and with the
                peer's before each request.
            answer_begins: called when the first line of an answer has come.
        """
        self._loop = loop
        self._options = {
            pycurl.CAINFO: ca_file,
            pycurl.USERAGENT: user_agent,
        }
        self._admits = admits
        self._answer_begins = answer_begins
        self._kept = Kept()
        self._idle: list[_Exchange] = []
        self._known_tls: dict[int, str] = {}
        self._running: dict[pycurl.Curl, _Exchange] = {}
        self._ended: deque[tuple[pycurl.Curl, int | None, str]] = deque()
        self._due: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._multi.setopt(pycurl.M_MAXCONNECTS, KEPT_CONNECTIONS)
        loop.add_timer(self)

    def send(self, request: Request, answered: Callable[[Answer], None]) -> None:
        """Begin an exchange; `answered` is called once, within 20 s."""
        exchange = self._idle.pop() if self._idle else self._new_exchange()
        exchange.prepare(request, answered)
        self._running[exchange.curl] = exchange
        self._multi.add_handle(exchange.curl)

    def due(self) -> float | None:
        """When libcurl wants to look at its time limits; at once if an answer is not told yet."""
        return 0.0 if self._ended else self._due

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
            self._ended.extend((curl, None, "") for curl in done)
            self._ended.extend(failed)
        # One by one from a queue: a fault in telling one answer must not lose the others.
        while self._ended:
            self._finish(*self._ended.popleft())

    def _new_exchange(self) -> _Exchange:
        return _Exchange(
            self._options, self._kept, self._admits, self._answer_begins, self._known_tls
        )

    def _finish(self, curl: pycurl.Curl, failure: int | None, text: str) -> None:
        exchange = self._running.pop(curl)
        answer = exchange.answer(failure, text)
        answered = exchange.answered
        self._multi.remove_handle(curl)
        if answer.fault is None:
            self._idle.append(exchange)
        else:
            # It may hold whatever it met, such as a header of 100 kB.
            curl.close()
        answered(answer)


class _Exchange:
    """One libcurl handle, used for many exchanges in turn until one fails."""

    def __init__(
        self,
        options: Mapping[int, object],
        kept: Kept,
        admits: Callable[[Address], bool],
        answer_begins: Callable[[], None],
        known_tls: dict[int, str],
    ) -> None:
        self._kept = kept
        self._admits = admits
        self._answer_begins = answer_begins
        self._known_tls = known_tls
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
            pycurl.FORBID_REUSE: not COUNTED,
            pycurl.POST: 1,
            pycurl.NOPROGRESS: 0,
            pycurl.XFERINFOFUNCTION: self._look,
            pycurl.OPENSOCKETFUNCTION: self._open_socket,
            pycurl.PREREQFUNCTION: self._before_request,
            pycurl.WRITEFUNCTION: self._read,
            pycurl.HEADERFUNCTION: self._read_header,
            pycurl.DEBUGFUNCTION: self._overhear,
        }
        for option, value in {**fixed, **options}.items():
            self.curl.setopt(option, value)

    def prepare(self, request: Request, answered: Callable[[Answer], None]) -> None:
        """Take up the next request."""
        self.answered = answered
        self._body = io.BytesIO()
        self._headers = self._looks = self._before = 0
        self._connected = self._enough = False
        self._line: Line | None = None
        self._ends: Ends | None = None
        self._given_up: str | None = None
        self._retry_after: str | None = None
        self._started_at = datetime.now(UTC)
        target, address = request.target, request.address
        shown = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IPv6
        set_option = self.curl.setopt
        set_option(pycurl.URL, target.url)
        plain = target.url.startswith("http://")
        set_option(pycurl.PROTOCOLS, pycurl.PROTO_HTTP if plain else pycurl.PROTO_HTTPS)
        set_option(pycurl.VERBOSE, 0 if plain else 1)
        self._tls: str | None = None
        # Whatever host libcurl reads from the URL, this is where it goes.
        set_option(pycurl.CONNECT_TO, [f"::{shown}:{target.port}"])
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        self._digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        set_option(pycurl.HTTPHEADER, [*lines, "Expect:", "Accept:"])
        set_option(pycurl.POSTFIELDS, request.body)

    def answer(self, failure: int | None, text: str) -> Answer:
        """What came of it; `failure` is libcurl's number or None, `text` its text."""
        info = self.curl.getinfo
        if failure == pycurl.E_WRITE_ERROR and self._enough:
            failure = None
        fault = self._given_up
        if failure is not None and fault is None:
            fault = reason(self.curl, failure, text, connected=self._connected)
        self._line = None
        if self._ends:
            self._kept.rest(self._ends, info(pycurl.ACTIVESOCKET))
        return Answer(
            started_at=self._started_at,
            duration_ms=round(info(pycurl.TOTAL_TIME) * 1_000),
            fault=fault,
            status=info(pycurl.RESPONSE_CODE) or None,
            peer_ip=info(pycurl.PRIMARY_IP) or None,
            retry_after=self._retry_after,
            head=_readable(self.curl.getinfo_raw(pycurl.REDIRECT_URL), self._body.getvalue()),
            body=self._body.getvalue(),
            tls_version=self._tls_version(),
            request_digest=self._digest,
        )

    def _overhear(self, kind: int, said: bytes) -> None:
        """The only way that libcurl tells the version; it says so when a connection is made."""
        if kind == pycurl.INFOTYPE_TEXT and said.startswith(_SAYS_TLS):
            self._tls = said[len(_SAYS_TLS) :].split(b" ", 1)[0].decode("ascii")

    def _tls_version(self) -> str | None:
        connection = self.curl.getinfo(pycurl.CONN_ID)
        if self._tls is not None:
            if len(self._known_tls) >= MOST_KNOWN:
                self._known_tls.clear()
            self._known_tls[connection] = self._tls
        return self._known_tls.get(connection)

    def _open_socket(
        self, _purpose: int, wanted: tuple[int, int, int, tuple[str, int]]
    ) -> socket.socket | int:
        """The second lock: it sees the very address that is about to be connected to."""
        family, kind, protocol, address = wanted
        if not self._admits(_read_address(address[0])):
            self._given_up = "address_refused"
            return int(pycurl.SOCKET_BAD)
        self._line, self._before = Lent(family, kind, protocol), 0
        return self._line

    def _before_request(self, peer: str, own: str, port: int, own_port: int) -> int:
        """The third lock: on a connection that is used again no socket is opened."""
        self._connected = True
        self._ends = peer, own, port, own_port
        if self._line:
            self._kept.begin(self._ends, self._line)
            return _GO_ON
        self._line = self._kept.line(self._ends)
        if self._line is None:
            return _STOP
        if not self._admits(_read_address(peer)):
            self._given_up = "address_refused"
            return _STOP
        self._line.end_if_spoilt()
        self._before = self._line.received()
        return _GO_ON

    def _look(self, *_: int) -> int:
        """Called again and again; gives up when far more comes than we read."""
        self._looks += 1
        if self._looks % _LOOK_EVERY == 0 and self._came() > MOST_RECEIVED:
            self._given_up = "answer_too_large"
        return -1 if self._given_up else 0

    def _came(self) -> int:
        """Octets that came on the connection since this exchange began to use it."""
        return self._line.received() - self._before if self._line else 0

    def _read(self, part: bytes) -> int:
        self._body.write(part[: MOST_READ - self._body.tell()])
        self._enough = self._body.tell() >= MOST_READ
        return 0 if self._enough else len(part)

    def _read_header(self, line: bytes) -> int:
        self._headers += len(line)
        if self._headers > MOST_HEADERS:
            self._given_up = "answer_too_large"
        elif line.startswith(b"HTTP/"):
            self._begin_answer()
        elif line[:12].lower() == b"retry-after:":
            self._retry_after = line[12:].decode("latin-1").strip()
        return -1 if self._given_up else len(line)

    def _begin_answer(self) -> None:
        self._answer_begins()
        self._retry_after = None  # what an interim answer said
        if COUNTED and not self._came():
            self._given_up = "answer_unasked"


# Control characters, marks that turn the direction of text, and others that nobody sees.
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)


def _readable(redirect: bytes | None, body: bytes) -> str | None:
    """Text that a database takes and an owner can read, at most 2,048 octets."""
    head = (b"Location: " + redirect + b"\n" if redirect else b"") + body[:MOST_SHOWN]
    text = _UNREADABLE.sub("\ufffd", head.decode("utf-8", "replace").replace("\r\n", "\n"))
    return text.encode()[:MOST_SHOWN].decode("utf-8", "ignore") or None
