"""Corrections: the sender's own rows with what is wrong marked, to be sent again as they are."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openredress_api.foundation.messages import LANGUAGES
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.reading import Cells, Header, ndjson, sheet_csv
from openredress_api.imports.sheets import (
    Finding,
    correcting,
    corrections,
    corrections_ndjson,
    described,
    template,
)
from openredress_api.imports.sheets.wording import words
from tests.rooms.imports.reading.workbooks import of_xlsx

pytestmark = pytest.mark.usefixtures("unconfined")
HEADER = Header(("Ref", "Workers", "=Day"), 1)
ROWS = [
    Cells(2, ["A-1", "12", "2026-03-01"]),
    Cells(3, ["A-2", "-5", "01/03/2569"]),
    Cells(5, ["007", "1520.50", "=1+1"]),
]
FIX = Finding(2, "must_fix", "must be a day as YYYY-MM-DD, for example 2026-03-01")
CHECK = Finding(1, "please_check", "is ten times the usual")
WHOLE = Finding(None, "must_fix", "has cells beyond the last heading")
TOLD = Finding(0, "information", "was taken as text")
# NUL is a fault of its cell, wherever it stands: it is not sent back.
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def made(
    findings: dict[int, list[Finding]], language: str = "en", *, is_cut: bool = False
) -> bytes:
    """The corrections of three rows."""
    return corrections(HEADER, iter(ROWS), findings, language, is_cut=is_cut)


def opened(content: bytes):
    """The corrections sheet as another program opens it."""
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def test_only_rows_that_need_somebody_are_there() -> None:
    """With the lines that they had in what was sent; what is right is not sent again."""
    header, rows = of_xlsx(made({2: [TOLD], 3: [FIX, TOLD], 5: [CHECK]}))
    assert header.headings == HEADER.headings
    assert [(row.origin, row.cells) for row in rows] == [(3, ROWS[1].cells), (5, ROWS[2].cells)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headings=st.lists(
        ANY.filter(lambda text: text.strip() and not text.startswith("openredress:")),
        min_size=2,
        max_size=2,
        unique_by=str.strip,
    ),
    rows=st.lists(st.lists(ANY, min_size=2, max_size=2), min_size=1, max_size=4),
)
def test_any_text_comes_back_as_it_was(headings: list[str], rows: list[list[str]]) -> None:
    """Whatever the sender wrote, formulas and control characters too, is kept to the letter."""
    sent = [Cells(line, row) for line, row in enumerate(rows, 7)]
    found = {row.line: [Finding(0, "must_fix", "x")] for row in sent}
    header, read = of_xlsx(corrections(Header(tuple(headings), 1), sent, found, "th"))
    assert header.headings == tuple(headings)
    kept = [row for row in sent if "".join(row.cells).strip()]
    assert [(row.origin, row.cells) for row in read] == [(row.line, row.cells) for row in kept]


@pytest.mark.parametrize("language", LANGUAGES)
def test_bad_cells_are_marked_and_explained(language: str) -> None:
    """By colour, by a line around them, by a comment, and in words beside the row."""
    sheet = opened(made({3: [FIX, CHECK], 5: [WHOLE]}, language))
    said = words(language).weights
    day, workers = sheet["E2"], sheet["D2"]
    assert (day.fill.start_color.rgb, day.border.left.style) == ("00FF9999", "thick")
    assert (workers.fill.start_color.rgb, workers.border.left.style) == ("00FFF2A8", "dashed")
    assert day.comment.text == f"{said['must_fix']}: {FIX.text}"
    assert sheet["C2"].comment is None
    assert sheet["C2"].fill.fill_type is None
    assert sheet["B2"].value == (
        f"{said['must_fix']}: =Day: {FIX.text}\n{said['please_check']}: Workers: {CHECK.text}"
    )
    assert sheet["B3"].fill.start_color.rgb == "00FF9999"
    assert WHOLE.text in sheet["B3"].comment.text


def test_two_findings_in_one_cell_are_both_told() -> None:
    """The graver one gives the colour."""
    sheet = opened(made({3: [CHECK, Finding(1, "must_fix", "is no whole number")]}))
    assert sheet["D2"].fill.start_color.rgb == "00FF9999"
    assert CHECK.text in sheet["D2"].comment.text
    assert "is no whole number" in sheet["D2"].comment.text


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://192.0.2.1","x")',
        "+cmd|'/c calc'!A0",
        "-1+1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "'=1",
        "#N/A",
        "{=1}",
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    """What a spreadsheet could run stands there as text, behind an apostrophe, and comes back."""
    content = corrections(Header((text,), 1), [Cells(2, [text])], {2: [WHOLE]}, "en")
    for row in opened(content).iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not str(cell.value).startswith(tuple("=+-@\t\r\n"))
    header, (read,) = of_xlsx(content)
    assert (header.headings, read.cells) == ((text,), [text])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-5", -5),
        ("1.25", 1.25),
        ("-0.5", -0.5),
        ("007", "007"),
        ("1520.50", "1520.50"),
        ("+5", "+5"),
        ("-0", "-0"),
        ("1e5", "1e5"),
        ("6612345678901234", "6612345678901234"),
        ("၁၂", "၁၂"),
        ("1,520", "1,520"),
    ],
)
def test_numbers_stay_numbers(text: str, value: object) -> None:
    """A number that a spreadsheet keeps is one, negative or not; others stay text as written."""
    sheet = opened(corrections(Header(("a",), 1), [Cells(2, [text])], {2: [WHOLE]}, "en"))
    assert sheet["C2"].value == value
    assert type(sheet["C2"].value) is type(value)


def test_corrections_of_corrections_keep_the_first_lines() -> None:
    """However often a row is sent again, its line is that of what was sent first."""
    header, rows = of_xlsx(made({5: [FIX]}))
    _, again = of_xlsx(corrections(header, rows, {2: [FIX]}, "en"))
    assert [(row.line, row.origin, row.cells) for row in again] == [(2, 5, ROWS[2].cells)]


def test_corrections_saved_as_csv_are_read_the_same() -> None:
    """Some programs save a sheet as CSV; guards are taken off there as well."""
    out = io.StringIO(newline="")
    rows = opened(made({3: [FIX], 5: [FIX]})).iter_rows(values_only=True)
    csv.writer(out).writerows(rows)
    header, read = sheet_csv([out.getvalue().encode()])
    assert header.headings == HEADER.headings
    assert [(row.origin, row.cells) for row in read] == [(3, ROWS[1].cells), (5, ROWS[2].cells)]


def test_corrections_of_a_template_keep_its_field_names() -> None:
    """Nothing has to be guessed when they are sent again."""
    kind = described("grievance", INTAKES["grievance"].schema())
    header, _rows = of_xlsx(template(kind, "my"))
    row = Cells(9, ["x"] * len(header.headings))
    content = corrections(header, [row], {9: [FIX]}, "my")
    again, read = of_xlsx(content)
    assert (again.fields, again.headings) == (header.fields, header.headings)
    assert [(one.origin, one.cells) for one in read] == [(9, row.cells)]
    assert opened(content).row_dimensions[2].hidden


def test_the_sheet_is_cut_where_nobody_reads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next rows follow when these are sent, and the second sheet says so."""
    monkeypatch.setattr(correcting, "MAX_COMMENTS", 0)
    content = made({3: [FIX]}, is_cut=True)
    assert [row.origin for row in of_xlsx(content)[1]] == [3]
    assert opened(content)["E2"].comment is None
    told = [row[0].value for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[1].rows]
    assert told == [*words("en").correct, words("en").cut.format(rows=1)]


def test_records_come_back_as_records() -> None:
    """NDJSON is corrected as NDJSON: failing records, each with what is wrong with it."""
    sent = b'{"a":1}\n{"a":2}\nnot json\n{"a":4}\n'
    findings = {
        2: [Finding("/a", "must_fix", "is more than 1"), Finding("/a", "information", "x")],
        3: [Finding(None, "must_fix", "is no JSON")],
        4: [Finding("/a", "information", "x")],
    }
    lines = list(corrections_ndjson(ndjson([sent]), findings, "en"))
    assert [json.loads(line) for line in lines] == [
        {
            "a": 2,
            "openredress:findings": [
                {
                    "line": 2,
                    "pointer": "/a",
                    "weight": "must_fix",
                    "detail": "MUST FIX: is more than 1",
                }
            ],
        },
        {
            "openredress:findings": [
                {
                    "line": 3,
                    "pointer": "/",
                    "weight": "must_fix",
                    "detail": "MUST FIX: is no JSON",
                }
            ]
        },
    ]
    assert [line.record for line in ndjson(lines)] == [json.loads(line) for line in lines]
