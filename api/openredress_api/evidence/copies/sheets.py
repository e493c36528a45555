"""Spreadsheets: the values of the sheets that are shown, and nothing that computes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from openpyxl import load_workbook

from openredress_api.evidence.copies.formats import seen
from openredress_api.evidence.copies.kinds import Refused, opened
from openredress_api.evidence.copies.packages import (
    OFFICE,
    content_types,
    packed,
    relations,
    written,
)
from openredress_api.evidence.copies.unseen import Unseen, unseen

MOST_CELLS = 200_000
# What a program without a spreadsheet's arithmetic wrote: the reader would see it computed.
NOT_COMPUTED = "(not computed)"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DEFAULTS = {"rels": "application/vnd.openxmlformats-package.relationships+xml"}
Row = tuple[Any, ...]


def rebuilt(octets: bytes, _: str, mark: str) -> bytes:
    """A workbook of values; `mark` becomes the first row of each sheet. Raises Refused.

    Formulas, comments, names, links, pictures, formats, hidden sheets, rows, columns and values
    stay behind.
    """
    package = opened(octets)
    source = load_workbook(BytesIO(octets), read_only=True, data_only=True, keep_links=False)
    # A workbook may hold sheets that are drawings: those have no rows.
    shown = [one for one in source.worksheets if one.sheet_state == "visible"]
    first: tuple[Row, ...] = ((mark,),) if mark else ()
    left = MOST_CELLS
    sheets: dict[str, bytes] = {}
    for one in shown:
        one.reset_dimensions()
        with package.open(_part_of(one)) as part:
            hidden = unseen(part)
        rows: list[Row] = [*first]
        for number, row in enumerate(one.iter_rows(), 1):
            left -= len(row)
            if left < 0:
                raise Refused("too_large_inside")
            if number not in hidden.rows:
                rows.append(tuple(_seen(number, row, hidden)))
        sheets[one.title] = _sheet(rows)
    return packed(dict(_parts(sheets)))


def _part_of(sheet: object) -> str:
    """The part of the package that a sheet is read from."""
    # openpyxl says it nowhere else.
    part: str = vars(sheet)["_worksheet_path"]
    return part


def _seen(number: int, row: Row, hidden: Unseen) -> Iterator[Any]:
    """The values of a row that its reader sees; others of its cells are empty or left out."""
    for column, cell in enumerate(row, 1):
        if hidden.hides(column):
            continue
        if (number, column) in hidden.not_computed:
            yield NOT_COMPUTED
        else:
            yield None if cell.value is None else seen(cell.value, cell.number_format)


def _parts(sheets: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    files = {
        f"rId{number}": f"worksheets/sheet{number}.xml" for number in range(1, len(sheets) + 1)
    }
    types = {f"xl/{file}": f"{_TYPE}.worksheet+xml" for file in files.values()}
    types["xl/workbook.xml"] = f"{_TYPE}.sheet.main+xml"
    yield "[Content_Types].xml", content_types(_DEFAULTS | {"xml": "application/xml"}, types)
    yield "_rels/.rels", relations({"rId1": ("officeDocument", "xl/workbook.xml")})
    book = Element("workbook", {"xmlns": _SHEETS, "xmlns:r": OFFICE})
    listed = SubElement(book, "sheets")
    for number, (name, title) in enumerate(zip(files, sheets, strict=True), 1):
        SubElement(listed, "sheet", {"name": title, "sheetId": str(number), "r:id": name})
    yield "xl/workbook.xml", written(book)
    links = {name: ("worksheet", file) for name, file in files.items()}
    yield "xl/_rels/workbook.xml.rels", relations(links)
    yield from zip((f"xl/{file}" for file in files.values()), sheets.values(), strict=True)


def _sheet(rows: Iterable[Row]) -> bytes:
    root = Element("worksheet", xmlns=_SHEETS)
    data = SubElement(root, "sheetData")
    for row in rows:
        line = SubElement(data, "row")
        for value in row:
            _cell(line, value)
    return written(root)


def _cell(line: Element, value: object) -> None:
    """One cell; its place follows from those before it, so an empty one is written too."""
    if value is None:
        SubElement(line, "c")
    elif isinstance(value, bool):
        SubElement(SubElement(line, "c", t="b"), "v").text = str(int(value))
    elif isinstance(value, int | float):
        SubElement(SubElement(line, "c"), "v").text = repr(value)
    else:
        text = SubElement(SubElement(SubElement(line, "c", t="inlineStr"), "is"), "t")
        text.text = _said(value)


def _said(value: object) -> str:
    """A moment as people write it; everything else as it stands."""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime | date | time):
        return value.isoformat(*(" ",) if isinstance(value, datetime) else ())
    return str(value) if isinstance(value, timedelta | str) else ""
