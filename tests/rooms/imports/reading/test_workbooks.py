"""XLSX: every cell as the text that it shows, every row by the line that the program shows."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openredress_api.foundation import confined
from openredress_api.imports.reading import BadFile, Cells
from openredress_api.imports.reading.markup import escaped, unescaped
from openredress_api.imports.reading.shapes import MAX_CELL
from tests.rooms.imports.reading.pieces import faults_of, refused
from tests.rooms.imports.reading.workbooks import (
    HEAD,
    PARTS,
    of_xlsx,
    packed,
    sheet,
    workbook,
)

GOOD = workbook('<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>0</v></c></row>')


def saved(book: openpyxl.Workbook) -> bytes:
    """The workbook as openpyxl writes it."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def shown(cell: str) -> tuple[str, list[tuple[str, str]]]:
    """What a cell, the second of its row, is read as, and its faults."""
    _, (row,) = of_xlsx(workbook(f'<row r="2"><c r="A2"><v>1</v></c>{cell}</row>'))
    return row.cells[1], faults_of(row)


def test_a_workbook_is_read_in_a_process_of_its_own() -> None:
    """A good one comes back as header and rows, a bad one as its reason."""
    header, rows = of_xlsx(GOOD)
    assert (header.headings, header.line) == (("a", "b"), 1)
    assert rows == [Cells(2, ["1", "shared"])]
    assert refused(lambda: of_xlsx(GOOD, "third")).fault.params == {
        "sheet": "third",
        "sheets": "first, second",
    }


@pytest.mark.parametrize(
    ("reason", "code"),
    [("time", "file_too_demanding"), ("memory", "file_too_demanding"), ("crash", "file_damaged")],
)
def test_what_stops_that_process_is_told_of_the_file(
    monkeypatch: pytest.MonkeyPatch, reason: confined.Reason, code: str
) -> None:
    """Too much time or memory, or a crash: the import ends with a reason."""

    def stopped(*_: object, **__: object) -> bytes:
        raise confined.ConfinedFault(reason)

    monkeypatch.setattr(confined, "run", stopped)
    assert refused(lambda: of_xlsx(GOOD)).fault == code


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="B2"><v>12</v></c>', "12"),
        ('<c r="B2"><v>12.0</v></c>', "12"),
        ('<c r="B2"><v>-3</v></c>', "-3"),
        ('<c r="B2"><v>9.1600000000000001</v></c>', "9.16"),
        ('<c r="B2"><v>1.5E-5</v></c>', "0.000015"),
        ('<c r="B2"><v>6.612345678901E12</v></c>', "6612345678901"),
        ('<c r="B2"><v>12345678901234567890</v></c>', "12345678901234567890"),
        ('<c r="B2" s="4"><v>0.25</v></c>', "0.25"),
        ('<c r="B2" s="1"><v>46082</v></c>', "2026-03-01"),
        ('<c r="B2" s="1"><v>46082.5</v></c>', "2026-03-01T12:00:00"),
        ('<c r="B2" s="2"><v>46082.34375</v></c>', "2026-03-01T08:15:00"),
        ('<c r="B2" s="2"><v>46082</v></c>', "2026-03-01T00:00:00"),
        ('<c r="B2" s="3"><v>46082</v></c>', "2026-03"),
        ('<c r="B2" s="3"><v>46083</v></c>', "2026-03-02"),
        ('<c r="B2" t="d"><v>2026-03-01T00:00:00Z</v></c>', "2026-03-01"),
        ('<c r="B2" t="d" s="2"><v>2026-03-01T00:00:00</v></c>', "2026-03-01T00:00:00"),
        ('<c r="B2" t="b"><v>1</v></c>', "true"),
        ('<c r="B2" t="b"><v>0</v></c>', "false"),
        ('<c r="B2" t="s"><v>1</v></c>', "in two parts "),
        ('<c r="B2" t="s"><v>2</v></c>', "a\rb _x0041_"),
        ('<c r="B2" t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r></is></c>', "xy"),
        ('<c r="B2" t="inlineStr"><is><t>x</t><rPh><t>said</t></rPh></is></c>', "x"),
        ('<c r="B2" t="str"><f>A1&amp;"!"</f><v>1!</v></c>', "1!"),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', ""),
        ('<c r="B2"><f>A2*3</f><v>3</v></c>', "3"),
        ('<c r="B2" s="1"/>', ""),
        ("<c><v>7</v></c>", "7"),
    ],
)
def test_a_cell_is_read_as_what_it_shows(cell: str, text: str) -> None:
    """Days in ISO 8601, whole numbers without decimals, formulas by their results."""
    assert shown(cell) == (text, [])


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize(
    ("cell", "text", "code"),
    [
        ('<c r="B2" t="e"><v>#REF!</v></c>', "#REF!", "cell_is_an_error"),
        ('<c r="B2"><v>NaN</v></c>', "NaN", "cell_is_an_error"),
        ('<c r="B2"><v>twelve</v></c>', "twelve", "cell_is_an_error"),
        ('<c r="B2"><f>1+1</f></c>', "", "cell_without_value"),
        ('<c r="B2" s="1"><v>-5</v></c>', "-5", "cell_is_no_date"),
        ('<c r="B2" s="1"><v>2958466</v></c>', "2958466", "cell_is_no_date"),
        ('<c r="B2" t="d"><v>1 March</v></c>', "1 March", "cell_is_no_date"),
        (f'<c r="B2" t="str"><v>{"x" * (MAX_CELL + 1)}</v></c>', "x" * 80, "cell_too_long"),
    ],
    ids=lambda value: value[:40],
)
def test_a_cell_that_cannot_be_told_is_a_fault(cell: str, text: str, code: str) -> None:
    """It is named by its heading, with what was read; it is never empty in silence."""
    assert shown(cell) == (text, [("/b", code)])


