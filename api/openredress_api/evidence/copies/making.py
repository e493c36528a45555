"""What the confined process does: judge and copy a file, or write a mark into a copy.

Its one argument is a line of JSON and the octets of the file after it; its answer, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import orjson

from openredress_api.evidence.copies.kinds import (
    CSV,
    DOCX,
    JPEG,
    PDF,
    PNG,
    TEXT,
    WEBP,
    XLSX,
    Refused,
    sniff,
)

# The module of this folder that rebuilds files of a type: `rebuilt(octets, media_type, mark)`.
WAYS = {
    JPEG: "pictures",
    PNG: "pictures",
    WEBP: "pictures",
    PDF: "pages",
    DOCX: "documents",
    XLSX: "sheets",
    CSV: "texts",
    TEXT: "texts",
}
Framed = tuple[dict[str, Any], bytes]


def framed(facts: Mapping[str, str], octets: bytes = b"") -> bytes:
    """A line of facts and the octets after it."""
    return orjson.dumps(facts) + b"\n" + octets


def unframed(given: bytes) -> Framed:
    """The facts and the octets that `framed` put together."""
    line, _, octets = given.partition(b"\n")
    return orjson.loads(line), octets


def copy(given: bytes) -> bytes:
    """The clean copy of a file of the declared `media_type`; or why it is refused."""
    facts, octets = unframed(given)
    try:
        _check(facts["media_type"], octets)
        return framed({}, _rebuilt(facts["media_type"], octets))
    except Refused as refused:
        return framed({"refusal": refused.code, "found": refused.found})


def mark(given: bytes) -> bytes:
    """A clean copy of `media_type` with the `mark` of its recipient."""
    facts, octets = unframed(given)
    return _rebuilt(facts["media_type"], octets, facts["mark"])


def _check(declared: str, octets: bytes) -> None:
    found = sniff(octets)
    # Nothing tells a table in text from any other text.
    if found != declared and (found, declared) != (TEXT, CSV):
        raise Refused("type_mismatch", found)


def _rebuilt(media_type: str, octets: bytes, mark: str = "") -> bytes:
    # One library is loaded, and only in the process that takes the file apart.
    way = import_module(f"{__package__}.{WAYS[media_type]}")
    made: bytes = way.rebuilt(octets, media_type, mark)
    return made
