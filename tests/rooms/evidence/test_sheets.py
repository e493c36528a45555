"""Sheets: values that a reader sees, in the order in which they stand; nothing that was hidden."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from openredress_api.evidence.copies.formats import seen
from tests.factories import files
from tests.factories.evidence import copied
from tests.factories.files import XLSX


def rows_of(book: openpyxl.Workbook) -> list[list[Any]]:
    """The rows of the copy of a workbook's first sheet."""
    made = BytesIO()
    book.save(made)
    copy = openpyxl.load_workbook(BytesIO(copied(XLSX, made.getvalue())))
    return [list(row) for row in copy.worksheets[0].iter_rows(values_only=True)]


@pytest.fixture
def book() -> openpyxl.Workbook:
    """Three rows of a list of wages."""
    made = openpyxl.Workbook()
    for row in (["no", "name", "net"], [1, "Somchai", 300], [2, "Aye", 400]):
        sheet(made).append(row)
    return made


def sheet(book: openpyxl.Workbook) -> Worksheet:
    """Its only sheet."""
    found = book.active
    assert isinstance(found, Worksheet)
    return found


def test_hidden_columns_and_rows_are_left_out(book: openpyxl.Workbook) -> None:
    """What a sender hid or folded away is not in the copy."""
    sheet(book).column_dimensions["B"].hidden = True
    sheet(book).row_dimensions[2].hidden = True
    assert rows_of(book) == [["no", "net"], [2, 400]]


def test_folded_columns_are_left_out(book: openpyxl.Workbook) -> None:
    """What is said of a run of columns holds for each of them."""
    sheet(book).column_dimensions.group("B", "C", hidden=True)
    assert rows_of(book) == [["no"], [1], [2]]


def test_all_columns_are_narrow_but_those_named(book: openpyxl.Workbook) -> None:
    """Where a sheet gives columns no width, only those with a width of their own are seen."""
    sheet(book).sheet_format.defaultColWidth = 0
    sheet(book).column_dimensions["C"].width = 12
    assert rows_of(book) == [["net"], [300], [400]]


def test_hidden_sheets_are_left_out(book: openpyxl.Workbook) -> None:
    """Hidden so that a menu shows them again, or so that none does."""
    for state in ("hidden", "veryHidden"):
        other = book.create_sheet(f"{state} canary")
        other.append(["canary"])
        other.sheet_state = state
    made = BytesIO()
    book.save(made)
    assert b"canary" not in files.strings_of(copied(XLSX, made.getvalue()))


def test_a_cell_that_its_format_hides_is_empty(book: openpyxl.Workbook) -> None:
    """The values around it stay."""
    sheet(book)["B2"].number_format = ";;;"
    sheet(book)["C2"].number_format = '"***"'
    sheet(book)["C3"].number_format = "#,##0.00"
    assert rows_of(book) == [["no", "name", "net"], [1, None, "***"], [2, "Aye", 400]]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1.5, "General", 1.5),
        (1.5, "", 1.5),
        (-3, "0;;", None),
        (0, "0;-0;;@", None),
        (5, "0;-0;;@", 5),
        ("x", "0;-0;;@", "x"),
        ("x", "0;0;0;", None),
        ("x", ";;", "x"),
        (7, '"**";"**"', "**"),
        (7, "**;**;**;**", None),
        (1, '[=1]"yes";[=0]"no";0', "yes"),
        (4, '[=1]"yes";[=0]"no";0', 4),
        (0.5, "[Red][<1]0%;0", 0.5),
        (3, "\\x", "x"),
        (3, '"a;b"0', 3),
        (date(2026, 3, 1), "dd/mm/bbbb", date(2026, 3, 1)),
        (date(2026, 3, 1), ";;;", None),
        (0.5, "[h]", 0.5),
        (12, '_-* #,##0.00\\ "฿"_-', 12),
        (True, ";;;", None),
        (True, "0.00", True),
    ],
)
def test_what_a_format_shows(value: object, number_format: str, shown: object) -> None:
    """The value wherever any of it is seen; else what is written in its place."""
    assert seen(value, number_format) == shown


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = '<row><c t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'


def first_column(row: str) -> list[Any]:
    """What the copy has of a sheet of this row and another one, whose only cell says x."""
    made = BytesIO()
    openpyxl.Workbook().save(made)
    parts = files.parts_of(made.getvalue())
    parts["xl/worksheets/sheet1.xml"] = f"{SHEET}{row}{END}".encode()
    copy = openpyxl.load_workbook(BytesIO(copied(XLSX, files.package(parts))))
    return [row[0] for row in copy.worksheets[0].iter_rows(values_only=True)]


def test_a_row_without_height_is_left_out() -> None:
    """A row that was drawn together until it had no height is hidden; the next one stays."""
    assert first_column('<row ht="0" customHeight="1"><c><v>3</v></c></row>') == ["x"]
    assert first_column('<row hidden="true"><c><v>3</v></c></row>') == ["x"]
    assert first_column('<row hidden="0" ht="9"><c><v>3</v></c></row>') == [3, "x"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("<c><f>1+1</f></c>", "(not computed)"),
        ('<c r="A1"><f>1+1</f><v/></c>', "(not computed)"),
        ("<c><f>1+1</f><v>2</v></c>", 2),
        ('<c t="str"><f>""</f><v></v></c>', None),
        ("<c><v>3</v></c>", 3),
    ],
)
def test_a_formula_without_a_value_says_so(cell: str, shown: object) -> None:
    """It is no empty cell; one that came to an empty text is."""
    assert first_column(f"<row>{cell}</row>") == [shown, "x"]
