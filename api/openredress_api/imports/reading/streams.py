"""Pieces of a file as a stream that is read line by line, and what kind of file it is."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable
from typing import Any

from openredress_api.imports.reading.shapes import BadFile

BLOCK = 64 * 1024
BOM = codecs.BOM_UTF8
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KINDS = {
    b"PK\x03\x04": "XLSX or ZIP",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"\x1f\x8b": "GZIP",
    b"\x28\xb5\x2f\xfd": "ZSTD",
    b"%PDF": "PDF",
}


class Stream(io.RawIOBase):
    """The pieces one after the other; `taken` counts the octets that were asked for."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        super().__init__()
        self._parts = iter(parts)
        self._rest = memoryview(b"")
        self.taken = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - Python 3.11 has no name for it
        """Fill the whole buffer, as long as there are pieces."""
        room = memoryview(buffer).cast("B")
        size = 0
        while size < len(room):
            if not self._rest:
                part = next(self._parts, None)
                if part is None:
                    break
                self._rest = memoryview(part)
                continue
            some = self._rest[: len(room) - size]
            room[size : size + len(some)] = some
            size += len(some)
            self._rest = self._rest[len(some) :]
        self.taken += size
        return size


def reader(parts: Iterable[bytes]) -> io.BufferedReader:
    """A stream with lines; its `peek` shows up to BLOCK octets."""
    return io.BufferedReader(Stream(parts), BLOCK)


def next_line(stream: io.BufferedReader, longest: int) -> bytes | None:
    """The next line with its end, empty at the end of the file; None for one that is too long.

    The rest of such a line is passed over without being held.
    """
    line = stream.readline(longest + 1)
    if len(line) <= longest or line.endswith(b"\n"):
        return line
    while line and not line.endswith(b"\n"):
        line = stream.readline(longest)
    return None


def is_utf_16(head: bytes) -> bool:
    """Whether the file says at its start that it is UTF-16."""
    return head.startswith(_UTF_16)


def refuse_other_kinds(head: bytes, expected: str) -> None:
    """BadFile, with its name, for a file that is no text that ASCII is a part of."""
    found = next((name for magic, name in _KINDS.items() if head.startswith(magic)), None)
    if found is None and (is_utf_16(head) or b"\0" in head[:4]):
        found = "UTF-16 or UTF-32"
    if found:
        raise BadFile("file_is_another_kind", found=found, expected=expected)
