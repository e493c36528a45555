"""Sheets that no sender should hand in, as CSV and as workbooks, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tests.rooms.imports.bad_files import HEADINGS, MANY, MIB, Bad, Rows, whole
from tests.rooms.imports.reading.workbooks import PARTS, packed, sheet, workbook

CSV: Mapping[str, Bad] = {
    "cut off in a row": Bad(
        lambda rows: rows.among(rows.written("C")[:20]).rstrip(), ((3, "too_few_cells", "/"),)
    ),
    "cut off in quotes": Bad(
        lambda rows: rows.csv(rows.written("A"), rows.written("B"), '"cut').encode().rstrip(),
        ((4, "quote_open", "/"),),
    ),
    "quotes across lines": Bad(
        lambda rows: rows.among(
            rows.written("X", category='"a\nb\r\nc"'), rows.written("Y", channel="x")
        ),
        ((3, "not_in_list", "/category"), (6, "not_in_list", "/channel")),
    ),
    "a quote never closed": Bad(
        lambda rows: rows.csv(
            rows.written("A", category='"wages.late_payment'),
            *(rows.written(str(number)) for number in range(2_000)),
        ).encode(),
        ((2, "quote_open", "/"),),
        new=2_000,
    ),
    "a quote misplaced": Bad(
        lambda rows: rows.among(rows.written("X", category='"a"b')),
        ((3, "quote_misplaced", "/"),),
    ),
    "a byte order mark": Bad(lambda rows: b"\xef\xbb\xbf" + rows.among()),
    "UTF-16": Bad(lambda rows: rows.among().decode().encode("utf-16")),
    "UTF-16 unmarked": whole(
        lambda rows: rows.among().decode().encode("utf-16-be"), "file_is_another_kind"
    ),
    "UTF-16 cut off": whole(
        lambda rows: rows.among().decode().encode("utf-16")[:-1], "file_damaged"
    ),
    "cp874 unsaid": Bad(
        lambda rows: rows.csv(
            rows.written("A"), rows.written("X", category="ค่าจ้าง"), rows.written("B")
        ).encode("cp874"),
        ((3, "not_utf8", "/"),),
    ),
    "cp874 in the headings": whole("รหัส,โรงงาน\r\n1,2\r\n".encode("cp874"), "not_utf8", 1),
    "NaN": Bad(
        lambda rows: rows.among(
            rows.written("X", workers_affected="NaN"), rows.written("Y", workers_affected="1E+9")
        ),
        (
            (3, "unreadable_count", "/workers_affected"),
            (4, "unreadable_count", "/workers_affected"),
        ),
    ),
    "a number of 50 digits": Bad(
        lambda rows: rows.among(rows.written("X", workers_affected="7" * 50)),
        ((3, "range", "/workers_affected"),),
    ),
    "NUL in a cell": Bad(
        lambda rows: rows.among(rows.written("X", category="a\0b")),
        ((3, "control_character", "/"),),
    ),
    "NUL in a heading": whole(b"external_id,si\0te\r\n1,2\r\n", "control_character", 1),
    "line ends of all kinds": Bad(
        lambda rows: "\r\n\n".join(
            (
                rows.csv(rows.written("A"), end="\n"),
                rows.written("X", channel="x"),
                rows.written("B"),
                "",
            )
        ).encode(),
        ((5, "not_in_list", "/channel"),),
    ),
    "carriage returns alone": Bad(
        lambda rows: rows.csv(rows.written("A"), rows.written("B"), end="\r").encode()
    ),
    "too many cells": Bad(
        lambda rows: rows.among(rows.written("X") + ",y"), ((3, "too_many_cells", "/"),)
    ),
    "a cell too long": Bad(
        lambda rows: rows.among(rows.written("X", category="c" * 40_000)),
        ((3, "cell_too_long", "/category"),),
    ),
    "a line too long": Bad(
        lambda rows: rows.among(rows.written("X", category="c" * (MIB + 1))),
        ((3, "line_too_long", "/"),),
    ),
    "one bad row in 10,000": Bad(
        lambda rows: rows.csv(
            *(
                rows.written(str(n), channel="x" if n == 6789 else "hr_open_door")
                for n in range(MANY)
            )
        ).encode(),
        ((6791, "not_in_list", "/channel"),),
        new=MANY - 1,
    ),
    "no headings": whole(b"\r\n,,\r\n\r\n", "file_empty"),
    "a heading missing": whole(b"\r\nexternal_id,,site\r\n", "heading_missing", 2),
    "a heading twice": whole(b"external_id,site, site\r\n", "heading_twice", 1),
    "a heading of 10,000 letters": whole(b"external_id," + b"h" * 10_000, "heading_too_long", 1),
    "a quote open in the headings": whole(b'a,"b\r\n1,2\r\n', "quote_open", 1),
    "201 columns": whole(",".join(map(str, range(201))).encode(), "too_many_columns", 1),
    "a million delimiters": whole(b"," * (MIB + 1), "line_too_long", 1),
    "a workbook": whole(lambda _: packed({"a": "b"}), "file_is_another_kind"),
    "noise": whole(bytes(range(256)) * 40, "file_is_another_kind"),
}


def cell(text: str) -> str:
    """A text in a cell of its own."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def book(*rows: list[str], **parts: str) -> bytes:
    """A workbook whose first sheet has these rows; one of markup is taken as it is."""
    written = (
        "".join(text if text.startswith("<c") else cell(text) for text in row) for row in rows
    )
    numbered = (f'<row r="{number}">{row}</row>' for number, row in enumerate(written, 1))
    return workbook(**{"worksheets/one": sheet("".join(numbered)), **parts})


