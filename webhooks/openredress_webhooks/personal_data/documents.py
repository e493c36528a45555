"""Passports and national identity numbers of nine countries.

A form that nothing but a document has is found anywhere, above all where a check digit or a date of
birth bears it out; digits alone count behind a word that says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from openredress_webhooks.personal_data.kinds import Found, Kind
from openredress_webhooks.personal_data.words import is_money, is_of_staff, is_thing

_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_ALONE = rf"(?<![{_LATIN}0-9_])(?<![{_LATIN}0-9][-/#.=&])(?:{{}})(?![A-Za-z0-9_]|[-/.][0-9])"


def _alone(form: str) -> re.Pattern[str]:
    """`form` where it is no part of a longer word or code."""
    return re.compile(_ALONE.format(form))


# The first letters of passports: Thailand A., Myanmar M., Cambodia N, Nepal PA, Bangladesh A B E,
# Viet Nam B C E K N P, Indonesia A B C E X, Malaysia A H K, Singapore E K.
TWO_LETTERS = "(?:[ABE][A-Z]|PA)[0-9]{7}|M[A-H][0-9]{6}"
# E2024015 is no passport but a firm's own: a year, also of Bikram Sambat or the Buddhist era.
_ONE_LETTER = (
    "(?![A-Z](?:20[0-378]|25[4-7]))(?:[ABCEKNPX][0-9]{7}|[AEHKNP][0-9]{8}|[EK][0-9]{7}[A-Z])"
)
_SPACED = "M[A-DFG] (?![0-9]{3}000)[0-9]{6}"  # ME is a word, MH 400001 a place in India
_PASSPORT = _alone(f"{TWO_LETTERS}|{_SPACED}|{_ONE_LETTER}")
_BY_WORD: Mapping[str, tuple[Kind, re.Pattern[str]]] = {
    "passport": (
        "passport",
        _alone("[A-Za-z]{1,2}[0-9]{6,9}|[A-Z]{1,2}(?:[ -]?[0-9]){6,9}|[0-9]{7,9}"),
    ),
    "national_id": ("national_id", _alone(r"[0-9](?:[- .]?[0-9]){8,16}")),
}
_LETTERS_BEFORE, _NAMES_BEFORE = 3, 40  # characters of a number before its last digits

_BIRTHS = range(1920, 2030)  # nobody who is born later works before the middle of the century


def _digits(written: str) -> str:
    return "".join(letter for letter in written if "0" <= letter <= "9")


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31  # noqa: PLR2004 - a calendar


def _is_thai(written: str) -> bool:
    """The last digit is the check digit; firms have a 0 and the number of a province in front."""
    digits = _digits(written)
    total = sum((13 - place) * int(digit) for place, digit in enumerate(digits[:12]))
    return int(digits[12]) == (11 - total % 11) % 10 and (digits[0] != "0" or digits[1] == "0")


def _is_indonesian(written: str) -> bool:
    """Province, town and district, then the day of birth, for women plus 40, and a serial."""
    digits = _digits(written)
    day = int(digits[6:8]) % 40
    return (
        "11" <= digits[:2] <= "97"
        and digits[12:] != "0000"
        and _is_day(digits[8:10], str(day))
        and int(digits[6:8]) < 72  # noqa: PLR2004 - 31 + 40 and no more
    )


def _is_bangladeshi(written: str) -> bool:
    """The year of birth, then the old number; a moment of time has a month and a day there."""
    return int(written[:4]) in _BIRTHS and not _is_day(written[4:6], written[6:8])


def _is_vietnamese(written: str) -> bool:
    """Province, then century and gender in one digit, then the year of birth."""
    digits = _digits(written)
    year = 1900 + 100 * (int(digits[3]) // 2) + int(digits[4:6])
    return "001" <= digits[:3] <= "096" and year in _BIRTHS


def _is_malaysian(written: str) -> bool:
    return _is_day(written[2:4], written[4:6])


_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)
_LETTERS = {"S": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}
_LATER = {"T": ("S", 4), "G": ("F", 4), "S": ("S", 0), "F": ("F", 0), "M": ("M", 3)}


def _is_singaporean(written: str) -> bool:
    """The last letter checks the digits."""
    series, offset = _LATER[written[0]]
    total = offset + sum(
        weight * int(digit) for weight, digit in zip(_WEIGHTS, written[1:8], strict=True)
    )
    return _LETTERS[series][total % 11] == written[8]


# Myanmar: region, township in letters or in syllables that stand apart, kind of citizen.
_SYLLABLE = r"[^\W\d_][^\s()/]{0,5}"
_MYANMAR = re.compile(
    rf"(?<![0-9])1?[0-9] ?/ ?(?:[^\W\d_][^\s()/]{{1,20}}|{_SYLLABLE}(?: {_SYLLABLE}){{1,3}})"
    r" ?\( ?[^\s()]{1,10} ?\) ?[0-9]{6}(?![0-9])"
)
_BORNE_OUT: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_alone(r"[0-9]([- ]?)[0-9]{4}\1[0-9]{5}\1[0-9]{2}\1[0-9]"), _is_thai),
    (_alone(r"[0-9]{6}([-.]?)[0-9]{6}\1[0-9]{4}"), _is_indonesian),
    (_alone("(?:19|20)[0-9]{15}"), _is_bangladeshi),
    (_alone("[0-9]{6}-[0-9]{2}-[0-9]{4}"), _is_malaysian),
    (_alone("[STFGM][0-9]{7}[A-Z]"), _is_singaporean),
    # Cambodia, with its check number; Nepal: district, office, year, serial.
    (_alone(r"[0-9]{9} ?\([0-9]{2}\)"), bool),
    (_alone(r"(?:[0-6][0-9]|7[0-7])([-/])[0-9]{2}\1[0-9]{2}\1[0-9]{5}"), bool),
)
_VIET_NAM = _alone(r"0[0-9]{2}([-. ]?)[0-9]{3}\1[0-9]{3}\1[0-9]{3}")


def documents(text: str, start: int, end: int, said: str) -> Iterator[Found]:
    """Documents of a folded text whose digits end in `text[start:end]`; `said` is the word."""
    near = max(0, start - _LETTERS_BEFORE), end + 1
    yield from _told(text, *near, said)
    for match in _PASSPORT.finditer(text, *near):
        if not _is_counted(text, match):
            yield Found("passport", *match.span())
    if ")" in text[max(0, start - 2) : start]:
        for match in _MYANMAR.finditer(text, max(0, start - _NAMES_BEFORE), end):
            yield Found("national_id", *match.span())
    for pattern, judge in _BORNE_OUT:
        for match in pattern.finditer(text, *near):
            if judge(match[0]) and not is_thing(text, match.start()):
                yield Found("national_id", *match.span())


def _is_counted(text: str, match: re.Match[str]) -> bool:
    """Whether what looks like a passport counts things, money or the people of a firm."""
    start, end = match.span()
    # Two letters are rare on a badge: behind that word too they are a passport.
    staff = match[0][1].isdigit() and is_of_staff(text, start)
    money = match[0][2] == " " and is_money(text, start, end)
    return staff or money or is_thing(text, start)


def _told(text: str, start: int, end: int, said: str) -> Iterator[Found]:
    """The number that the word before it is about."""
    if said in _BY_WORD:
        kind, pattern = _BY_WORD[said]
        match = pattern.search(text, start, end)
        if match and not is_money(text, *match.span()):
            yield Found(kind, *match.span())


def bare_identities(text: str, start: int, end: int, _: str) -> Iterator[Found]:
    """Digits that are the identity number of Viet Nam if they are no phone number."""
    for match in _VIET_NAM.finditer(text, start, end):
        if _is_vietnamese(match[0]) and not is_thing(text, match.start()):
            yield Found("national_id", *match.span())


def is_identity(digits: str) -> bool:
    """Whether bare digits are a national identity number by their length and what bears it out."""
    judge = _BY_LENGTH.get(len(digits))
    return judge is not None and judge(digits)


_BY_LENGTH: Mapping[int, Callable[[str], bool]] = {
    12: _is_vietnamese,
    13: _is_thai,
    16: _is_indonesian,
    17: _is_bangladeshi,
}
