"""Two worlds that differ by one case, and two cells of one report, tell of no small group."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import permutations
from uuid import UUID

import pytest

from openredress_api.foundation.identifiers import random_id
from openredress_api.metrics.definitions import CATALOGUE
from openredress_api.metrics.suppression import Cell, Counted, kept_apart, released
from tests.factories.figures import Rows
from tests.rooms.metrics.oracle import Oracle, Row
from tests.rooms.metrics.worlds import random_world

SEEDS = range(12)
NOTHING = Counted(0, 0, None, 0, 0)
OF_CASES = ("M08", "M09", "M20")


@cache
def made(seed: int) -> Rows:
    """A random world."""
    return random_world(random_id(), seed)


def brands(rows: Rows) -> list[UUID]:
    """Its brands, the sandbox ones with whom most happens first."""
    return [
        each["organisation_id"] for each in rows.tables["organisation"] if each["type"] == "brand"
    ]


def without(rows: Rows, case: Row) -> Rows:
    """The same world in which one case never was."""
    other = Rows(rows.institute)
    kept = [row for row in rows.tables["case_record"] if row["id"] != case["id"]]
    other.tables = rows.tables | {"case_record": kept}
    return other


def cells(counted: dict[str, Counted]) -> dict[str, Cell]:
    """The report of what was counted."""
    found = {code: released(CATALOGUE[code], counted.get(code, NOTHING)) for code in CATALOGUE}
    return kept_apart(found)


def silent(cell: Cell) -> Cell:
    """A cell without its band, the one thing that tells of those who did not agree."""
    return replace(cell, coverage_band=None)


@pytest.mark.parametrize("seed", SEEDS)
def test_who_did_not_agree_changes_no_figure(seed: int) -> None:
    """Without a case whose worker did not agree every value, part, reason and rule is the same."""
    rows = made(seed)
    for brand in brands(rows):
        oracle = Oracle(rows, brand, live_too=True)
        before, refused = (
            cells(oracle.all()),
            [c for c, _ in oracle.cases() if not oracle.agreed(c)],
        )
        for case in refused[:6]:
            after = cells(Oracle(without(rows, case), brand, live_too=True).all())
            for code in CATALOGUE:
                assert silent(after[code]) == silent(before[code]), code


@pytest.mark.parametrize("seed", SEEDS)
def test_one_case_shows_only_within_a_group(seed: int) -> None:
    """A figure that one case changes stands on groups of five in both worlds, or is hidden."""
    rows = made(seed)
    for brand in brands(rows):
        oracle = Oracle(rows, brand, live_too=True)
        before = cells(oracle.all())
        agreed = [case for case, _ in oracle.cases() if oracle.agreed(case)]
        for case in agreed[:6]:
            after = cells(Oracle(without(rows, case), brand, live_too=True).all())
            for code in OF_CASES:
                if after[code] != before[code]:
                    assert grouped(before[code]), (code, before[code])
                    assert grouped(after[code]), (code, after[code])


def grouped(cell: Cell) -> bool:
    """Whether all that a cell shows are groups of nobody or of at least five."""
    if cell.reason == "suppressed":
        return cell.numerator is None and cell.denominator is None
    assert cell.numerator is not None
    assert cell.denominator is not None
    rest = cell.denominator - cell.numerator
    return not any(0 < part < 5 for part in (cell.numerator, cell.denominator, rest))


def populations(oracle: Oracle) -> dict[str, set[object]]:
    """Every set of cases that some cell of the report numbers."""
    closed = [(case, hit) for case, hit in oracle.closed() if oracle.agreed(case)]
    return {
        "M08 numerator": {case["id"] for case, hit in closed if hit},
        "M08 denominator": {case["id"] for case, _ in closed},
        "M20 denominator": {case["id"] for case, _ in oracle.remedied() if oracle.agreed(case)},
    }


def test_no_cell_is_contained_in_another() -> None:
    """Of two numbers of cases in different figures neither always counts part of the other."""
    apart = set()
    for seed in SEEDS:
        for brand in brands(made(seed)):
            found = populations(Oracle(made(seed), brand, live_too=True))
            for one, other in permutations(found, 2):
                if found[one] - found[other]:
                    apart.add((one, other))
    wanted = {
        (one, other)
        for one, other in permutations(("M08 numerator", "M08 denominator", "M20 denominator"), 2)
        if one[:3] != other[:3]
    }
    assert wanted <= apart


@pytest.mark.parametrize("seed", SEEDS)
def test_contained_placements_differ_by_groups(seed: int) -> None:
    """M29 and M30 number the same placements: where both are shown, so is no small difference."""
    for brand in brands(made(seed)):
        report = cells(Oracle(made(seed), brand, live_too=True).all())
        arrived, known = report["M29"].denominator, report["M29"].numerator
        agreed = report["M30"].denominator
        if None not in {arrived, known, agreed}:
            assert not 0 < agreed - known < 5
            assert not 0 < arrived - agreed < 5
