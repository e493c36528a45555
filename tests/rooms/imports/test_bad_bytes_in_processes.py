"""Bad bytes over real connections: refused before they cost memory, and nobody else waits."""

from __future__ import annotations

import gzip
import itertools
import random
import string
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest

from tests.factories.imports import lines
from tests.factories.imports import row as record
from tests.rooms.imports.bad_files import HEADINGS, MIB, NDJSON, Rows
from tests.rooms.imports.bad_sheets import CSV, XLSX
from tests.rooms.imports.processes import House, forget_peak, house, peak, vouched

GROWTH_MIB = 20
FILES = {"ndjson": NDJSON, "csv": CSV, "xlsx": XLSX}
JSON = ("Content-Type: application/json", "Idempotency-Key: one")
PART = tuple(f"{name}: {value}" for name, value in vouched(b"x").items())
PLACES = {
    "an announcement": ("POST", "/v1/imports", JSON),
    "a part": ("PUT", f"/v1/imports/imp_{'0' * 26}/content?offset=0", PART),
}
PIECE = b" " * 65_536
CHUNK = b"10000\r\n" + PIECE + b"\r\n"


@pytest.fixture(scope="module")
def at_work() -> Iterator[House]:
    """A server and a worker that have done ordinary work."""
    with house() as found:
        for turn in range(2):
            for ordinary in (ordinary_records(found, turn), ordinary_sheet(found, turn)):
                assert looked_at(found, ordinary) == "done"
        yield found


def ordinary_records(found: House, turn: int) -> str:
    """Some mebibytes of grievances, each third one refused."""
    rows = (
        record(found.site, f"{turn}-{number}", channel="hr_open_door" if number % 3 else "pigeon")
        for number in range(40_000)
    )
    return found.hand_in(lines(rows))


