"""NDJSON: a bad line costs that line and is told by its number; nothing is lost in silence."""

from __future__ import annotations

import gzip
import json
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.imports.reading import Line, ndjson
from openredress_api.imports.reading.shapes import MAX_LINE
from tests.rooms.imports.reading.pieces import cut, faults_of, peak_of, refused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
RECORDS = st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=6)
SEPARATORS = st.sampled_from(
    [(",", ":"), (", ", ": "), (" ,", " :"), ("\t,\t", "\t:\t"), (",", "\r:")]
)


def lines_of(content: bytes | str, size: int = 11) -> list[Line]:
    """All lines of a file that comes in small pieces."""
    return list(ndjson(cut(content.encode() if isinstance(content, str) else content, size)))


@given(
    records=st.lists(RECORDS, min_size=1, max_size=4), separators=SEPARATORS, plain=st.booleans()
)
def test_records_come_out_as_they_were_written(records, separators, plain) -> None:
    """However a program writes JSON, the records are read, none is doubted wrongly."""
    written = "\n".join(
        json.dumps(one, separators=separators, ensure_ascii=plain) for one in records
    )
    assert lines_of(written.encode()) == [Line(at, one) for at, one in enumerate(records, 1)]


@given(record=RECORDS, separators=SEPARATORS, deep=st.booleans(), data=st.data())
def test_a_member_written_twice_is_found(record, separators, deep, data) -> None:
    """Of two members of one name none wins in silence, in whatever spelling, however deep."""
    name = data.draw(st.sampled_from(sorted(record)))
    comma, colon = separators
    members = [
        json.dumps(each) + colon + json.dumps(value, separators=separators)
        for each, value in record.items()
    ]
    again = "".join(f"\\u{ord(sign):04x}" if ord(sign) < 0xD800 else sign for sign in name)
    spelt = again if data.draw(st.booleans()) else json.dumps(name)[1:-1]
    place = data.draw(st.integers(0, len(members)))
    members.insert(place, f'"{spelt}"{colon}"{data.draw(st.sampled_from(["", ":", " :"]))}"')
    written = "{" + comma.join(members) + "}"
    [line] = lines_of(f'{{"in"{colon}[{written}]}}' if deep else written)
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    assert line.record is None
    assert faults_of(line) == [("/in/0" + pointer if deep else pointer, "repeated")]


