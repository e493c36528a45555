"""One cell's text as the value that a field takes on the wire, or the fault that keeps it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marshmallow import fields

from openredress_api.foundation.fields import (
    Amount,
    Choice,
    Count,
    Flag,
    Identifier,
    Items,
    Text,
)
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping import choices, lexicon, moments, zones
from openredress_api.imports.mapping.calendars import Calendar
from openredress_api.imports.mapping.moments import Local
from openredress_api.imports.mapping.numbers import Marks, Number, number_in
from openredress_api.imports.mapping.texts import folded, is_zawgyi
from openredress_api.organisations import TimeZone
from openredress_api.vocabulary import exponent

_REMEMBERED = 2_000
# Written behind amounts in South Asia: nothing follows.
_IDLE = ("/-", "/=", ".-")
_PARTS, _COMMA = re.compile(r"[;|\n]"), re.compile(",")
_FEW, _LONGEST = 5, 200


class Site(Protocol):
    """What the reading of a cell has to know of a site."""

    id: Any  # a UUID; SQLAlchemy's attribute is one at run time only
    time_zone: Any


Sites = Mapping[str, Sequence[Site]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a column is read on: its first cells, and the sites that a cell may name.

    A reference that several sites carry names none of them.
    """

    sample: Sequence[str]
    sites: Sites


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount whose currency the cell names, or which its currency decides."""

    number: Number
    marks: Marks
    currencies: tuple[str, ...] = ()

    def amount(self, currency: str | None) -> str | Fault:
        """The amount in the row's currency."""
        if self.currencies and currency is None:
            return Fault("code_unclear", codes=", ".join(self.currencies))
        if self.currencies and currency not in self.currencies:
            return Fault("other_currency", named=", ".join(self.currencies), currency=currency)
        return self.marks.amount(self.number, exponent(currency) if currency else None)


# None: the cell says nothing.
Value = str | int | bool | list[Any] | Local | Sum | Fault | None
Read = Callable[[str], Value]


def reader(
    field: fields.Field[Any],
    ground: Ground,
    calendar: Calendar | None = None,
    table: Mapping[str, str] | None = None,
) -> Read:
    """The function that reads the cells of one column.

    `calendar` is that of a column of dates, `table` the sender's own words for values: `*` is
    every word that it does not name, "" is a cell that says nothing, and to say nothing.
    """
    if isinstance(field, Text) and not table:
        return _text
    read: Read = moments.reader(field, calendar) if calendar else _of_class(field, ground)
    if not table:
        return _remembering(read)
    nothing = read(table[""]) if table.get("") else None
    return _remembering(_translated(read, table), nothing)


def _translated(read: Read, table: Mapping[str, str]) -> Read:
    """`read`, but what the sender has a word for is what the sender says."""

    def translated(text: str) -> Value:
        said = table.get(lexicon.spelt(text))
        if said is None:
            said = table["*"] if "*" in table and not lexicon.says_nothing(text) else text
        return read(said) if said else None

    return translated


def _of_class(field: fields.Field[Any], ground: Ground) -> Read:
    return next(
        (make(field, ground) for kind, make in _BY_CLASS if isinstance(field, kind)), _as_it_is
    )


def _remembering(read: Read, nothing: Value = None) -> Read:
    """`read` behind a memory: most columns say the same few things again and again.

    A cell that says nothing is `nothing`.
    """
    known: dict[str, Value] = {}

    def remembered(cell: str) -> Value:
        if not cell:
            return nothing
        if cell in known:
            return known[cell]
        if len(known) >= _REMEMBERED:
            known.clear()
        text = cell.strip()
        value = _or_nothing(text, read(text)) if text else None
        value = nothing if value is None else value
        if len(cell) <= _LONGEST:
            known[cell] = value
        return value

    return remembered


def _or_nothing(text: str, value: Value) -> Value:
    """A word for nothing is no fault."""
    if isinstance(value, Fault):
        if lexicon.says_nothing(text):
            return None
        if is_zawgyi(text):
            return Fault("zawgyi_text")
    return value


def _text(cell: str) -> str | Fault | None:
    text = cell.strip()
    if not text or lexicon.says_nothing(text):
        return None
    return Fault("zawgyi_text") if is_zawgyi(text) else text


def _as_it_is(text: str) -> str | None:
    """The text of a field that says itself what it takes: none means a digit by its script."""
    return None if lexicon.says_nothing(text) else folded(text)


def _flag(text: str) -> bool | Fault:
    found = lexicon.FLAGS.get(lexicon.spelt(text))
    return Fault("unreadable_flag") if found is None else found


def _count(marks: Marks) -> Read:
    def read(text: str) -> int | Fault:
        found = number_in(text)
        if not found or found[0] or found[2]:
            return Fault("unreadable_count")
        return marks.count(found[1])

    return read


def _amount(marks: Marks) -> Read:
    def read(text: str) -> str | Sum | Fault:
        found = number_in(text)
        if not found:
            return Fault("unreadable_amount")
        before, number, after = found
        after = "" if after in _IDLE else after
        if not before and not after and (not number.is_open or marks.decimal):
            return marks.amount(number, None)
        beside = lexicon.spelt(before or after)
        named = lexicon.CURRENCIES.get(beside, ()) if before or after else ()
        if (before and after) or (beside and not named):
            return Fault("unreadable_amount")
        return Sum(number, marks, named)

    return read


def _identifier(field: Identifier, ground: Ground) -> Read:
    return _site(ground.sites) if field.prefix == "site" else _as_it_is


def _site(sites: Sites) -> Read:
    clear = sorted(name for name, found in sites.items() if len(found) == 1)
    nearest = choices.Nearest(clear)

    def read(text: str) -> str | Fault:
        found = sites.get(text) or sites.get(text.replace(" ", "").replace("-", "").upper(), ())
        ids = [encode("site", site.id) for site in found]
        if len(ids) == 1:
            return ids[0]
        if ids:
            return Fault("site_is_ambiguous", sites=", ".join(ids[:_FEW]))
        near = nearest(text[:_LONGEST]) or clear[:_FEW]
        return Fault("no_such_site", nearest=", ".join(near))

    return read


def _several(read: Read) -> Read:
    """A cell that holds a list: its parts stand between semicolons, bars, lines or commas."""

    def read_all(text: str) -> list[Any] | Fault:
        whole = read(text)
        if not isinstance(whole, Fault):
            return [whole]
        parts = (_PARTS if _PARTS.search(text) else _COMMA).split(text)
        values = [read(part.strip()) for part in parts if part.strip()]
        return next((value for value in values if isinstance(value, Fault)), values)

    return read_all


# By class of field; what other fields take, they say themselves.
_BY_CLASS: tuple[tuple[type, Callable[[Any, Ground], Read]], ...] = (
    (Text, lambda _, __: _text),
    (TimeZone, lambda _, __: zones.reader()),
    (Choice, lambda field, _: choices.chooser(field.codes)),
    (Flag, lambda _, __: _flag),
    (Count, lambda _, ground: _count(Marks(ground.sample))),
    (Amount, lambda _, ground: _amount(Marks(ground.sample))),
    (Identifier, _identifier),
    (Items, lambda field, ground: _several(_of_class(field.inner, ground))),
)
