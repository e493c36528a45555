"""Cells of days, months and moments: the calendar says which day, this what a field takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from marshmallow import fields

from openredress_api.foundation.fields import Day, Instant, Month
from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping import dates
from openredress_api.imports.mapping.calendars import Calendar

_ISO = re.compile(r"(\d{4})-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?", re.ASCII)
_ZONED = re.compile(
    r"(\d{4})-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
_NOT = timedelta()


@dataclass(frozen=True, slots=True)
class Local:
    """A time by the clocks of a place that the cell does not name."""

    time: datetime

    def within(self, zone: ZoneInfo) -> datetime | Fault:
        """The moment by the clocks of a zone, of two the first; a fault if they never showed it."""
        moment = self.time.replace(tzinfo=zone)
        return Fault("time_skipped", zone=zone.key) if _put_on(moment) > _NOT else moment


def came_twice(moment: datetime) -> bool:
    """Whether clocks showed a time of day once more, because they were put back."""
    return _put_on(moment) < _NOT


def _put_on(moment: datetime) -> timedelta:
    """By how much clocks were put on at a time that they skip; below zero: that they show twice.

    Midnight is the beginning of its day, whatever clocks do: days without a time stand for it.
    """
    if moment.time() == time.min:
        return _NOT
    before, after = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    return (after or _NOT) - (before or _NOT)


def calendar_of(
    field: fields.Field[object], sample: Sequence[str], order: str | None, era: str | None
) -> Calendar | None:
    """How a column of dates writes them; None for a column of anything else."""
    if not isinstance(field, Day | Month | Instant):
        return None
    return Calendar([dates.split(text)[0] for text in sample if text.strip()], order, era)


def reader(field: fields.Field[object], calendar: Calendar) -> Callable[[str], str | Local | Fault]:
    """The function that reads the cells of a column of dates."""
    return _moment(calendar) if isinstance(field, Instant) else _day(calendar, field)


def _day(calendar: Calendar, field: fields.Field[object]) -> Callable[[str], str | Local | Fault]:
    """Days and months: what stands beside the day is dropped, for neither has a time."""
    is_month = isinstance(field, Month)

    def read(text: str) -> str | Fault:
        found = calendar.read(dates.split(text)[0])
        if isinstance(found, Fault):
            return Fault("unreadable_month") if is_month and found == "unreadable_day" else found
        if is_month:
            return f"{found.year:04}-{found.month:02}"
        if found.day is None:
            return Fault("unreadable_day")
        return found.iso

    return read


def _moment(calendar: Calendar) -> Callable[[str], str | Local | Fault]:
    first, last = (f"{year:04}" for year in calendar.window)

    def read(text: str) -> str | Local | Fault:
        if calendar.is_plain:
            if (match := _ZONED.fullmatch(text)) and first <= match[1] <= last:
                return text
            if (match := _ISO.fullmatch(text)) and first <= match[1] <= last:
                try:
                    return Local(datetime.fromisoformat(text))
                except ValueError:
                    return Fault("no_such_day")
        return _slowly(text, calendar)

    return read


def _slowly(text: str, calendar: Calendar) -> str | Local | Fault:
    """A moment in any other form; a day alone begins at midnight."""
    day, clock = dates.split(text)
    found = calendar.read(day)
    if isinstance(found, Fault):
        return Fault("unreadable_time") if found == "unreadable_day" else found
    if found.day is None:
        return Fault("unreadable_time")
    written = f"{found.iso}T{clock.time if clock else '00:00:00'}"
    if clock and clock.offset:
        return written + clock.offset
    return Local(datetime.fromisoformat(written))
