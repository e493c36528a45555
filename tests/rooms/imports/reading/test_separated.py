"""CSV as programs really write it: every row by the line an editor shows, a bad row told."""

from __future__ import annotations

import csv
import io
from itertools import chain, repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.imports.reading import Cells, separated, sheet_csv
from openredress_api.imports.reading.shapes import MAX_CELL, MAX_LINE
from tests.packaging.sources import ROOT
from tests.rooms.imports.reading.pieces import faults_of, of_csv, peak_of, refused

REAL = ROOT.parent / "shared/realdata"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ROWS = st.lists(st.lists(TEXT, min_size=3, max_size=3), max_size=6)


def written(rows: list[list[str]], delimiter: str = ",", line_end: str = "\r\n") -> str:
    """Rows as Python's own csv module writes them, below three headings."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([["a", "b", "c"], *rows])
    return out.getvalue()


@pytest.mark.parametrize("delimiter", separated.DELIMITERS)
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
@given(rows=ROWS)
def test_any_text_survives(delimiter: str, charset: str, rows: list[list[str]]) -> None:
    """Whatever a cell holds, with quotes, delimiters and line ends, is read as it was written."""
    header, read = of_csv(written(rows, delimiter).encode(charset))
    assert header.headings == ("a", "b", "c")
    assert [one.cells for one in read] == [row for row in rows if "".join(row).strip()]
    assert not any(one.faults for one in read)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_understood(line_end: str) -> None:
    """Windows, Unix and old Macintosh files are read the same."""
    _, read = of_csv(written([["1", "2", "3"]], ",", line_end))
    assert read == [Cells(2, ["1", "2", "3"])]


def test_rows_are_numbered_by_their_first_line() -> None:
    """Quotes across lines and blank lines do not shift what is told of later rows."""
    _, read = of_csv('a,b\r\n1,"x\ny\r\nz"\n\n\r\n,\n2,w\n')
    assert [(one.line, one.cells) for one in read] == [(2, ["1", "x\ny\r\nz"]), (8, ["2", "w"])]


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("a;b;c\n1,5;2,5;x\n", ";"),
        ("a\tb, or c\n1\t2\n", "\t"),
        ("a|b\n1|2;3;4\n", "|"),
        ('"a;1","b;2"\n"1;2","3"\n', ","),
        ("sep=|\na,1|b,2\n1,2|3,4\n", "|"),
        ("only one heading\nx\n", ","),
        ("name, first;name, last;c\nx;y;z\nu;v;w\n", ";"),
    ],
)
def test_the_delimiter_is_told_from_the_rows(content: str, delimiter: str) -> None:
    """Decimal commas and commas in headings do not mislead."""
    header, read = of_csv(content)
    lines = [line for line in content.splitlines() if not line.startswith("sep=")]
    assert header.headings == tuple(next(csv.reader(lines, delimiter=delimiter)))
    assert not any(one.faults for one in read)
    assert read[0].line == len(content.splitlines()) - len(read) + 1


def test_thai_windows_files_are_read_when_it_is_said() -> None:
    """cp874 is a letter per octet; without being told, the header says what to do."""
    content = "ชื่อ,จำนวน\nโรงงาน,12\n".encode("cp874")
    header, read = of_csv(content, charset="cp874")
    assert (header.headings, read[0].cells) == (("ชื่อ", "จำนวน"), ["โรงงาน", "12"])
    bad = refused(lambda: of_csv(content))
    assert (bad.fault, bad.line) == ("not_utf8", 1)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1,2,3", "too_many_cells"),
        ("1", "too_few_cells"),
        ('1,"2"3', "quote_misplaced"),
        ('1,"2', "quote_open"),
        ('1,"2 ""', "quote_open"),
        ("1,2\0", "control_character"),
        ("1," + "x" * (MAX_CELL + 1), "cell_too_long"),
        ("1," + "x" * 140_000, "cell_too_long"),
        ("1," + "x" * (MAX_LINE + 1), "line_too_long"),
    ],
    ids=lambda value: repr(value)[:30],
)
@pytest.mark.parametrize("after", ["", "\n5,6\n7,8\n"])
def test_a_bad_row_costs_that_row(row: str, code: str, after: str) -> None:
    """It is told with its line; the rows below it are read, even below a quote never closed."""
    content = f"a,b\n3,4\n{row}{after}".encode()
    header, rows = sheet_csv([content])
    good, bad, *rest = rows
    assert good == Cells(2, ["3", "4"])
    assert (bad.line, [found for _, found in faults_of(bad)]) == (3, [code])
    assert len(bad.cells) == len(header.headings)
    assert rest == ([Cells(4, ["5", "6"]), Cells(5, ["7", "8"])] if after else [])


def test_a_row_that_is_not_utf_8_is_told() -> None:
    """With the octet at which it is not; others are read."""
    _, (bad, good) = of_csv(b"a,b\n1,mill\xe9\n2,x\n")
    assert faults_of(bad) == [("/", "not_utf8")]
    assert bad.faults[0].fault.params == {"column": 7}
    assert good == Cells(3, ["2", "x"])


def test_what_is_wrong_with_a_cell_is_told_by_its_heading() -> None:
    """The place of a fault is the column in the sender's own word."""
    _, (bad,) = of_csv("what/where,~b\n1," + "x" * (MAX_CELL + 1))
    assert faults_of(bad) == [("/~0b", "cell_too_long")]


