"""What a confined process makes of a workbook: the rows of one sheet as compressed JSON lines.

The process inherits nothing and ends with the file that it was started for.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import orjson

from openredress_api.imports.reading.shapes import BadFile, Row
from openredress_api.imports.reading.shared import opened
from openredress_api.imports.reading.worksheet import rows

GZIP = 31
BAD, GOOD = b"!", b"="


def read(given: bytes) -> bytes:
    """GOOD and the rows, or BAD and why there are none.

    `given` is a line with the sheet's name, or none for the first one, then the workbook.
    """
    wish, _, content = given.partition(b"\n")
    try:
        return GOOD + _packed(_lines(content, wish.decode()))
    except BadFile as bad:
        return BAD + orjson.dumps([bad.fault, bad.fault.params])


def _lines(content: bytes, wish: str) -> Iterator[bytes]:
    with ZipFile(BytesIO(content)) as archive:
        workbook = opened(archive)
        name = wish or next(iter(workbook.sheets), "")
        if name not in workbook.sheets:
            raise BadFile("sheet_missing", sheet=name, sheets=", ".join(workbook.sheets))
        for row in rows(archive, workbook.sheets[name], workbook):
            yield _line(row)


def _line(row: Row) -> bytes:
    found = [(index, fault, fault.params, read) for index, fault, read in row.found]
    return orjson.dumps((row.line, row.cells, found), option=orjson.OPT_APPEND_NEWLINE)


def _packed(lines: Iterator[bytes]) -> bytes:
    packer = zlib.compressobj(1, wbits=GZIP)
    packed = [packer.compress(line) for line in lines]
    return b"".join((*packed, packer.flush()))
