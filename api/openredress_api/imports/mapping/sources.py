"""What fills each field of a row: the cell of a column, or a constant of the sender's mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from openredress_api.foundation.fields import Text
from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping import cells, lexicon, moments
from openredress_api.imports.mapping.calendars import Calendar
from openredress_api.imports.mapping.cells import Ground, Read, Sites, Sum
from openredress_api.imports.mapping.fields import Leaf
from openredress_api.imports.mapping.headings import Column
from openredress_api.imports.mapping.moments import Local
from openredress_api.imports.mapping.templates import Template


@dataclass(frozen=True, slots=True)
class Source:
    """What is read for one field: a text of each row, such as its cell in a column.

    `heading` is that of the column, or of the first of several; a text that is in no column has
    none.
    """

    text: Callable[[Sequence[str]], str]
    heading: str
    leaf: Leaf
    read: Read
    sample: Sequence[str]
    calendar: Calendar | None

    @property
    def name(self) -> str:
        """The field it fills."""
        return self.leaf.name


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants of a mapping: values, those that need the row, and what is wrong.

    `headings` are those of columns that a text is made of, each with the field of that text.
    """

    values: Mapping[str, object]
    templates: Sequence[Source]
    wrong: Sequence[tuple[str, str, str]]
    headings: Mapping[str, str]


def sources_of(
    columns: Sequence[Column],
    leaves: Mapping[str, Leaf],
    sample: Sequence[Sequence[str]],
    said: Mapping[str, Any],
    sites: Sites,
) -> Iterator[Source]:
    """The columns that are read, each on the ground of its first cells."""
    for index, column in enumerate(columns):
        if column.applies and column.field in leaves:
            leaf, cell = leaves[column.field or ""], itemgetter(index)
            words = said["values"].get(leaf.name, {})
            ground = Ground([cell(row) for row in sample], sites)
            yield _source(cell, column.heading, leaf, ground, said, words)


def constants_of(
    columns: Sequence[Column],
    leaves: Mapping[str, Leaf],
    sample: Sequence[Sequence[str]],
    said: Mapping[str, Any],
    sites: Sites,
) -> Constants:
    """The constants of a mapping, read as cells are."""
    headings = [column.heading for column in columns]
    values: dict[str, object] = {}
    used: dict[str, str] = {}
    templates, wrong = [], []
    for name, text in said["constants"].items():
        if name not in leaves:
            wrong.append((name, "no_such_field", text))
            continue
        made = Template(text, headings, _longest(leaves[name]))
        words = said["values"].get(name, {})
        if made.missing and "" not in words:
            wrong += [(name, "no_such_column", place) for place in made.missing]
            continue
        if made.is_varied:
            ground = Ground([made.sample(row) for row in sample], sites)
            names = [headings[index] for place in made.places for index in place.indexes]
            used = {**dict.fromkeys(names, name), **used}
            heading = next(iter(names), "")
            templates.append(_source(made.text, heading, leaves[name], ground, said, words))
            continue
        source = _source(made.text, "", leaves[name], Ground([text], sites), said, {})
        value = source.read(text)
        if isinstance(value, Fault):
            wrong.append((name, str(value), text))
        elif isinstance(value, Local | Sum):
            templates.append(source)
        elif value is not None:
            values[name] = value
    return Constants(values, templates, wrong, used)


def _source(
    text: Callable[[Sequence[str]], str],
    heading: str,
    leaf: Leaf,
    ground: Ground,
    said: Mapping[str, Any],
    words: Mapping[str, str],
) -> Source:
    calendar = moments.calendar_of(leaf.field, ground.sample, said["order"], said["era"])
    table = {lexicon.spelt(word): code for word, code in words.items()}
    read = cells.reader(leaf.field, ground, calendar, table)
    return Source(text, heading, leaf, read, ground.sample, calendar)


def _longest(leaf: Leaf) -> int | None:
    """How long an identifier may be; other texts are never cut."""
    field = leaf.field
    return field.at_most if isinstance(field, Text) and field.reference else None