@pytest.mark.usefixtures("unconfined")
def test_rows_and_cells_may_be_left_out() -> None:
    """Empty ones are not written by every program; lines stay those that are shown."""
    _, rows = of_xlsx(
        workbook(
            '<row r="4"><c r="B4"><v>1</v></c></row><row/><row><c><v>2</v></c></row>'
            '<row r="9"><c r="A9" t="str"><v> </v></c></row><row r="1048576"><c><v>3</v></c></row>'
        )
    )
    assert rows == [Cells(4, ["", "1"]), Cells(6, ["2", ""]), Cells(1_048_576, ["3", ""])]


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize("far", ["C2", "HR2", "IV2", "XFD2"])
def test_a_cell_beyond_the_headings_is_told(far: str) -> None:
    """However far to the right, and without making room for all between."""
    _, (row,) = of_xlsx(workbook(f'<row r="2"><c r="{far}"><v>1</v></c></row>'))
    assert faults_of(row) == [("/", "too_many_cells")]
    assert row.cells == ["", ""]


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"/><row r="2"/>',
        '<row r="1"/>',
        '<row r="0"/>',
        '<row r="-5"/>',
        '<row r="1048577"/>',
        '<row r="99999999999999999999"/>',
        '<row r="two"/>',
        '<row r="2"><c r="B2"/><c r="A2"/></row>',
        '<row r="2"><c r="AAAA2"/></row>',
        '<row r="2"><c r="2"/></row>',
        '<row r="2"><c r="A2" t="s"><v>3</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>-9</v></c></row>',
        '<row r="2"><c r="A2" s="77"><v>3</v></c></row>',
        '<row r="2"><c r="A2"></row>',
        "&unknown;",
    ],
)
def test_what_no_program_writes_is_damage(rows: str) -> None:
    """Rows and cells come once and in order, and refer to what is there."""
    bad = refused(lambda: of_xlsx(workbook(rows)))
    assert (bad.fault, bad.fault.params) == ("file_damaged", {"part": "xl/worksheets/one.xml"})


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize("part", ["worksheets/one", "workbook", "styles", "texts"])
def test_a_billion_laughs_are_refused(part: str) -> None:
    """No part of a workbook defines entities."""
    laughs = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    joke = f'<?xml version="1.0"?><!DOCTYPE j [<!ENTITY l0 "ha">{laughs}]><j>&l9;</j>'
    bad = refused(lambda: of_xlsx(workbook(**{part: joke})))
    assert (bad.fault, bad.fault.params) == ("file_damaged", {"part": f"xl/{part}.xml"})


@pytest.mark.usefixtures("unconfined")
def test_a_single_entity_is_refused() -> None:
    """A harmless one too: no program writes any, and there is no bound to find."""
    part = sheet(HEAD + '<row r="2"><c r="A2" t="str"><v>&l;</v></c></row>')
    defined = f'<!DOCTYPE worksheet [<!ENTITY l "ha">]>{part}'
    assert refused(lambda: of_xlsx(workbook(**{"worksheets/one": defined}))).fault == "file_damaged"


@pytest.mark.usefixtures("unconfined")
def test_a_part_that_is_larger_than_it_says_is_refused() -> None:
    """The directory's sizes bound what is unpacked, not what the parts hold."""
    content = bytearray(workbook('<row r="2"><c><v>1</v></c></row>' + " " * 50_000))
    place = content.rfind(b"xl/worksheets/one.xml") - 46
    content[place + 24 : place + 28] = (300).to_bytes(4, "little")
    assert refused(lambda: of_xlsx(bytes(content))).fault == "file_damaged"


