"""Numbers as sheets write them, and which of `.` and `,` is the decimal mark of a column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping.texts import folded

# Spaces and apostrophes group digits too, and are never decimal marks.
_GROUPING = "[ '\u2019\u00a0\u202f\u2009_]"
_GROUPED = re.compile(rf"\d{{1,3}}(?:{_GROUPING}\d{{3}})+(?=[.,]|$)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_BESIDE = re.compile(
    r"(?P<before>\D*?)\s*(?P<number>\d[\d.,'\u2019\u00a0\u202f\u2009_ ]*\d|\d)\s*(?P<after>\D*)"
)
# Longer texts are no numbers, and would take long to find that out.
_LONGEST = 60
_GROUP = 3
_MOST_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its decimals; `other` is what it is if its one mark groups digits instead."""

    whole: str
    decimals: str = ""
    mark: str = ""
    is_open: bool = False

    @property
    def grouped(self) -> str:
        """The whole number that it is if its mark groups digits."""
        return (self.whole + self.decimals).lstrip("0") or "0"

    @property
    def pointed(self) -> str:
        """The number that it is if its mark is the decimal one, without idle zeros."""
        decimals = self.decimals.rstrip("0")
        whole = self.whole.lstrip("0") or "0"
        return f"{whole}.{decimals}" if decimals else whole


def number_in(text: str) -> tuple[str, Number, str] | None:
    """What stands before a number, the number, and what stands behind; None if there is none."""
    match = _BESIDE.fullmatch(folded(text).strip()) if len(text) <= _LONGEST else None
    number = _number(match["number"]) if match else None
    return (match["before"].strip(), number, match["after"].strip()) if match and number else None


def _number(text: str) -> Number | None:
    grouped = _GROUPED.match(text)
    if grouped:
        text = re.sub(_GROUPING, "", text)
    if not _NUMBER.fullmatch(text):
        return None
    marks = [sign for sign in text if sign in ".,"]
    if not marks:
        return Number(text)
    if len(set(marks)) == len(marks) == 1 and not grouped:
        return _with_one_mark(text, marks[0])
    last = marks[-1]
    if marks.count(last) > 1:
        return _in_groups(text, marks)
    whole, _, decimals = text.rpartition(last)
    if len(marks) > 1 and not _is_in_groups(whole, marks[0]):
        return None
    return Number(re.sub("[.,]", "", whole), decimals, last)


def _with_one_mark(text: str, mark: str) -> Number:
    """`1.5` has decimals; what `1.234` is, the number alone does not say."""
    whole, _, decimals = text.partition(mark)
    is_open = len(decimals) == _GROUP and len(whole) <= _GROUP and not whole.startswith("0")
    return Number(whole, decimals, mark, is_open)


def _in_groups(text: str, marks: list[str]) -> Number | None:
    """A whole number whose mark stands in it several times."""
    if len(set(marks)) > 1 or not _is_in_groups(text, marks[0]):
        return None
    other = "," if marks[0] == "." else "."
    return Number(text.replace(marks[0], ""), mark=other)


def _is_in_groups(text: str, mark: str) -> bool:
    """Groups of three, or of two above the last three as in India."""
    first, *groups = text.split(mark)
    if len(first) > _GROUP or not groups or len(groups[-1]) != _GROUP:
        return False
    above = {len(group) for group in groups[:-1]}
    return above <= {_GROUP} or (mark == "," and above <= {_GROUP - 1} and len(first) < _GROUP)


class Marks:
    """The decimal mark of one column, as far as its numbers show it."""

    def __init__(self, sample: Iterable[str]) -> None:
        """A column that shows both shows nothing."""
        found = (number_in(text) for text in sample)
        shown = {one[1].mark for one in found if one and one[1].mark and not one[1].is_open}
        self.decimal = shown.pop() if len(shown) == 1 else None

    def count(self, number: Number) -> int | Fault:
        """A whole number; `1,234` is one unless the column says otherwise."""
        is_grouped = number.is_open and (
            self.decimal != number.mark if self.decimal else number.mark == ","
        )
        if is_grouped:
            return int(number.grouped)
        if number.is_open and self.decimal is None:
            return Fault("number_unclear", one=number.grouped, other=number.pointed)
        return Fault("unreadable_count") if "." in number.pointed else int(number.pointed)

    def amount(self, number: Number, decimals: int | None) -> str | Fault:
        """A decimal as records write it; `decimals` are those of its currency, where it is known.

        Only a comma before three digits is taken for a mark of groups by what the currency has:
        programs print amounts with idle decimals after a point, none after a comma.
        """
        if number.is_open and self.decimal != number.mark:
            currency_says = number.mark == "," and decimals is not None and decimals < _GROUP
            if self.decimal or currency_says:
                return number.grouped
            return Fault("number_unclear", one=number.grouped, other=number.pointed)
        if len(number.pointed.partition(".")[2]) > _MOST_DECIMALS:
            return Fault("too_many_decimals")
        return number.pointed
