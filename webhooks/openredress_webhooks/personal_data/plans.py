"""Number plans of nine countries, and the ways in which people group the digits.

The patterns follow the metadata of libphonenumber. Small holes of a plan are filled: what no phone
has today may be somebody's number next year.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Digits behind the country's code, without the zero before them at home.
_MOBILES = {
    "66": r"[689]\d{8}",
    "95": r"9\d{7,9}",
    "855": r"(?:1\d|6[016-9]|7[016-9]|8\d|9\d)\d{6}|(?:1[28]|3[18]|7[16]|88|9[67])\d{7}",
    "977": r"9[678]\d{8}",
    "880": r"1[13-9]\d{8}",
    "84": r"(?:3\d|5[125689]|7[06-9]|8[1-9]|9\d)\d{7}",
    "62": r"8[1-35-9]\d{7,10}",
    "60": r"1[02-9]\d{7}|1[159]\d{8}",
}
_FIXED = {
    "66": r"[2-7]\d{7}",
    "95": r"[1-8]\d{5,8}",
    "855": r"[2-7][2-6]\d{6,7}",
    "977": r"[1-9]\d{7}",
    "880": r"[2-9]\d{6,9}",
    "84": r"2\d{9}",
    "62": r"[2-79]\d{7,10}",
    "60": r"[3-9]\d{7,8}",
    "65": r"[3689]\d{7}",  # Singapore's mobiles too: eight digits are too few to be sure
}
_AT_HOME = re.compile(f"0(?:{'|'.join(_MOBILES.values())})")
_ABROAD = re.compile("|".join(f"{code}0?(?:{rest})" for code, rest in _MOBILES.items()))
_FIXED_ABROAD = re.compile("|".join(f"{code}0?(?:{rest})" for code, rest in _FIXED.items()))
# Nepal's mobiles have no zero at home: only these groupings tell them from other numbers.
_NEPAL = re.compile(
    r"9[678](?:\d{8}|\d-\d{7}|\d\d-\d{6}|\d{3}-\d{5}|\d-\d{3}-\d{4}|\d\d-\d{3}-\d{3})"
)
_SIX = r"(?:\d{6}|\d{3}-\d{3}|\d\d-\d\d-\d\d)"
_SEVEN = r"(?:\d{7}|\d{3}-\d{4}|\d{4}-\d{3}|\d{3}-\d\d-\d\d)"
_EIGHT = r"(?:\d{8}|\d{4}-\d{4})"
# A fixed line is known by its area code, which stands apart from the rest.
_FIXED_AT_HOME = re.compile(
    rf"01-(?:{_SIX}|[4-6]\d{{6}})|02-(?:{_SIX}|{_SEVEN}|{_EIGHT})|03-{_EIGHT}|0[4-79]-\d{{3}}-\d{{4}}"
    rf"|0(?:1|2|[4-8]\d)-\d\d-\d{{3}}"  # Myanmar
    rf"|0[2-7]\d{{1,2}}-(?:{_SIX}|{_SEVEN}|{_EIGHT})"
)

# How many digits a mobile number has at least, by those of its first group; with fewer it would
# be a tax number (01-2345678) or a postal code (01234-5678).
_FEWEST_BEHIND = {2: 10, 3: 9, 4: 9, 5: 11}
_MOST = 15


def is_mobile(digits: str) -> bool:
    """Whether digits are a mobile number as dialled at home or with the country's code."""
    return bool(_AT_HOME.fullmatch(digits) or _ABROAD.fullmatch(digits))


def is_abroad(digits: str) -> bool:
    """Whether digits are a number of one of our countries with the country's code."""
    return bool(_ABROAD.fullmatch(digits) or _FIXED_ABROAD.fullmatch(digits))


def is_grouped_as_mobile(groups: Sequence[str]) -> bool:
    """Whether groups of digits are a mobile number as dialled at home."""
    digits = "".join(groups)
    fewest = _FEWEST_BEHIND.get(len(groups[0]), _MOST)
    return _AT_HOME.fullmatch(digits) is not None and (
        len(groups) == 1 or len(digits) >= fewest or groups[0] == "09"
    )


def is_grouped_as_fixed(groups: Sequence[str]) -> bool:
    """Whether groups of digits are a fixed line as dialled at home."""
    return _FIXED_AT_HOME.fullmatch("-".join(groups)) is not None


def is_nepal(groups: Sequence[str]) -> bool:
    """Whether groups of digits are a mobile number of Nepal."""
    return _NEPAL.fullmatch("-".join(groups)) is not None
