"""Addresses of names, found without libcurl: its ten resolver threads block on ten mute names."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pycares

from openredress_delivery.egress import Address
from openredress_delivery.loop import READ, WRITE, Loop

LONGEST_WAIT = 3.0
LONGEST_MEMORY = 60
MOST_REMEMBERED = 4_096

Found = Callable[[tuple[Address, ...]], None]


@dataclass(slots=True)
class _Question:
    until: float
    waiting: list[Found] = field(default_factory=list)


class Names:
    """Asks name servers within the loop; answers live as long as they say, 60 s at most."""

    def __init__(self, loop: Loop, servers: Sequence[str] = ()) -> None:
        """Use `servers` ("address:port") instead of the machine's, if any are given."""
        self._loop = loop
        self._channel = pycares.Channel(
            sock_state_cb=self._watch,
            flags=pycares.ARES_FLAG_NOSEARCH,
            timeout=1.0,
            tries=3,
            servers=servers,
        )
        self._known: dict[str, tuple[float, tuple[Address, ...]]] = {}
        self._asked: dict[str, _Question] = {}
        loop.add_timer(self)

    def resolve(self, host: str, found: Found) -> None:
        """Call `found` with every address of `host`, or with none after 3 s or a failure."""
        known = self._known.get(host)
        if known and known[0] > time.monotonic():
            found(known[1])
            return
        question = self._asked.get(host)
        if question:
            question.waiting.append(found)
            return
        self._asked[host] = _Question(time.monotonic() + LONGEST_WAIT, [found])
        self._channel.getaddrinfo(
            host,
            None,
            family=socket.AF_UNSPEC,
            type=socket.SOCK_STREAM,
            callback=lambda result, _: self._answered(host, result),
        )

    def due(self) -> float | None:
        """The next moment c-ares repeats a question or we stop waiting for one."""
        if not self._asked:
            return None
        # pycares leaves this one method without types.
        left: float = self._channel.timeout(LONGEST_WAIT)  # type: ignore[no-untyped-call] # pycares has no types
        return min(time.monotonic() + left, *(question.until for question in self._asked.values()))

    def ring(self) -> None:
        """Let c-ares repeat its questions; give up on those without an answer for 3 s."""
        self._channel.process_fd(pycares.ARES_SOCKET_BAD, pycares.ARES_SOCKET_BAD)
        now = time.monotonic()
        for host in [host for host, question in self._asked.items() if question.until <= now]:
            self._tell(host, ())

    def close(self) -> None:
        """Forget all questions."""
        self._asked.clear()
        self._channel.cancel()
        self._channel.close()

    def _watch(self, descriptor: int, readable: bool, writable: bool) -> None:  # noqa: FBT001 - c-ares calls it so
        events = (READ if readable else 0) | (WRITE if writable else 0)
        self._loop.watch(descriptor, events, lambda ready: self._process(descriptor, ready))

    def _process(self, descriptor: int, ready: int) -> None:
        none = pycares.ARES_SOCKET_BAD
        self._channel.process_fd(
            descriptor if ready & READ else none, descriptor if ready & WRITE else none
        )

    def _answered(self, host: str, result: pycares.AddrInfoResult | None) -> None:
        nodes = result.nodes if result else []
        addresses = tuple(dict.fromkeys(_address(node) for node in nodes))
        if addresses:
            life = min(LONGEST_MEMORY, *(node.ttl for node in nodes))
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[host] = (time.monotonic() + life, addresses)
        self._tell(host, addresses)

    def _tell(self, host: str, addresses: tuple[Address, ...]) -> None:
        question = self._asked.pop(host, None)
        for found in question.waiting if question else ():
            found(addresses)


def _address(node: pycares.AddrInfoNode) -> Address:
    text: bytes = node.addr[0]
    return ipaddress.ip_address(text.decode("ascii"))
