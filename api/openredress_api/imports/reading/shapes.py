"""What the readers hand on: lines, rows of cells, and the refusal of a whole file."""

from __future__ import annotations

from typing import Any, NamedTuple

from openredress_api.foundation.problems import Fault, FieldError
from openredress_webhooks import personal_data

MAX_LINE = 1024 * 1024
# Of a record, however deep.
MAX_MEMBERS = 5_000
MAX_COLUMNS = 200
# Whole questions of a form stand over a column; what is longer is no heading.
MAX_HEADING = 500
# What a cell of a spreadsheet can hold.
MAX_CELL = 32_767


class BadFile(Exception):
    """A file of which no further row can be read; `line` is the physical line, where one is known.

    `fault` has its texts in the message files.
    """

    def __init__(self, code: str, line: int | None = None, **params: object) -> None:
        super().__init__(code)
        self.fault = Fault(code, **params)
        self.line = line


class Line(NamedTuple):
    """One line of NDJSON by its number from 1: a record, or the faults that left none."""

    number: int
    record: dict[str, Any] | None
    faults: tuple[FieldError, ...] = ()


class Header(NamedTuple):
    """The headings of a sheet as they are `shown`, and the line on which they stand.

    `fields` are the field names of a template of ours, one per heading; None in other sheets.
    """

    headings: tuple[str, ...]
    line: int
    fields: tuple[str, ...] | None = None


def refuse_heading(heading: str, column: str, line: int) -> None:
    """BadFile for a heading that cannot be kept or shown; `column` is how its place is told."""
    if "\0" in heading:
        raise BadFile("control_character", line)
    if len(heading) > MAX_HEADING:
        raise BadFile("heading_too_long", line, column=column, at_most=MAX_HEADING)


def shown(heading: str, number: int) -> str:
    """A heading as it is kept and shown: one that holds personal data is told by its number."""
    return f"column {number} (personal data)" if personal_data.found(heading) else heading


class Cells(NamedTuple):
    """One row of a sheet by the number of its first line: one text per heading.

    A fault's pointer is `/` and the heading, `/` alone for the row. `origin` is the line that the
    row had in the file whose corrections this sheet holds.
    """

    line: int
    cells: list[str]
    faults: tuple[FieldError, ...] = ()
    origin: int | None = None


class Found(NamedTuple):
    """A fault in a row whose headings are not known yet: the cell's place, or None for the row."""

    place: int | None
    fault: Fault
    read: str | None = None


class Row(NamedTuple):
    """A row as it stands in the file, before headings are told from data."""

    line: int
    cells: list[str]
    found: tuple[Found, ...] = ()
