"""Attempts against a real HTTPS server with a certificate of our own authority."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest

from openredress_delivery import transport
from openredress_webhooks import events
from openredress_webhooks.signing import SigningKey
from tests.delivery.authority import Authority
from tests.delivery.conftest import Workers
from tests.delivery.house import House, work_until
from tests.delivery.receiver import Receiver, answer


def test_signature_verifies(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """Every valid key signs, a revoked one does not, and the body is the event's own bytes."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, receiver.url)
    secret = house.key(organisation, endpoint)
    signing = SigningKey.generate()
    house.key(organisation, endpoint, signing)
    house.rows("UPDATE webhook_key SET not_after = now() + interval '1 hour'")
    old = house.key(organisation, endpoint)
    house.rows(
        "UPDATE webhook_key SET revoked_at = now() WHERE sealed = :sealed",
        sealed=old.text.encode(),
    )
    (event,) = house.events(organisation)
    house.settle(workers(), organisation)
    (request,) = receiver.received
    assert events.read(request.headers, request.body, [secret])
    assert events.read(request.headers, request.body, [signing.public])
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    (row,) = house.rows("SELECT * FROM event WHERE id = :id", id=event)
    assert (request.body, request.headers["webhook-id"]) == (row.body, row.webhook_id)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "openredress-tests"
    assert request.headers["openredress-attempt"] == "1"
    assert request.headers["openredress-delivery-id"].startswith("dlv_")
    assert house.deliveries(organisation)[0].state == "succeeded"


def test_failure_then_success(
    delivery_database: House, receiver: Receiver, workers: Workers
) -> None:
    """A 500 is tried again with the same id and bytes, a new signature and the next number."""
    house, organisation = delivery_database, delivery_database.organisation()
    secret = house.key(organisation, house.endpoint(organisation, receiver.url))
    receiver.answers = [answer(500, b"sorry"), answer(200)]
    house.events(organisation)
    worker = workers()
    house.settle(worker, organisation)
    (waiting,) = house.deliveries(organisation)
    assert (waiting.state, waiting.state_reason) == ("waiting", "not_accepted")
    house.rows("UPDATE delivery SET due_at = now() WHERE id = :id", id=waiting.id)
    work_until([worker], lambda: house.deliveries(organisation)[0].state == "succeeded")
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert second.headers["openredress-attempt"] == "2"
    assert events.read(second.headers, second.body, [secret])
    attempts = house.attempts(organisation)
    assert {row.tls_version for row in attempts} == {"TLSv1.3"}
    assert len({bytes(row.request_digest) for row in attempts}) == 2
    assert [(row.n, row.status, row.response_head) for row in attempts] == [
        (1, 500, "sorry"),
        (2, 200, None),
    ]
    assert house.deliveries(organisation)[0].attempt_count == 2


