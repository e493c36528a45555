"""The cells of one sheet as rows of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zipfile import ZipFile

from openredress_api.foundation.problems import Fault
from openredress_api.imports.reading.markup import feed, unescaped
from openredress_api.imports.reading.shapes import MAX_CELL, MAX_COLUMNS, BadFile, Found, Row
from openredress_api.imports.reading.shared import Workbook
from openredress_api.imports.reading.values import Kind, iso, moment, number

# Columns of ours come on top.
_FURTHEST = MAX_COLUMNS + 10
_MAX_ROW = 1_048_576
_LONGEST_NAME = 3
_EXCERPT = 80
# What XML cannot hold, but workbooks have a way to write; a database cannot hold it either.
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")


def rows(archive: ZipFile, part: str, workbook: Workbook) -> Iterator[Row]:
    """The rows of a sheet that hold anything, by their numbers; BadFile if it is damaged."""
    sheet = _Sheet(part, workbook)
    for _ in feed(archive, part, sheet):
        yield from sheet.rows
        sheet.rows.clear()
        if sheet.is_over:
            return


class _Wrong(Exception):
    """A cell whose value cannot be told: the code of the fault, and what is shown instead."""

    def __init__(self, code: str, shown: str, **params: object) -> None:
        super().__init__(code)
        self.fault = Fault(code, **params)
        self.shown = _NO_TEXT.sub("\ufffd", shown[:_EXCERPT])


class _Sheet:
    """Told of a sheet's elements, makes rows of them."""

    def __init__(self, part: str, workbook: Workbook) -> None:
        self._part, self._workbook = part, workbook
        self.rows: list[Row] = []
        self.is_over = False
        self._columns: dict[str, int] = {}
        self._line = self._column = 0
        self._attributes: dict[str, str] = {}
        self._pieces: list[str] = []
        self._reads = self._has_value = self._is_computed = self._is_reading_aid = False
        self._cells: list[str] = []
        self._found: list[Found] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """`c` is a cell, `v` or `t` its value, `f` the formula that made it, `rPh` no value."""
        if name == "c":
            self._attributes, self._pieces = attributes, []
            self._has_value = self._is_computed = False
        elif name == "v" or (name == "t" and not self._is_reading_aid):
            self._reads = self._has_value = True
        elif name == "f":
            self._is_computed = True
        elif name == "row":
            self._begin(attributes.get("r", str(self._line + 1)))
        elif name == "rPh":
            self._is_reading_aid = True

    def end(self, name: str) -> None:
        """A cell is complete with `c`, a row with `row`."""
        if name in ("v", "t"):
            self._reads = False
        elif name == "c":
            self._end_cell()
        elif name == "row" and (self._cells or self._found):
            self.rows.append(Row(self._line, self._cells, tuple(self._found)))
        elif name == "rPh":
            self._is_reading_aid = False
        elif name == "sheetData":
            self.is_over = True

    def text(self, text: str) -> None:
        """A piece of what a cell holds."""
        if self._reads:
            self._pieces.append(text)

    def _begin(self, said: str) -> None:
        """A row begins; those that are empty may be left out, none comes twice."""
        if not said.isdecimal() or not self._line < int(said[:9]) <= _MAX_ROW:
            raise self._damage()
        self._line, self._column = int(said), 0
        self._cells, self._found = [], []

    def _end_cell(self) -> None:
        where = self._attributes.get("r")
        column = self._column + 1 if where is None else self._number(where)
        if column <= self._column:
            raise self._damage()
        self._column = column
        try:
            text = self._value()
        except _Wrong as wrong:
            text = wrong.shown
            self._found.append(Found(column - 1, wrong.fault, text))
        if not text:
            return
        if column > _FURTHEST:
            self._found = [Found(None, Fault("too_many_cells"), text[:_EXCERPT])]
            return
        self._cells += [""] * (column - 1 - len(self._cells))
        self._cells.append(text)

    def _number(self, where: str) -> int:
        """The number of a column, from 1, by a cell's name such as AB12."""
        letters = where.rstrip("0123456789")
        found = self._columns.get(letters, 0)
        if not found:
            if not (letters.isascii() and letters.isupper() and len(letters) <= _LONGEST_NAME):
                raise self._damage()
            for sign in letters:
                found = found * 26 + ord(sign) - ord("A") + 1
            self._columns[letters] = found
        return found

    def _value(self) -> str:
        """What the cell holds, as text; _Wrong where that cannot be told."""
        text = "".join(self._pieces)
        kind = self._attributes.get("t", "n")
        if not text:
            # A formula may make an empty text, and says so.
            if self._is_computed and not (kind == "str" and self._has_value):
                raise _Wrong("cell_without_value", "")
            return ""
        if kind == "n":
            return self._of_number(text)
        if kind == "s":
            text = self._shared(text)
        elif kind in ("str", "inlineStr"):
            text = unescaped(text)
        elif kind == "b":
            text = "true" if text == "1" else "false"
        elif kind == "d":
            text = self._of_date(text)
        else:
            raise _Wrong("cell_is_an_error", text)
        if len(text) > MAX_CELL:
            raise _Wrong("cell_too_long", text, at_most=MAX_CELL)
        if _NO_TEXT.search(text):
            raise _Wrong("control_character", text)
        return text

    def _of_number(self, text: str) -> str:
        shows = self._shows()
        try:
            if shows:
                return moment(text, shows, from_1904=self._workbook.from_1904)
            return number(text)
        except ValueError:
            raise _Wrong("cell_is_no_date" if shows else "cell_is_an_error", text) from None

    def _of_date(self, text: str) -> str:
        shows = self._shows()
        try:
            return iso(text, shows)
        except ValueError:
            raise _Wrong("cell_is_no_date", text) from None

    def _shows(self) -> Kind | None:
        """What the cell's style shows of a serial day."""
        style = self._attributes.get("s")
        try:
            return self._workbook.kinds[int(style)] if style else None
        except (ValueError, IndexError):
            raise self._damage() from None

    def _shared(self, text: str) -> str:
        try:
            return self._workbook.texts[int(text)]
        except (ValueError, IndexError):
            raise self._damage() from None

    def _damage(self) -> BadFile:
        return BadFile("file_damaged", part=self._part)
