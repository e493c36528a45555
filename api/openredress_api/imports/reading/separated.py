"""CSV in its dialects: delimiter, line ends and byte order mark are told from the file itself.

A quotation mark that is never closed costs its own line, not the rest of the file.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from io import BufferedReader
from itertools import islice

from openredress_api.foundation.problems import Fault
from openredress_api.imports.reading.arranging import arranged
from openredress_api.imports.reading.shapes import (
    MAX_CELL,
    MAX_LINE,
    BadFile,
    Cells,
    Found,
    Header,
    Row,
)
from openredress_api.imports.reading.streams import (
    BLOCK,
    BOM,
    is_utf_16,
    next_line,
    reader,
    refuse_other_kinds,
)

DELIMITERS = ",;\t|"
SAMPLE = 20
# A row of several lines may grow to this; beyond it, its quotation mark was never closed.
MAX_ROW = 256 * 1024
# Lines after an unclosed mark are read again, but no file may make us do so for ever.
READ_AGAIN = 16 * 1024 * 1024
_SAYS_DELIMITER = re.compile(r"sep=(.)\r?\n?")


class _Unclosed(Exception):
    """A row went on beyond every bound."""


def sheet_csv(parts: Iterable[bytes], charset: str = "utf-8") -> tuple[Header, Iterator[Cells]]:
    """The header of a CSV file and its rows, read as they are asked for; BadFile if it is none.

    `charset` is utf-8 or one in which each octet is a letter, such as cp874; a byte order mark
    overrules it.
    """
    stream = reader(parts)
    if is_utf_16(stream.peek()):
        stream = reader(_as_utf_8(stream))
    head = stream.peek()
    refuse_other_kinds(head, "CSV")
    if head.startswith(BOM):
        stream.read(len(BOM))
        charset = "utf-8"
    if b"\r" in head and b"\n" not in head:
        stream = reader(block.replace(b"\r", b"\n") for block in _blocks(stream))
        head = head.replace(b"\r", b"\n")
    # The last line of a full block may be half a line.
    sample = head if len(head) < BLOCK else head[: head.rfind(b"\n") + 1]
    delimiter = _delimiter(sample.removeprefix(BOM).decode(charset, "replace"))
    return arranged(_rows(_Lines(stream, charset), delimiter), pads=False)


def _blocks(stream: BufferedReader) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _as_utf_8(stream: BufferedReader) -> Iterator[bytes]:
    try:
        for text in codecs.iterdecode(_blocks(stream), "utf-16"):
            yield text.encode()
    except UnicodeError:
        raise BadFile("file_damaged", part="UTF-16") from None


def _delimiter(sample: str) -> str:
    """The one that the first line names, or by which most rows are as wide as the first."""
    lines = sample.splitlines(keepends=True)
    if lines and (said := _SAYS_DELIMITER.fullmatch(lines[0])):
        return said[1]

    def likeness(delimiter: str) -> tuple[bool, float, int]:
        rows = list(islice(csv.reader(lines, delimiter=delimiter), SAMPLE))
        width = len(rows[0]) if rows else 0
        return width > 1, sum(len(row) == width for row in rows) / max(len(rows), 1), width

    return max(DELIMITERS, key=likeness)


class _Lines:
    """The physical lines of a file for the csv module, and what was seen since a row began."""

    def __init__(self, stream: BufferedReader, charset: str) -> None:
        self._stream = stream
        self._charset = charset
        self._again: deque[bytes | None] = deque()
        self._may_repeat = READ_AGAIN
        self.number = 0
        self.begin()

    def begin(self) -> None:
        """A row begins with the next line."""
        self.first = self.number + 1
        self.size = 0
        self.found: list[Found] = []
        self._seen: list[bytes | None] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next_line(self._stream, MAX_LINE)
        if line == b"":
            raise StopIteration
        self.number += 1
        self._seen.append(line)
        text = self._text(line)
        self.size += len(text)
        if self.size > MAX_ROW and self.has_several:
            raise _Unclosed
        return text

    @property
    def has_several(self) -> bool:
        """Whether the row goes over more than one line."""
        return len(self._seen) > 1

    def give_back(self) -> str:
        """Read all lines of the row again but the first, as rows of their own; the first line."""
        first, *later = self._seen
        size = sum(len(line or b"") for line in later)
        if size <= self._may_repeat:
            self._may_repeat -= size
            self._again.extendleft(reversed(later))
            self.number -= len(later)
        self.found = []
        return self._text(first)

    def _text(self, line: bytes | None) -> str:
        if line is None:
            self._find(Fault("line_too_long", at_most=MAX_LINE))
            return "\n"
        if b"\0" in line:
            self._find(Fault("control_character"))
        try:
            return line.decode(self._charset)
        except UnicodeDecodeError as fault:
            self._find(Fault("not_utf8", column=fault.start + 1))
            return line.decode(self._charset, "replace")

    def _find(self, fault: Fault) -> None:
        self.found.append(Found(None, fault))


def _rows(lines: _Lines, delimiter: str) -> Iterator[Row]:
    """The rows of a file; a blank line is none, but it is counted."""
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(rows, None)
        except (csv.Error, _Unclosed) as fault:
            yield _unreadable(lines, delimiter, str(fault))
            continue
        if cells is None:
            return
        if lines.size > MAX_CELL:
            lines.found += _too_long(cells)
        names_delimiter = lines.first == 1 and cells == ["sep=", ""]
        if (cells or lines.found) and not names_delimiter:
            yield Row(lines.first, cells, tuple(lines.found))


def _too_long(cells: list[str]) -> Iterator[Found]:
    for place, cell in enumerate(cells):
        if len(cell) > MAX_CELL:
            yield Found(place, Fault("cell_too_long", at_most=MAX_CELL))


def _unreadable(lines: _Lines, delimiter: str, said: str) -> Row:
    """The row that the csv module could not take apart, its first line cut at the delimiters."""
    if lines.has_several or not said or said == "unexpected end of data":
        fault = Fault("quote_open")
    elif said.startswith("field larger"):
        fault = Fault("cell_too_long", at_most=MAX_CELL)
    else:
        fault = Fault("quote_misplaced")
    first = lines.give_back()
    return Row(lines.first, first.rstrip("\r\n").split(delimiter), (Found(None, fault, first),))
