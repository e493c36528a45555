"""What a number format shows of a cell's value: the value, words in its place, or nothing."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta

# Words in quotes, or one letter after a backslash; room and filling; brackets; the end of a
# section; any other letter.
_PIECE = re.compile(r'"([^"]*)"?|\\(.)|[_*].|\[([^\]]*)\]|(;)|(.)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|=|<|>)\s*(-?\d+(?:\.\d+)?)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
# A digit, text, General, or a part of a moment, also of a Buddhist or other era.
_OF_VALUE = frozenset("0#?@gymdhsabe")
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "<>": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
_OF_TEXT = 3
_ALL = {"General", ""}


@dataclass(slots=True)
class _Section:
    words: str = ""
    shows_value: bool = False
    conditions: list[tuple[Callable[[float, float], bool], float]] = field(default_factory=list)


def seen(value: object, number_format: str) -> object:
    """The value if its reader sees it; else the words that stand in its place, or None."""
    if value is None or number_format in _ALL:
        return value
    sections = _sections(number_format)
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = _for_number(value, sections)
    elif isinstance(value, date | time | timedelta):
        found = sections[0]
    else:
        # Words, and what is true or false.
        found = sections[_OF_TEXT] if len(sections) > _OF_TEXT else None
    if found is None or found.shows_value:
        return value
    return found.words.strip() or None


def _for_number(value: float, sections: list[_Section]) -> _Section | None:
    """The section for a number; None where the format has none, and the number is shown."""
    numeric = sections[:_OF_TEXT]
    if any(one.conditions for one in numeric):
        fits = (all(has(value, than) for has, than in one.conditions) for one in numeric)
        return next((one for one, is_it in zip(numeric, fits, strict=True) if is_it), None)
    place = 1 if value < 0 else 2 if value == 0 else 0
    return numeric[place] if place < len(numeric) else numeric[0]


def _sections(number_format: str) -> list[_Section]:
    found = [_Section()]
    for quoted, escaped, bracket, end, letter in _PIECE.findall(number_format):
        section = found[-1]
        section.words += quoted or escaped
        if end:
            found.append(_Section())
        elif condition := _CONDITION.match(bracket):
            section.conditions.append((_COMPARED[condition[1]], float(condition[2])))
        elif _ELAPSED.fullmatch(bracket) or (letter and letter.lower() in _OF_VALUE):
            section.shows_value = True
        else:
            section.words += letter
    return found
