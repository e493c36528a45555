"""Dates as sheets write them: every reading that a text allows, none of them chosen here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openredress_api.imports.mapping import lexicon
from openredress_api.imports.mapping.texts import folded

# Which part of a date comes first where only the writer knows; ALWAYS: the text itself says it.
ORDERS = ("dmy", "mdy", "ymd")
ALWAYS = "always"
# Year, month and day; no day: a month. Bikram Sambat has months of 32 days.
Reading = tuple[int, int, int | None]
MONTHS_OF_A_YEAR, MOST_DAYS = 12, 32
# Digits of a year.
_SHORT, _LONG = 2, 4
_DAY_AND_YEAR = 2
_UNKNOWN = "?"
_BETWEEN = r"\s*[-/.\s]\s*"
_THREE = re.compile(rf"(\d{{1,4}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{1,4}})\.?")
_YEAR_MONTH = re.compile(rf"([1-9]\d{{3}}){_BETWEEN}(\d{{1,2}})")
_MONTH_YEAR = re.compile(rf"(\d{{1,2}}){_BETWEEN}([1-9]\d{{3}})")
_COMPACT = re.compile(r"((?:19|2[0-9])\d\d)(0[1-9]|1[0-2])(\d\d)?")
# Longer texts are no dates, and would take long to find that out.
_LONGEST = 80
_PARTS = re.compile(r"\d+|\D+")
_CLOCK = re.compile(
    r"(?P<day>.*\S)(?:\s*,\s*|\s+|(?<=\d)[Tt])(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?(?P<rest>.*)"
)
# Thai clocks have a full stop, and say so: 14.30 น.
_THAI_CLOCK = re.compile(r"(?P<day>.*\S)\s+(?P<hour>\d{1,2})\.(?P<minute>\d{2})\s*น\.?")
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_UTC = ("z", "utc", "gmt")
_NOON = 12


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, and its distance from UTC where the text names one."""

    time: str
    offset: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """A date in each order that its numbers allow; `bikram`: by the name of its month."""

    readings: Mapping[str, Reading]
    bikram: bool = False


def split(text: str) -> tuple[str, Clock | None]:
    """The date of a text, and the time that follows it; the whole text where none does."""
    text = folded(text).strip()
    match = None
    if len(text) <= _LONGEST:
        match = _CLOCK.fullmatch(text) or _THAI_CLOCK.fullmatch(text)
    if match is None:
        return text, None
    clock = _clock(match)
    return (match["day"], clock) if clock else (text, None)


def _clock(match: re.Match[str]) -> Clock | None:
    found = match.groupdict("")
    hour, second = int(found["hour"]), found.get("second") or "00"
    half, offset = _beside(found.get("rest", ""))
    if offset is None or (half and not 1 <= hour <= _NOON):
        return None
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    if hour > 23 or int(found["minute"]) > 59 or int(second) > 59:  # noqa: PLR2004 - of a clock
        return None
    fraction = found.get("fraction", "")[:6]
    time = f"{hour:02}:{found['minute']}:{second}{'.' if fraction else ''}{fraction}"
    return Clock(time, offset or None)


def _beside(rest: str) -> tuple[str, str | None]:
    """What stands behind a time: am, pm or nothing, and an offset; None: something else."""
    half = ""
    rest = rest.strip()
    for word in rest.split():
        if lexicon.spelt(word) in lexicon.AM | lexicon.PM:
            half = "am" if lexicon.spelt(word) in lexicon.AM else "pm"
            rest = rest.replace(word, "", 1).strip()
    if lexicon.spelt(rest) in lexicon.AM | lexicon.PM:
        half, rest = ("am" if lexicon.spelt(rest) in lexicon.AM else "pm"), ""
    if not rest or lexicon.spelt(rest) in lexicon.BESIDE_TIMES:
        return half, ""
    if rest.lower() in _UTC:
        return half, "+00:00"
    if match := _OFFSET.fullmatch(rest.replace(" ", "")):
        return half, f"{match[1]}{int(match[2]):02}:{match[3] or '00'}"
    return half, None