def test_empty_cells_beyond_the_headings_are_no_fault() -> None:
    """Spreadsheet programs write them; headings may be followed by some as well."""
    header, read = of_csv("a,b,,\n1,2,,\n3,4\n")
    assert (header.headings, [one.cells for one in read]) == (("a", "b"), [["1", "2"], ["3", "4"]])
    assert not any(one.faults for one in read)


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        ("", "file_empty", {}),
        ("\n\n,,\n", "file_empty", {}),
        ("a,,c\n", "heading_missing", {"column": "B"}),
        ("\na, b ,c,b\n", "heading_twice", {"heading": "b", "columns": "B, D"}),
        (",".join(map(str, range(201))), "too_many_columns", {"at_most": 200}),
        ('a,"b\n1,2\n', "quote_open", {}),
    ],
)
def test_a_header_that_names_no_columns_is_refused(content: str, code: str, params) -> None:
    """Without clear headings no row means anything; the fault says which column."""
    bad = refused(lambda: of_csv(content))
    assert (str(bad.fault), bad.fault.params) == (code, params)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"PK\x03\x04", "XLSX or ZIP"),
        (b"\xd0\xcf\x11\xe0", "XLS"),
        (b"%PDF-1.7", "PDF"),
        ("a,b".encode("utf-16-be"), "UTF-16 or UTF-32"),
    ],
)
def test_other_kinds_of_files_are_refused_by_name(content: bytes, found: str) -> None:
    """A workbook that was announced as CSV is called a workbook."""
    assert refused(lambda: of_csv(content)).fault.params["found"] == found


def test_half_a_utf_16_letter_is_refused() -> None:
    """A file that was cut off within a letter is damaged."""
    assert refused(lambda: of_csv("a,b\n1,2".encode("utf-16")[:-1])).fault == "file_damaged"


def test_no_file_is_read_again_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes made to be misread cost a bounded number of looks at each line."""
    monkeypatch.setattr(separated, "READ_AGAIN", 1_000_000)
    looks = 0
    look = separated._Lines._text

    def counted(lines, line):
        nonlocal looks
        looks += 1
        return look(lines, line)

    monkeypatch.setattr(separated._Lines, "_text", counted)
    content = b"a,b\n" + b'x","\n' * 200_000
    _, rows = sheet_csv([content])
    assert all(one.faults for one in rows)
    assert looks < 200_000 * 2 + 1_000_000


@pytest.mark.parametrize(
    "line",
    [
        b"1," + b"y" * 500 + b"\n",
        b"y" * 500,
        b'1,"' + b"y" * 500,
        b'"' + b"y" * 500 + b"\n",
        b'y","' + b"y" * 500 + b"\n",
    ],
)
def test_memory_stays_flat(line: bytes) -> None:
    """Neither many rows nor a row or quote without end are ever held."""
    parts = chain([b"a,b\n"], repeat(line * 130, 400))
    assert peak_of(lambda: sheet_csv(parts)[1]) < 8 * MAX_LINE


@pytest.mark.parametrize("name", sorted(path.name for path in REAL.glob("*.csv")) or ["none"])
def test_real_files_are_read_whole(name: str) -> None:
    """Every row of every public file that lies there, cell by cell, without a fault."""
    path = Path(REAL / name)
    if not path.exists():
        pytest.skip("the public records are not on this machine")
    header, read = sheet_csv([path.read_bytes()])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        headings, *expected = csv.reader(stream)
    assert list(header.headings) == headings
    rows = list(read)
    assert [one.cells for one in rows] == [row for row in expected if row]
    assert not any(one.faults for one in rows)
