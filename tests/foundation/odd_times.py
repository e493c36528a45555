"""Days, months and instants as senders write them, right and odd."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

NEXT_YEAR = (datetime.now(UTC) + timedelta(days=366)).year


def day(chance: Random) -> date:
    """A day of the window."""
    return date(1950, 1, 1) + timedelta(days=chance.randrange(365 * (NEXT_YEAR - 1950)))


def _years(tail: str) -> Iterator[str]:
    """Years at and beyond each end of the window, and those of other calendars."""
    years = (0, 1, 1949, 1950, NEXT_YEAR, NEXT_YEAR + 1, 2100, 9999, 10000)
    yield from (f"{year:04}{tail}" for year in (*years, 2492, 2493, 2569, NEXT_YEAR + 544, 2083))
    yield from (f"{year}{tail}" for year in ("24", "202", "-2024", "+2024", "2o24", "২০২৪"))


def odd_day(_: Any) -> Iterator[object]:
    """Days of other calendars, other notations, and that never were."""
    yield from _years("-02-28")
    yield from ("2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2024-02-30", "2024-04-31")
    yield from ("2024-00-10", "2024-13-10", "2024-01-00", "2024-01-32", "2024-1-1", "20240101")
    yield from ("2024-W01-1", "2024W011", "2024-W01", "2024-001", "01/02/2024", "2024/01/02")
    yield from ("2024-01-02T00:00:00Z", "2024-01", "2024", "today", "1 Jan 2024", 20240101)


def odd_month(_: Any) -> Iterator[object]:
    """Months likewise."""
    yield from _years("-02")
    yield from ("2024-00", "2024-13", "2024-1", "202401", "2024-W1", "2024-W01", "2024-01-01")
    yield from ("2024/01", "01-2024", "2024-1 ", "2024--1", "2024-Jan", 202401)


def clock(chance: Random) -> str:
    """The rest of an instant, from its T on."""
    clock = f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
    zone = chance.choice(("Z", "Z", "+07:00", "+06:30", "-05:00", "+00:00", "+05:45"))
    return f"T{clock}{chance.choice(('', '', '.5', '.123', '.000001'))}{zone}"


def odd_instant(_: Any) -> Iterator[object]:
    """Everything that `datetime.fromisoformat` takes too, and more."""
    yield from _years("-02-28T08:15:00+07:00")
    # The year that counts is the written one, though UTC may be in another.
    yield from ("1950-01-01T00:00:00+14:00", f"{NEXT_YEAR}-12-31T23:59:59-12:00")
    yield from (f"2024-03-01T08:15:00.{'1' * digits}Z" for digits in range(8))
    yield from ("2024-03-01t08:15:00z", "2024-03-01T08:15Z", "2024-03-01T08Z", "2024-03-01T08:15")
    yield from (f"2024-02-{day}T08:15:00Z" for day in ("00", "29", "30", "1"))
    yield from ("2023-02-29T08:15:00Z", "2024-13-01T08:15:00Z", "2024-04-31T08:15:00+07:00")
    yield from (
        f"2024-03-01T{clock}Z" for clock in ("24:00:00", "25:00:00", "08:60:00", "08:15:60")
    )
    zones = ("+14:00", "-12:00", "+23:59", "-23:59", "+24:00", "+99:99", "+07:60", "+0700", "+07")
    yield from (f"2024-03-01T08:15:00{zone}" for zone in (*zones, "-00:00", "+07:00:30", " Z", ""))
    yield from (f"2024-03-01{mark}08:15:00Z" for mark in (" ", "_", "", "\u0e17", "TT"))
    yield from ("20240301T081500Z", "2024-W10-5T08:15:00Z", "2024-061T08:15:00Z", "2024-03-01")
    yield from ("2024-03-01T08:15:00,5Z", "2024-03-01T081500Z", 1709280900, 1709280900.5)


def odd_paid_at(_: Any) -> Iterator[object]:
    """Years, months and days likewise."""
    for tail in ("", "-02", "-02-28"):
        yield from _years(tail)
    yield from ("2024-02-31", "2024-02-32", "2024-13", "2024-1", "20240101", "2024-W01", "2024-")
