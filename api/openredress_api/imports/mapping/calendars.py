"""Which day a column's dates are: the order and the era that its cells show or its sender says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import nepali_datetime

from openredress_api.foundation.fields import BUDDHIST_OFFSET, FIRST_YEAR
from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping.dates import ALWAYS, ORDERS, Reading, Written, written

GREGORIAN, BUDDHIST, BIKRAM = ERAS = ("gregorian", "buddhist", "bikram_sambat")
# The new year of Bikram Sambat is in April: a Gregorian year is in two of its years.
BIKRAM_OFFSET = 57
_CENTURY = 100
# A year in two digits from here on can be 19xx, or the end of a year of another era.
_SHORT_OF_ANOTHER = 50
_SERIAL_DIGITS = 5
_REMEMBERED = 2_000
# Order as words that a message can show.
_SHOWN = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or a month without one, of the Gregorian calendar; `era`: what it was written in."""

    year: int
    month: int
    day: int | None
    era: str = GREGORIAN

    @property
    def iso(self) -> str:
        """As records write it."""
        month = f"{self.year:04}-{self.month:02}"
        return month if self.day is None else f"{month}-{self.day:02}"


class Calendar:
    """How one column writes its dates."""

    def __init__(self, sample: Iterable[str], order: str | None, era: str | None) -> None:
        """`sample` are dates without times; `order` and `era` are the sender's word."""
        # The first date of another era that was read, and what it is.
        self.converted: tuple[str, Day] | None = None
        self._known: dict[str, Day | Fault] = {}
        self._latest = (datetime.now(UTC) + timedelta(days=366)).year
        self._era = era
        self._seen = [(text, found) for text in sample if (found := written(text))]
        self._given = order
        open_dates = [
            one for _, one in self._seen if ALWAYS not in one.readings and self._orders(one)
        ]
        self._possible = [
            each for each in ORDERS if all(self._allows(each, one) for one in open_dates)
        ]
        self._own = Counter(
            orders[0] for one in open_dates if len(orders := self._orders(one)) == 1
        )
        self._order = order or (self._possible[0] if len(self._possible) == 1 else None)
        self._is_trusted = self._order in self._possible or bool(order and self._own[order])
        self._shows_short = any(self._is_short(one) for _, one in self._seen)
        self._shows_bikram = any(one.bikram or self._is_bikram(one) for _, one in self._seen)

    @property
    def is_plain(self) -> bool:
        """Whether an ISO date whose year is in the window is what it says."""
        return not self._shows_bikram or self._era in (GREGORIAN, BUDDHIST)

    @property
    def window(self) -> tuple[int, int]:
        """The first and the last year that records take."""
        return FIRST_YEAR, self._latest

    def questions(self) -> Iterator[tuple[str, str]]:
        """What only the sender can say, each as code and example."""
        if self._given is None and len(self._possible) != 1:
            example = next((text for text, one in self._seen if self._is_open(one)), None)
            if example is not None:
                yield "date_order", example
        if self._era is None:
            example = next((text for text, one in self._seen if self._is_of_another_era(one)), None)
            if example is not None:
                yield "date_era", example

    def read(self, text: str) -> Day | Fault:
        """The one day or month that a text means in this column, or why there is none."""
        if text not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> Day | Fault:
        found = written(text)
        if found is None:
            is_serial = text.isdigit() and len(text) == _SERIAL_DIGITS
            return Fault("day_number" if is_serial else "unreadable_day")
        reading = self._reading(found)
        day = reading if isinstance(reading, Fault) else self._gregorian(reading, found)
        if isinstance(day, Day):
            day = self._checked(day)
        if isinstance(day, Day) and day.era != GREGORIAN and self.converted is None:
            self.converted = text, day
        return day

    def _checked(self, read: Day) -> Day | Fault:
        """The day, if records take its year and its month has it."""
        if not FIRST_YEAR <= read.year <= self._latest:
            if self._is_buddhist(read.year):
                gregorian = read.year - BUDDHIST_OFFSET
                return Fault("buddhist_year", year=read.year, gregorian=gregorian)
            window = {"first": FIRST_YEAR, "latest": self._latest}
            return Fault("year_out_of_window", year=read.year, **window)
        try:
            date(read.year, read.month, read.day or 1)
        except ValueError:
            return Fault("no_such_day")
        return read

    def _reading(self, found: Written) -> Reading | Fault:
        """The reading in the column's order; another only where no order makes a difference."""
        readings = {order: found.readings[order] for order in self._orders(found)}
        different = set(readings.values())
        if ALWAYS in readings:
            return readings[ALWAYS]
        if not different:
            return Fault("unreadable_day")
        if self._is_trusted and self._order in readings:
            return readings[self._order]
        if self._is_trusted or (self._given is not None and self._given not in readings):
            return Fault("not_in_date_order", order=_SHOWN[str(self._order)])
        if len(different) > 1:
            return Fault("date_order_unclear", readings=", ".join(sorted(map(_shown, different))))
        return different.pop()

    def _gregorian(self, reading: Reading, found: Written) -> Day | Fault:
        short, month, day = reading
        year = self._long_year(short, is_bikram=found.bikram) if short < _CENTURY else short
        if isinstance(year, Fault):
            return year
        if found.bikram or self._is_after(year):
            if self._era != BIKRAM:
                return Fault("bikram_year", year=year)
            return _from_bikram(year, month, day)
        if self._era == BUDDHIST and self._is_buddhist(year):
            return Day(year - BUDDHIST_OFFSET, month, day, BUDDHIST)
        if FIRST_YEAR <= year <= self._latest and not self.is_plain:
            return Fault("two_eras", year=year)
        return Day(year, month, day)

    def _long_year(self, short: int, *, is_bikram: bool) -> int | Fault:
        """The year that two digits end, if only one can be meant."""
        if is_bikram:
            return 2000 + short
        if not self._shows_short and short < _SHORT_OF_ANOTHER:
            return 2000 + short
        bases = {GREGORIAN: 1900, BUDDHIST: 2500, BIKRAM: 2000}
        if self._era is None or short < _SHORT_OF_ANOTHER:
            return Fault("short_year", year=f"{short:02}")
        return bases[self._era] + short

    def _orders(self, found: Written) -> list[str]:
        """The orders in which a text is a date; no year in two digits lies between the eras."""
        return [
            order
            for order, (year, _, _) in found.readings.items()
            if not self._latest % _CENTURY < year < _SHORT_OF_ANOTHER
        ]

    def _allows(self, order: str, found: Written) -> bool:
        return order in self._orders(found)

    def _is_open(self, found: Written) -> bool:
        return len({found.readings[order] for order in self._orders(found)}) > 1

    def _years(self, found: Written) -> Iterator[int]:
        """The years of its readings, in the column's order if it has one."""
        for order, (year, _, _) in found.readings.items():
            if self._order in (None, order) or order == ALWAYS:
                yield year

    def _is_of_another_era(self, found: Written) -> bool:
        return found.bikram or any(
            self._is_buddhist(year) or self._is_after(year) or _SHORT_OF_ANOTHER <= year < _CENTURY
            for year in self._years(found)
        )

    def _is_short(self, found: Written) -> bool:
        return any(_SHORT_OF_ANOTHER <= year < _CENTURY for year in self._years(found))

    def _is_bikram(self, found: Written) -> bool:
        return any(self._is_after(year) for year in self._years(found))

    def _is_buddhist(self, year: int) -> bool:
        return FIRST_YEAR <= year - BUDDHIST_OFFSET <= self._latest

    def _is_after(self, year: int) -> bool:
        """Whether a year lies ahead of us, and is one of Bikram Sambat until today."""
        return self._latest < year <= self._latest + BIKRAM_OFFSET


def _from_bikram(year: int, month: int, day: int | None) -> Day | Fault:
    if day is None:
        return Fault("bikram_month")
    try:
        there: date = nepali_datetime.date(year, month, day).to_datetime_date()
    except (ValueError, OverflowError):
        return Fault("no_such_day")
    return Day(there.year, there.month, there.day, BIKRAM)


def _shown(reading: Reading) -> str:
    year, month, day = reading
    return f"{year:04}-{month:02}-{day or 0:02}"
