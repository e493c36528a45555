"""OS ID: the public identifier of a production site, given by Open Supply Hub.

Fifteen characters: country (2 letters), day of creation (YYYYDDD), five characters of Crockford
base32, one check character. Read by its owner's rule: spaces and hyphens are ignored.
"""

from __future__ import annotations

import calendar
from enum import StrEnum

_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_LENGTH = 15


class OsIdFault(StrEnum):
    """What is wrong with a text that should be an OS ID."""

    LENGTH = "length"
    COUNTRY = "country"
    ALPHABET = "alphabet"
    DATE = "date"
    CHECK = "check"


class BadOsId(ValueError):
    """The text is no OS ID; `fault` says why and the message says it for people."""

    def __init__(self, fault: OsIdFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


def os_id(text: str) -> str:
    """The OS ID in `text` as 15 capital letters and digits; BadOsId when it is none.

    The check character finds any single wrong character. It is a plain sum, so it cannot find
    two characters that changed places.
    """
    found = text.replace(" ", "").replace("-", "")
    if len(found) != _LENGTH:
        message = f"an OS ID has 15 characters without spaces and hyphens, not {len(found)}"
        raise BadOsId(OsIdFault.LENGTH, message)
    if not found.isascii():
        raise BadOsId(OsIdFault.ALPHABET, "an OS ID has only letters A to Z and digits")
    found = found.upper()
    _check_parts(found)
    if found[-1] != _check_character(found):
        message = "the check character does not fit: a character was read or typed wrongly"
        raise BadOsId(OsIdFault.CHECK, message)
    return found


def _check_parts(found: str) -> None:
    if not found[:2].isalpha():
        raise BadOsId(OsIdFault.COUNTRY, "an OS ID begins with two letters for the country")
    strange = sorted({letter for letter in found[2:] if letter not in _VALUES})
    if strange:
        message = f"an OS ID never has {', '.join(strange)} after the country (I, L, O, U: misread)"
        raise BadOsId(OsIdFault.ALPHABET, message)
    if not _is_day(found[2:6], found[6:9]):
        message = f"{found[2:9]} is no day: four digits of the year, three of the day in it"
        raise BadOsId(OsIdFault.DATE, message)


def _is_day(year: str, day: str) -> bool:
    if not (year.isdigit() and day.isdigit()):
        return False
    return 1 <= int(day) <= 365 + calendar.isleap(int(year))


def _check_character(found: str) -> str:
    """Letters of the country count by their ASCII code, the rest by their base32 value."""
    total = ord(found[0]) + ord(found[1]) + sum(_VALUES[symbol] for symbol in found[2:14])
    return _SYMBOLS[total % len(_SYMBOLS)]
