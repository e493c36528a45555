"""A world of its own in which every address answers on every port that matters.

Run by `unshare` in a network namespace where all addresses of both families are local. It calls
what it is told to call, with the product's sender as in production, and says what came of it and
which addresses were really connected to.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSServer

from openredress_delivery.access import NOTHING, Access, TokenSource
from openredress_delivery.loop import Loop
from openredress_delivery.sender import Sender
from openredress_delivery.transport import Answer
from tests.delivery.attempts import Silent, begin
from tests.delivery.egress_vectors import ALIASES, AWAY, INNER, MIXED, OUTER

PORTS = (22, 25, 80, 443, 3128, 5432, 6379, 8080, 8443)
NAME_SERVER = "127.0.0.1:5300"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"

NAMES: dict[str, list[list[str]]] = {
    **{f"n{number}.inner.test": [[address]] for number, address in enumerate(INNER)},
    **{name: [addresses] for name, addresses in MIXED.items()},
    "rebound.test": [["127.0.0.1"], OUTER[:1]],
    "rebinding.test": [OUTER[:1], ["127.0.0.1"]],
    "four.test": [OUTER[:1]],
    "six.test": [OUTER[1:]],
    "both.test": [OUTER],
    "many.test": [["8.8.8.8", "8.8.4.4", "1.1.1.1"]],
    "xn--bcher-kva.test": [OUTER[:1]],
}
"""By name: the answers to the first question, the second, ...; the last one for ever."""
STANDING_FOR = {**ALIASES, "outer.alias.test": "four.test"}


class Zone(BaseResolver):
    """Answers with a life of 0 seconds."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], int] = {}

    def resolve(self, request: DNSRecord, _handler: object) -> DNSRecord:
        """The next answer for this name, with the names that it stands for."""
        reply, kind = request.reply(), QTYPE[request.q.qtype]
        name = str(request.q.qname).rstrip(".").lower()
        for _ in range(4):
            alias = STANDING_FOR.get(name)
            if alias is None:
                break
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(alias), ttl=0))
            name = alias
        turns = NAMES.get(name, [])
        turn = self._asked.get((name, kind), 0)
        self._asked[name, kind] = turn + 1
        for address in turns[min(turn, len(turns) - 1)] if turns else []:
            if (":" in address) == (kind == "AAAA"):
                data = AAAA(address) if kind == "AAAA" else A(address)
                reply.add_answer(RR(name, request.q.qtype, rdata=data, ttl=0))
        if not turns and not reply.rr:
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


@dataclass
class Result:
    """What came of one call: the code or status, and what was connected to meanwhile."""

    fault: str | None
    status: int | None
    head: str | None
    connected: list[tuple[str, int]] = field(default_factory=list)


class World:
    """Listens everywhere and notes to which address each connection was made."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self.connected: list[tuple[str, int]] = []
        self._selector = selectors.DefaultSelector()
        for port in PORTS:
            for family, everything in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 - the world is what it listens to
                listener = socket.socket(family)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((everything, port))
                listener.listen(64)
                self._selector.register(listener, selectors.EVENT_READ)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            for key, _ in self._selector.select():
                listener: Any = key.fileobj
                connection, _ = listener.accept()
                address, port = connection.getsockname()[:2]
                self.connected.append((address, port))
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, plain: socket.socket) -> None:
        """Say 204, or lead away with `/<status>?<which>`."""
        try:
            with self._tls.wrap_socket(plain, server_side=True) as line:
                path = line.recv(65_536).split(b" ")[1].decode("ascii")
                status, _, which = path[1:].partition("?")
                if status.isdigit():
                    away = f"HTTP/1.1 {status} There\r\nlocation: {AWAY[int(which)]}\r\n"
                    line.sendall(away.encode() + b"connection: close\r\ncontent-length: 0\r\n\r\n")
                else:
                    line.sendall(NO_CONTENT)
        except OSError:
            pass


class Caller:
    """The product's sender, as in production, with our name server."""

    def __init__(self, world: World, ca_file: str) -> None:
        self._world = world
        self._loop = Loop()
        self.sender = Sender(
            self._loop,
            development=False,
            ca_file=ca_file,
            user_agent="tests",
            answer_begins=lambda: None,
            name_servers=[NAME_SERVER],
        )

    def call(self, urls: list[str], attempt: int = 1, *, as_token: bool = False) -> list[Result]:
        """Call all of them at once; connections are noted with the last result.

        As the URLs of endpoints, or as those of their token servers.
        """
        answers: dict[int, Answer] = {}
        for place, url in enumerate(urls):
            access = Access(token=TokenSource(url, "us", "secret", None)) if as_token else NOTHING
            begin(
                self.sender,
                "https://four.test/" if as_token else url,
                lambda one, place=place: answers.update({place: one}),
                attempt,
                access,
            )
        end = time.monotonic() + 30
        while len(answers) < len(urls) and time.monotonic() < end:
            self._loop.turn(0.1)
        time.sleep(0.02)  # a connection that nobody should make is noted by another thread
        results = [
            Result(answers[place].fault, answers[place].status, answers[place].head)
            for place in range(len(urls))
        ]
        results[-1].connected = [*self._world.connected]
        self._world.connected.clear()
        return results


def main() -> None:
    """Call what stands on standard input, as `World.call` of test_egress_world.py wrote it."""
    asked = json.load(sys.stdin)
    for arguments in (
        ["link", "set", "lo", "up"],
        ["route", "add", "local", "0.0.0.0/0", "dev", "lo"],
        ["-6", "route", "add", "local", "::/0", "dev", "lo"],
    ):
        subprocess.run(["ip", *arguments], check=True)
    host, port = NAME_SERVER.split(":")
    DNSServer(Zone(), port=int(port), address=host, logger=Silent()).start_thread()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(asked["certificate"]))
    caller = Caller(World(tls), asked["ca_file"])
    together = caller.call(asked["together"]) if asked["together"] else []
    tokens = caller.call(asked["tokens"], as_token=True) if asked["tokens"] else []
    apart = [caller.call([url], attempt)[0] for url, attempt in asked["apart"]]
    sys.stdout.write(
        json.dumps(
            {
                "together": [asdict(one) for one in together],
                "tokens": [asdict(one) for one in tokens],
                "apart": [asdict(one) for one in apart],
            }
        )
    )
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
