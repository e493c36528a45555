"""What can be pushed, as a file on its way: a path, a data frame, or records one by one.

Whatever is not packed yet is packed while it is read: gzip at its lightest packs 200 MB a second,
and a fifth of the octets travels. Nothing is held in memory whole.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import starmap
from os import PathLike, fspath
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, runtime_checkable

from openredress.bodies import encoded

FORMATS = {"csv": "csv", "ndjson": "ndjson", "jsonl": "ndjson", "xlsx": "xlsx"}
"""Formats by the end of a file's name."""

COMPRESSIONS = {"gz": "gzip", "zst": "zstd"}
"""Compressions by what may follow that end."""

_PIECE = 1024 * 1024
_LIGHTLY, _GZIP = 1, 31


@runtime_checkable
class Frame(Protocol):
    """A data frame as pandas has it: a sheet, whose columns are headings."""

    @property
    def columns(self) -> Iterable[Any]:
        """The headings."""

    def itertuples(self, *, index: bool, name: str | None) -> Iterable[tuple[Any, ...]]:
        """The rows."""


Source = str | PathLike[str] | Frame | Iterable[Mapping[str, object]]


class Redacted(NamedTuple):
    """What was taken out of the record on a line: where, and what it looked like."""

    line: int
    pointer: str
    kind: str


@dataclass(frozen=True)
class Prepared:
    """A file as it will be sent, open, and what was taken out of its records."""

    octets: BinaryIO
    format: str
    compression: str
    redactions: list[Redacted]


@contextmanager
def prepared(source: Source, *, format: str | None, redacts: bool) -> Iterator[Prepared]:  # noqa: A002 - the API's word
    """Make a file of `source`; `format` tells that of a path whose name does not.

    Raises:
        OSError: the path cannot be read.
        TypeError: neither path, data frame nor mappings, or a frame with lists in its cells.
        ValueError: a name that tells no format, a value without a form on the wire, or data that
            was to be redacted and is a sheet.
    """
    is_sheet = isinstance(source, (str, PathLike, Frame))
    if redacts and is_sheet:
        raise ValueError(
            "redact takes records, such as frame.to_dict('records'): a file or a sheet is sent as "
            "it is, because headings do not tell which column is a reference that must stay"
        )
    if isinstance(source, (str, PathLike)):
        file = _of_path(fspath(source), format)
    elif isinstance(source, Frame):
        file = Prepared(_packed(_sheet(source)), "csv", "gzip", [])
    else:
        taken: list[Redacted] = []
        records = _mappings(source)
        told = _redacted(records, taken) if redacts else records
        octets = _packed(starmap(_line, enumerate(told, 1)))
        file = Prepared(octets, "ndjson", "gzip", taken)
    with file.octets:
        yield file


def _of_path(path: str, told: str | None) -> Prepared:
    stem, _, end = Path(path).name.rpartition(".")
    compression = COMPRESSIONS.get(end.lower(), "none")
    if compression != "none":
        end = stem.rpartition(".")[2]
    kind = told or FORMATS.get(end.lower())
    if kind is None:
        raise ValueError(
            f".{end} tells no format that is taken: {', '.join(FORMATS)}, each also with .gz or "
            ".zst behind it; give the format if the name is another"
        )
    octets = open(path, "rb")  # noqa: PTH123, SIM115 - any path, also of a network share; its user closes it
    if kind == "xlsx" or compression != "none":
        return Prepared(octets, kind, compression, [])
    with octets:
        return Prepared(_packed(iter(lambda: octets.read(_PIECE), b"")), kind, "gzip", [])


def _packed(pieces: Iterable[bytes]) -> BinaryIO:
    """The pieces in a temporary file; the same pieces always make the same octets."""
    octets = tempfile.TemporaryFile()  # noqa: SIM115 - its user closes it
    try:
        packer = zlib.compressobj(_LIGHTLY, wbits=_GZIP)
        for piece in pieces:
            octets.write(packer.compress(piece))
        octets.write(packer.flush())
    except BaseException:
        octets.close()
        raise
    return octets


def _mappings(records: Iterable[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    for line, record in enumerate(records, 1):
        if not isinstance(record, Mapping):
            raise TypeError(f"record {line} is a {type(record).__name__}; mappings are needed")
        yield record


def _line(number: int, record: Mapping[str, object]) -> bytes:
    """A record as a line of JSON."""
    try:
        return encoded(record) + b"\n"
    except (TypeError, ValueError) as fault:
        raise ValueError(f"record {number}: {fault}") from fault


def _redacted(
    records: Iterable[Mapping[str, object]], taken: list[Redacted]
) -> Iterator[Mapping[str, object]]:
    """Records without personal data; what was taken out is written down in `taken`."""
    from openredress.redaction import redact  # noqa: PLC0415 - its patterns take time to load

    for line, record in enumerate(records, 1):
        clean, found = redact(record)
        taken += [Redacted(line, *one) for one in found]
        yield clean


def _sheet(frame: Frame) -> Iterator[bytes]:
    """A data frame as CSV: the server's mapper reads its headings, as those of any sheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    headings = [str(heading) for heading in frame.columns]
    writer.writerow(headings)
    for row in frame.itertuples(index=False, name=None):
        writer.writerow(map(_cell, headings, row))
        if text.tell() > _PIECE:
            yield _emptied(text)
    yield _emptied(text)


def _emptied(text: io.StringIO) -> bytes:
    held = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return held


def _cell(heading: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (Mapping, list, tuple, set)):
        raise TypeError(
            f"column {heading!r} holds a {type(value).__name__}, which no cell of a sheet can: "
            "push frame.to_dict('records') instead"
        )
    if _is_missing(value):
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    # Whole numbers with gaps between them are floats in a data frame.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _is_missing(value: object) -> bool:
    """None, NaN and NaT, which are unlike themselves, and pandas.NA, which will not say."""
    try:
        return value is None or bool(value != value)  # noqa: PLR0124 - that is the question
    except TypeError:
        return True
