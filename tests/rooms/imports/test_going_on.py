"""A worker that dies leaves no trace: another one ends in the same place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from openredress_api import imports
from openredress_api.foundation.jobs import MAX_ATTEMPTS
from openredress_api.imports.working import storing
from openredress_api.imports.working.run import Run
from tests.factories.imports import findings, hand_in, lines, read, receipts, row, work
from tests.factories.parties import Party, World

ROWS = 12_000


class Killed(BaseException):
    """What no loop catches: as if the process were gone."""


def octets(site: str) -> bytes:
    """More than two batches of rows, some of them bad."""
    rows = (row(site, f"G{n}", workers_affected=n) for n in range(ROWS))
    bad = (one if n % 1_000 else one | {"channel": "pigeon"} for n, one in enumerate(rows))
    return lines(bad)


def outcome(party: Party, import_id: str) -> Any:
    """What an import left: its counts, rows and findings, without ids and moments."""
    rows = [
        (one["line"], one["key"], one["version"], one["outcome"], one["sha256"])
        for one in receipts(party, import_id)
    ]
    found = [(one["line"], one["code"], one["read"]) for one in findings(party, import_id)]
    done = read(party, import_id)
    return done["state"], done["counts"], rows, found


def leases_end(world: World) -> None:
    """A minute passes."""
    with world.installation.as_owner() as connection:
        connection.execute(text("UPDATE job SET lease_until = now() WHERE state = 'running'"))


def dying_at(step: int, then: Callable[..., Any]) -> Callable[..., Any]:
    """The function, until the worker is killed in its `step`th call."""
    calls = 0

    def called(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == step:
            raise Killed
        return then(*given, **named)

    return called


@pytest.mark.parametrize("step", [1, 2, 3])
def test_another_worker_goes_on(world: World, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Killed in any batch, before its commit: the end is that of a run nobody disturbed."""
    undisturbed, disturbed = world.party("supplier"), world.party("supplier")
    whole = hand_in(undisturbed, octets(world.site(undisturbed)))
    work(world)
    broken = hand_in(disturbed, octets(world.site(disturbed)))
    with monkeypatch.context() as patched:
        patched.setattr(storing, "store", dying_at(step, storing.store))
        with pytest.raises(Killed):
            work(world)
    work(world)
    assert read(disturbed, broken)["state"] == "merging", "its lease still holds"
    leases_end(world)
    work(world)
    left, right = outcome(undisturbed, whole), outcome(disturbed, broken)
    assert left[:2] == right[:2]
    # The site is another one, so the digests of what rows say differ; all else is equal.
    assert [one[:4] for one in left[2]] == [one[:4] for one in right[2]]
    assert left[3] == right[3]
    told = disturbed.get("/v1/events").json["data"]
    assert [one["event"]["type"] for one in told] == ["import.completed"]


def test_a_writer_beside_it_stops_no_import(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that somebody changes between judgement and writing is judged again, locked."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    hand_in(supplier, lines([row(site, f"G{n}") for n in range(50)]))
    work(world)
    import_id = hand_in(
        supplier, lines([row(site, f"G{n}", workers_affected=2) for n in range(50)])
    )
    ways = []
    stored = storing.store

    def beside(*given: Any) -> Any:
        ways.append(given[-1].locks)
        if not given[-1].locks:
            raise storing.Overtaken
        return stored(*given)

    monkeypatch.setattr(storing, "store", beside)
    work(world)
    done = read(supplier, import_id)
    assert (done["state"], done["counts"]["changed"]) == ("done", 50)
    assert ways[:2] == [False, True]


def test_workers_take_turns(world: World) -> None:
    """A sender with many files does not keep another one waiting behind all of them."""
    many, one = world.party("supplier"), world.party("supplier")
    site = world.site(many)
    files = [hand_in(many, lines([row(site, f"G{n}")])) for n in range(3)]
    late = hand_in(one, lines([row(world.site(one), "G")]))
    worker = imports.Worker(world.app.extensions["openredress"])
    for _ in range(2):
        assert worker.turn()
    assert read(one, late)["state"] == "done"
    assert [read(many, each)["state"] for each in files] == ["done", "waiting", "waiting"]
    work(world)


def test_a_worker_that_lost_its_job_stores_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once another worker holds the job, what the first one had in hand is undone."""
    supplier = world.party("supplier")
    import_id = hand_in(supplier, octets(world.site(supplier)))

    def lose(*given: Any, **named: Any) -> Any:
        with world.installation.as_owner() as connection:
            connection.execute(
                text("UPDATE job SET worker = gen_random_uuid() WHERE state = 'running'")
            )
        return began(*given, **named)

    began = Run._pass
    with monkeypatch.context() as patched:
        patched.setattr(Run, "_pass", lose)
        work(world)
    assert supplier.get("/v1/grievances").json["data"] == []
    leases_end(world)
    work(world)
    assert read(supplier, import_id)["state"] == "done"


def test_a_file_that_kills_every_worker_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some attempts without a step forward its sender is told, and others go on."""
    supplier = world.party("supplier")
    import_id = hand_in(supplier, octets(world.site(supplier)))
    with monkeypatch.context() as patched:
        patched.setattr(storing, "store", dying_at(1, storing.store))
        for _ in range(MAX_ATTEMPTS):
            patched.setattr(storing, "store", dying_at(1, storing.store))
            with pytest.raises(Killed):
                work(world)
            leases_end(world)
    work(world)
    given_up = read(supplier, import_id)
    assert (given_up["state"], given_up["fault"]["code"]) == ("failed", "abandoned")