@pytest.mark.usefixtures("unconfined")
def test_names_with_a_prefix_are_the_same() -> None:
    """Some programs write x:row instead of row."""
    part = sheet(HEAD + '<row r="2"><c r="A2"><v>1</v></c></row>').replace("xmlns=", "xmlns:x=")
    prefixed = part.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    header, rows = of_xlsx(workbook(**{"worksheets/one": prefixed}))
    assert (header.headings, rows) == (("a", "b"), [Cells(2, ["1", ""])])


@pytest.mark.usefixtures("unconfined")
def test_missing_parts_are_damage() -> None:
    """A workbook without the sheet that it names, or without a workbook part, is refused."""
    parts = dict(PARTS)
    assert refused(lambda: of_xlsx(packed(parts))).fault == "file_damaged"
    parts["_rels/.rels"] = "<Relationships/>"
    assert refused(lambda: of_xlsx(packed(parts))).fault == "file_is_another_kind"


def book_of(*rows: list[object]) -> openpyxl.Workbook:
    """A workbook of openpyxl's with these rows in its first sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    return book


@pytest.mark.usefixtures("unconfined")
def test_the_first_visible_sheet_is_read() -> None:
    """A hidden one is not shown, so it is not what the sender means; a named one is."""
    book = book_of(["hidden"], ["x"])
    book.worksheets[0].sheet_state = "hidden"
    for name in ("shown", "also shown"):
        book.create_sheet(name).append([f"heading of {name}"])
    book.active = 1
    assert of_xlsx(saved(book))[0].headings == ("heading of shown",)
    assert of_xlsx(saved(book), "also shown")[0].headings == ("heading of also shown",)
    assert refused(lambda: of_xlsx(saved(book), "Sheet")).fault == "sheet_missing"


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize("counts_from_1904", [False, True])
def test_another_programs_workbook_is_read(counts_from_1904) -> None:
    """Types, merged cells and both ways to count days, as openpyxl writes them."""
    moment = datetime(2026, 3, 1, 8, 15, 30)  # noqa: DTZ001 - sheets know no zone
    book = openpyxl.Workbook()
    if counts_from_1904:
        book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    for row in (
        ["text", "whole", "decimal", "flag", "day", "moment", "time", "length"],
        [" x ", 3, 0.1, True, date(2026, 3, 1), moment, time(8, 15), timedelta(hours=26.5)],
    ):
        book.worksheets[0].append(row)
    book.worksheets[0].merge_cells("A2:A3")
    _, (row,) = of_xlsx(saved(book))
    assert row.cells == [
        *(" x ", "3", "0.1", "true", "2026-03-01", "2026-03-01T08:15:30"),
        *("08:15:00", "26:30:00"),
    ]


@pytest.mark.usefixtures("unconfined")
def test_a_formula_that_was_never_computed_is_told() -> None:
    """A program that writes formulas without results leaves cells that look empty."""
    _, (row,) = of_xlsx(saved(book_of(["a", "b"], [1, "=A2*2"])))
    assert faults_of(row) == [("/b", "cell_without_value")]


@pytest.mark.usefixtures("unconfined")
def test_an_empty_sheet_is_refused() -> None:
    """A sheet without a heading has no columns."""
    assert refused(lambda: of_xlsx(saved(openpyxl.Workbook()))).fault == "file_empty"


@pytest.mark.usefixtures("unconfined")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=2)
    )
)
def test_any_text_survives(rows: list[list[str]]) -> None:
    """What another program wrote as text is read as it was typed."""
    book = openpyxl.Workbook()
    sheet_ = book.worksheets[0]
    sheet_.append(["a", "b"])
    for number, row in enumerate(rows, 2):
        for column, text in enumerate(row, 1):
            cell = sheet_.cell(number, column, escaped(text))
            cell.data_type = "s"
    _, read = of_xlsx(saved(book))
    assert [one.cells for one in read] == [row for row in rows if "".join(row).strip()]


@given(text=st.text(st.characters(exclude_categories=[])))
def test_what_xml_cannot_hold_is_written_otherwise(text: str) -> None:
    """Control characters and lone halves of pairs come back as they were."""
    written = escaped(text)
    assert unescaped(written) == text
    assert bool(written.encode()) == bool(text)


@pytest.mark.usefixtures("unconfined")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(place=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255))
def test_a_changed_octet_is_refused_or_harmless(place: int, value: int) -> None:
    """A damaged workbook is read or refused with a reason; nothing else comes of it."""
    with suppress(BadFile):
        of_xlsx(GOOD[:place] + bytes([value]) + GOOD[place + 1 :])
