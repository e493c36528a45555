"""The XML parts of a workbook, block by block: none is held whole, none may define entities."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import partial
from typing import IO, NoReturn, Protocol
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from openredress_api.imports.reading.shapes import BadFile
from openredress_api.imports.reading.streams import BLOCK

# How workbooks write characters that XML cannot hold (ECMA-376, part 1, section 22.9.2.19).
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


class Handler(Protocol):
    """Who is told of elements and the text between them."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; its name is without a prefix."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text, or a part of it."""


def feed(archive: ZipFile, part: str, handler: Handler) -> Iterator[None]:
    """Tell `handler` what a part holds, block by block; BadFile if it is missing or damaged."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = partial(_begin, parser, handler)
    parser.StartDoctypeDeclHandler = lambda *_: _damaged(part)
    with _opened(archive, part) as stream:
        try:
            yield from _fed(stream, parser)
        except (BadZipFile, EOFError, zlib.error, expat.ExpatError):
            _damaged(part)


def _opened(archive: ZipFile, part: str) -> IO[bytes]:
    try:
        return archive.open(part)
    except (KeyError, ValueError, OSError, NotImplementedError, BadZipFile):
        raise BadFile("file_damaged", part=part) from None


def _begin(
    parser: expat.XMLParserType, handler: Handler, root: str, attributes: dict[str, str]
) -> None:
    """The first element says whether names of the part have a prefix; few programs write one."""
    prefix, colon, _ = root.rpartition(":")
    told = _Unprefixed(handler, prefix + colon) if colon else handler
    parser.StartElementHandler, parser.EndElementHandler = told.start, told.end
    parser.CharacterDataHandler = handler.text
    told.start(root, attributes)


class _Unprefixed:
    """Tells of elements by their names without the prefix."""

    def __init__(self, handler: Handler, prefix: str) -> None:
        self._handler, self._prefix = handler, prefix

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._handler.start(name.removeprefix(self._prefix), attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        self._handler.end(name.removeprefix(self._prefix))


def _fed(stream: IO[bytes], parser: expat.XMLParserType) -> Iterator[None]:
    while block := stream.read(BLOCK):
        parser.Parse(block)
        yield
    parser.Parse(b"", True)  # noqa: FBT003 - expat's own signature
    yield


def _damaged(part: str) -> NoReturn:
    raise BadFile("file_damaged", part=part)


def unescaped(text: str) -> str:
    """A text of a workbook as it was typed."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def escaped(text: str) -> str:
    """A text as a workbook can hold it; a carriage return too, which XML would change."""
    return _TO_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
