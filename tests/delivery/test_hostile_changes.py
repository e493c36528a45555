"""What changes while a delivery is under way: the endpoint, its keys, the clock."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, tzinfo
from typing import BinaryIO

import pytest

from openredress_webhooks import events
from openredress_webhooks.problems import ForgedWebhook
from tests.delivery.authority import Authority
from tests.delivery.conftest import Workers
from tests.delivery.house import House, work_until
from tests.delivery.receiver import Receiver, answer

DAY = timedelta(days=1)


def test_another_url_during_a_chain(
    delivery_database: House, receiver: Receiver, authority: Authority, workers: Workers
) -> None:
    """The next attempt goes to the URL that stands there now, with the same id and number."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, receiver.url)
    house.key(organisation, endpoint)
    receiver.answers = [answer(500)]
    house.events(organisation)
    worker = workers()
    house.settle(worker, organisation)
    with Receiver(authority) as moved:
        house.rows(
            "UPDATE webhook_endpoint SET url = :url WHERE id = :id", url=moved.url, id=endpoint
        )
        house.make_due(organisation)
        work_until([worker], lambda: house.deliveries(organisation)[0].state == "succeeded")
        (first,), (second,) = receiver.received, moved.received
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    assert second.headers["openredress-attempt"] == "2"
    assert second.body == first.body


def test_rotation_during_a_chain(
    delivery_database: House, receiver: Receiver, workers: Workers
) -> None:
    """Each attempt is signed with the keys that are valid then: old, both, new."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, receiver.url)
    old = house.key(organisation, endpoint)
    receiver.answers = [answer(500), answer(500), answer(200)]
    house.events(organisation)
    worker = workers()
    house.settle(worker, organisation)
    new = house.key(organisation, endpoint)
    for until, number in (("1 hour", 2), ("-1 second", 3)):
        house.rows(
            "UPDATE webhook_key SET not_after = clock_timestamp() + CAST(:until AS interval) "
            "WHERE sealed = :sealed",
            until=until,
            sealed=old.text.encode(),
        )
        house.make_due(organisation)
        work_until([worker], lambda number=number: len(house.attempts(organisation)) == number)
    trusting = []
    for request in receiver.received:
        for key in (old, new):
            try:
                events.read(request.headers, request.body, [key])
            except ForgedWebhook:
                trusting.append(False)
            else:
                trusting.append(True)
    assert trusting == [True, False, True, True, False, True]


@pytest.mark.parametrize(("status", "state"), [(204, "succeeded"), (500, "cancelled")])
def test_deleted_in_flight(
    delivery_database: House, receiver: Receiver, workers: Workers, status: int, state: str
) -> None:
    """What is under way to a deleted endpoint ends as it ends, and is never tried again."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, receiver.url)
    house.key(organisation, endpoint)
    said = answer(status)
    receiver.answers = [lambda out: (receiver.release.wait(30), said(out))[1]]
    house.events(organisation)
    worker = workers(sweep_seconds=0.0)
    work_until([worker], lambda: len(receiver.received) == 1)
    house.rows("UPDATE webhook_endpoint SET state = 'deleted' WHERE id = :id", id=endpoint)
    receiver.release.set()
    work_until([worker], lambda: house.deliveries(organisation)[0].state == state)
    house.make_due(organisation)
    for _ in range(20):
        worker.step()
    assert [row.status for row in house.attempts(organisation)] == [status]
    assert len(receiver.received) == 1


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_clock_jump(
    delivery_database: House,
    receiver: Receiver,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
    jump: timedelta,
) -> None:
    """A worker's clock that jumps while it sends moves neither limits nor leases nor schedule."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.key(organisation, house.endpoint(organisation, receiver.url))
    jumped = [timedelta()]
    real = time.time

    class Jumping(datetime):
        """A clock that somebody sets."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # no subclass is told
            """The time as this machine would say it."""
            return datetime.now(tz) + jumped[0]

    monkeypatch.setattr(time, "time", lambda: real() + jumped[0].total_seconds())
    for module in ("worker", "sender", "transport"):
        monkeypatch.setattr(f"openredress_delivery.{module}.datetime", Jumping)
    leases: list[float] = []

    def jumping(out: BinaryIO) -> None:
        (row,) = house.rows(
            "SELECT lease_until - clock_timestamp() AS left FROM delivery "
            "WHERE organisation_id = :id",
            id=organisation,
        )
        leases.append(row.left.total_seconds())
        jumped[0] = jump
        answer(503)(out)

    receiver.answers = [jumping, answer(204)]
    house.events(organisation)
    worker = workers(sweep_seconds=0.0)
    house.settle(worker, organisation)
    (row,) = house.rows(
        "SELECT state, due_at - clock_timestamp() AS wait FROM delivery "
        "WHERE organisation_id = :id",
        id=organisation,
    )
    assert row.state == "waiting"
    assert 0 < row.wait.total_seconds() <= 6
    assert 40 < leases[0] <= 50
    for _ in range(20):
        worker.step()
    assert len(receiver.received) == 1
    house.make_due(organisation)
    work_until([worker], lambda: house.deliveries(organisation)[0].state == "succeeded")
    assert [row.n for row in sorted(house.attempts(organisation), key=lambda one: one.n)] == [1, 2]
    assert all(0 <= row.duration_ms < 20_000 for row in house.attempts(organisation))
