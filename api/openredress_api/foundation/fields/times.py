"""Days, months and moments within the window of years."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from openredress_api.foundation.clock import rfc3339
from openredress_api.foundation.compiled import Names
from openredress_api.foundation.fields.base import Field, refuse

FIRST_YEAR = 1950
BUDDHIST_OFFSET = 543
SECONDS_OF_A_DAY = 86_400
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class Day(Field):
    """A calendar day YYYY-MM-DD of the Gregorian calendar within the year window."""

    def __init__(self, **options: Any) -> None:
        """The window is 1950 to next year."""
        super().__init__(openapi={"type": "string", "format": "date"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise refuse("not_a_day")
        refuse_year(int(value[:4]))
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise refuse("not_a_day") from None

    def fast(self, value: str, names: Names) -> list[str]:
        """As above; `fromisoformat` alone takes other forms too, such as 2026-W01-1."""
        return [
            _written(_DAY, value, names),
            f"{value} = {names.of(date.fromisoformat)}({value})",
        ]

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.isoformat()


class Month(Field):
    """A calendar month YYYY-MM within the year window; loaded as its first day."""

    def __init__(self, **options: Any) -> None:
        """The window is 1950 to next year."""
        super().__init__(
            openapi={"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"}, **options
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str) or not _MONTH.fullmatch(value):
            raise refuse("not_a_month")
        refuse_year(int(value[:4]))
        return date.fromisoformat(f"{value}-01")

    def fast(self, value: str, names: Names) -> list[str]:
        """As above."""
        return [
            _written(_MONTH, value, names),
            f"{value} = {names.of(date.fromisoformat)}({value} + '-01')",
        ]

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else f"{value:%Y-%m}"


class Instant(Field):
    """A moment in RFC 3339 with its zone, loaded as UTC, within the year window."""

    def __init__(self, **options: Any) -> None:
        """The window is 1950 to next year."""
        super().__init__(openapi={"type": "string", "format": "date-time"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise refuse("not_an_instant")
        refuse_year(int(value[:4]))
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except ValueError:
            raise refuse("not_an_instant") from None

    def fast(self, value: str, names: Names) -> list[str]:
        """As above; the pattern costs no more than looking at single characters."""
        read, utc = names.of(datetime.fromisoformat), names.of(UTC)
        return [
            _written(_INSTANT, value, names),
            f"{value} = {read}({value}.upper()).astimezone({utc})",
        ]

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else rfc3339(value)


def _written(pattern: re.Pattern[str], value: str, names: Names) -> str:
    """The line that asks for a pattern, then for a year of the window.

    After the match the text begins with four digits, so years compare as texts do. The window is
    looked up once per record.
    """
    names.first(f"earliest, too_late = {names.of(_window)}()")
    match = f"{names.of(pattern.fullmatch)}({value})"
    return f"if not {match} or not earliest <= {value} < too_late: raise Slow"


def _window() -> tuple[str, str]:
    return str(FIRST_YEAR), str(_latest(_today()) + 1)


def _today() -> int:
    """The UTC day, counted from 1970."""
    return int(time.time()) // SECONDS_OF_A_DAY


@lru_cache(maxsize=1)
def _latest(day: int) -> int:
    """The last year of the window: that of a year from now; it changes with the UTC day only."""
    return (datetime.fromtimestamp(day * SECONDS_OF_A_DAY, UTC) + timedelta(days=366)).year


def refuse_year(year: int) -> None:
    """Refuse years outside the window, with a hint for Buddhist-era and Bikram Sambat years."""
    latest = _latest(_today())
    if FIRST_YEAR <= year <= latest:
        return
    if FIRST_YEAR <= year - BUDDHIST_OFFSET <= latest:
        raise refuse("buddhist_year", year=year, gregorian=year - BUDDHIST_OFFSET)
    raise refuse("year_out_of_window", year=year, first=FIRST_YEAR, latest=latest)
