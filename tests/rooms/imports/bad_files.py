"""What no sender should hand in, and what becomes of it: two good rows, and something between.

reliability.md 4 names the families. Whatever the bad part is, the good rows are kept, or the file
is refused as a whole with a reason; each refusal says where. Here: what is told of a file, and
files of records; sheets stand in bad_sheets.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.factories.imports import lines
from tests.factories.imports import row as record
from tests.rooms.imports.reading.workbooks import packed

HEADINGS = ("external_id", "site", "category", "channel", "received_at", "workers_affected")
MIB = 1024 * 1024
MANY = 10_000


@dataclass(frozen=True)
class Rows:
    """Makes the rows of one file: their ids begin with `tag`."""

    site: str
    tag: str

    def line(self, name: str, **fields: Any) -> bytes:
        """A record as a line of NDJSON."""
        return lines([record(self.site, f"{self.tag}-{name}") | fields])

    def cells(self, name: str, **fields: str) -> list[str]:
        """A row of a sheet."""
        told = {
            "external_id": f"{self.tag}-{name}",
            "site": self.site,
            "category": "wages.late_payment",
            "channel": "hr_open_door",
            "received_at": "2026-03-01T08:15:00+07:00",
            "workers_affected": "3",
        } | fields
        return [told[heading] for heading in HEADINGS]

    def csv(self, *rows: str, end: str = "\r\n") -> str:
        """A CSV file of rows as they are written."""
        return end.join((",".join(HEADINGS), *rows, ""))

    def written(self, name: str, **fields: str) -> str:
        """A row as CSV, nothing of it in quotes."""
        return ",".join(self.cells(name, **fields))

    def between(self, bad: bytes) -> bytes:
        """A line of NDJSON between two good ones."""
        return self.line("A") + bad + b"\n" + self.line("B")

    def among(self, *bad: str) -> bytes:
        """Lines of CSV between two good rows."""
        return self.csv(self.written("A"), *bad, self.written("B")).encode()


@dataclass(frozen=True)
class Bad:
    """One file, and what becomes of it.

    `fault` is the code of a refusal of the whole file and the line that it names; `found` are
    line, code and pointer of every finding; `new` rows are stored.
    """

    make: Callable[[Rows], bytes]
    found: tuple[tuple[int, str, str], ...] = ()
    fault: tuple[str, int | None] | None = None
    new: int = 2


def line(content: bytes | Callable[[Rows], bytes], code: str, pointer: str = "/") -> Bad:
    """A bad line between two good ones."""
    made = (lambda _: content) if isinstance(content, bytes) else content
    return Bad(lambda rows: rows.between(made(rows)), ((2, code, pointer),))


def one(code: str, pointer: str | None = None, **fields: Any) -> Bad:
    """A record with one bad member between two good ones."""
    place = pointer or f"/{next(iter(fields))}"
    return line(lambda rows: rows.line("X", **fields).rstrip(), code, place)


def whole(content: bytes | Callable[[Rows], bytes], code: str, at: int | None = None) -> Bad:
    """A file of which nothing is read."""
    made = (lambda _: content) if isinstance(content, bytes) else content
    return Bad(made, fault=(code, at), new=0)


NDJSON: Mapping[str, Bad] = {
    "cut off": Bad(
        lambda rows: rows.line("A") + rows.line("B") + rows.line("C")[:50],
        ((3, "not_json", "/"),),
    ),
    "a member twice": line(
        lambda rows: rows.line("X").rstrip()[:-1] + b',"category":"osh.ppe"}',
        "repeated",
        "/category",
    ),
    "a member twice, deep": line(
        b'{"agreed_remedy": {"a": 1, "\\u0061": 2}}', "repeated", "/agreed_remedy/a"
    ),
    "100,000 arrays deep": line(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not_json"),
    "100,000 objects deep": line(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "not_json"),
    "500 arrays deep": line(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}", "not_json"),
    "a byte order mark": Bad(lambda rows: b"\xef\xbb\xbf" + rows.line("A") + rows.line("B")),
    "a byte order mark within": line(
        lambda rows: b"\xef\xbb\xbf" + rows.line("X").rstrip(), "not_json"
    ),
    "UTF-16": whole(lambda rows: rows.line("A").decode().encode("utf-16"), "file_is_another_kind"),
    "UTF-16 unmarked": whole(
        lambda rows: rows.line("A").decode().encode("utf-16-be"), "file_is_another_kind"
    ),
    "UTF-32": whole(lambda rows: rows.line("A").decode().encode("utf-32"), "file_is_another_kind"),
    "Latin-1": line('{"city": "Málaga"}'.encode("latin-1"), "not_utf8"),
    "NaN": line(b'{"workers_affected": NaN}', "not_json"),
    "-Infinity": line(b'{"workers_affected": -Infinity}', "not_json"),
    "1e999": line(b'{"workers_affected": 1e999}', "not_json"),
    "a number of 5,000 digits": line(b'{"workers_affected":' + b"9" * 5000 + b"}", "not_json"),
    "2**63": one("range", workers_affected=2**63),
    "2**53 + 1": one("range", workers_affected=2**53 + 1),
    "1e-30": one("not_a_whole_number", workers_affected=1e-30),
    "half a surrogate pair": line(rb'{"category": "\ud800"}', "not_json"),
    "NUL as a letter": line(b'{"category": "\0"}', "not_json"),
    "NUL in a value": one("not_in_list", category="a\0b"),
    "NUL in an id": one("control_character", external_id="a\0b"),
    "NUL in a name": one("unknown", "/a\ufffdb", **{"a\0b": 1}),
    "a name of 900,000 letters": one("unknown", "/" + "n" * 499, **{"n" * 900_000: 1}),
    "a value of 900,000 letters": one("not_in_list", category="v" * 900_000),
    "an id of 900,000 letters": one("length", external_id="i" * 900_000),
    "a list of 300,000": one("not_in_list", category=[1] * 300_000),
    "50,000 members": line(
        b"{" + b",".join(b'"m%d":1' % n for n in range(50_000)) + b"}", "too_many_members"
    ),
    "more than a mebibyte": line(b'{"a":"' + b"x" * MIB + b'"}', "line_too_long"),
    "line ends of all kinds": Bad(
        lambda rows: b"\r\n \n" + rows.line("A")[:-1] + b"\r\n\r\n\t\n{\r\n" + rows.line("B")[:-1],
        ((6, "not_json", "/"),),
    ),
    "one bad line in 10,000": Bad(
        lambda rows: b"".join(
            b"{" if number == 6789 else rows.line(str(number)) for number in range(1, MANY + 1)
        ),
        ((6789, "not_json", "/"),),
        new=MANY - 2,
    ),
    "a list of records": whole(lambda rows: b"[" + rows.line("A") + b"]", "file_is_another_kind"),
    "a sheet": Bad(
        lambda rows: b"external_id,site\r\nA,B\r\n" + rows.line("A") + rows.line("B"),
        ((1, "not_json", "/"), (2, "not_json", "/")),
    ),
    "no record": Bad(
        lambda rows: rows.line("A") + b'null\n"x"\n[1]\n7\n' + rows.line("B"),
        tuple((number, "not_an_object", "/") for number in (2, 3, 4, 5)),
    ),
    "a workbook": whole(lambda _: packed({"a": "b"}), "file_is_another_kind"),
    "noise": whole(bytes(range(256)) * 40, "file_is_another_kind"),
}