def ordinary_sheet(found: House, turn: int) -> str:
    """A sheet of grievances, each third one refused."""
    rows = Rows(found.site, f"sheet-{turn}")
    written = (
        rows.written(str(number), channel="hr_open_door" if number % 3 else "pigeon")
        for number in range(10_000)
    )
    return found.hand_in(rows.csv(*written).encode(), format="csv")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("header", "body"),
    [
        (f"Content-Length: {10 * 1024**3}", lambda: itertools.repeat(PIECE)),
        (f"Content-Length: {10 * 1024**3}", tuple),
        (f"Content-Length: {4 * MIB + 1}", lambda: itertools.repeat(PIECE, 65)),
        ("Transfer-Encoding: chunked", lambda: itertools.repeat(CHUNK)),
        ("Transfer-Encoding: chunked", lambda: (b"2\r\n{}\r\n", *itertools.repeat(CHUNK, 100))),
    ],
    ids=["declared and sent", "declared", "one octet more", "chunks", "JSON, then chunks"],
)
def test_a_body_without_an_end_is_413(
    at_work: House, place: str, header: str, body: Callable[[], Iterable[bytes]]
) -> None:
    """Whether it says how long it is or not, no more of it is read than its limit."""
    method, path, headers = PLACES[place]
    forget_peak(at_work.server)
    before = peak(at_work.server)
    answer = at_work.raw(method, path, (*headers, header), body())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert peak(at_work.server) - before < GROWTH_MIB


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("header", "body"),
    [
        (("Content-Length: 1",), b"{}GET / HTTP/1.1\r\n\r\n"),
        (("Content-Length: 2", "Content-Length: 3"), b"{}"),
        (("Content-Length: -2",), b"{}"),
        (("Content-Length: two",), b"{}"),
        (("Content-Length: 2", "Transfer-Encoding: chunked"), b"2\r\n{}\r\n0\r\n\r\n"),
        (("Transfer-Encoding: chunked",), b"zz\r\n{}\r\n0\r\n\r\n"),
        (("Transfer-Encoding: chunked",), b"ffffffffffffffffff\r\n{}\r\n"),
        (("Transfer-Encoding: gzip",), b"{}"),
        (("Content-Length: 2", "Content-Encoding: gzip"), b"{}"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_length_that_lies_is_the_callers_fault(
    at_work: House, place: str, header: tuple[str, ...], body: bytes
) -> None:
    """Too short, twice, negative, no number, chunks that are none: never a fault of ours."""
    method, path, headers = PLACES[place]
    answer = at_work.raw(method, path, (*headers, *header), (body,))
    assert answer.split(b" ", 2)[1] in {b"400", b"411", b"415", b"422", b"501"}, answer
    assert at_work.call("GET", "/v1/imports").status_code == 200


def test_a_caller_that_goes_away_leaves_nothing(at_work: House) -> None:
    """A connection that ends within a body stores nothing, and the next one is served."""
    octets = lines([record(at_work.site, "gone")])
    import_id = at_work.hand_in(octets[:-1] + b" ", size=len(octets) + 1)
    path = f"/v1/imports/{import_id}/content?offset={len(octets)}"
    cut = (*(f"{name}: {value}" for name, value in vouched(b" ").items()), "Content-Length: 9")
    method, announced, headers = PLACES["an announcement"]
    for asked in (("PUT", path, cut), (method, announced, (*headers, "Content-Length: 500"))):
        at_work.leave(*asked)
    # The server learns of it some moments later.
    seen = {at_work.read(import_id)["received"] for _ in range(30)}
    assert seen == {len(octets)}


def letters(size: int) -> str:
    """Text that is packed well, but not too well."""
    chance = random.Random(size)  # noqa: S311 - noise
    return "".join(chance.choices(string.ascii_letters, k=6_000)) * (size // 6_000)


def bombs(found: House, headings: Iterable[str]) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Small files that hold much: each at least a hundred mebibytes."""
    long, cell = letters(1_000_000), letters(32_000)
    rows = Rows(found.site, "bomb")
    packed = {"compression": "gzip"}
    for fields in ({"category": long}, {long: 1}, {"external_id": long}):
        many = (rows.line(str(number), **fields) for number in range(120))
        yield gzip.compress(b"".join(many), 6), packed
    members = dict.fromkeys(map(str, range(80_000)), 1)
    yield b"".join(rows.line(str(number), **members) for number in range(8)), {}
    yield b"{\n" * 60_000, {}
    for heading in headings:
        written = (rows.written(str(number), **{heading: cell}) for number in range(3_500))
        yield gzip.compress(rows.csv(*written).encode(), 6), {**packed, "format": "csv"}


def looked_at(found: House, import_id: str) -> str:
    """The state in which an import ended, when its sender has fetched all that it says."""
    done = found.ended(import_id)
    found.call("GET", f"/v1/imports/{import_id}/findings?limit=500")
    found.call("GET", f"/v1/imports/{import_id}/corrections")
    assert done["fault"] is None or done["fault"]["code"] != "abandoned"
    return str(done["state"])


@pytest.mark.parametrize(
    ("headings", "every"),
    [(HEADINGS[:1], 5), pytest.param(HEADINGS, 1, marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def test_no_bad_file_takes_more_memory_than_a_good_one(
    at_work: House, headings: Sequence[str], every: int
) -> None:
    """The table, then bombs: server and worker hold at most 20 MiB more than before."""
    processes = (at_work.server, at_work.worker)
    for pid in processes:
        forget_peak(pid)
    for ordinary in (ordinary_records(at_work, 0), ordinary_sheet(at_work, 0)):
        assert looked_at(at_work, ordinary) == "done"
    before = [peak(pid) for pid in processes]
    waiting = [
        at_work.hand_in(bad.make(Rows(at_work.site, f"{kind}-{place}")), format=kind)
        for kind, files in FILES.items()
        for place, bad in enumerate([*files.values()][::every])
    ]
    assert {looked_at(at_work, one) for one in waiting} == {"done", "failed"}
    for octets, told in bombs(at_work, headings):
        assert looked_at(at_work, at_work.hand_in(octets, **told)) == "done"
    growth = [peak(pid) - then for pid, then in zip(processes, before, strict=True)]
    assert max(growth) < GROWTH_MIB, growth