def test_gone_disables(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """A 410 disables the endpoint at once and holds all its deliveries."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, receiver.url, max_in_flight=1)
    house.key(organisation, endpoint)
    receiver.answers = [answer(410)]
    house.events(organisation, 3)
    house.settle(workers(), organisation, 3)
    (row,) = house.rows("SELECT * FROM webhook_endpoint WHERE id = :id", id=endpoint)
    assert (row.state, row.state_reason, row.version) == ("disabled", "gone", 2)
    assert {row.state for row in house.deliveries(organisation)} == {"held"}
    assert len(receiver.received) == 1


def test_what_was_held_is_sent_when_its_owner_resumes(
    delivery_database: House, receiver: Receiver, workers: Workers
) -> None:
    """An endpoint that is active again gets everything that waited for it."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, receiver.url)
    house.key(organisation, endpoint)
    lively = receiver.answers
    receiver.answers = [answer(410)]
    house.events(organisation, 3)
    house.settle(workers(), organisation, 3)
    assert {row.state for row in house.deliveries(organisation)} == {"held"}
    receiver.answers = lively
    house.rows("UPDATE webhook_endpoint SET state = 'active' WHERE id = :id", id=endpoint)
    work_until(
        [workers(sweep_seconds=0.01)],
        lambda: {row.state for row in house.deliveries(organisation)} == {"succeeded"},
    )


def test_retry_after(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """A 429 that asks for an hour gets an hour."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    receiver.answers = [answer(429, retry_after="3600")]
    house.events(organisation)
    house.settle(workers(), organisation)
    (wait,) = house.rows(
        "SELECT due_at - clock_timestamp() AS left FROM delivery WHERE organisation_id = :id",
        id=organisation,
    )
    assert 3_500 < wait.left.total_seconds() <= 3_600
    assert house.attempts(organisation)[0].retry_after_s == 3_600


def test_redirect_refused(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """A redirect is a failure whose target is shown and never called."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    receiver.answers = [answer(307, location=receiver.url + "/elsewhere")]
    house.events(organisation)
    house.settle(workers(), organisation)
    (attempt,) = house.attempts(organisation)
    assert (attempt.status, attempt.error_code) == (307, "redirect_refused")
    assert attempt.response_head == f"Location: {receiver.url}/elsewhere\n"
    assert [request.path for request in receiver.received] == ["/hook"]


def test_huge_body_ends(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """Of an endless answer 16 kB are read; a 2xx counts all the same."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    sent = 0

    def endless(out: BinaryIO) -> None:
        nonlocal sent
        out.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
        while True:
            sent += out.write(b"x\x00\xff" * 4_096)

    receiver.answers = [endless]
    house.events(organisation)
    house.settle(workers(), organisation)
    assert house.deliveries(organisation)[0].state == "succeeded"
    (attempt,) = house.attempts(organisation)
    assert len(attempt.response_head.encode()) <= 2_048
    assert sent < 20_000_000


def test_drip_ends(
    delivery_database: House,
    receiver: Receiver,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer that drips for ever ends with the exchange's time, as a failure."""
    monkeypatch.setattr(transport, "EXCHANGE_MS", 300)
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))

    def drip(out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not receiver.release.wait(0.05):
            out.write(b".")
            out.flush()

    receiver.answers = [drip]
    house.events(organisation)
    house.settle(workers(), organisation)
    (attempt,) = house.attempts(organisation)
    assert (attempt.status, attempt.error_code) == (200, "answer_timeout")
    assert attempt.duration_ms >= 300


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        b"\x16\x03\x01 this is no HTTP",
        b"HTTP/1.1 200 OK\r\n" + b"x-many: " + b"x" * 80_000 + b"\r\n" + b"y: " + b"y" * 300_000,
        b"",
    ],
    ids=["chunks", "cut", "no-http", "header-bomb", "silence"],
)
def test_broken_answers(
    delivery_database: House, receiver: Receiver, workers: Workers, garbage: bytes
) -> None:
    """What is no complete HTTP answer is a failure that will be tried again."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))

    def broken(out: BinaryIO) -> None:
        out.write(garbage)
        raise ConnectionAbortedError

    receiver.answers = [broken]
    house.events(organisation)
    house.settle(workers(), organisation)
    (delivery,) = house.deliveries(organisation)
    assert delivery.state == "waiting"
    assert delivery.state_reason in {"connection_lost", "answer_broken", "answer_too_large"}


@pytest.mark.parametrize(("label", "days"), [("stranger.example", 30), ("expired", -1)])
def test_bad_certificates(
    delivery_database: House, authority: Authority, workers: Workers, label: str, days: int
) -> None:
    """A certificate for another name, or an expired one, is refused and nothing is sent."""
    from cryptography import x509  # noqa: PLC0415 - beside its only use

    names = [x509.DNSName("stranger.example" if days > 0 else "localhost")]
    house, organisation = delivery_database, delivery_database.organisation()
    with Receiver(authority, authority.server(label, names, days=days)) as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        house.key(organisation, house.endpoint(organisation, url))
        house.events(organisation)
        house.settle(workers(), organisation)
        code = "certificate_wrong_name" if days > 0 else "certificate_expired"
        assert house.attempts(organisation)[0].error_code == code
        assert receiver.received == []


def test_production_refuses_loopback(
    delivery_database: House, receiver: Receiver, workers: Workers
) -> None:
    """Outside development an endpoint on the loopback is never called."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    house.events(organisation)
    house.settle(workers(development=False), organisation)
    assert house.attempts(organisation)[0].error_code == "address_refused"
    assert receiver.received == []


