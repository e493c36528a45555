"""Records of another system's shape as the rows of a sheet: each member is a column.

A member of an object has the heading `object.member`, one of an object in a list
`list.1.member`; a list of plain values is one cell, its parts behind semicolons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.imports.reading.arranging import OURS
from openredress_api.imports.reading.shapes import (
    MAX_COLUMNS,
    BadFile,
    Cells,
    Header,
    Line,
    refuse_heading,
    shown,
)
from openredress_api.imports.reading.values import number


def flat_names(lines: Iterable[Line]) -> list[str]:
    """What columns a file has: every member that any of its records has; BadFile if it has none."""
    names: dict[str, None] = {}
    for line in lines:
        for name, _ in _flat("", line.record or {}):
            if name not in names:
                refuse_heading(name, str(len(names) + 1), line.number)
                names[name] = None
        if len(names) > MAX_COLUMNS:
            raise BadFile("too_many_columns", line.number, at_most=MAX_COLUMNS)
    if not names:
        raise BadFile("file_empty")
    return list(names)


def flat_sheet(names: Sequence[str], lines: Iterable[Line]) -> tuple[Header, Iterator[Cells]]:
    """The records of a file as rows below the headings of these columns."""
    header = Header(tuple(shown(name, number) for number, name in enumerate(names, 1)), 1)
    return header, _rows(names, lines)


def _rows(names: Sequence[str], lines: Iterable[Line]) -> Iterator[Cells]:
    for line in lines:
        said: dict[str, str] = {}
        faults = list(line.faults)
        for name, text in _flat("", line.record or {}):
            # {"a.b": 1, "a": {"b": 2}}: which of the two is meant, nobody knows.
            if said.setdefault(name, text) != text:
                faults.append(FieldError(pointer_of(name), Fault("repeated"), text))
        yield Cells(line.number, [said.get(name, "") for name in names], tuple(faults))


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
