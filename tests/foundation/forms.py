"""What senders write into each field class: right values, and every odd form that we know of.

An odd form need not be wrong (text that is not yet NFC, an instant in lower case): marshmallow
says which it is. A form is a value, or a function of a right value and a source of chance.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterator
from random import Random
from typing import Any
from zoneinfo import available_timezones

from openredress_api.foundation import fields as ours
from openredress_api.foundation.identifiers import ALPHABET
from openredress_api.workforce.rules import SEGMENTS
from tests.foundation import odd_times as times

Value = Any  # what a sender may write
Form = Value | Callable[[Value, Random], Value]

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
FULL_WIDTH = str.maketrans("0123456789", "".join(map(chr, range(0xFF10, 0xFF1A))))
ZONES = sorted(available_timezones())
WORDS = ("Golden Road Co., Ltd.", "12/2019", "แม่สอด", "မြဝတီ", "Phnom Penh ភ្នំពេញ", "Ñandú", "x")
NASTY = (
    "0189AZaziloTtwWuU_-+.,:/ \t\n\x00\x1f\x7f\x85\ud800\u0301\u0e33\u200b\u2028\ufeff"
    "๑٣\uff11\u0131"
)

OF_ANY_CLASS: tuple[Value, ...] = (
    *(None, True, False, 0, 1, -1, 2.0, 2.5, math.nan, math.inf, -math.inf, 2**63, 10**400),
    *("", " ", "x\x00", "\ud800", "null", "true", "1", "๑๒", "\ufeffx", "\u200b", "x" * 5000),
    *([], [None], [1], ["a"], [[]], [{}], {}, {"a": 1}, {"": None}, ("a",)),
)


def right(field: Any, chance: Random) -> Value:
    """A value that `field` takes; a KeyError names the class that this page does not know yet."""
    return RIGHT[type(field).__name__](field, chance)


def odd(field: Any) -> Iterator[Form]:
    """Each form that may go wrong in a field of this class."""
    yield from OF_ANY_CLASS
    yield from ODD[type(field).__name__](field)
    if isinstance(field, ours.Field):
        yield from (wrapped, thai, full_width, *[broken] * 20)


def wrapped(value: Value, chance: Random) -> Value:
    """With white space around, as from a cell."""
    return _edited(value, lambda text: chance.choice((" {}", "{} ", "{}\n", "\t{}")).format(text))


def thai(value: Value, _: Random) -> Value:
    """In Thai digits."""
    return _edited(value, lambda text: text.translate(THAI))


def full_width(value: Value, _: Random) -> Value:
    """In full-width digits."""
    return _edited(value, lambda text: text.translate(FULL_WIDTH))


def broken(value: Value, chance: Random) -> Value:
    """With one character replaced, added or dropped."""

    def edit(text: str) -> str:
        place, more = chance.randrange(len(text) + 1), chance.choice((*NASTY, ""))
        return text[:place] + more + text[place + chance.randrange(2) :]

    return _edited(value, edit)


def _edited(value: Value, edit: Callable[[str], str]) -> Value:
    if isinstance(value, str):
        return edit(value)
    return edit(str(value)) if isinstance(value, int) else value


def _text(field: Any, chance: Random) -> str:
    words = chance.choice(WORDS) * chance.randint(1, 3)
    return words[: field.at_most].ljust(field.at_least, "x")


def _odd_text(field: Any) -> Iterator[Form]:
    for length in (field.at_least - 1, field.at_least, field.at_most, field.at_most + 1):
        # Letters that NFC joins, leaves and takes apart: length counts after it.
        yield from (letter * length for letter in ("x", "e\u0301", "\u0958", "ก", "\U0001f600"))
    yield from (f"a{chr(code)}b" for code in (*range(32), *range(0x7E, 0xA1)))
    yield from ("\u212b", "\u1100\u1161", "a\u2028b", "a\u202eb", "a\u200bb", "x\udfff", "\ufffe")
    yield from ("\u0301", "a\u0315\u0300", "<script>", "=1+1", "a\r\nb")
    # Personal data; in a reference digits may look like anything.
    yield from ("081-234-5678", "๐๘๑๒๓๔๕๖๗๘", "lek@example.com", "AA1234567", "NID 6431234567")


def _pseudonym(_: Any, chance: Random) -> str:
    # Without vowels: chance would write a name now and then.
    return chance.choice("bcdfghjkmnpqrstvwxz") + "".join(
        chance.choices("BCDFGHJKMNPQRSTVWXZbcdfghjk0123456789_-", k=chance.randint(3, 39))
    )


def _count(field: Any, chance: Random) -> int:
    return chance.choice((field.at_least, field.at_most, chance.randint(field.at_least, 30)))


def _odd_count(field: Any) -> Iterator[Form]:
    for bound in (field.at_least, field.at_most):
        yield from (bound - 1, bound, bound + 1, float(bound), str(bound))
    yield from ("7", "0x7", 7 + 0j, -0.0, 1e3)


def _odd_choice(field: Any) -> Iterator[Form]:
    yield from field.codes
    for code in field.codes[:3]:
        yield from (code.upper(), code.title(), f"{code}.", code[:-1], [code], {code: code})
    yield from ("other", "unknown.unknown", "-")


def _identifier(field: Any, chance: Random) -> str:
    letters = "".join(chance.choices(ALPHABET, k=25))
    return f"{field.prefix}_{chance.choice('01234567')}{letters}"


def _odd_identifier(field: Any) -> Iterator[Form]:
    letters = "01jq3z7e5k8m2n4p6r8t0v2w4x"
    prefixes = ("", "grv_", "site", "site__", f"{field.prefix.upper()}_", f"{field.prefix}-")
    yield from (prefix + letters for prefix in prefixes)
    yield from (
        f"{field.prefix}_{tail}"
        for tail in (
            *("", letters[1:], letters + "0", letters.upper(), "8" + letters[1:], "z" * 26),
            *(f"0{letter}{letters[2:]}" for letter in "ilouILOU!@_+- \t\n\x00é๑\ud800"),
            *(f"{sign}{letters[1:]}" for sign in "+-_ \t๑"),
            *(letters[:-1] + letter for letter in "_ \n"),
            *("0" * 26, "7" + "z" * 25, "018e3f7a-0000-7000-8000-000000000000"),
        )
    )


def _amount(_: Any, chance: Random) -> str:
    whole = chance.choice((0, 1, 1520, 10**14 - 1, chance.randrange(10**6)))
    return f"{whole}{chance.choice(('', '', '.5', '.50', '.000', '.999'))}"


def _odd_amount(_: Any) -> Iterator[Form]:
    yield from ("0", "0.0", "00", "00.1", "01", "1.", ".5", "0.0000", "1.2345", "1e3", "1E+3")
    yield from (
        "+1",
        "-1",
        "-0",
        "1,000.00",
        "1.000,00",
        "1 000",
        "1_000",
        "NaN",
        "sNaN",
        "Infinity",
    )
    yield from ("9" * 14, "1" + "0" * 14, "9" * 14 + ".999", "9" * 30, "0x10", "1520.50 THB", "฿5")
    yield from (1520.5, 1520, "१२", "1\u066b5")


def _items(field: Any, chance: Random) -> list[Value]:
    few = chance.choice((0, 0, 0, 1, 1, 2))
    return [right(field.inner, chance) for _ in range(min(max(few, field.at_least), field.at_most))]


def _odd_items(field: Any) -> Iterator[Form]:
    def of(length: int) -> Form:
        return lambda _, chance: [right(field.inner, chance)] * length

    yield from (of(length) for length in (0, field.at_least, 5, field.at_most, field.at_most + 1))
    yield lambda value, _: tuple(value)
    yield lambda value, _: dict(enumerate(value))
    yield lambda value, _: [*value, None]
    yield lambda value, _: [value]


def _nested(field: Any, chance: Random) -> dict[str, Value]:
    return body(field.schema, chance)


def _odd_nested(_: Any) -> Iterator[Form]:
    yield lambda value, _: [value]
    yield lambda value, _: list(value.items())
    yield lambda value, _: str(value)


def body(schema: Any, chance: Random) -> dict[str, Value]:
    """An object that `schema` takes; what need not be there is missing or null now and then."""
    made = {}
    for name, field in schema.load_fields.items():
        # Half of what holds more members is left out: each costs as much as a record.
        gaps = 0.5 if isinstance(field, ours.Items | ours.Nested) else 0.25
        if field.required or chance.random() >= gaps:
            null = field.allow_none and chance.random() < gaps
            made[field.data_key or name] = None if null else right(field, chance)
    return made


def _segments(_: Any, chance: Random) -> dict[str, dict[str, int]]:
    few = chance.sample(list(SEGMENTS.items()), k=chance.randrange(len(SEGMENTS)))
    return {name: {chance.choice(list(values.codes)): chance.randrange(99)} for name, values in few}


def _odd_segments(_: Any) -> Iterator[Form]:
    name, values = next(iter(SEGMENTS.items()))
    code = next(iter(values.codes))
    yield from ({name: part} for part in (None, 1, [], {}, {code: 0}, {code: -1}, {code: "1"}))
    yield from ({name: {other: 1}} for other in ("", "other kind", code.upper()))
    yield from ({other: {code: 1}} for other in ("", "religion", "union", "caste", "colour"))
    yield {letter: {} for letter in string.ascii_letters}


# By the name of the field class; rooms have classes of their own.
RIGHT: dict[str, Callable[[Any, Random], Value]] = {
    "Text": _text,
    "Personal": _text,
    "Pseudonym": _pseudonym,
    "Count": _count,
    "Flag": lambda _, chance: chance.random() < 0.5,
    "Day": lambda _, chance: f"{times.day(chance)}",
    "EndDay": lambda _, chance: f"{times.day(chance)}",
    "Month": lambda _, chance: f"{times.day(chance):%Y-%m}",
    "Instant": lambda _, chance: f"{times.day(chance)}{times.clock(chance)}",
    "Choice": lambda field, chance: chance.choice(field.codes),
    "Identifier": _identifier,
    "Amount": _amount,
    "Items": _items,
    "Nested": _nested,
    "OsId": lambda _, chance: chance.choice(
        ("CN2021250D1DTN7", "BD202034606B9SA", "mx2024211T0VH2S")
    ),
    "TimeZone": lambda _, chance: chance.choice(ZONES),
    "PartialDate": lambda _, chance: f"{times.day(chance)}"[: chance.choice((4, 7, 10))],
    "Segments": _segments,
    "Sha256": lambda _, chance: chance.randbytes(32).hex(),
}
ODD: dict[str, Callable[[Any], Iterator[Form]]] = {
    "Text": _odd_text,
    "Personal": _odd_text,
    "Pseudonym": lambda _: iter(
        (
            *("abc", "abcd", "a" * 40, "a" * 41, "1234", "12-34_5", "W 0001", "W.0001", "Wé001"),
            *("____a", "tel0812345678", "AA1234567", "AA0001234", "somchai", "NGUYEN_LAN", "lan-1"),
        )
    ),
    "Count": _odd_count,
    "Flag": lambda _: iter(("false", "True", "yes", "on", 0.0, 1.0)),
    "Day": times.odd_day,
    "EndDay": times.odd_day,
    "Month": times.odd_month,
    "Instant": times.odd_instant,
    "Choice": _odd_choice,
    "Identifier": _odd_identifier,
    "Amount": _odd_amount,
    "Items": _odd_items,
    "Nested": _odd_nested,
    "OsId": lambda _: iter(
        ("CN 2021250 D1DTN 7", "cn-2021250-d1dtn-7", "CN2021250D1DTN8", "CN2021366D1DTN7", "CN")
    ),
    "TimeZone": lambda _: iter(
        ("asia/bangkok", "UTC", "UTC+7", "+07:00", "Asia", "../UTC", "Asia/")
    ),
    "PartialDate": times.odd_paid_at,
    "Segments": _odd_segments,
    "Sha256": lambda _: iter(("ab" * 32, "AB" * 32, "a" * 63, "a" * 65, "g" * 64, " " * 64)),
}