def good(rows: Rows) -> bytes:
    """A workbook of two good rows."""
    return book(list(HEADINGS), rows.cells("A"), rows.cells("B"))


def spoilt(content: bytes) -> bytes:
    """A workbook in whose first sheet some octets are others."""
    name = b"xl/worksheets/one.xml"
    place = content.index(name) + len(name) + 20
    return content[:place] + b"\xff" * 10 + content[place + 10 :]


def with_cell(code: str, pointer: str = "/category", **fields: str) -> Bad:
    """A workbook with a bad row between two good ones."""
    return Bad(
        lambda rows: book(
            list(HEADINGS), rows.cells("A"), rows.cells("X", **fields), rows.cells("B")
        ),
        ((3, code, pointer),),
    )


def archive(names: tuple[str, ...], flags: int = 0) -> bytes:
    """An archive with parts of these names beside those of a workbook."""
    out = BytesIO(workbook())
    with ZipFile(out, "a", ZIP_DEFLATED) as made:
        for name in names:
            told = ZipInfo(name)
            told.flag_bits = flags
            made.writestr(told, "x")
    content = out.getvalue()
    # The library writes flags of its own; bit 0 of the directory's entry says: encrypted.
    place = content.rfind(b"PK\x01\x02")
    return content[: place + 8] + bytes([content[place + 8] | flags]) + content[place + 9 :]


def bomb(mib: int) -> bytes:
    """A workbook with a sheet of so many MiB of one letter."""
    out = BytesIO(packed(dict(PARTS)))
    with (
        ZipFile(out, "a", ZIP_DEFLATED, compresslevel=1) as made,
        made.open("xl/worksheets/one.xml", "w") as part,
    ):
        for _ in range(mib):
            part.write(b" " * MIB)
    return out.getvalue()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
JOKE = f'<?xml version="1.0"?><!DOCTYPE j [<!ENTITY l0 "ha">{LAUGHS}]><j>&l9;</j>'
XLSX: Mapping[str, Bad] = {
    "cut off": whole(lambda rows: good(rows)[:-30], "file_truncated"),
    "damaged": whole(lambda rows: spoilt(good(rows)), "file_damaged"),
    "noise": whole(bytes(range(256)) * 40, "file_is_another_kind"),
    "a text": whole(lambda rows: rows.among(), "file_is_another_kind"),
    "an archive in an archive": whole(
        lambda rows: packed({"inner.xlsx": good(rows)}), "file_is_another_kind"
    ),
    "a name that leads outside": whole(lambda _: archive(("../../etc/passwd",)), "file_damaged"),
    "12,000 parts": whole(
        lambda _: archive(tuple(f"p{number}" for number in range(12_000))), "too_many_entries"
    ),
    "encrypted": whole(lambda _: archive(("secret",), flags=1), "file_protected"),
    "a bomb": whole(lambda _: bomb(620), "file_inflates"),
    "a small bomb": whole(lambda _: bomb(100), "file_inflates_too_much"),
    "a billion laughs": whole(lambda _: workbook(**{"worksheets/one": JOKE}), "file_damaged"),
    "no sheet": whole(lambda _: packed(dict(PARTS)), "file_damaged"),
    "an empty sheet": whole(lambda _: workbook(**{"worksheets/one": sheet("")}), "file_empty"),
    "NaN": with_cell("cell_is_an_error", "/workers_affected", workers_affected="<c><v>NaN</v></c>"),
    "an error": with_cell("cell_is_an_error", category='<c t="e"><v>#REF!</v></c>'),
    "a formula without a value": with_cell("cell_without_value", category="<c><f>1+1</f></c>"),
    "a number of 50 digits": with_cell(
        "range", "/workers_affected", workers_affected=f"<c><v>{'7' * 50}</v></c>"
    ),
    "NUL in a cell": with_cell("control_character", category="a_x0000_b"),
    "half a surrogate pair": with_cell("control_character", category="_xD800_"),
    "NUL in a heading": whole(
        lambda _: book(["external_id", "si_x0000_te"]), "control_character", 1
    ),
    "half a pair in a heading": whole(
        lambda _: book(["external_id", "_xDC00_"]), "control_character", 1
    ),
    "a heading of 10,000 letters": whole(lambda _: book(["h" * 10_000]), "heading_too_long", 1),
    "201 columns": whole(lambda _: book([str(n) for n in range(201)]), "too_many_columns", 1),
    "a cell too long": with_cell("cell_too_long", category="c" * 40_000),
    "a cell far to the right": Bad(
        lambda rows: book(
            list(HEADINGS),
            rows.cells("A"),
            [*rows.cells("X"), '<c r="XFD3"><v>1</v></c>'],
            rows.cells("B"),
        ),
        ((3, "too_many_cells", "/"),),
    ),
    "one bad row in 2,000": Bad(
        lambda rows: book(
            list(HEADINGS),
            *(
                rows.cells(str(n), channel="x" if n == 1234 else "hr_open_door")
                for n in range(2_000)
            ),
        ),
        ((1236, "not_in_list", "/channel"),),
        new=1_999,
    ),
}
