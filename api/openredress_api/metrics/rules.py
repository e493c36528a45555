"""What counts, periods, cut-offs, previews and the Kaplan-Meier median, in plain Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from openredress_api.vocabulary import TAXONOMIES, fee_group, is_restricted

CUT_OFF_DAYS = 30
PREVIEW_WORKING_DAYS = 10
CLAIM_DAYS = 60
_PERIOD = re.compile(r"(20\d{2})-Q([1-4])", re.ASCII)
_SATURDAY = 5

RESTRICTED = tuple(code for code in TAXONOMIES["grievance_category"].codes if is_restricted(code))
ILO_FEES = tuple(code for code in TAXONOMIES["fee_type"].codes if fee_group(code) != "extra")
"""Fee types of the ILO's groups A, B and C; interest and lost income are recorded beside them."""
PAID_BY_OTHERS = tuple(
    code
    for code, each in TAXONOMIES["fee_payer"].codes.items()
    if not each.attributes["worker_side"] and code != "unknown"
)
"""Payers who are surely not the worker's side."""


class BadPeriod(ValueError):
    """The text is no calendar quarter such as 2026-Q1."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter: `start` its first day, `end` the first day after it."""

    name: str
    start: date
    end: date

    @property
    def cut_off_at(self) -> datetime:
        """30 days after the quarter ended in the last time zone (UTC-12), so for every site."""
        midnight = datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC)
        return midnight + timedelta(days=CUT_OFF_DAYS, hours=12)


def quarter(text: str) -> Quarter:
    """Read `2026-Q1`; BadPeriod otherwise."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise BadPeriod(text)
    year, number = int(match[1]), int(match[2])
    first = date(year, 3 * number - 2, 1)
    after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)  # noqa: PLR2004 - quarters
    return Quarter(text, first, after)


def preview_ends(preview_at: datetime) -> datetime:
    """When a release may be published: 10 working days (Monday to Friday) after its preview."""
    moment, left = preview_at, PREVIEW_WORKING_DAYS
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() < _SATURDAY
    return moment


def median_days(closed: Mapping[int, int], censored: Mapping[int, int]) -> int | None:
    """Kaplan-Meier median in whole days from histograms day -> number; None: not reached.

    Open ones are censored at their age: they were at risk until then. Source: Kaplan and Meier
    1958, with deaths before censorings on the same day.
    """
    at_risk = sum(closed.values()) + sum(censored.values())
    survival = 1.0
    for day in sorted({*closed, *censored}):
        if at_risk and closed.get(day):
            survival *= 1 - closed[day] / at_risk
            if survival <= 0.5 + 1e-12:
                return day
        at_risk -= closed.get(day, 0) + censored.get(day, 0)
    return None


def overlapping(scopes: Iterable[tuple[object, object]]) -> set[object]:
    """Audiences that share a site with another one; `scopes` are (audience, site) pairs.

    Until complementary suppression exists their cells could be subtracted from each other.
    """
    by_site: dict[object, set[object]] = {}
    for audience, site in scopes:
        by_site.setdefault(site, set()).add(audience)
    return {one for audiences in by_site.values() if len(audiences) > 1 for one in audiences}
