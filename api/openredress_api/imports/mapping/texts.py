"""Texts as people type them: digits of any script, spellings to compare, Zawgyi."""

from __future__ import annotations

import re
import unicodedata
import warnings
from functools import cache

from myanmartools import ZawgyiDetector

# What is not in the basic plane no office software offers as digits.
DIGITS = {
    place: str(unicodedata.decimal(chr(place)))
    for place in range(0x80, 0x10000)
    if unicodedata.category(chr(place)) == "Nd"
}
_SURELY_ZAWGYI = 0.95
_MYANMAR = re.compile("[\u1000-\u109f]")
# The letter wa looks like the digit zero, and is typed for it.
_WA_FOR_ZERO = re.compile("(?<=[\u1040-\u1049])\u101d+|\u101d+(?=[\u1040-\u1049])")
_KEPT = ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc", "Me", "Sc")
_ACCENTS = re.compile("[\u0300-\u036f\ufe00-\ufe0f]")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def folded(text: str) -> str:
    """The text in its compatibility form, with ASCII digits."""
    if text.isascii():
        return text
    text = _WA_FOR_ZERO.sub(lambda was: "0" * len(was[0]), text)
    return unicodedata.normalize("NFKC", text).translate(DIGITS)


def key(text: str) -> str:
    """What two spellings of the same words share: letters, marks, digits and currency signs.

    Case, spaces, punctuation, Latin accents and the script of digits make no difference.
    """
    text = unicodedata.normalize("NFKD", text.replace("%", "percent")).casefold()
    text = _ACCENTS.sub("", text).translate(DIGITS)
    kept = "".join(letter for letter in text if unicodedata.category(letter) in _KEPT)
    return unicodedata.normalize("NFKC", kept)


def words(text: str) -> frozenset[str]:
    """The Latin words of a text, those of `camelCase` too, in lower case without accents."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return frozenset(word.lower() for word in _WORD.findall(plain))


@cache
def _detector() -> ZawgyiDetector:
    with warnings.catch_warnings():
        # It opens its model by a function that Python calls deprecated up to 3.12.
        warnings.simplefilter("ignore", DeprecationWarning)
        return ZawgyiDetector()


def is_zawgyi(text: str) -> bool:
    """Whether Burmese text was typed for the Zawgyi font, whose letters stand elsewhere."""
    if text.isascii() or not _MYANMAR.search(text):
        return False
    return bool(_detector().get_zawgyi_probability(text) >= _SURELY_ZAWGYI)