def test_no_key_no_call(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """Nothing leaves unsigned: an endpoint without a valid key is not called."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.endpoint(organisation, receiver.url)
    house.events(organisation)
    house.settle(workers(), organisation)
    assert house.attempts(organisation)[0].error_code == "no_key"
    assert receiver.received == []


def test_may_send(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """An event that may not leave now is asked about before the attempt and kept."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    house.events(organisation)
    house.settle(workers(may_send=lambda *_: {}), organisation)
    (delivery,) = house.deliveries(organisation)
    assert (delivery.state, delivery.state_reason) == ("held", "not_permitted")
    assert receiver.received == []


def test_may_send_later(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """What may not leave yet is asked about again later; to its owner it looks as before."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    house.events(organisation)
    work_until(
        [workers(may_send=lambda _, claimed: {one.delivery_id: None for one in claimed})],
        lambda: any(one.due_at > later() for one in house.deliveries(organisation)),
    )
    (delivery,) = house.deliveries(organisation)
    seen = (delivery.state, delivery.state_reason, delivery.attempt_count)
    assert seen == ("due", None, 0)
    assert receiver.received == []


def later() -> datetime:
    """In five minutes."""
    return datetime.now(UTC) + timedelta(minutes=5)


def test_deleted_endpoint(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """Deliveries that wait for a deleted endpoint end as cancelled."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, receiver.url)
    house.key(organisation, endpoint)
    receiver.answers = [answer(500)]
    house.events(organisation)
    worker = workers(sweep_seconds=0.0)
    house.settle(worker, organisation)
    house.rows("UPDATE webhook_endpoint SET state = 'deleted' WHERE id = :id", id=endpoint)
    work_until([worker], lambda: house.deliveries(organisation)[0].state == "cancelled")
    assert house.deliveries(organisation)[0].state_reason == "endpoint_deleted"


def test_a_chain_ends(delivery_database: House, receiver: Receiver, workers: Workers) -> None:
    """What never succeeds ends with the eleventh attempt, all of them stored."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    receiver.answers = [answer(503)]
    house.events(organisation)
    worker = workers()

    def done() -> bool:
        house.make_due(organisation)
        rows = house.deliveries(organisation)
        return bool(rows) and rows[0].state == "failed"

    work_until([worker], done)
    assert [row.n for row in house.attempts(organisation)] == list(range(1, 12))


def test_dead_endpoint_alone_suffers(
    delivery_database: House, receiver: Receiver, authority: Authority, workers: Workers
) -> None:
    """An endpoint that never answers does not keep another one's deliveries waiting."""
    house = delivery_database
    slow, quick = house.organisation(), house.organisation()
    house.key(slow, house.endpoint(slow, receiver.url))
    receiver.answers = [lambda _: receiver.release.wait(30) and None]
    with Receiver(authority) as healthy:
        house.key(quick, house.endpoint(quick, healthy.url))
        house.events(slow, 20)
        house.events(quick, 40)
        began = time.monotonic()
        house.settle(workers(), quick, 40)
        assert time.monotonic() - began < transport.EXCHANGE_MS / 1_000
        assert len(healthy.received) == 40
    assert receiver.most_at_once == 4


def test_workers_together_keep_the_limit(
    delivery_database: House, receiver: Receiver, workers: Workers
) -> None:
    """However many workers send at once, a receiver never sees more at a time than it asked for."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url, max_in_flight=2))
    receiver.answers = [lambda out: time.sleep(0.01) or answer(204)(out)]
    house.events(organisation, 60)
    stop, made = threading.Event(), [workers() for _ in range(4)]
    threads = [threading.Thread(target=worker.run, args=(stop,)) for worker in made]
    for thread in threads:
        thread.start()
    work_until(
        [],
        lambda: [row.state for row in house.deliveries(organisation)] == ["succeeded"] * 60,
    )
    stop.set()
    for thread in threads:
        thread.join()
    assert len(receiver.received) == 60
    assert receiver.most_at_once <= 2
