"""Fan-out and leases with several workers on one database."""

from __future__ import annotations

import threading
from collections import Counter
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from openredress_delivery import claims, outcomes
from openredress_delivery.fanout import fan_out
from openredress_delivery.faults import Faults
from openredress_delivery.outcomes import Outcome
from openredress_delivery.retries import Verdict
from openredress_delivery.transport import Answer
from tests.delivery.house import House

URL = "https://receiver.example/"


def _fan_out_all(house: House) -> None:
    while fan_out(house.engine("delivery"), Faults(development=False)):
        pass


def _outcome(claimed: claims.Claimed, state: str = "succeeded") -> Outcome:
    answer = Answer(started_at=claimed.lease_until, duration_ms=1, fault=None, status=200)
    return Outcome(claimed, answer, None, Verdict(state))


def _claim(engine: Engine, worker: UUID, room: int = 256) -> list[claims.Claimed]:
    with engine.begin() as connection:
        return claims.claim(connection, worker, room)


def _store(engine: Engine, worker: UUID, *done: Outcome) -> None:
    with engine.begin() as connection:
        outcomes.store(connection, worker, done, lambda *_: None)


def _in_threads(count: int, work: object) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]  # type: ignore[arg-type] # the results are thrown away
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_fan_out_exactly_once(delivery_database: House) -> None:
    """Workers that fan out together make one delivery per event and matching endpoint."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.events(organisation, 5)
    _fan_out_all(house)
    everything = house.endpoint(organisation, URL)
    family = house.endpoint(organisation, URL, event_patterns=["grievance.*"])
    exact = house.endpoint(organisation, URL, event_patterns=["x", "grievance.received"])
    other = house.endpoint(organisation, URL, event_patterns=["referral.*", "grievance"])
    paused = house.endpoint(organisation, URL, state="paused")
    events = house.events(organisation, 450)
    _in_threads(3, lambda: _fan_out_all(house))
    _fan_out_all(house)
    made = Counter((row.endpoint_id, row.event_id) for row in house.deliveries(organisation))
    assert made == Counter((one, event) for one in (everything, family, exact) for event in events)
    cursors = house.rows(
        "SELECT id, fanned_position FROM webhook_endpoint WHERE organisation_id = :id",
        id=organisation,
    )
    assert {row.id: row.fanned_position for row in cursors} == {
        **dict.fromkeys((everything, family, exact, other), 455),
        paused: 5,
    }


def test_two_workers_keep_the_limit(delivery_database: House) -> None:
    """Two workers never lease more of an endpoint than it takes at a time, nor one thing twice."""
    house, organisation = delivery_database, delivery_database.organisation()
    for _ in range(3):
        house.endpoint(organisation, URL)
    house.events(organisation, 60)
    _fan_out_all(house)
    engine, lock, sent = house.engine("delivery"), threading.Lock(), Counter[UUID]()
    excess: list[int] = []

    def work() -> None:
        worker = uuid4()
        while any(row.state != "succeeded" for row in house.deliveries(organisation)):
            claimed = _claim(engine, worker)
            (most,) = house.rows(
                "SELECT coalesce(max(n), 0) AS n FROM (SELECT count(*) AS n FROM delivery "
                "WHERE state = 'leased' GROUP BY organisation_id, endpoint_id) AS leased"
            )
            with lock:
                excess.append(most.n)
                sent.update(
                    one.delivery_id for one in claimed if one.organisation_id == organisation
                )
            _store(engine, worker, *map(_outcome, claimed))

    _in_threads(2, work)
    assert max(excess) == 4
    assert len(sent) == 180
    assert set(sent.values()) == {1}


def test_room(delivery_database: House) -> None:
    """A worker leases no more than it has room for."""
    house, organisation = delivery_database, delivery_database.organisation()
    for _ in range(3):
        house.endpoint(organisation, URL)
    house.events(organisation, 4)
    _fan_out_all(house)
    assert len(_claim(house.engine("delivery"), uuid4(), room=5)) == 5


def test_lost_lease(delivery_database: House) -> None:
    """Who lost its lease has its attempt stored and changes nothing else."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.endpoint(organisation, URL)
    house.events(organisation)
    _fan_out_all(house)
    engine, slow, next_one = house.engine("delivery"), uuid4(), uuid4()
    (lost,) = [one for one in _claim(engine, slow) if one.organisation_id == organisation]
    house.rows(
        "UPDATE delivery SET lease_until = now() - interval '1 s' WHERE id = :id",
        id=lost.delivery_id,
    )
    with engine.begin() as connection:
        assert outcomes.sweep(connection) == 1
    (taken,) = [one for one in _claim(engine, next_one) if one.organisation_id == organisation]
    _store(engine, slow, _outcome(lost, "failed"))
    (delivery,) = house.deliveries(organisation)
    assert (delivery.state, delivery.lease_owner, delivery.attempt_count) == ("leased", next_one, 1)
    _store(engine, next_one, _outcome(taken))
    (delivery,) = house.deliveries(organisation)
    assert (delivery.state, delivery.attempt_count) == ("succeeded", 2)
    assert [row.n for row in house.attempts(organisation)] == [1, 2]


def test_same_worker_lost_lease(delivery_database: House) -> None:
    """A worker's result of an older lease of its own does not end the newer one."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.endpoint(organisation, URL)
    house.events(organisation)
    _fan_out_all(house)
    engine, worker = house.engine("delivery"), uuid4()
    (older,) = [one for one in _claim(engine, worker) if one.organisation_id == organisation]
    house.rows(
        "UPDATE delivery SET state = 'due', lease_until = NULL, lease_owner = NULL WHERE id = :id",
        id=older.delivery_id,
    )
    _claim(engine, worker)
    _store(engine, worker, _outcome(older, "failed"))
    assert house.deliveries(organisation)[0].state == "leased"


def test_storing_twice(delivery_database: House) -> None:
    """An outcome stored twice, because a commit's fate was unknown, counts once."""
    house, organisation = delivery_database, delivery_database.organisation()
    house.endpoint(organisation, URL)
    house.events(organisation)
    _fan_out_all(house)
    engine, worker = house.engine("delivery"), uuid4()
    (one,) = [one for one in _claim(engine, worker) if one.organisation_id == organisation]
    for _ in range(2):
        _store(engine, worker, _outcome(one))
    assert house.deliveries(organisation)[0].attempt_count == 1
    assert len(house.attempts(organisation)) == 1


@pytest.mark.parametrize("state", ["paused", "disabled", "deleted"])
def test_only_active_endpoints(delivery_database: House, state: str) -> None:
    """Nothing is leased for an endpoint that is not active."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, URL)
    house.events(organisation)
    _fan_out_all(house)
    house.rows("UPDATE webhook_endpoint SET state = :s WHERE id = :id", s=state, id=endpoint)
    claimed = _claim(house.engine("delivery"), uuid4())
    assert organisation not in {one.organisation_id for one in claimed}