@pytest.mark.parametrize(
    ("bad", "code", "column"),
    [
        (b'{"a":1', "not_json", 7),
        (b'{"a":1} {"b":2}', "not_json", 9),
        (b'{"a":NaN}', "not_json", 6),
        (b'{"a":Infinity}', "not_json", 6),
        (b'{"a":1e999}', "not_json", 6),
        (b'{"a":"\\ud800"}', "not_json", 7),
        (b'{"a":1,}', "not_json", 7),
        (b"{'a':1}", "not_json", 2),
        (b'{"a":"\t"}', "not_json", 7),
        (b'{"a":01}', "not_json", None),
        (b'\xef\xbb\xbf{"a":1}', "not_json", 1),
        (b'{"a":' + b"[" * 100_000, "not_json", None),
        (b'{"a":' * 100_000, "not_json", None),
        (b'{"a":' + b"[" * 500 + b'{"b":1,"b":2}' + b"]" * 500 + b"}", "not_json", 1),
        (b'{"a":"Mill\xe9"}', "not_utf8", 11),
        (b'{"a":"\xed\xa0\x80"}', "not_utf8", 7),
        (b"[1]", "not_an_object", None),
        (b"7", "not_an_object", None),
        (b"null", "not_an_object", None),
        (b'{"a":1,"a":2}', "repeated", None),
        (b'{"a":"' + b"x" * MAX_LINE + b'"}', "line_too_long", None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_bad_line_costs_that_line(bad: bytes, code: str, column: int | None) -> None:
    """It is told with its number and the column; those before and after it are kept."""
    first, wrong, last = lines_of(b'{"x":1}\n' + bad + b'\n{"x":3}\n', 70_000)
    assert (first, last) == (Line(1, {"x": 1}), Line(3, {"x": 3}))
    assert (wrong.number, wrong.record) == (2, None)
    assert [found for _, found in faults_of(wrong)] == [code]
    if column is not None:
        assert wrong.faults[0].fault.params["column"] == column


@pytest.mark.parametrize(
    ("number", "is_kept"),
    [
        ("9223372036854775807", True),
        ("-9223372036854775808", True),
        ("18446744073709551615", True),
        ("12345678901234567890.5", True),
        ("1e20", True),
        ("18446744073709551616", False),
        ("-9223372036854775809", False),
        ("123456789012345678901", False),
        ("1" + "0" * 10_000, None),
    ],
    ids=lambda value: str(value)[:24],
)
@pytest.mark.parametrize("written", ['{"a":[{"b/c":%s}]}', '{ "a" : [ { "b/c" : \t%s } ] }'])
def test_a_number_that_would_be_rounded(written: str, number: str, *, is_kept: bool | None) -> None:
    """A whole number beyond 64 bits costs its line, for it would be stored as another one."""
    [line] = lines_of(written % number)
    if is_kept:
        assert line.record == json.loads(written % number)
    elif is_kept is None:
        # What no float can hold is no JSON to us.
        assert line.record is None
    else:
        assert faults_of(line) == [("/a/0/b~1c", "number_too_long")]
        assert line.record is None


def test_digits_in_texts_are_no_numbers() -> None:
    """A text of any digits is kept as it is."""
    record = {"a": "123456789012345678901", "b": "see: 123456789012345678901"}
    assert lines_of(json.dumps(record)) == [Line(1, record)]


def test_what_was_read_is_shown_near_its_fault() -> None:
    """Of a long line the place of the fault is shown, not its beginning alone."""
    [line] = lines_of('{"first": "' + "x" * 500 + '", "count": twelve}')
    assert "twelve" in line.faults[0].read
    assert len(line.faults[0].read) <= 80


def test_blank_lines_and_line_ends_of_all_kinds_are_counted() -> None:
    """Line numbers are those that an editor shows."""
    lines = lines_of(b'{"a":1}\r\n\r\n  \n{"a":2}\n\t\r\n{"a":3}')
    assert lines == [Line(1, {"a": 1}), Line(4, {"a": 2}), Line(6, {"a": 3})]


def test_one_bad_line_in_ten_thousand_is_named() -> None:
    """All others are read, and the bad one is told by its number."""
    content = [b'{"n":%d}' % number for number in range(1, 10_001)]
    content[6789] = b'{"n":'
    lines = lines_of(b"\n".join(content), 4096)
    assert [line.number for line in lines if line.record is None] == [6790]
    assert sum(line.record["n"] for line in lines if line.record) == 50_005_000 - 6790


def test_a_byte_order_mark_at_the_start_is_no_fault() -> None:
    """Programs that write UTF-8 with a mark are understood."""
    assert lines_of(b'\xef\xbb\xbf{"a":1}\n') == [Line(1, {"a": 1})]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"a":1}\n'.encode("utf-16"), "UTF-16 or UTF-32"),
        ('{"a":1}\n'.encode("utf-16-le"), "UTF-16 or UTF-32"),
        ('{"a":1}\n'.encode("utf-32"), "UTF-16 or UTF-32"),
        (gzip.compress(b'{"a":1}\n', mtime=0), "GZIP"),
        (b"PK\x03\x04...", "XLSX or ZIP"),
        (b'\n [{"a":1},\n{"a":2}]', "JSON [ ]"),
    ],
)
def test_other_kinds_of_files_are_refused_by_name(content: bytes, found: str) -> None:
    """One sentence on the whole file instead of a fault on each of its lines."""
    bad = refused(lambda: lines_of(content))
    assert (bad.fault, bad.fault.params["found"]) == ("file_is_another_kind", found)


def test_an_empty_file_has_no_lines() -> None:
    """No line is no fault."""
    assert lines_of(b"") == []


@pytest.mark.parametrize("piece", [b"x" * 65_536, b'{"a":"%s"}\n' % (b"y" * 500) * 128])
def test_memory_stays_flat(piece: bytes) -> None:
    """Neither many lines nor one without end are ever held."""
    assert peak_of(lambda: ndjson(repeat(piece, 400))) < 6 * MAX_LINE
