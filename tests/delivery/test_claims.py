"""Fan-out and leases with several workers on one database."""

from __future__ import annotations

import random
import threading
from collections import Counter
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from openredress_delivery import claims, outcomes, replays
from openredress_delivery.fanout import fan_out
from openredress_delivery.faults import Faults
from openredress_delivery.outcomes import Outcome
from openredress_delivery.retries import Verdict
from openredress_delivery.transport import Answer
from tests.delivery.desk import Desk, outcome
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
        outcomes.store(connection, worker, done)


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


def test_four_workers_on_one_database(delivery_database: House) -> None:
    """Four workers lease nothing twice, and of no endpoint more than it takes at a time."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoints = [house.endpoint(organisation, URL) for _ in range(5)]
    house.events(organisation, 60)
    _fan_out_all(house)
    engine, lock = house.engine("delivery"), threading.Lock()
    under_way: dict[UUID, UUID] = {}
    done = Counter[UUID]()
    faults: list[str] = []

    def work() -> None:
        worker = uuid4()
        while done.total() < 300 and not faults:
            claimed = [
                one for one in _claim(engine, worker, 16) if one.organisation_id == organisation
            ]
            with lock:
                twice = [one for one in claimed if one.delivery_id in under_way]
                under_way.update({one.delivery_id: one.endpoint_id for one in claimed})
                if twice or max(Counter(under_way.values()).values(), default=0) > 4:
                    faults.append(f"leased twice: {len(twice)}, {Counter(under_way.values())}")
                # Before its result is stored: from then on the next may have its place.
                done.update(one.delivery_id for one in claimed)
                for one in claimed:
                    del under_way[one.delivery_id]
            _store(engine, worker, *map(_outcome, claimed))

    _in_threads(4, work)
    assert faults == []
    assert len(done) == 300
    assert set(done.values()) == {1}
    assert Counter(row.endpoint_id for row in house.deliveries(organisation)) == Counter(
        dict.fromkeys(endpoints, 60)
    )


def test_a_lost_machine(desk: Desk) -> None:
    """When a machine's workers are killed, all they had is taken over within the lease's time."""
    for _ in range(3):
        desk.endpoint()
    desk.events(8)
    desk.fan_out()
    lost = [one for worker in (uuid4(), uuid4()) for one in desk.claim(worker, room=6)]
    assert len(lost) == 12
    assert desk.claim() == []
    desk.pass_time(seconds=claims.LEASE_SECONDS - 2)
    assert desk.sweep() == 0
    assert desk.claim() == []
    desk.pass_time(seconds=2.1)
    assert desk.sweep() == 12
    taken = desk.claim()
    assert {one.delivery_id for one in taken} >= {one.delivery_id for one in lost}
    assert {row.lease_owner for row in desk.deliveries() if row.state == "leased"} == {desk.worker}


def test_workers_and_owners_beside_each_other(desk: Desk) -> None:
    """Whatever workers, owners and the institute do at once, none waits in a circle for others."""
    house, engine = desk.house, desk.house.engine("delivery")
    endpoints = [desk.endpoint(ordered=number % 2 == 0) for number in range(6)]
    faults: list[str] = []

    def work(seed: int) -> None:
        chance, worker = random.Random(seed), uuid4()  # noqa: S311 - repeatable acts
        claimed: list[claims.Claimed] = []

        def store() -> None:
            ends = (204, 204, 500, 410 if chance.random() < 0.05 else 400)
            _store(engine, worker, *(outcome(one, chance.choice(ends)) for one in claimed))
            claimed.clear()

        acts = (
            lambda: desk.events(2, f"grievance:{chance.randint(1, 4)}"),
            lambda: fan_out(engine, Faults(development=False)),
            lambda: claimed.extend(_claim(engine, worker, 8)),
            store,
            desk.sweep,
            lambda: desk.ask_again(chance.choice(endpoints), undelivered=True),
            lambda: replays.advance(engine, Faults(development=False)),
            lambda: desk.change(
                chance.choice(endpoints), state=chance.choice(("'active'", "'active'", "'paused'"))
            ),
            lambda: house.rows(
                "UPDATE delivery SET lease_until = now(), due_at = now() WHERE state = 'leased' "
                "AND id IN (SELECT id FROM delivery WHERE state = 'leased' LIMIT 1)"
            ),
            lambda: house.rows(
                "UPDATE organisation SET suspended_at = CASE WHEN :is THEN now() END "
                "WHERE organisation_id = :id",
                **{"is": chance.random() < 0.1, "id": desk.organisation},
            ),
        )
        for _ in range(120):
            try:
                chance.choice(acts)()
            except DBAPIError as fault:
                faults.append(f"{type(fault.orig).__name__}: {fault.orig}")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    rows = desk.deliveries()
    auto = Counter((row.endpoint_id, row.event_id) for row in rows if row.cause == "auto")
    assert set(auto.values()) == {1}
    stored = Counter(row.delivery_id for row in house.attempts(desk.organisation))
    assert {row.id: row.attempt_count for row in rows if row.attempt_count} == dict(stored)


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


def test_two_ends_at_once(delivery_database: House) -> None:
    """Two attempts of one delivery in one batch, as after a long sleep of a worker, both count."""
    house, organisation = delivery_database, delivery_database.organisation()
    endpoint = house.endpoint(organisation, URL)
    house.events(organisation)
    _fan_out_all(house)
    engine, worker = house.engine("delivery"), uuid4()
    (older,) = [one for one in _claim(engine, worker) if one.organisation_id == organisation]
    house.rows("UPDATE delivery SET lease_until = now() WHERE id = :id", id=older.delivery_id)
    with engine.begin() as connection:
        assert outcomes.sweep(connection) == 1
    (newer,) = [one for one in _claim(engine, worker) if one.organisation_id == organisation]
    _store(engine, worker, _outcome(older, "failed"), _outcome(newer))
    (delivery,) = house.deliveries(organisation)
    assert (delivery.state, delivery.attempt_count) == ("succeeded", 2)
    assert [row.n for row in house.attempts(organisation)] == [1, 2]
    (row,) = house.rows("SELECT failing_since FROM webhook_endpoint WHERE id = :id", id=endpoint)
    assert row.failing_since is None


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
