"""Names that lie, stay mute or change their mind."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from dnslib import AAAA, QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSServer

from openredress_delivery.egress import Address
from openredress_delivery.loop import Loop
from openredress_delivery.names import Names
from openredress_delivery.sender import Sender
from tests.delivery.attempts import Silent, attempt
from tests.delivery.authority import Authority


class _Zone(BaseResolver):
    """Answers `<addresses>.test`: one address after the other, or all of `both`."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def resolve(self, request: DNSRecord, _handler: object) -> DNSRecord:
        name, kind = str(request.q.qname).rstrip("."), QTYPE[request.q.qtype]
        self.questions.append(f"{kind} {name}")
        reply = request.reply()
        for ttl, address in self._addresses(name, kind):
            data = A(address) if kind == "A" else AAAA(address)
            reply.add_answer(RR(name, request.q.qtype, rdata=data, ttl=ttl))
        if name == "none.test":
            reply.header.rcode = RCODE.NXDOMAIN
        return reply

    def _addresses(self, name: str, kind: str) -> list[tuple[int, str]]:
        turn = sum(question == f"{kind} {name}" for question in self.questions)
        return {
            ("A", "mixed.test"): [(60, "8.8.8.8"), (60, "10.0.0.1")],
            ("A", "mixed6.test"): [(60, "8.8.8.8")],
            ("AAAA", "mixed6.test"): [(60, "::ffff:7f00:1")],
            ("A", "metadata.test"): [(60, "169.254.169.254")],
            ("A", "rebinding.test"): [(0, "8.8.8.8" if turn == 1 else "127.0.0.1")],
            ("A", "good.test"): [(60, "8.8.8.8"), (60, "1.1.1.1")],
            ("AAAA", "good.test"): [(60, "2606:4700::1111")],
        }.get((kind, name), [])


@pytest.fixture
def zone() -> Iterator[tuple[_Zone, str]]:
    """A name server on the loopback."""
    zone = _Zone()
    server = DNSServer(zone, port=0, address="127.0.0.1", logger=Silent())
    server.start_thread()
    yield zone, f"127.0.0.1:{server.server.server_address[1]}"
    server.stop()
    server.server.server_close()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop that ends with its test."""
    made = Loop()
    yield made
    made.close()


def _ask(loop: Loop, names: Names, host: str) -> tuple[Address, ...]:
    found: list[tuple[Address, ...]] = []
    names.resolve(host, found.append)
    while not found:
        loop.turn(1.0)
    return found[0]


def test_every_address(loop: Loop, zone: tuple[_Zone, str]) -> None:
    """All addresses of both families are found, and asked for once within their life."""
    names = Names(loop, [zone[1]])
    first, again = (_ask(loop, names, "good.test") for _ in range(2))
    names.close()
    assert sorted(map(str, first)) == ["1.1.1.1", "2606:4700::1111", "8.8.8.8"]
    assert again == first
    assert sorted(zone[0].questions) == ["A good.test", "AAAA good.test"]


def test_no_such_name(loop: Loop, zone: tuple[_Zone, str]) -> None:
    """A name that does not exist has no address."""
    names = Names(loop, [zone[1]])
    assert _ask(loop, names, "none.test") == ()
    names.close()


def test_mute_names(loop: Loop, zone: tuple[_Zone, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty names whose server stays mute are given up in time and keep nobody waiting."""
    monkeypatch.setattr("openredress_delivery.names.LONGEST_WAIT", 0.4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        silent = Names(loop, [f"127.0.0.1:{mute.getsockname()[1]}"])
        given_up: list[tuple[Address, ...]] = []
        for number in range(30):
            silent.resolve(f"mute{number}.test", given_up.append)
        names = Names(loop, [zone[1]])
        assert _ask(loop, names, "good.test")
        assert given_up == []
        while len(given_up) < 30:
            loop.turn(1.0)
        assert set(given_up) == {()}
        silent.close()
        names.close()


@pytest.mark.parametrize("host", ["mixed.test", "mixed6.test", "metadata.test"])
def test_bad_answers_are_not_called(
    loop: Loop, zone: tuple[_Zone, str], authority: Authority, host: str
) -> None:
    """One bad address among the answers of a name is enough not to call it."""
    sender = _sender(loop, zone[1], authority)
    answer = attempt(loop, sender, f"https://{host}/")
    sender.close()
    assert (answer.fault, answer.peer_ip, answer.duration_ms) == ("address_refused", None, 0)


def test_rebinding(loop: Loop, zone: tuple[_Zone, str]) -> None:
    """A name that answers anew is asked anew, so its second answer is judged as well."""
    names = Names(loop, [zone[1]])
    answers = [_ask(loop, names, "rebinding.test") for _ in range(2)]
    names.close()
    assert [str(one[0]) for one in answers] == ["8.8.8.8", "127.0.0.1"]


def _sender(loop: Loop, server: str, authority: Authority) -> Sender:
    return Sender(
        loop,
        development=False,
        ca_file=str(authority.ca_file),
        user_agent="tests",
        answer_begins=lambda: None,
        name_servers=[server],
    )
