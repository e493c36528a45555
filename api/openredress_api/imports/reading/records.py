"""NDJSON: one JSON object a line. A bad line costs that line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import orjson

from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.imports.reading.shapes import MAX_LINE, MAX_MEMBERS, BadFile, Line
from openredress_api.imports.reading.streams import BOM, next_line, reader, refuse_other_kinds

_EXCERPT = 40
_SPACE = b" \t\r"
# Beyond 64 bits orjson reads whole numbers as floats, which have sixteen digits. Within texts such
# digits are only looked at once more.
_LEAST, _MOST, _MOST_DIGITS = -(2**63), 2**64 - 1, 20
_LONG = re.compile(rb"[\s:,\[](?:-[0-9]{19}|[0-9]{20})")


def ndjson(parts: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a file, blank ones counted but left out. BadFile if it is no such file."""
    stream = reader(parts)
    head = stream.peek()
    refuse_other_kinds(head, "NDJSON")
    if head.startswith(BOM):
        stream.read(len(BOM))
    if head.removeprefix(BOM).lstrip().startswith(b"["):
        raise BadFile("file_is_another_kind", found="JSON [ ]", expected="NDJSON")
    lines = iter(partial(next_line, stream, MAX_LINE), b"")
    for number, line in enumerate(lines, 1):
        if line is None:
            yield _bad(number, Fault("line_too_long", at_most=MAX_LINE))
        elif not line.isspace():
            yield _read(number, line)


def _read(number: int, line: bytes) -> Line:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as fault:
        return _unreadable(number, line, fault)
    if type(record) is not dict:
        return _bad(number, Fault("not_an_object"), read=record)
    # No record of any kind has so many; each would cost a finding.
    if line.count(b":") > MAX_MEMBERS:
        return _bad(number, Fault("too_many_members", at_most=MAX_MEMBERS))
    # orjson keeps the last of two members of one name in silence. Most programs write as orjson
    # does: where it writes the line anew, no member was lost.
    try:
        is_written_anew = orjson.dumps(record) == line.strip()
    except TypeError:
        # Deeper than orjson writes, and than any record is.
        return _bad(number, Fault("not_json", reason="depth limit exceeded", column=1))
    if is_written_anew or not (_LONG.search(line) or _is_doubtful(line, record)):
        return Line(number, record)
    return _exactly(number, line, record)


def _is_doubtful(line: bytes, record: dict[str, Any]) -> bool:
    """Whether a member may be written twice.

    But for white space, a colon stands behind the closing quote of each member's name. Such places
    within texts only add to the count: equal counts prove that no member was lost.
    """
    return line.translate(None, _SPACE).count(b'":') != _members(record)


def _members(record: dict[str, Any]) -> int:
    """The members of all objects in a record, however deep."""
    count = 0
    waiting: list[Any] = [record]
    while waiting:
        one = waiting.pop()
        if type(one) is dict:
            count += len(one)
            one = one.values()
        waiting += [inner for inner in one if type(inner) is dict or type(inner) is list]
    return count


class _Pairs(list[tuple[str, Any]]):
    """The members of an object as they are written."""


def _exactly(number: int, line: bytes, record: dict[str, Any]) -> Line:
    """The line, unless a slower parser finds what was lost in it."""
    tree = json.loads(line, object_pairs_hook=_Pairs, parse_int=_whole)
    fault = _lost(tree, "")
    return Line(number, None, (fault,)) if fault else Line(number, record)


def _whole(digits: str) -> int | Fault:
    """A whole number, or the fault that orjson would read another one."""
    # Python refuses to read very long ones.
    if len(digits) <= _MOST_DIGITS and _LEAST <= int(digits) <= _MOST:
        return int(digits)
    return Fault("number_too_long")


def _lost(value: object, pointer: str) -> FieldError | None:
    """The first member that its object has twice, or number that is too long to be kept."""
    if isinstance(value, Fault):
        return FieldError(pointer, value)
    if isinstance(value, _Pairs):
        seen = set()
        for name, inner in value:
            place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in seen:
                return FieldError(place, Fault("repeated"))
            seen.add(name)
            if found := _lost(inner, place):
                return found
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if found := _lost(inner, f"{pointer}/{index}"):
                return found
    return None


def _unreadable(number: int, line: bytes, fault: orjson.JSONDecodeError) -> Line:
    try:
        text = line.decode()
    except UnicodeDecodeError as broken:
        read = line[: broken.start].decode()[-_EXCERPT:]
        return _bad(number, Fault("not_utf8", column=broken.start + 1), read=read)
    place = min(fault.pos, len(text.rstrip()))
    read = text[max(0, place - _EXCERPT) : place + _EXCERPT]
    return _bad(number, Fault("not_json", reason=fault.msg, column=place + 1), read=read)


def _bad(number: int, fault: Fault, read: object = None) -> Line:
    return Line(number, None, (FieldError("/", fault, read),))