def written(text: str) -> Written | None:
    """The readings of a date without a time, or of a month; None where there is none."""
    text = folded(text).strip()
    if len(text) > _LONGEST:
        return None
    if match := _THREE.fullmatch(text):
        return _some(dict(_of_three(match[1], match[2], match[3])))
    if match := _YEAR_MONTH.fullmatch(text) or _COMPACT.fullmatch(text):
        day = match[3] if match.re is _COMPACT else None
        return _some({ALWAYS: (int(match[1]), int(match[2]), int(day) if day else None)})
    if match := _MONTH_YEAR.fullmatch(text):
        return _some({ALWAYS: (int(match[2]), int(match[1]), None)})
    return _with_a_name(text)


def _some(readings: dict[str, Reading], *, bikram: bool = False) -> Written | None:
    possible = {
        order: reading
        for order, reading in readings.items()
        if 1 <= reading[1] <= MONTHS_OF_A_YEAR
        and (reading[2] is None or 1 <= reading[2] <= MOST_DAYS)
    }
    return Written(possible, bikram) if possible else None


def _of_three(first: str, second: str, third: str) -> Iterator[tuple[str, Reading]]:
    """The readings of three numbers; a year is written with two digits or with four."""
    a, b, c = int(first), int(second), int(third)
    if _is_long_year(first):
        if len(third) <= _SHORT:
            yield ALWAYS, (a, b, c)
    elif len(first) <= _SHORT and _is_year(third):
        yield "dmy", (c, b, a)
        yield "mdy", (c, a, b)
        if len(first) == len(third) == _SHORT:
            yield "ymd", (a, b, c)


def _is_long_year(digits: str) -> bool:
    return len(digits) == _LONG and digits[0] != "0"


def _is_year(digits: str) -> bool:
    return len(digits) == _SHORT or _is_long_year(digits)


def _with_a_name(text: str) -> Written | None:
    """The readings of one or two numbers beside the name of a month."""
    parts = _PARTS.findall(text)
    numbers = [part for part in parts if part.isdigit()]
    found = [month for part in parts if not part.isdigit() if (month := _month(part))]
    if len(found) != 1 or found[0] == _UNKNOWN or not 1 <= len(numbers) <= _DAY_AND_YEAR:
        return None
    name = found[0]
    bikram = name in lexicon.BIKRAM_MONTHS
    number = (lexicon.BIKRAM_MONTHS if bikram else lexicon.MONTHS)[name]
    return _some(dict(_around(numbers, number)), bikram=bikram)


def _around(numbers: list[str], month: int) -> Iterator[tuple[str, Reading]]:
    first, last = int(numbers[0]), int(numbers[-1])
    if len(numbers) == 1:
        # Two digits beside a month can be its day or its year.
        if _is_long_year(numbers[0]):
            yield ALWAYS, (first, month, None)
    elif _is_long_year(numbers[0]):
        yield ALWAYS, (first, month, last)
    elif _is_long_year(numbers[1]):
        yield ALWAYS, (last, month, first)
    elif len(numbers[1]) == _SHORT:
        yield "dmy", (last, month, first)
        if len(numbers[0]) == _SHORT:
            yield "ymd", (first, month, last)


def _month(part: str) -> str:
    """The month that a run of letters names; empty if it names none, _UNKNOWN if it says more."""
    if _is_month(whole := lexicon.spelt(part)):
        return whole
    said = [word for word in map(lexicon.spelt, re.split(r"[\s,.]+", part)) if word]
    left = [word for word in said if word not in lexicon.BESIDE_DATES]
    joined = "".join(left)
    if not joined or whole in lexicon.BESIDE_DATES or not whole.strip("-/., "):
        return ""
    return joined if _is_month(joined) else _bare(joined)


def _bare(word: str) -> str:
    """A word without the words for year, month and day that some scripts join to it."""
    for beside in sorted(lexicon.BESIDE_DATES, key=len, reverse=True):
        if word.isascii() or len(word) <= len(beside):
            continue
        for rest in (word.removeprefix(beside), word.removesuffix(beside)):
            if rest != word:
                return rest if _is_month(rest) else _bare(rest)
    return "" if word in lexicon.BESIDE_DATES else _UNKNOWN


def _is_month(word: str) -> bool:
    return word in lexicon.MONTHS or word in lexicon.BIKRAM_MONTHS
