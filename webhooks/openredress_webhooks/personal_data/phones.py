"""Phone numbers in a text: of our countries in every form, of others with + or a telling word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from openredress_webhooks.personal_data import plans
from openredress_webhooks.personal_data.kinds import Found
from openredress_webhooks.personal_data.words import ATTACHED, is_money, is_thing

_FEWEST, _MOST = 7, 17  # digits, the two zeros before a country's code among them
_FEWEST_ABROAD = 9
_FEWEST_OF_LINE = 5  # behind an area code
_MOST_GROUPS = 8
_RANGE_END = 2  # 02-555-0148-9 are two lines
_FIRST_ABROAD = 5  # digits: 66-86-…, 6686-…
_PARTS = 3

_DIGITS = re.compile(r"[0-9]+")
_JOINTS = {
    *("-", ".", " ", "  ", "/", ")", ") ", ")-", ").", "(", " (", "-(", ") (", "- ", "-  ", " -")
}
_ROUND = re.compile("[0-9]{1,3}(?:[. ][0-9]{3})*[. ][0-9]00")  # a sum in thousands
_HOUR = re.compile("(?:[01][0-9]|2[0-4])[0-5][05]")  # 0600 1400 2200
_AREA = re.compile("0[0-9]{1,4}\\)[- .]{0,2}[0-9]{2,8}(?:[- .][0-9]{2,4}){0,2}")
_CODE_BEHIND = re.compile(r"(?!e?xt?[ .]?\d)[A-Za-z_]+\d|[A-Za-z]\b")


class _Group(NamedTuple):
    start: int
    end: int
    digits: str


def phones(text: str, start: int, end: int, said: str) -> Iterator[Found]:
    """Phones of a folded text whose digits stand in `text[start:end]`; `said` is the word."""
    chain: list[_Group] = []
    for match in _DIGITS.finditer(text, start, end):
        if chain and text[chain[-1].end : match.start()] not in _JOINTS:
            yield from _in_chain(text, chain, said)
            chain, said = [], ""
        chain.append(_Group(match.start(), match.end(), match[0]))
    yield from _in_chain(text, chain, said)


def _in_chain(text: str, chain: Sequence[_Group], said: str) -> Iterator[Found]:
    first = 0
    while first < len(chain):
        for last in range(min(first + _MOST_GROUPS, len(chain)), first, -1):
            number = _Number(text, chain, first, last, told=said == "phone" and not first)
            if number.is_phone():
                yield Found("phone", *number.whole())
                first = last
                break
        else:
            first += 1


class _Number:
    """Some neighbouring groups of a chain, which may be one phone number."""

    def __init__(
        self, text: str, chain: Sequence[_Group], first: int, last: int, *, told: bool
    ) -> None:
        self.told = told
        self.text, self.start, self.end = text, chain[first].start, chain[last - 1].end
        self.groups = [group.digits for group in chain[first:last]]
        self.digits = "".join(self.groups)
        self.written = text[self.start : self.end]
        self.before = chain[first - 1] if first else None
        self.behind = chain[last] if last < len(chain) else None

    def is_phone(self) -> bool:
        if not _FEWEST <= len(self.digits) <= _MOST or not self._is_joined_as_phone():
            return False
        if self._has_plus():
            many = len(self.digits) >= _FEWEST_ABROAD and self.digits[0] != "0"
            return many or plans.is_abroad(self.digits)
        if self.digits[0] == "0":
            right = self._is_at_home()
        else:
            right = self._is_bare() and not is_money(self.text, self.start, self.end)
        return right and self._stands_alone()

    def whole(self) -> tuple[int, int]:
        """Its place with the + and the bracket that open it."""
        start = self.start - (self.text[self.start - 1 : self.start] == "+")
        opened = ")" in self.written and self.text[start - 1 : start] == "("
        return start - opened, self.end

    def _has_plus(self) -> bool:
        """Whether a + stands before it that adds nothing to a number before."""
        before = self.text[max(0, self.start - 2) : self.start]
        return before.endswith("+") and not before[0].isdigit()

    def _is_joined_as_phone(self) -> bool:
        """A slash follows the area code at most; two digits at a time are a list, unless told."""
        if "/" in self.written and not (
            self.digits[0] == "0"
            and self.written.find("/") == len(self.groups[0])
            and self.written.count("/") == 1
        ):
            return False
        return self.told or not self._is_list()

    def _is_list(self) -> bool:
        """Hours, days and rooms: two digits at a time, or all of a length with zeros in front."""
        if len(self.groups) > 1 and all(map(_HOUR.fullmatch, self.groups)):
            return True
        lengths = {len(each) for each in self.groups}
        zeros = " " in self.written and all(each[0] == "0" for each in self.groups)
        return len(self.groups) > 1 and (lengths == {2} or (zeros and len(lengths) == 1))

    def _is_at_home(self) -> bool:
        """Whether it is a phone number that begins with 0."""
        if self.digits.startswith("00"):
            return plans.is_abroad(self.digits[2:]) or self.told
        known = (
            plans.is_grouped_as_mobile(self.groups)
            or plans.is_grouped_as_fixed(self.groups)
            or self._has_area_in_brackets()
        )
        return self.told or (known and not is_thing(self.text, self.start))

    def _has_area_in_brackets(self) -> bool:
        enough = len(self.groups[0]) + _FEWEST_OF_LINE <= len(self.digits)
        return enough and self._is_in_bracket() and _AREA.fullmatch(self.written) is not None

    def _is_in_bracket(self) -> bool:
        return self.text[max(0, self.start - 1) : self.start] == "("

    def _is_bare(self) -> bool:
        """Whether it is a phone number that has neither + nor 0 before it."""
        if _ROUND.fullmatch(self.written):
            return False
        # With nothing that opens it, a number is not picked out of a row of others.
        row = self.before or self.behind or is_thing(self.text, self.start)
        return self.told or not (row or self._is_strange())

    def _is_strange(self) -> bool:
        """Whether it is no number of our countries as people write it with the country's code."""
        if plans.is_nepal(self.groups):
            return False
        if len(self.groups) > 1 and len(self.groups[0]) > _FIRST_ABROAD:
            return True
        # A fixed line, or a short number, needs its parts to be seen.
        parts = self._is_in_bracket() or (len(self.groups) >= _PARTS and "." not in self.written)
        return not (plans.is_mobile(self.digits) or (parts and plans.is_abroad(self.digits)))

    def _stands_alone(self) -> bool:
        """Whether neither letters nor digits beside it make it part of a code or a list."""
        attached = ATTACHED.search(self.text, max(0, self.start - 24), self.start)
        if attached and not attached["phone"]:
            return False
        if _CODE_BEHIND.match(self.text, self.end):
            return False
        return self._is_left_alone() and self._is_right_alone()

    # What stands beside it in the chain: nothing, a word's distance, or another number.
    def _is_left_alone(self) -> bool:
        if self.before is None:
            return True
        joint = self.text[self.before.end : self.start]
        return " " in joint or len(self.before.digits) >= _FEWEST

    def _is_right_alone(self) -> bool:
        if self.behind is None:
            return True
        joint, more = self.text[self.end : self.behind.start], self.behind.digits
        if len(more) <= _RANGE_END:
            return joint != "."
        if " " in joint:
            return more[0] == "0" or " " not in self.written or self.told
        return joint == "/" and len(more) >= _FEWEST
