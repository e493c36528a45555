"""Bad bytes: whatever a file holds, its good rows are kept and every refusal says where."""

from __future__ import annotations

import gzip
import itertools
from typing import Any

import pytest

from openredress_api import imports
from openredress_api.imports.reading.unpacking import zstd
from tests.factories.imports import findings, hand_in, read
from tests.factories.parties import Party, World
from tests.rooms.imports.bad_files import FILES, Bad, Rows

_numbers = itertools.count()
PACKED = {"none": bytes, "gzip": gzip.compress, "zstd": zstd.compress}
CASES = [(kind, name) for kind, files in FILES.items() for name in files]


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """Who hands everything in."""
    return world.party("supplier")


@pytest.fixture(scope="module")
def site(world: World, supplier: Party) -> str:
    """The supplier's one site."""
    return world.site(supplier)


@pytest.fixture
def rows(site: str) -> Rows:
    """Rows of a file of its own."""
    return Rows(site, f"F{next(_numbers)}")


def turns(world: World) -> int:
    """How often a worker took up a job until nothing waited."""
    worker = imports.Worker(world.app.extensions["openredress"])
    taken = 0
    while worker.turn():
        taken += 1
    return taken


def told(supplier: Party, import_id: str) -> tuple[Any, ...]:
    """What became of a file: state, fault and its line, counts, and where each finding stands."""
    done = read(supplier, import_id)
    fault = done["fault"] and (done["fault"]["code"], done["fault"]["line"])
    found = {(one["line"], one["code"], one["pointer"]) for one in findings(supplier, import_id)}
    counts = done["counts"]
    return done["state"], fault, counts["new"], counts["refused"], found


def expected(bad: Bad) -> tuple[Any, ...]:
    """The same by the table."""
    state = "failed" if bad.fault else "done"
    refused = len({at for at, _, _ in bad.found})
    return state, bad.fault, bad.new, refused, set(bad.found)


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize("compression", PACKED)
@pytest.mark.parametrize(("kind", "name"), CASES)
def test_each_bad_file_has_its_end(
    world: World, supplier: Party, rows: Rows, kind: str, name: str, compression: str
) -> None:
    """Good rows are stored, bad ones are found by line and place, in one attempt."""
    bad = FILES[kind][name]
    octets = PACKED[compression](bad.make(rows))
    import_id = hand_in(supplier, octets, format=kind, compression=compression)
    assert turns(world) == 1
    assert told(supplier, import_id) == expected(bad)
