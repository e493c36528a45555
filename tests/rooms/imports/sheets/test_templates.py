"""Templates: a sheet in the user's language that checks itself and is read back without a guess."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from zipfile import ZipFile

import openpyxl
import pytest
from marshmallow import EXCLUDE
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from openredress_api.foundation.fields import (
    Amount,
    Choice,
    Count,
    Day,
    Field,
    Flag,
    Identifier,
    Instant,
    Items,
    Month,
    Nested,
    Pseudonym,
    Text,
    WireSchema,
)
from openredress_api.foundation.messages import LANGUAGES
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.reading import sheet_csv
from openredress_api.imports.sheets import Column, described, template
from openredress_api.imports.sheets.templates import FIRST, LAST, REQUIRED
from openredress_api.imports.sheets.wording import words
from openredress_api.vocabulary import TAXONOMIES
from tests.rooms.imports.reading.workbooks import of_xlsx

pytestmark = pytest.mark.usefixtures("unconfined")
CODES = tuple(TAXONOMIES["grievance_category"].codes)


class Money(WireSchema):
    """An amount, as our records hold it."""

    amount = Amount(required=True)
    currency = Choice(("THB", "KHR"), required=True)


class Everything(WireSchema):
    """One field of every kind."""

    category = Choice(CODES, required=True)
    agreed_remedy = Nested(Money, allow_none=True)
    wage = Nested(Money, required=True)
    fee_lines = Items(Nested(Money), at_most=60)
    topics = Items(Choice(("one", "two")), at_least=1, at_most=2, required=True)
    external_id = Text(at_most=120, required=True)
    source_system = Text(at_most=60, required=True)
    worker_pseudonym = Pseudonym()
    site = Identifier("site", attribute="site_id")
    workers_affected = Count(at_least=1, at_most=50)
    arrived_on = Day()
    month = Month()
    received_at = Instant()
    is_test = Flag()
    paid_at = Field(openapi={"type": "string", "example": "2024-05"})
    segments = Field(openapi={"type": "object"})


KIND = described("everything", Everything())
BY_NAME = {column.name: column for column in KIND.columns}


def opened(content: bytes) -> openpyxl.Workbook:
    """The workbook as another program opens it."""
    return openpyxl.load_workbook(io.BytesIO(content))


def filled(language: str, *rows: dict[str, object]) -> bytes:
    """A template into which these rows were typed."""
    book = opened(template(KIND, language))
    sheet = book.worksheets[0]
    for line, row in enumerate(rows, FIRST):
        for place, column in enumerate(KIND.columns, 2):
            cell = sheet.cell(line, place, row.get(column.name))
            dimension = sheet.column_dimensions[get_column_letter(place)]
            cell.number_format = dimension.number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rules_of(sheet: Worksheet) -> dict[str, object]:
    """What the sheet lets a column hold, by the column's field name."""
    return {
        str(sheet.cell(2, cells.min_col).value): rule
        for rule in sheet.data_validations.dataValidation
        for cells in rule.sqref.ranges
    }


def test_columns_follow_from_the_schema() -> None:
    """Needed ones first, objects by dots, lists by numbers; what no cell holds is left out."""
    names = [column.name for column in KIND.columns]
    assert names[:5] == ["external_id", "category", "wage.amount", "wage.currency", "topics.1"]
    assert {"agreed_remedy.amount", "fee_lines.1.amount", "fee_lines.3.currency"} <= set(names)
    assert not {"segments", "source_system", "fee_lines.4.amount", "topics.3"} & set(names)
    needed = [column.name for column in KIND.columns if column.is_required]
    assert needed == names[:5]


def test_codes_bring_their_meanings() -> None:
    """A code of a list of the vocabulary is explained by it."""
    meanings = {code: one.meaning for code, one in TAXONOMIES["grievance_category"].codes.items()}
    assert BY_NAME["category"].codes == meanings
    assert BY_NAME["topics.1"].codes == {"one": "one", "two": "two"}


@pytest.mark.parametrize("column", KIND.columns, ids=lambda one: one.name)
def test_each_example_is_right(column: Column) -> None:
    """What a template shows as right is accepted, as a sheet's text becomes a value."""
    field: object = Everything()
    for part in column.name.split("."):
        inner = getattr(field, "schema", field)
        field = field.inner if part.isdigit() else inner.fields[part]
    ways = {
        "count": int,
        "flag": "true".__eq__,
        "instant": lambda text: f"{text}+07:00".replace(" ", "T"),
    }
    assert field.deserialize(ways.get(column.type, str)(column.example)) is not None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", INTAKES)
def test_every_kind_has_a_template_in_every_language(name: str, language: str) -> None:
    """Headings are in the language and each is there once; it is read back by field names."""
    kind = described(name, INTAKES[name].schema())
    header, rows = of_xlsx(template(kind, language))
    assert header.fields == tuple(column.name for column in kind.columns)
    headings = [heading.split("\n")[0] for heading in header.headings]
    assert headings == [column.heading(language) for column in kind.columns]
    assert len(set(headings)) == len(headings)
    assert rows == []


@pytest.mark.parametrize("name", INTAKES)
def test_examples_of_every_kind_are_right(name: str) -> None:
    """A row of nothing but examples has no fault in any of its fields."""
    schema = INTAKES[name].schema(unknown=EXCLUDE)
    ways = {
        "count": int,
        "flag": "true".__eq__,
        "instant": lambda text: f"{text}Z".replace(" ", "T"),
    }
    row = {
        column.name: ways.get(column.type, str)(column.example)
        for column in described(name, schema).columns
        if "." not in column.name
    }
    assert not set(schema.validate(row)) & set(row)


