"""No released cell breaks a bound, and no null looks like another one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.metrics.definitions import CATALOGUE, Definition
from openredress_api.metrics.suppression import Cell, Counted, coverage_band, kept_apart, released

SHARE, OPEN_SHARE = CATALOGUE["M30"], CATALOGUE["M08"]
COUNT, MEDIAN = CATALOGUE["M20"], CATALOGUE["M05"]
SOME = {"base": 300, "covered": 20, "eligible": 20}


@st.composite
def counts(draw) -> Counted:
    """Anything that can be counted, small numbers above all."""
    small = st.one_of(st.integers(0, 12), st.integers(0, 250))
    denominator = draw(small)
    numerator = draw(st.integers(0, denominator))
    covered = draw(st.integers(0, denominator))
    return Counted(
        numerator=numerator,
        denominator=denominator,
        base=draw(st.one_of(st.none(), st.integers(0, 60))),
        covered=covered,
        eligible=covered + draw(small),
        largest=draw(st.integers(0, numerator)),
        value=draw(st.one_of(st.none(), st.integers(0, 90))),
    )


DEFINITIONS = st.sampled_from(list(CATALOGUE.values()))


def small(number: int) -> bool:
    """Neither nobody nor a group."""
    return 0 < number < 5


@given(DEFINITIONS, counts())
def test_no_released_number_breaks_a_bound(definition: Definition, counted: Counted) -> None:
    """R9: what is shown stands on 30 people, ten records, and groups of nobody or five."""
    cell = released(definition, counted)
    if cell.reason in {"suppressed", "no_exposure"}:
        return
    assert counted.base is not None
    assert counted.base >= 30
    assert not small(cell.denominator)
    assert cell.numerator is None or not small(cell.numerator)
    if definition.shape != "count":
        assert cell.denominator >= 10
    if definition.shape == "share":
        rest = cell.denominator - cell.numerator
        assert not small(rest)
        assert not (definition.full_is_disclosive and 0 in {cell.numerator, rest})
    if definition.shape == "count":
        assert 2 * counted.largest <= counted.numerator


@given(DEFINITIONS, counts())
def test_nothing_is_hidden_without_need(definition: Definition, counted: Counted) -> None:
    """A cell is suppressed only if some bound is broken, and its rule names one that is."""
    cell = released(definition, counted)
    rest = counted.denominator - counted.numerator
    shape = definition.shape
    broken = {
        "R9.base_population": counted.base is None or counted.base < 30,
        "R9.denominator": shape != "count" and counted.denominator < 10,
        "R9.small_count": shape == "count"
        and (small(counted.numerator) or counted.denominator < 5),
        "R9.dominance": shape == "count" and 2 * counted.largest > counted.numerator,
        "R9.numerator": shape == "share" and small(counted.numerator),
        "R9.complement": shape == "share" and small(rest),
        "R10.whole_group": definition.full_is_disclosive and 0 in {counted.numerator, rest},
    }
    if cell.reason == "suppressed":
        assert broken[str(cell.rule)]
    else:
        assert cell.rule is None
        assert counted.denominator == 0 or not any(broken.values())


@given(DEFINITIONS, counts())
def test_the_nulls_never_look_alike(definition: Definition, counted: Counted) -> None:
    """A value is null exactly with its reason; a hidden one shows nothing; zero is a value."""
    cell = released(definition, counted)
    assert (cell.value is None) == (cell.reason is not None)
    assert (cell.rule is not None) == (cell.reason == "suppressed")
    assert (cell.reason == "no_exposure") == (counted.denominator == 0)
    if cell.reason == "suppressed":
        assert cell == Cell(None, None, None, "suppressed", cell.rule, None)
    if cell.reason == "not_reached":
        assert (definition.shape, counted.value) == ("median", None)
    if cell.reason is None:
        assert cell.coverage_band is not None


@given(DEFINITIONS, counts(), st.integers(0, 40))
def test_more_people_never_hide_a_cell(definition: Definition, counted: Counted, more: int) -> None:
    """A larger base, and more records on both sides of a shown share, leave it shown."""
    before = released(definition, counted)
    if before.reason == "suppressed" or counted.base is None:
        return
    grown = replace(counted, base=counted.base + more)
    assert released(definition, grown) == before
    if definition.shape == "share" and 0 < counted.numerator < counted.denominator:
        wider = replace(
            grown, numerator=counted.numerator + more, denominator=counted.denominator + 2 * more
        )
        assert released(definition, wider).reason is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "base", "rule"),
    [
        (5, 10, 30, None),
        (5, 10, 29, "R9.base_population"),
        (5, 10, None, "R9.base_population"),
        (4, 9, 30, "R9.denominator"),
        (4, 10, 30, "R9.numerator"),
        (6, 10, 30, "R9.complement"),
        (9, 10, 30, "R9.complement"),
        (10, 10, 30, None),
        (0, 10, 30, None),
    ],
)
def test_the_bounds_of_a_share(
    numerator: int, denominator: int, base: int | None, rule: str | None
) -> None:
    """R9: each bound on its own, on both sides of its edge."""
    counted = Counted(numerator, denominator, base, denominator, denominator)
    assert released(OPEN_SHARE, counted).rule == rule


def test_zero_is_published() -> None:
    """R10: nobody is a number: 0 of 20 is shown as 0 with its parts."""
    cell = released(OPEN_SHARE, Counted(0, 20, **SOME))
    assert cell == Cell(Decimal("0.00"), 0, 20, None, None, ">=80")


def test_everybody_may_tell_on_each() -> None:
    """R10: 100 % of an outcome is shown, 100 % or 0 % of something about people is not."""
    assert released(OPEN_SHARE, Counted(20, 20, **SOME)).value == Decimal("1.00")
    for numerator in (0, 20):
        assert released(SHARE, Counted(numerator, 20, **SOME)).rule == "R10.whole_group"


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [(5, 15, "0.33"), (60, 99, "0.61"), (33, 100, "0.330"), (125, 1000, "0.125"), (45, 60, "0.75")],
)
def test_digits_that_the_count_can_bear(numerator: int, denominator: int, shown: str) -> None:
    """Whole percents below 100 records, tenths from there."""
    counted = Counted(numerator, denominator, 300, denominator, denominator)
    assert f"{released(OPEN_SHARE, counted).value:f}" == shown


@pytest.mark.parametrize(
    ("numerator", "cases", "largest", "rule"),
    [
        (20, 5, 10, None),
        (20, 5, 11, "R9.dominance"),
        (4, 5, 1, "R9.small_count"),
        (40, 4, 10, "R9.small_count"),
        (0, 6, 0, None),
    ],
)
def test_one_case_must_not_make_a_count(
    numerator: int, cases: int, largest: int, rule: str | None
) -> None:
    """R9: five workers, five cases, and no case with more than half of the workers."""
    counted = Counted(numerator, cases, 300, cases, cases, largest=largest)
    assert released(COUNT, counted).rule == rule


def test_a_median_shows_how_many_and_not_how_many_ended() -> None:
    """The number of ended grievances may be small, so a median has no numerator."""
    cell = released(MEDIAN, Counted(3, 12, 300, 12, 12, value=7))
    assert (cell.value, cell.numerator, cell.denominator) == (Decimal(7), None, 12)
    never = released(MEDIAN, Counted(3, 12, 300, 12, 12))
    assert (never.value, never.numerator, never.reason) == (None, None, "not_reached")
    assert released(MEDIAN, Counted(3, 9, 300, 9, 9, value=7)).rule == "R9.denominator"


@pytest.mark.parametrize(
    ("covered", "eligible", "band"),
    [(0, 0, "<50"), (49, 100, "<50"), (1, 2, "50-79"), (79, 100, "50-79"), (4, 5, ">=80")],
)
def test_coverage_bands(covered: int, eligible: int, band: str) -> None:
    """How many of the eligible agreed is told in three steps."""
    assert coverage_band(covered, eligible) == band


def placements(known: int, agreed: int, arrived: int, free: int) -> dict[str, Cell]:
    """The two cells about the same placements."""
    return {
        "M29": released(CATALOGUE["M29"], Counted(known, arrived, 300, agreed, arrived)),
        "M30": released(CATALOGUE["M30"], Counted(free, agreed, 300, agreed, agreed)),
    }


@given(st.tuples(*[st.integers(0, 60)] * 3).map(sorted), st.data())
def test_two_cells_about_the_same_placements_give_nothing_away(parts, data) -> None:
    """Between first mile, agreed and arrived lie nobody or five, or both cells are hidden."""
    known, agreed, arrived = parts
    cells = placements(known, agreed, arrived, data.draw(st.integers(0, agreed)))
    kept = kept_apart(cells)
    hidden = {code for code, cell in kept.items() if cell.rule == "R11.difference"}
    shown = all(cell.numerator is not None for cell in cells.values())
    gap = small(agreed - known) or small(arrived - agreed)
    assert hidden == ({"M29", "M30"} if shown and gap else set())
    assert {code: cell for code, cell in kept.items() if code not in hidden} == {
        code: cell for code, cell in cells.items() if code not in hidden
    }


def test_a_small_difference_hides_both() -> None:
    """18 of 40 know the first mile, 20 agreed: the two in between are nobody's to find."""
    cells = placements(18, 20, 40, 10)
    assert [cell.reason for cell in cells.values()] == [None, None]
    assert {cell.rule for cell in kept_apart(cells).values()} == {"R11.difference"}
    assert kept_apart(placements(15, 20, 40, 10)) == placements(15, 20, 40, 10)
