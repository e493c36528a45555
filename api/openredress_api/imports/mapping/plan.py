"""How one sheet is read: its columns, what its sender is asked, and its rows as records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from openredress_api.foundation.intake import Intake
from openredress_api.imports.mapping import asking
from openredress_api.imports.mapping.cells import Sites
from openredress_api.imports.mapping.fields import fields_of
from openredress_api.imports.mapping.headings import Column, propose
from openredress_api.imports.mapping.ready_made import chosen
from openredress_api.imports.mapping.rows import Row, Rows
from openredress_api.imports.mapping.sources import constants_of, sources_of
from openredress_api.imports.reading import Header
from openredress_webhooks import personal_data

# Of what was read, in a question.
_LONGEST = 500
_leaves = lru_cache(maxsize=32)(fields_of)


def plan(
    intake: Intake,
    header: Header,
    sample: Sequence[Sequence[str]],
    mapping: Mapping[str, Any] | None,
    sites: Sites,
) -> Plan:
    """How a sheet is read, by its headings, its first rows and its sender's own word.

    `sites` are those a cell may name, by each of their references; one that several carry names
    none of them.
    """
    leaves = _leaves(intake.schema)
    said = chosen(mapping, header.headings)
    columns = propose(
        intake.name,
        header.headings,
        leaves.keys(),
        said["columns"],
        template=header.fields,
        constants=said["constants"].keys(),
    )
    sources = list(sources_of(columns, leaves, sample, said, sites))
    constants = constants_of(columns, leaves, sample, said, sites)
    rows = Rows(sources, constants, leaves, sites, said["time_zone"])
    questions = (
        *asking.about_columns(columns, leaves, rows.known),
        *constants.wrong,
        *asking.about_cells([*sources, *constants.templates], has_zone=rows.has_zone),
    )
    return Plan(
        [asdict(_used(column, constants.headings)) for column in columns],
        [{"field": field, "code": code, "read": _kept(read)} for field, code, read in questions],
        rows.read,
    )


def _kept(read: str) -> str:
    """What a question is about, for the eyes of everybody who may see the import."""
    return "[removed]" if personal_data.found(read[: 2 * _LONGEST]) else read[:_LONGEST]


def _used(column: Column, headings: Mapping[str, str]) -> Column:
    """A column that fills a field only as a part of a text."""
    if column.field is None and column.heading in headings:
        return Column(column.heading, headings[column.heading], "given", applies=True)
    return column


@dataclass(frozen=True, slots=True)
class Plan:
    """The reading of one sheet.

    Attributes:
        columns: each heading with the field it was taken for, and how that was found.
        questions: what the sender has to say first, as field, code and what was read.
        row: a row as its kind's schema loads it, with its faults and notices, and the heading of
            each pointer; a cell that says nothing is left out.
    """

    columns: list[dict[str, Any]]
    questions: list[dict[str, str]]
    row: Callable[[Sequence[str]], Row]

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to be asked."""
        return not self.questions
