"""The sender's own rows with what is wrong marked in them, to be put right and sent again.

Only rows that need somebody are there: what was right is stored already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Literal, NamedTuple

import orjson
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Border, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from openredress_api.imports.reading.arranging import FIELDS, FINDINGS, LINE, guarded
from openredress_api.imports.reading.markup import escaped
from openredress_api.imports.reading.shapes import MAX_CELL, Cells, Header, Line
from openredress_api.imports.reading.values import number
from openredress_api.imports.sheets.wording import Words, words

# Spreadsheet programs become slow with more; the second column says all of it in words.
MAX_COMMENTS = 10_000
_LONGEST_COMMENT = 1000
# Beyond so many digits a spreadsheet changes the number.
_EXACT_DIGITS = 15
_NEED_SOMEBODY = ("must_fix", "please_check")


def _box(style: Literal["thick", "dashed"]) -> Border:
    side = Side(style)
    return Border(left=side, right=side, top=side, bottom=side)


_FILLS = {
    "must_fix": (PatternFill("solid", "FF9999"), _box("thick")),
    "please_check": (PatternFill("solid", "FFF2A8"), _box("dashed")),
}
_AS_TEXT = "@"


class Finding(NamedTuple):
    """Something about a row: the place of its cell, or a JSON pointer; None for the whole row.

    `weight` is must_fix, please_check or information; `text` says what is wrong with an example
    of right.
    """

    place: int | str | None
    weight: str
    text: str


def corrections(
    header: Header,
    rows: Iterable[Cells],
    findings: Mapping[int, Sequence[Finding]],
    language: str,
    *,
    is_cut: bool = False,
) -> bytes:
    """An XLSX workbook with the rows that need somebody, which `sheet_xlsx` reads as it was sent.

    `findings` are by line; `is_cut` says that more rows need somebody than `rows` has. The first
    column keeps the line that a row had in what was sent first.
    """
    said = words(language)
    book = Workbook(write_only=True)
    book.properties.creator = "OpenRedress"
    sheet = book.create_sheet("corrections")
    _prepare(sheet)
    sheet.append([_cell(sheet, text) for text in (LINE, FINDINGS, *header.headings)])
    if header.fields:
        sheet.row_dimensions[2].hidden = True
        sheet.append([_cell(sheet, text) for text in (FIELDS, "", *header.fields)])
    needed = {
        line: those
        for line, found in findings.items()
        if (those := [one for one in found if one.weight in _NEED_SOMEBODY])
    }
    marked = _Marked(sheet, header, said)
    shown = [marked.row(row, needed[row.line]) for row in rows if row.line in needed]
    for cells in shown:
        sheet.append(cells)
    _explain(book.create_sheet(said.how_to_title), said, len(shown) if is_cut else None)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def corrections_ndjson(
    lines: Iterable[Line], findings: Mapping[int, Sequence[Finding]], language: str
) -> Iterator[bytes]:
    """The records that need somebody, one a line, what is wrong with them under FINDINGS.

    A line that was no record comes back as its findings alone.
    """
    said = words(language)
    for line in lines:
        found = [
            {
                "line": line.number,
                "pointer": one.place or "/",
                "weight": one.weight,
                "detail": f"{said.weights[one.weight]}: {one.text}",
            }
            for one in findings.get(line.number, ())
            if one.weight in _NEED_SOMEBODY
        ]
        if found:
            record = {**(line.record or {}), FINDINGS: found}
            yield orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _prepare(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].hidden = True
    sheet.column_dimensions["B"].width = 60
    sheet.freeze_panes = "C2"


def _explain(sheet: Worksheet, said: Words, cut_at: int | None) -> None:
    sheet.column_dimensions["A"].width = 100
    for sentence in said.correct:
        sheet.append([sentence])
    if cut_at is not None:
        sheet.append([said.cut.format(rows=cut_at)])


class _Marked:
    """Writes rows with their findings."""

    def __init__(self, sheet: Worksheet, header: Header, said: Words) -> None:
        self._sheet, self._header, self._said = sheet, header, said
        self._comments = 0

    def row(self, row: Cells, found: Sequence[Finding]) -> list[Cell]:
        """The row's line, what is wrong in words, then its cells as they were sent."""
        said = _cell(self._sheet, "\n".join(map(self._told, found)))
        if whole := [one for one in found if one.place is None]:
            self._mark(said, whole)
        cells = [_cell(self._sheet, text) for text in row.cells]
        for place, cell in enumerate(cells):
            if here := [one for one in found if one.place == place]:
                self._mark(cell, here)
        line = row.line if row.origin is None else row.origin
        return [_cell(self._sheet, str(line)), said, *cells]

    def _told(self, one: Finding) -> str:
        where = f" {self._header.headings[one.place]}:" if isinstance(one.place, int) else ""
        return f"{self._said.weights[one.weight]}:{where} {one.text}"

    def _mark(self, cell: Cell, found: Sequence[Finding]) -> None:
        """Colour and line show the graver weight, the comment says all."""
        weight = min((one.weight for one in found), key=_NEED_SOMEBODY.index)
        cell.fill, cell.border = _FILLS[weight]
        if self._comments < MAX_COMMENTS:
            self._comments += 1
            text = "\n".join(f"{self._said.weights[one.weight]}: {one.text}" for one in found)
            cell.comment = Comment(escaped(text)[:_LONGEST_COMMENT], "OpenRedress", 120, 300)


def _cell(sheet: Worksheet, text: str) -> Cell:
    """A cell that no spreadsheet takes for a formula; a number where it would keep it as it is."""
    value = _number(text)
    cell = WriteOnlyCell(sheet, value)
    if value is None:
        cell.value = escaped(guarded(text))[:MAX_CELL]
        # Texts such as #N/A are taken for errors otherwise.
        cell.data_type = "s"
        cell.number_format = _AS_TEXT
    return cell


def _number(text: str) -> int | float | None:
    """The number that is written exactly as the text, and no spreadsheet changes."""
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _EXACT_DIGITS):
        return None
    value = float(text) if "." in text else int(text)
    return value if number(str(value)) == text else None
