"""Rows of any sheet as a header and what stands below it, our own columns taken out.

Sheets of ours carry columns whose headings begin with `openredress:`, and a template a row with
field names below its headings; programs that save such a sheet in another format keep both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.imports.reading.shapes import (
    MAX_COLUMNS,
    BadFile,
    Cells,
    Found,
    Header,
    Row,
    refuse_heading,
    shown,
)

OURS = "openredress:"
# The first column: the line that a row had in the file that was sent; `fields` marks the row of
# field names. The second column of a corrections sheet says in words what is wrong.
LINE, FIELDS, FINDINGS = f"{OURS}line", f"{OURS}fields", f"{OURS}findings"
_ACTIVE = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - spreadsheets take the wide ones too
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*", re.ASCII)
_LINE_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


def guarded(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet could take it for a formula."""
    return f"'{text}" if _ACTIVE.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and _ACTIVE.match(text) else text


def letter(index: int) -> str:
    """The letters that spreadsheets show over a column, from 0."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def arranged(rows: Iterator[Row], *, pads: bool) -> tuple[Header, Iterator[Cells]]:
    """The header, which is the first row that is not empty, and the rows below it.

    `pads`: a row may end before the last heading. BadFile if the headings cannot name the columns.
    """
    first = next((row for row in rows if row.found or not _is_empty(row.cells)), None)
    if first is None:
        raise BadFile("file_empty")
    if first.found:
        fault = first.found[0].fault
        raise BadFile(str(fault), first.line, **fault.params)
    below = _Below(first, pads=pads)
    second = next(rows, None)
    if second is not None and below.is_row_of_fields(second):
        fields = tuple(below.cells(second))
    else:
        fields = None
        rows = chain([second] if second else [], rows)
    return Header(below.headings, first.line, fields), below.read(rows)


def _is_empty(cells: list[str]) -> bool:
    return not "".join(cells).strip()


class _Below:
    """What the headings say about the rows below them."""

    def __init__(self, first: Row, *, pads: bool) -> None:
        written = list(first.cells)
        while not written[-1].strip():
            written.pop()
        if FINDINGS in written:
            written = [unguarded(text) for text in written]
        kept = [place for place, text in enumerate(written) if not text.startswith(OURS)]
        _refuse_long(written, kept, first.line)
        for place in kept:
            written[place] = shown(written[place], place + 1)
        _refuse_unclear(written, kept, first.line)
        self.headings = tuple(written[place] for place in kept)
        self._width = len(written)
        self._kept = kept
        self._ours = {text: place for place, text in enumerate(written) if place not in kept}
        self._pads = pads
        self._pointers = {
            place: "/" + text.replace("~", "~0").replace("/", "~1")
            for place, text in enumerate(written)
        }

    def is_row_of_fields(self, row: Row) -> bool:
        """Whether a row says the field names of a template."""
        return self._our(LINE, row) == FIELDS

    def read(self, rows: Iterator[Row]) -> Iterator[Cells]:
        """The rows that are not empty."""
        for row in rows:
            if self._ours or row.found or len(row.cells) != self._width:
                yield from self._with_care(row)
            elif not _is_empty(row.cells):
                yield Cells(row.line, row.cells)

    def cells(self, row: Row) -> list[str]:
        """One text per heading."""
        padded = row.cells + [""] * (self._width - len(row.cells))
        # In a corrections sheet, what could be a formula stands behind an apostrophe.
        cleared = unguarded if FINDINGS in self._ours else str
        return [cleared(padded[place]) for place in self._kept]

    def _with_care(self, row: Row) -> Iterator[Cells]:
        cells = self.cells(row)
        found = [*row.found, *self._of_width(row)]
        if found or not _is_empty(cells):
            faults = tuple(
                FieldError("/" if place is None else self._pointers.get(place, "/"), fault, read)
                for place, fault, read in found
            )
            said = self._our(LINE, row)
            origin = int(said) if _LINE_NUMBER.fullmatch(said) else None
            yield Cells(row.line, cells, faults, origin)

    def _of_width(self, row: Row) -> Iterator[Found]:
        """A row that could not be taken apart has no width."""
        if any(one.place is None for one in row.found):
            return
        if any(row.cells[self._width :]):
            yield Found(None, Fault("too_many_cells"), row.cells[-1])
        elif len(row.cells) < self._width and not self._pads:
            yield Found(None, Fault("too_few_cells", cells=len(row.cells), headings=self._width))

    def _our(self, heading: str, row: Row) -> str:
        place = self._ours.get(heading, len(row.cells))
        return row.cells[place] if place < len(row.cells) else ""


def _refuse_long(written: list[str], kept: list[int], line: int) -> None:
    """BadFile for headings that are too many, or too long."""
    if len(kept) > MAX_COLUMNS:
        raise BadFile("too_many_columns", line, at_most=MAX_COLUMNS)
    for place in kept:
        refuse_heading(written[place].strip(), letter(place), line)


def _refuse_unclear(written: list[str], kept: list[int], line: int) -> None:
    """BadFile for headings that are missing or doubled."""
    seen: dict[str, int] = {}
    for place in kept:
        heading = written[place].strip()
        if not heading:
            raise BadFile("heading_missing", line, column=letter(place))
        if heading in seen:
            both = f"{letter(seen[heading])}, {letter(place)}"
            raise BadFile("heading_twice", line, heading=heading, columns=both)
        seen[heading] = place
