"""What every published figure must be, computed from the input files and the story alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from demo.loop import CLAIMED
from demo.records import Dataset, Grievance, Quarter
from demo.story import Fate, heads

CUT_OFF = 31
FEWEST = 5
Key = tuple[str, str, str]  # brand, period, metric


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure: a value as text, or None with its reason."""

    value: str | None
    reason: str | None


NOTHING = Figure(None, "no_exposure")
HIDDEN = Figure(None, "suppressed")
NOT_REACHED = Figure(None, "not_reached")


def expected_figures(dataset: Dataset, fates: Sequence[Fate], seed: int) -> dict[Key, Figure]:
    """Every figure that the brands must read, by brand, period and metric."""
    found: dict[Key, Figure] = {}
    for quarter in dataset.quarters:
        for brand in dataset.brands:
            base = _base(dataset, quarter, brand, seed)
            for metric, figure in _brand(dataset, fates, quarter, brand, base):
                found[brand, quarter.name, metric] = figure
    return found


def _base(dataset: Dataset, quarter: Quarter, brand: str, seed: int) -> int:
    """The headcount of the brand's sites that reported the quarter's three months."""
    active = [site for site in dataset.active(quarter) if site.brand == brand]
    concerned: dict[object, int] = defaultdict(int)
    for one in dataset.grievances:
        concerned[one.site] = max(concerned[one.site], one.workers or 0)
    return sum(heads(concerned[site], seed, site.external_id) for site in active)


def _brand(
    dataset: Dataset, fates: Sequence[Fate], quarter: Quarter, brand: str, base: int
) -> Iterator[tuple[str, Figure]]:
    mine = [fate for fate in fates if fate.grievance.site.brand == brand and fate.result]
    now = [fate for fate in mine if fate.grievance.quarter == quarter]
    # Claimed and validated early in the quarter that follows the one in which they were received.
    before = [fate for fate in mine if fate.grievance.quarter.next == quarter]
    closed = [fate.result for fate in now if fate.result != "incomplete"]
    yield "M08", _share(closed.count("full"), len(closed), base)
    full = [fate.result for fate in before].count("full")
    yield "M09", _share(len(before) - full, len(before), base)
    yield (
        "M20",
        _count([one.confirmed for one in before if one.result in {"full", "partial"}], base),
    )
    yield "M05", _median(_ages(dataset, fates, quarter, brand), base)
    yield from _placements(dataset, quarter, brand, base)


def _placements(
    dataset: Dataset, quarter: Quarter, brand: str, base: int
) -> Iterator[tuple[str, Figure]]:
    arrived = [
        one for one in dataset.placements if one.quarter == quarter and one.site.brand == brand
    ]
    told = [one.statement for one in arrived if one.statement]
    agreed = [one for one in told if one["share_in_aggregates"]]
    known = sum(1 for one in agreed if one["no_intermediary_stated"] or one["agent_chain"])
    free = sum(1 for one in agreed if one["no_fees_stated"])
    first_mile = _share(known, len(arrived), base)
    no_fee = _share(free, len(agreed), base, full_is_disclosive=True)
    between = {len(agreed) - known, len(arrived) - len(agreed)}
    if first_mile.value and no_fee.value and any(map(is_few, between)):
        first_mile = no_fee = HIDDEN
    yield "M29", first_mile
    yield "M30", no_fee


def is_few(number: int) -> bool:
    """R9: whether so few would point at somebody."""
    return 0 < number < FEWEST


def _share(
    numerator: int, denominator: int, base: int, *, full_is_disclosive: bool = False
) -> Figure:
    if not denominator:
        return NOTHING
    parts = {numerator, denominator - numerator}
    small = any(map(is_few, parts)) or (full_is_disclosive and 0 in parts)
    if base < 30 or denominator < 10 or small:  # noqa: PLR2004 - the bounds of R9
        return HIDDEN
    step = Decimal("0.01") if denominator < 100 else Decimal("0.001")  # noqa: PLR2004 - digits it can bear
    return Figure(str((Decimal(numerator) / denominator).quantize(step, ROUND_HALF_EVEN)), None)


def _count(parts: Sequence[int], base: int) -> Figure:
    if not parts:
        return NOTHING
    total = sum(parts)
    few = is_few(total) or len(parts) < FEWEST
    if base < 30 or few or 2 * max(parts) > total:  # noqa: PLR2004 - R9, dominance
        return HIDDEN
    return Figure(str(total), None)


def _ages(
    dataset: Dataset, fates: Sequence[Fate], quarter: Quarter, brand: str
) -> list[tuple[int, bool]]:
    """(days, whether closed) of the quarter's grievances; open ones are as old as the cut-off."""
    claimed = {fate.grievance for fate in fates if fate.result}
    return [
        (_days(one, quarter.day(CLAIMED if one in claimed else CUT_OFF).date()), one in claimed)
        for one in dataset.grievances
        if one.quarter == quarter and one.site.brand == brand
    ]


def _days(grievance: Grievance, until: date) -> int:
    zone = ZoneInfo(grievance.site.time_zone)
    return (until - grievance.received_at.astimezone(zone).date()).days


def _median(ages: Iterable[tuple[int, bool]], base: int) -> Figure:
    """Kaplan-Meier: the first day by which the survival has fallen to one half."""
    ages = sorted(ages)
    if not ages:
        return NOTHING
    if base < 30 or len(ages) < 10:  # noqa: PLR2004 - the bounds of R9
        return HIDDEN
    survival = Fraction(1)
    for day in sorted({days for days, closed in ages if closed}):
        at_risk = sum(1 for days, _ in ages if days >= day)
        ended = sum(1 for days, closed in ages if closed and days == day)
        survival *= 1 - Fraction(ended, at_risk)
        if survival <= Fraction(1, 2):
            return Figure(str(day), None)
    return NOT_REACHED
