"""Three locks before each call, and each of them holds alone."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from openredress_delivery.egress import Address, Target, allowed, target
from openredress_delivery.loop import Loop
from openredress_delivery.sender import Sender
from openredress_delivery.transport import Answer, Request, Transport
from tests.delivery.attempts import attempt
from tests.delivery.authority import Authority
from tests.delivery.egress_vectors import INNER, REFUSED
from tests.delivery.receiver import Canary, Receiver

LOOPBACK = ipaddress.ip_address("127.0.0.1")


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop that ends with its test."""
    made = Loop()
    yield made
    made.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Listeners on the loopback that nobody should reach."""
    with Canary() as listening:
        yield listening


def _sender(loop: Loop, authority: Authority, *, development: bool = False) -> Sender:
    return Sender(
        loop,
        development=development,
        ca_file=str(authority.ca_file),
        user_agent="tests",
        answer_begins=lambda: None,
    )


def _transport(loop: Loop, authority: Authority, admits: Callable[[Address], bool]) -> Transport:
    return Transport(
        loop,
        ca_file=str(authority.ca_file),
        user_agent="tests",
        admits=admits,
        answer_begins=lambda: None,
    )


def _exchange(loop: Loop, transport: Transport, where: Target, address: Address) -> Answer:
    answers: list[Answer] = []
    transport.send(Request(where, address, {}, b"{}"), answers.append)
    end = time.monotonic() + 30
    while not answers:
        assert time.monotonic() < end
        loop.turn(0.1)
    return answers[0]


def _loopback_urls(port: int) -> list[str]:
    hosts = ("127.0.0.1", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "localhost")
    return [f"https://{host}{suffix}/" for host in hosts for suffix in ("", ":8443", f":{port}")]


def test_open_and_closed_ports_look_alike(loop: Loop, authority: Authority, canary: Canary) -> None:
    """What an owner is told about an inner address is the same whether somebody listens or not."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        sender = _sender(loop, authority)
        told = [
            [_told(attempt(loop, sender, url)) for url in _loopback_urls(port)]
            for port in (canary.port, unheard.getsockname()[1])
        ]
        sender.close()
    assert told[0] == told[1]
    assert canary.count() == 0


def _told(answer: Answer) -> Any:
    return replace(answer, started_at=None)  # type: ignore[type-var] # the one thing that differs


def test_the_first_lock_alone(loop: Loop, authority: Authority, canary: Canary) -> None:
    """With both locks at the socket wide open, no URL that is refused leads to a connection."""
    sender = _sender(loop, authority)
    sender._transport._admits = lambda _: True
    for url in (*(url for url, _ in REFUSED), *_loopback_urls(canary.port)):
        answer = attempt(loop, sender, url)
        assert (url, answer.status, answer.peer_ip) == (url, None, None)
    sender.close()
    assert canary.count() == 0


@pytest.mark.parametrize("inner", INNER)
def test_the_second_lock_alone(
    loop: Loop, authority: Authority, canary: Canary, inner: str
) -> None:
    """If every check before the socket lied, no socket is opened to an inner address."""
    transport = _transport(loop, authority, allowed)
    address = ipaddress.ip_address(inner)
    for where in (
        Target(f"https://name.test:{canary.port}/", "name.test", None, canary.port),
        target("https://8.8.8.8/", development=False),
    ):
        answer = _exchange(loop, transport, where, address)
        assert (answer.fault, answer.status) == ("address_refused", None)
    transport.close()
    assert canary.count() == 0


def test_the_third_lock_alone(loop: Loop, authority: Authority, receiver: Receiver) -> None:
    """A connection that is open already is not used for an address that is not admitted."""
    admitted = [LOOPBACK]
    transport = _transport(loop, authority, admitted.__contains__)
    where = target(receiver.url, development=True)
    assert _exchange(loop, transport, where, LOOPBACK).status == 204
    admitted.clear()
    answer = _exchange(loop, transport, where, LOOPBACK)
    assert (answer.fault, answer.status) == ("address_refused", None)
    transport.close()
    assert len(receiver.received) == 1


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_proxies_of_the_environment_are_ignored(
    loop: Loop, authority: Authority, receiver: Receiver, canary: Canary,
    monkeypatch: pytest.MonkeyPatch, case: Callable[[str], str],
) -> None:  # fmt: skip
    """No variable of the operator's shell leads a call through a proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(case(name), f"http://127.0.0.1:{canary.port}")
    monkeypatch.setenv(case("no_proxy"), "")
    sender = _sender(loop, authority, development=True)
    assert attempt(loop, sender, receiver.url).status == 204
    sender.close()
    assert canary.count() == 0