def test_what_was_typed_is_read_by_field() -> None:
    """Numbers, days and times come as our fields write them, in whatever language the sheet is."""
    typed = {
        "external_id": "007",
        "category": CODES[0],
        "workers_affected": 12,
        "agreed_remedy.amount": 1520.5,
        "arrived_on": date(2026, 3, 1),
        "month": date(2026, 3, 1),
        "received_at": datetime(2026, 3, 1, 8, 15),  # noqa: DTZ001 - sheets know no zone
        "is_test": True,
    }
    header, (row,) = of_xlsx(filled("km", typed))
    assert header.fields
    read = {name: text for name, text in zip(header.fields, row.cells, strict=True) if text}
    assert read == {
        "external_id": "007",
        "category": CODES[0],
        "workers_affected": "12",
        "agreed_remedy.amount": "1520.5",
        "arrived_on": "2026-03-01",
        "month": "2026-03",
        "received_at": "2026-03-01T08:15:00",
        "is_test": "true",
    }
    assert (row.line, row.origin, row.faults) == (FIRST, None, ())


def test_a_template_saved_as_csv_is_still_one() -> None:
    """Some programs save a sheet as CSV; its hidden row and column go with it."""
    sheet = opened(filled("en", {"external_id": "'=odd", "month": "2026-03"})).worksheets[0]
    out = io.StringIO(newline="")
    csv.writer(out).writerows(sheet.iter_rows(values_only=True))
    header, rows = sheet_csv([out.getvalue().encode()])
    assert header.fields == tuple(column.name for column in KIND.columns)
    row = next(rows)
    assert (row.faults, row.origin) == ((), None)
    assert dict(zip(header.fields, row.cells, strict=True))["external_id"] == "'=odd"


def test_the_sheet_checks_what_is_typed() -> None:
    """Lists to choose from, bounds of numbers, days and lengths, for thousands of rows."""
    rules = rules_of(opened(template(KIND, "th")).worksheets[0])
    assert set(rules) == set(BY_NAME)
    said = {name: (one.type, one.formula1, one.formula2) for name, one in rules.items()}
    assert said["workers_affected"] == ("whole", "1", "50")
    assert said["external_id"] == ("textLength", "1", "120")
    assert said["agreed_remedy.amount"][:2] == ("decimal", "0")
    assert said["arrived_on"] == ("date", "18264", "TODAY()+366")
    assert {one.errorStyle for name, one in rules.items() if name != "received_at"} <= {
        "stop",
        None,
    }
    assert rules["received_at"].errorStyle == "warning"
    assert LAST - FIRST >= 1000
    for rule in rules.values():
        assert str(rule.sqref).endswith(str(LAST))
        assert rule.showErrorMessage
        assert rule.showInputMessage
        assert len(rule.prompt) <= 255


def test_drop_downs_hold_exactly_the_codes() -> None:
    """However long a list is; the sheet that holds it is hidden."""
    book = opened(template(KIND, "en"))
    rules = rules_of(book.worksheets[0])
    for name in ("category", "topics.1", "is_test"):
        place, _, cells = rules[name].formula1.partition("!")
        listed = [row[0].value for row in book[place][cells.replace("$", "")]]
        assert listed == list(BY_NAME[name].codes or ("true", "false"))
        assert book[place].sheet_state == "hidden"


@pytest.mark.parametrize("language", LANGUAGES)
def test_needed_columns_are_told_by_word_sign_and_line(language: str) -> None:
    """Colour alone says nothing to those who do not see it."""
    sheet = opened(template(KIND, language)).worksheets[0]
    for place, column in enumerate(KIND.columns, 2):
        head = sheet.cell(1, place)
        mark = f"{REQUIRED} {words(language).required}"
        assert head.value.endswith(mark) == column.is_required
        assert (head.border.bottom.style == "thick") == column.is_required
        assert column.example in head.comment.text


def test_the_sheet_is_laid_out_to_be_typed_in() -> None:
    """Headings stay in view; our own row and column are hidden; text stays text."""
    book = opened(template(KIND, "ne"))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "B3"
    assert sheet.row_dimensions[2].hidden
    assert sheet.column_dimensions["A"].hidden
    formats = {
        sheet.cell(2, place).value: sheet.column_dimensions[get_column_letter(place)].number_format
        for place in range(2, len(KIND.columns) + 2)
    }
    assert formats["external_id"] == formats["paid_at"] == "@"
    assert formats["received_at"] == "yyyy-mm-dd hh:mm"
    assert formats["month"] == "yyyy-mm"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_sheet_says_how(language: str) -> None:
    """Five sentences, then every column with an example, then every code with its meaning."""
    sheet = opened(template(KIND, language)).worksheets[1]
    rows = [row for row in sheet.iter_rows(values_only=True) if any(row)]
    assert [row[0] for row in rows[:5]] == words(language).how_to
    told = {row[0]: row for row in rows[5:]}
    for column in KIND.columns:
        assert told[column.heading(language)]
    codes = {row[1] for row in rows}
    assert set(CODES) <= codes


def test_a_template_holds_no_program() -> None:
    """No macros, no links to elsewhere."""
    names = ZipFile(io.BytesIO(template(KIND, "es"))).namelist()
    assert not [name for name in names if "vba" in name or "externalLink" in name]
