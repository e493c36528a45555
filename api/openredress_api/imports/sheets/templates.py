"""Spreadsheet templates: a sheet that checks itself while it is filled in, in the user's words."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Literal

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from openredress_api.imports.reading.arranging import FIELDS, LINE
from openredress_api.imports.reading.shapes import MAX_CELL
from openredress_api.imports.sheets.describing import Column, Described
from openredress_api.imports.sheets.wording import Words, words

# Rows that check what is typed: the first after headings and field names, and the last.
FIRST, LAST = 3, 5002
REQUIRED, OPTIONAL = "●", "○"
CODES = "codes"
_LONGEST_MESSAGE = 250
# Excel's day of 1950-01-01, the first of the year window.
_EARLIEST = "18264"
_LATEST = "TODAY()+366"
_FORMATS = {
    "count": "0",
    "amount": "0.00#",
    "day": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "instant": "yyyy-mm-dd hh:mm",
}
_AS_TEXT = "@"
_WIDTHS = {"text": 26, "code": 26, "identifier": 32, "instant": 18}
_NARROW = 14
_NEEDED, _OTHER = PatternFill("solid", "FFE699"), PatternFill("solid", "EDEDED")
_THICK, _THIN = Border(bottom=Side("thick")), Border(bottom=Side("dashed"))


def template(kind: Described, language: str) -> bytes:
    """An XLSX workbook to be filled in, which `sheet_xlsx` reads."""
    said = words(language)
    book = Workbook()
    book.properties.creator = "OpenRedress"
    sheet = book.worksheets[0]
    sheet.title = kind.name
    lists = _Lists(book.create_sheet(CODES))
    _own_column(sheet)
    for place, column in enumerate(kind.columns, 2):
        _head(sheet, place, column, said, language)
        _check(sheet, place, column, said, lists)
    sheet.row_dimensions[1].height = 48
    sheet.row_dimensions[2].hidden = True
    sheet.freeze_panes = "B3"
    _explain(book.create_sheet(said.how_to_title, 1), kind, said, language)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _own_column(sheet: Worksheet) -> None:
    """The hidden column and row by which the sheet is known again."""
    sheet["A1"], sheet["A2"] = LINE, FIELDS
    sheet.column_dimensions["A"].hidden = True


def _head(sheet: Worksheet, place: int, column: Column, said: Words, language: str) -> None:
    """Heading and field name; whether it is needed stands there in a word, a sign and a line."""
    sign, word = (REQUIRED, said.required) if column.is_required else (OPTIONAL, said.optional)
    cell = sheet.cell(1, place, f"{column.heading(language)}\n{sign} {word}")
    cell.font = Font(bold=column.is_required)
    cell.fill = _NEEDED if column.is_required else _OTHER
    cell.border = _THICK if column.is_required else _THIN
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.comment = Comment(_advice(column, said), "OpenRedress", height=90, width=260)
    sheet.cell(2, place, column.name)
    dimension = sheet.column_dimensions[get_column_letter(place)]
    dimension.width = _WIDTHS.get(column.type, _NARROW)
    dimension.number_format = _FORMATS.get(column.type, _AS_TEXT)


def _advice(column: Column, said: Words) -> str:
    """What to write, with an example of right."""
    what = said.types[column.type].format(at_least=column.at_least, at_most=column.at_most)
    return f"{what}\n{said.example}: {column.example}"


def _check(sheet: Worksheet, place: int, column: Column, said: Words, lists: _Lists) -> None:
    rule = _rule(column, lists)
    rule.errorTitle = rule.promptTitle = said.example
    rule.error = rule.prompt = _advice(column, said)[:_LONGEST_MESSAGE]
    rule.showErrorMessage = rule.showInputMessage = True
    letter = get_column_letter(place)
    rule.add(f"{letter}{FIRST}:{letter}{LAST}")
    sheet.add_data_validation(rule)


def _rule(column: Column, lists: _Lists) -> DataValidation:
    """What the sheet lets a cell of the column hold."""
    if column.type in ("code", "flag"):
        return DataValidation("list", lists.range_of(tuple(column.codes) or ("true", "false")))
    if column.type == "count":
        return _between("whole", str(column.at_least), str(column.at_most))
    if column.type == "amount":
        return DataValidation("decimal", "0", operator="greaterThanOrEqual")
    if column.type in ("day", "month", "instant"):
        rule = _between("date", _EARLIEST, _LATEST)
        # A time with its zone is text, and right as well: the sheet asks, and takes it.
        rule.errorStyle = "warning" if column.type == "instant" else "stop"
        return rule
    return _between("textLength", str(column.at_least), str(min(column.at_most, MAX_CELL)))


def _between(kind: Literal["whole", "date", "textLength"], least: str, most: str) -> DataValidation:
    return DataValidation(kind, least, most, operator="between")


class _Lists:
    """A hidden sheet with one column per list of codes, for the drop-downs."""

    def __init__(self, sheet: Worksheet) -> None:
        sheet.sheet_state = "hidden"
        self._sheet = sheet
        self._ranges: dict[tuple[str, ...], str] = {}

    def range_of(self, codes: tuple[str, ...]) -> str:
        """Where the list stands; the same list stands there once."""
        if codes not in self._ranges:
            place = len(self._ranges) + 1
            for row, code in enumerate(codes, 1):
                self._sheet.cell(row, place, code)
            letter = get_column_letter(place)
            self._ranges[codes] = f"{CODES}!${letter}$1:${letter}${len(codes)}"
        return self._ranges[codes]


def _explain(sheet: Worksheet, kind: Described, said: Words, language: str) -> None:
    """How to fill it in, what each column takes, and what each code means."""
    for sentence in said.how_to:
        sheet.append([sentence])
    sheet.append([])
    for row in (*_table(kind, said, language), [], *_meanings(kind, said, language)):
        sheet.append(row)
    for letter, width in zip("ABCD", (44, 44, 60, 34), strict=True):
        sheet.column_dimensions[letter].width = width


def _table(kind: Described, said: Words, language: str) -> Iterator[list[str]]:
    yield said.columns[:4]
    for column in kind.columns:
        sign = (
            f"{REQUIRED} {said.required}" if column.is_required else f"{OPTIONAL} {said.optional}"
        )
        what = said.types[column.type].format(at_least=column.at_least, at_most=column.at_most)
        yield [column.heading(language), sign, what, column.example]


def _meanings(kind: Described, said: Words, language: str) -> Iterator[list[str]]:
    yield [said.columns[0], *said.columns[4:]]
    seen = set()
    for column in kind.columns:
        codes = tuple(column.codes)
        if codes and codes not in seen:
            seen.add(codes)
            for code, meaning in column.codes.items():
                yield [column.heading(language), code, meaning]
