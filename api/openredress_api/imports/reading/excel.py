"""XLSX: looked at from outside, then taken apart in a confined process."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import structlog

from openredress_api.foundation import confined
from openredress_api.foundation.problems import Fault
from openredress_api.imports.reading import workbook
from openredress_api.imports.reading.archive import examine
from openredress_api.imports.reading.arranging import arranged
from openredress_api.imports.reading.shapes import BadFile, Cells, Found, Header, Row
from openredress_api.imports.reading.streams import reader
from openredress_api.imports.reading.unpacking import octets

log = structlog.get_logger("openredress.imports")
# Ten times what a sheet of 200 MiB takes on a machine with nothing else to do.
SECONDS = 120
MAX_TEXT = 1024**3


def sheet_xlsx(content: bytes, sheet: str | None = None) -> tuple[Header, Iterator[Cells]]:
    """The header of a sheet, the first visible one if none is named, and its rows; or BadFile."""
    examine(content)
    wish = (sheet or "").replace("\n", " ").encode()
    try:
        said = confined.run(workbook.read, wish + b"\n" + content, seconds=SECONDS)
    except confined.ConfinedFault as fault:
        if fault.reason != "crash":
            raise BadFile("file_too_demanding") from None
        log.error("workbook_crashed", fault=str(fault))  # noqa: TRY400 - where it crashed is in its text
        raise BadFile("file_damaged", part="XLSX") from None
    if said.startswith(workbook.BAD):
        code, params = orjson.loads(said[1:])
        raise BadFile(code, **params)
    return arranged(_rows(said), pads=True)


def _rows(said: bytes) -> Iterator[Row]:
    stream = reader(octets([said[1:]], "gzip", MAX_TEXT))
    while line := stream.readline():
        number, cells, found = orjson.loads(line)
        yield Row(
            number,
            cells,
            tuple(Found(at, Fault(code, **params), read) for at, code, params, read in found),
        )
