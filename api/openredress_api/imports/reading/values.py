"""Numbers of a workbook as plain text: serial days as dates where their format shows dates."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Literal

Kind = Literal["date", "month", "moment", "time", "length"]
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,99})", re.ASCII)
_MS = 86_400_000
# The day after 9999-12-31.
_LAST = 2_958_466
# Excel counts a 29 February 1900 that never was: before it, days are one off.
_NEVER_WAS = 60
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - sheets know no zone
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_FRACTIONS = re.compile(r"s\.0+", re.IGNORECASE)
_LENGTH = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
# Formats that files name by number only (ECMA-376, part 1, section 18.8.30), with those of Thai and
# Chinese Excel.
BUILT_IN: dict[int, Kind] = {
    **dict.fromkeys((14, 15, 16, 71, 72, 73, 81), "date"),
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "date"),
    **dict.fromkeys((17, 74), "month"),
    **dict.fromkeys((22, 77), "moment"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56, 75, 76, 78, 80), "time"),
    **dict.fromkeys((46, 79), "length"),
}


def kind_of(code: str) -> Kind | None:
    """What a number format shows of a serial day; None if it shows the number itself."""
    shown = _FRACTIONS.sub("s", _LITERALS.sub("", code.partition(";")[0])).lower()
    if _LENGTH.search(shown):
        return "length"
    if any(sign in shown for sign in "0#?") or "general" in shown:
        return None
    has_day = any(sign in shown for sign in "dyb")
    if "h" in shown or "s" in shown:
        return "moment" if has_day else "time"
    if "m" in shown and "d" not in shown:
        return "month"
    return "date" if has_day else None


def number(text: str) -> str:
    """A number without exponent, a whole one without decimals; ValueError if it is none."""
    if _WHOLE.fullmatch(text):
        return text
    value = float(text)
    if not isfinite(value):
        raise ValueError
    return format(Decimal(repr(value)), "f").removesuffix(".0") if value else "0"


def moment(text: str, kind: Kind, *, from_1904: bool) -> str:
    """A serial day in ISO 8601, without a zone; ValueError if no calendar has it.

    What a format hides is told all the same, where it is not zero: a reader of the text may refuse
    it, but nothing is dropped in silence.
    """
    value = float(text)
    if not 0 <= value < _LAST:
        raise ValueError
    days, ms = divmod(round(value * _MS), _MS)
    if kind == "length":
        return _clock(days * 24, ms)
    if days == 0 and kind == "time":
        return _clock(0, ms)
    epoch = _EPOCH_1904 if from_1904 else _EPOCH
    if days < _NEVER_WAS and not from_1904:
        days += 1
    day = epoch + timedelta(days=days)
    if kind == "month" and day.day == 1 and not ms:
        return f"{day:%Y-%m}"
    written = f"{day:%Y-%m-%d}"
    return f"{written}T{_clock(0, ms)}" if ms or kind in ("moment", "time") else written


def iso(text: str, kind: Kind | None) -> str:
    """A date that the file itself writes in ISO 8601, as `moment` writes it."""
    day = datetime.fromisoformat(text.removesuffix("Z"))
    ms = (day - day.replace(hour=0, minute=0, second=0, microsecond=0)) // timedelta(milliseconds=1)
    if ms or ("T" in text and kind == "moment"):
        return f"{day:%Y-%m-%d}T{_clock(0, ms)}"
    return f"{day:%Y-%m-%d}"


def _clock(hours: int, ms: int) -> str:
    seconds, fraction = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    text = f"{hours + hour:02}:{minute:02}:{second:02}"
    return f"{text}.{fraction:03}" if fraction else text
