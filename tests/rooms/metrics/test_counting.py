"""What the statements count is what plain Python counts in the same world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from openredress_api.metrics import queries, rules
from openredress_api.metrics.definitions import CATALOGUE
from openredress_api.metrics.suppression import Counted
from tests.factories.figures import PERIOD, Rows
from tests.factories.parties import World
from tests.rooms.metrics.oracle import Oracle
from tests.rooms.metrics.worlds import random_world

SEEDS = range(30)
Counts = Mapping[UUID, Mapping[str, Counted]]


@pytest.fixture(scope="module")
def worlds(world: World) -> list[Rows]:
    """Random worlds, side by side in one database."""
    made = [random_world(world.institute.organisation_id, seed) for seed in SEEDS]
    with world.installation.as_owner() as connection:
        for rows in made:
            rows.write(connection)
        connection.execute(text("ANALYZE"))
    return made


@pytest.fixture(scope="module")
def by_sandbox(worlds: list[Rows], count) -> Counts:
    """What a sandbox institute counts."""
    return count(worlds)


@pytest.fixture(scope="module")
def by_live(worlds: list[Rows], by_sandbox: Counts, count, request) -> Counts:
    """What a live institute counts, after the sandbox one has counted."""
    assert by_sandbox
    request.getfixturevalue("live_institute")
    return count(worlds)


def brands(rows: Rows) -> list[dict[str, Any]]:
    """The brands of a world."""
    return [each for each in rows.tables["organisation"] if each["type"] == "brand"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sandbox_institute_counts_sandbox_brands(worlds, by_sandbox: Counts, seed: int) -> None:
    """In every world each count of each sandbox brand is the oracle's; a live brand has none."""
    for each in brands(worlds[seed]):
        brand = each["organisation_id"]
        expected = Oracle(worlds[seed], brand).all()
        assert dict(by_sandbox.get(brand, {})) == expected, each["is_sandbox"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_live_institute_counts_both_kinds_apart(worlds, by_live: Counts, seed: int) -> None:
    """Live brands count live suppliers, agencies and validators; sandbox brands sandbox ones."""
    for each in brands(worlds[seed]):
        brand = each["organisation_id"]
        expected = Oracle(worlds[seed], brand, live_too=True).all()
        assert dict(by_live.get(brand, {})) == expected, each["is_sandbox"]


def test_the_worlds_say_something(by_live: Counts) -> None:
    """A dozen brands have hits, misses and refusals in each metric: equality is no accident."""
    full: Counter[str] = Counter()
    for found in by_live.values():
        full.update(
            code
            for code, one in found.items()
            if (0 < one.numerator < one.denominator or code == "M20")
            and one.base
            and (one.covered < one.eligible or code == "M05")
        )
    assert min(full[code] for code in CATALOGUE) >= 12, full


SIZE = text("SELECT reltuples, relpages FROM pg_class WHERE oid = CAST(:table AS regclass)")
STATEMENTS = ("SITES", "BASE", "M05", "M08", "M09", "M20", "PLACEMENTS")


def seen(plan: dict[str, Any]) -> Counter[str]:
    """How many rows sequential scans looked at, by table."""
    found: Counter[str] = Counter()
    if plan["Node Type"] == "Seq Scan":
        looked = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        found[plan["Relation Name"]] = int(looked * plan["Actual Loops"])
    for part in plan.get("Plans", []):
        found += seen(part)
    return found


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.usefixtures("worlds")
def test_no_table_is_walked_once_per_record(world: World, at_work, name: str) -> None:
    """Behind row-level security each table is walked at most a few times, however many records."""
    statement = getattr(queries, name)
    explained = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}")
    with at_work(world.institute) as transaction:
        ((plans,),) = queries._rows(transaction, explained, rules.quarter(PERIOD))
        looked = seen(plans[0]["Plan"])
        for table, rows in looked.items():
            held, pages = transaction.session.execute(SIZE, {"table": table}).one()
            # A table of a few pages is read faster than its index.
            assert rows <= 5 * held or pages < 10, (table, rows, held)
