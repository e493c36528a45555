"""A text as the detectors read it: digits, dashes and spaces of every script in one form.

Nothing changes its place, so what is found in the folded text stands at the same place of the text.
"""

from __future__ import annotations

import re
import unicodedata

_DIGITS = range(0x0660, 0x20000)  # where Unicode keeps decimal digits, ASCII's own aside
_DASHES = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SPACES = "\u00a0\u1680\u180e\u200b\u200c\u200d\u202f\u205f\u2060\u3000\ufeff"
_OTHERS = {"\uff20": "@", "\uff0b": "+", "\uff08": "(", "\uff09": ")", "\uff0e": ".", "\uff0f": "/"}
_TABLE = {
    **{code: str(unicodedata.decimal(chr(code))) for code in _DIGITS if chr(code).isdecimal()},
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _SPACES), " "),
    **dict.fromkeys(range(0x2000, 0x200B), " "),
    **{ord(letter): plain for letter, plain in _OTHERS.items()},
}
# The Burmese letter wa looks like the zero and is typed for it, beside digits.
_WA = re.compile(
    "(?<![\u1000-\u103f])\u101d(?=[\u1040-\u1049])|(?<=[\u1040-\u1049])\u101d(?![\u1000-\u103f])"
)
_MARKS = re.compile(r"[\d@\uff20]")
_FEWEST = 6  # digits of the shortest number that we look for
_SPELT = ("(at", "[at", "{at", " dot ")
PROVIDER = "(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|icloud|proton|protonmail|aol)"
_AT_PROVIDER = re.compile(rf" at {PROVIDER}\.")


def may_hold(text: str) -> bool:
    """Whether `text` has what every finding has: an at sign, also spelt out, or six digits."""
    marks = _MARKS.findall(text)
    return len(marks) >= _FEWEST or "@" in marks or "\uff20" in marks or is_spelt(text)


def is_spelt(text: str) -> bool:
    """Whether some words of `text` may stand for the signs of an e-mail address."""
    small = text.lower()
    return any(spelling in small for spelling in _SPELT) or bool(_AT_PROVIDER.search(small))


def folded(text: str) -> str:
    """`text` with each character in its plain form, each at its old place."""
    return text if text.isascii() else _WA.sub("0", text).translate(_TABLE)
