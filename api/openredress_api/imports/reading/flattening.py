"""Records of another system's shape as the rows of a sheet: each member is a column.

A member of an object has the heading `object.member`, one of an object in a list
`list.1.member`; a list of plain values is one cell, its parts behind semicolons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openredress_api.imports.reading.arranging import OURS
from openredress_api.imports.reading.shapes import (
    MAX_COLUMNS,
    BadFile,
    Cells,
    Header,
    Line,
    refuse_heading,
)
from openredress_api.imports.reading.values import number


def flat_header(lines: Iterable[Line]) -> Header:
    """The headings of a file: every member that any of its records has; BadFile if it has none."""
    headings: dict[str, None] = {}
    for line in lines:
        for heading, _ in _flat("", line.record or {}):
            if heading not in headings:
                refuse_heading(heading, f"{heading[:20]}…", line.number)
                headings[heading] = None
        if len(headings) > MAX_COLUMNS:
            raise BadFile("too_many_columns", line.number, at_most=MAX_COLUMNS)
    if not headings:
        raise BadFile("file_empty")
    return Header(tuple(headings), 1)


def flat_rows(header: Header, lines: Iterable[Line]) -> Iterator[Cells]:
    """The records of a file as rows below these headings."""
    for line in lines:
        said = dict(_flat("", line.record or {}))
        cells = [said.get(heading, "") for heading in header.headings]
        yield Cells(line.number, cells, line.faults)


def pointer_of(heading: str) -> str:
    """Where a column's value stands in its record, as a JSON pointer."""
    parts = (str(int(part) - 1) if part.isdigit() else part for part in heading.split("."))
    return "/" + "/".join(parts)


def _flat(above: str, record: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if not name.startswith(OURS):
            yield from _member(f"{above}{name}", value)


def _member(heading: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from _flat(f"{heading}.", value)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for place, one in enumerate(value, 1):
            yield from _member(f"{heading}.{place}", one)
    elif isinstance(value, list):
        yield heading, "; ".join(map(_text, value))
    else:
        yield heading, _text(value)


def _text(value: object) -> str:
    """A plain value as a spreadsheet would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(str(value))
    return "" if value is None else str(value)
