"""Connections are used again, and no answer is ever taken for that to another request."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from openredress_delivery import transport
from openredress_delivery.egress import target
from openredress_delivery.loop import Loop
from openredress_delivery.transport import Answer, Request, Transport
from tests.delivery.authority import Authority
from tests.delivery.hostile import NOTHING, OK, Hostile, Line, Talk, Town, says
from tests.delivery.receiver import Receiver

LOOPBACK = ipaddress.ip_address("127.0.0.1")
SURPLUS = b"HTTP/1.1 410 Gone" + NOTHING


class Client:
    """A transport with its loop."""

    def __init__(self, authority: Authority) -> None:
        self._loop = Loop()
        self._transport = Transport(
            self._loop,
            ca_file=str(authority.ca_file),
            user_agent="tests",
            admits=lambda _: True,
            answer_begins=lambda: None,
        )

    def begin(self, url: str, answered: Callable[[Answer], None]) -> None:
        """Begin an exchange."""
        where = target(url, development=True)
        self._transport.send(Request(where, LOOPBACK, {}, b"{}"), answered)

    def turn(self) -> None:
        """Let the exchanges go on."""
        self._loop.turn(0.1)

    def ask(self, url: str, times: int = 1) -> list[Answer]:
        """So many exchanges at once."""
        answers: list[Answer] = []
        for _ in range(times):
            self.begin(url, answers.append)
        end = time.monotonic() + 30
        while len(answers) < times:
            assert time.monotonic() < end
            self.turn()
        return answers

    def close(self) -> None:
        """Close everything."""
        self._transport.close()
        self._loop.close()


@pytest.fixture
def client(authority: Authority) -> Iterator[Client]:
    """A client that ends with its test."""
    made = Client(authority)
    yield made
    made.close()


def _once(surplus: Talk) -> Talk:
    """Spoils its first connection only, and answers the next request there after a while."""
    lock = threading.Lock()
    fresh = [True]

    def talk(line: Line) -> None:
        with lock:
            first, fresh[0] = fresh[0], False
        if first:
            surplus(line)
            line.request()
            time.sleep(0.1)
            line.say(OK)
        says(OK)(line)

    return talk


def _in_one_record(line: Line) -> None:
    line.request()
    line.say(OK + SURPLUS)


def _in_one_segment(line: Line) -> None:
    """TLS reads it ahead, where neither we nor libcurl can see it."""
    line.request()
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    line.say(OK, SURPLUS)
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


def _later(line: Line) -> None:
    line.request()
    line.say(OK)
    time.sleep(0.02)
    line.say(SURPLUS)


def _after_204(line: Line) -> None:
    line.request()
    line.say(b"HTTP/1.1 204 No\r\n\r\n", SURPLUS)


UNSEEN = ("answer_unasked", 410)
SEEN = (None, 200)


@pytest.mark.parametrize(
    ("surplus", "told"),
    [
        (_in_one_record, {SEEN}),
        (_in_one_segment, {UNSEEN}),
        (_later, {SEEN}),
        (_after_204, {SEEN, UNSEEN}),  # in one segment or in two, as the kernel likes
    ],
)
@pytest.mark.parametrize("pause", [0.1, 1.2])
def test_a_second_answer_is_none_to_the_next_request(
    client: Client,
    authority: Authority,
    tmp_path: Path,
    surplus: Talk,
    told: set[tuple[str | None, int]],
    pause: float,
) -> None:
    """What came before a request was sent never counts as its answer.

    Where it is seen beforehand, the request goes over a new connection; where TLS hid it, the
    attempt fails. Either way the connection is used no more.
    """
    case = Hostile("surplus", None, _once(surplus))
    with Town([case], authority, tmp_path) as town:
        (first,) = client.ask(town.url(case))
        time.sleep(pause)
        (second,) = client.ask(town.url(case))
        (third,) = client.ask(town.url(case))
    assert (first.fault, third.fault, third.status) == (None, None, 200)
    assert (second.fault, second.status) in told


def test_connections_are_used_again(client: Client, receiver: Receiver) -> None:
    """One connection serves many exchanges, and no answer to them is doubted."""
    for _ in range(50):
        (answer,) = client.ask(receiver.url)
        assert (answer.fault, answer.status) == (None, 204)
    assert receiver.connections == 1


def test_many_at_once(client: Client, receiver: Receiver) -> None:
    """Eight at a time, again and again: each gets its answer, over few connections."""
    for _ in range(50):
        answers = client.ask(receiver.url, times=8)
        assert {(answer.fault, answer.status) for answer in answers} == {(None, 204)}
    assert len(receiver.received) == 400
    assert receiver.connections <= 16


def test_a_fault_in_telling_loses_no_other_answer(
    client: Client, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one of many that end together cannot be dealt with, the others are told at once."""
    monkeypatch.setattr(transport, "EXCHANGE_MS", 400)
    told: list[Answer] = []

    def tell(answer: Answer) -> None:
        told.append(answer)
        raise LookupError

    case = Hostile("mute", None, says())
    with Town([case], authority, tmp_path) as town:
        for _ in range(8):
            client.begin(town.url(case), tell)
        end = time.monotonic() + 10
        while len(told) < 8 and time.monotonic() < end:
            with suppress(LookupError):
                client.turn()
    assert [answer.fault for answer in told] == ["answer_timeout"] * 8


def test_a_connection_closed_meanwhile_costs_nothing(
    client: Client, authority: Authority, tmp_path: Path
) -> None:
    """A receiver that closes after each answer, as TLS wants it or not, is asked on a new one."""

    def ends(line: Line) -> None:
        line.request()
        line.say(OK)
        line.end()

    def resets(line: Line) -> None:
        line.request()
        line.say(OK)
        time.sleep(0.02)
        line.reset()

    cases = [Hostile("ends", None, ends), Hostile("resets", None, resets)]
    with Town(cases, authority, tmp_path) as town:
        for _ in range(5):
            for case in cases:
                (answer,) = client.ask(town.url(case))
                assert (case.name, answer.fault, answer.status) == (case.name, None, 200)
                time.sleep(0.05)
