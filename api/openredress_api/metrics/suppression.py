"""What may be shown: bounds on shares, counts and medians (domain R9-R12; decisions §7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from openredress_api.metrics.definitions import Definition

SMALL = 5
LEAST_BASE = 30
LEAST_DENOMINATOR = 10
LARGEST_PART = Decimal("0.5")
FINE_FROM = 100
# What the first one's numerator counts is among the second one's records, and these are among the
# first one's: whoever reads both knows the differences too.
CONTAINED = (("M29", "M30"),)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted for one metric and scope, before anything is hidden.

    `base` is the scope's headcount, None where unknown; `covered` are those of the `eligible`
    records whose workers agreed to be counted; `largest` is the largest case's part of a count;
    `value` is given for medians.
    """

    numerator: int
    denominator: int
    base: int | None
    covered: int
    eligible: int
    largest: int = 0
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as it is released: a value, or the reason why there is none."""

    value: Decimal | None
    numerator: int | None
    denominator: int | None
    reason: str | None
    rule: str | None
    coverage_band: str | None


def released(definition: Definition, counted: Counted) -> Cell:
    """The cell of `counted`: empty, hidden or shown; the three never look alike."""
    if counted.denominator == 0:
        return Cell(None, 0, 0, "no_exposure", None, None)
    rule = hiding_rule(definition, counted)
    if rule is not None:
        return Cell(None, None, None, "suppressed", rule, None)
    band = coverage_band(counted.covered, counted.eligible)
    if definition.shape == "median":
        # How many had ended is a count of its own, which no bound has looked at.
        if counted.value is None:
            return Cell(None, None, counted.denominator, "not_reached", None, band)
        return Cell(Decimal(counted.value), None, counted.denominator, None, None, band)
    value = _value(definition, counted)
    return Cell(value, counted.numerator, counted.denominator, None, None, band)


def kept_apart(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The cells of one report, without those that give a small number away by subtraction."""
    kept = dict(cells)
    for outer, inner in CONTAINED:
        one, other = kept[outer].numerator, kept[outer].denominator
        among = kept[inner].denominator
        if one is None or other is None or among is None:
            continue
        if 0 < among - one < SMALL or 0 < other - among < SMALL:
            hidden = Cell(None, None, None, "suppressed", "R11.difference", None)
            kept |= {outer: hidden, inner: hidden}
    return kept


def hiding_rule(definition: Definition, counted: Counted) -> str | None:
    """The rule that hides a value, or None; its code names what was too small."""
    if counted.base is None or counted.base < LEAST_BASE:
        return "R9.base_population"
    if definition.shape == "count":
        return _count_rule(counted)
    if counted.denominator < LEAST_DENOMINATOR:
        return "R9.denominator"
    return _share_rule(definition, counted) if definition.shape == "share" else None


def _count_rule(counted: Counted) -> str | None:
    # The cases are shown beside the workers, so they are a count of their own.
    if 0 < counted.numerator < SMALL or counted.denominator < SMALL:
        return "R9.small_count"
    if counted.numerator and counted.largest > LARGEST_PART * counted.numerator:
        return "R9.dominance"
    return None


def _share_rule(definition: Definition, counted: Counted) -> str | None:
    complement = counted.denominator - counted.numerator
    if 0 < counted.numerator < SMALL:
        return "R9.numerator"
    if 0 < complement < SMALL:
        return "R9.complement"
    if definition.full_is_disclosive and 0 in {counted.numerator, complement}:
        return "R10.whole_group"
    return None


def coverage_band(counted: int, eligible: int) -> str:
    """How much of what is eligible was counted: <50, 50-79 or >=80 percent."""
    share = 100 * counted // max(eligible, 1)
    return ">=80" if share >= 80 else "50-79" if share >= 50 else "<50"  # noqa: PLR2004 - the bands


def _value(definition: Definition, counted: Counted) -> Decimal:
    if definition.shape == "count":
        return Decimal(counted.numerator)
    # Whole percents below 100, tenths from there: more digits than the count can bear mislead.
    step = Decimal("0.001") if counted.denominator >= FINE_FROM else Decimal("0.01")
    share = Decimal(counted.numerator) / Decimal(counted.denominator)
    return share.quantize(step, ROUND_HALF_EVEN)
