"""Bad bytes: whatever a file holds, its good rows are kept and every refusal says where."""

from __future__ import annotations

import gzip
import itertools
import os
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from openredress_api import imports
from openredress_api.imports.reading.unpacking import zstd
from openredress_api.imports.working import batches
from tests.factories.imports import findings, hand_in, read, receipts
from tests.factories.parties import Party, World
from tests.rooms.imports.bad_files import HEADINGS, MIB, NDJSON, Bad, Rows
from tests.rooms.imports.bad_sheets import CSV, XLSX, book

_numbers = itertools.count()
FILES = {"ndjson": NDJSON, "csv": CSV, "xlsx": XLSX}
CASES = [(kind, name) for kind, files in FILES.items() for name in files]
PACKED = {"none": bytes, "gzip": gzip.compress, "zstd": zstd.compress}
MAPPING = {"columns": {name: name for name in HEADINGS}}
pytestmark = pytest.mark.usefixtures("unconfined")


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """Who hands everything in."""
    return world.party("supplier")


@pytest.fixture(scope="module")
def site(world: World, supplier: Party) -> str:
    """The supplier's one site."""
    return world.site(supplier)


@pytest.fixture
def rows(site: str) -> Rows:
    """Rows of a file of its own."""
    return Rows(site, f"F{next(_numbers)}")


def turns(world: World) -> int:
    """How often a worker took up a job until nothing waited."""
    worker = imports.Worker(world.app.extensions["openredress"])
    taken = 0
    while worker.turn():
        taken += 1
    return taken


def handed_in(supplier: Party, bad: Bad, rows: Rows, kind: str, compression: str = "none") -> str:
    """Hand in a file of the table."""
    octets = PACKED[compression](bad.make(rows))
    return hand_in(supplier, octets, format=kind, compression=compression)


def outcome(supplier: Party, import_id: str) -> tuple[Any, ...]:
    """What became of a file: state, fault and its line, counts, and where each finding stands."""
    done = read(supplier, import_id)
    fault = done["fault"] and (done["fault"]["code"], done["fault"]["line"])
    found = {(one["line"], one["code"], one["pointer"]) for one in findings(supplier, import_id)}
    counts = done["counts"]
    return done["state"], fault, counts["new"], counts["refused"], found


def expected(bad: Bad) -> tuple[Any, ...]:
    """The same by the table."""
    state = "failed" if bad.fault else "done"
    refused = len({at for at, _, _ in bad.found})
    return state, bad.fault, bad.new, refused, set(bad.found)


@pytest.mark.parametrize("compression", PACKED)
@pytest.mark.parametrize(("kind", "name"), CASES)
def test_each_bad_file_has_its_end(
    world: World, supplier: Party, rows: Rows, kind: str, name: str, compression: str
) -> None:
    """Good rows are stored, bad ones are found by line and place, in one attempt."""
    bad = FILES[kind][name]
    import_id = handed_in(supplier, bad, rows, kind, compression)
    assert turns(world) == 1
    assert outcome(supplier, import_id) == expected(bad)


@pytest.mark.parametrize("kind", FILES)
def test_a_good_file_behind_all_bad_ones(world: World, rows: Rows, kind: str) -> None:
    """However many bad files stand before it, it is worked on when its turn comes."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    waiting = [
        handed_in(supplier, bad, Rows(site, str(place)), kind)
        for place, bad in enumerate(FILES[kind].values())
        if bad.fault
    ]
    last = hand_in(supplier, Rows(site, rows.tag).line("A"))
    assert turns(world) == len(waiting) + 1
    assert outcome(supplier, last) == ("done", None, 1, 0, set())


@pytest.mark.parametrize(
    ("compression", "made", "code"),
    [
        ("gzip", lambda good: gzip.compress(good)[:-9], "file_truncated"),
        ("gzip", lambda good: gzip.compress(good)[:5], "file_truncated"),
        ("gzip", lambda good: gzip.compress(good)[:-8] + bytes(8), "file_damaged"),
        ("gzip", lambda good: gzip.compress(good) + b"more", "file_damaged"),
        ("gzip", lambda good: good, "file_damaged"),
        ("gzip", zstd.compress, "file_damaged"),
        ("gzip", lambda good: gzip.compress(gzip.compress(good)), "file_is_another_kind"),
        ("gzip", lambda _: gzip.compress(b" " * (64 * MIB)), "file_inflates_too_much"),
        ("zstd", lambda good: zstd.compress(good)[:-1], "file_truncated"),
        ("zstd", lambda good: zstd.compress(good)[:9] + b"\xff" * 40, "file_damaged"),
        ("zstd", lambda good: zstd.compress(good) + b"more", "file_damaged"),
        ("zstd", lambda good: good, "file_damaged"),
        ("zstd", lambda _: zstd.compress(b" " * (300 * MIB)), "file_inflates_too_much"),
        ("zstd", lambda good: b"\x28\xb5\x2f\xfd\x00\xf8" + good, "file_damaged"),
        ("none", gzip.compress, "file_is_another_kind"),
        ("none", zstd.compress, "file_is_another_kind"),
    ],
)
def test_what_cannot_be_unpacked_is_said(
    world: World, supplier: Party, rows: Rows, compression: str, made: Any, code: str
) -> None:
    """Cut off, damaged, packed otherwise, or without an end: one reason, and nothing is stored."""
    octets = made(rows.line("A") + rows.line("B"))
    import_id = hand_in(supplier, octets, compression=compression)
    assert turns(world) == 1
    assert outcome(supplier, import_id) == ("failed", (code, None), 0, 0, set())


def test_a_packed_workbook_is_not_unpacked_beyond_its_bound(world: World, supplier: Party) -> None:
    """A workbook is read whole, so that more than 64 MiB of one are never unpacked."""
    octets = zstd.compress(b"PK\x03\x04" + os.urandom(MIB) * 68)
    import_id = hand_in(supplier, octets, compression="zstd", format="xlsx")
    assert turns(world) == 1
    assert outcome(supplier, import_id) == ("failed", ("file_inflates", None), 0, 0, set())


def test_what_stands_before_the_cut_is_kept(world: World, supplier: Party, rows: Rows) -> None:
    """A long file that is cut off in transit keeps the batches that were stored, and lists them."""
    octets = gzip.compress(b"".join(rows.line(str(number)) for number in range(6_000)))
    import_id = hand_in(supplier, octets[:-20], compression="gzip")
    assert turns(world) == 1
    assert outcome(supplier, import_id)[:4] == ("failed", ("file_truncated", None), 5_000, 0)
    assert [one["line"] for one in receipts(supplier, import_id)] == list(range(1, 5_001))


@pytest.mark.parametrize(
    ("member", "fault"),
    [
        ("a\0b", ("control_character", 2)),
        ("h" * 10_000, ("heading_too_long", 2)),
        ({f"m{n}": 1 for n in range(300)}, ("too_many_columns", 2)),
    ],
    ids=["NUL", "long", "many"],
)
def test_a_member_that_can_be_no_column(
    world: World, supplier: Party, rows: Rows, member: Any, fault: tuple[str, int]
) -> None:
    """Records that are mapped like a sheet are refused where their names cannot be headings."""
    more = member if isinstance(member, dict) else {member: 1}
    octets = rows.line("A") + rows.line("X", **more)
    import_id = hand_in(supplier, octets, mapping=MAPPING)
    assert turns(world) == 1
    assert outcome(supplier, import_id) == ("failed", fault, 0, 0, set())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_cell_that_cannot_be_read_is_named_by_its_heading(
    world: World, supplier: Party, rows: Rows, kind: str
) -> None:
    """Also what never reaches a field is told in the sender's own words."""
    import_id = handed_in(supplier, FILES[kind]["a cell too long"], rows, kind)
    assert turns(world) == 1
    (found,) = findings(supplier, import_id)
    assert found["heading"] == "category"


def test_of_much_that_is_wrong_the_first_is_told(world: World, supplier: Party, rows: Rows) -> None:
    """A row with a thousand unknown members has 20 findings, the same ones for every worker."""
    octets = rows.line("X", **{f"m{number:04}": 1 for number in range(1_000)})
    import_id = hand_in(supplier, octets)
    assert turns(world) == 1
    told = sorted(one["pointer"] for one in findings(supplier, import_id))
    assert told == [f"/m{number:04}" for number in range(20)]


def test_what_was_read_is_shown_in_short(world: World, supplier: Party, rows: Rows) -> None:
    """The beginning of it, as JSON where it was no text; personal data is told to nobody again."""
    values = ["v" * 5_000, {"a": [1, True]}, 2.5, "call 081-234-5678"]
    octets = b"".join(rows.line(str(place), category=one) for place, one in enumerate(values))
    import_id = hand_in(supplier, octets)
    assert turns(world) == 1
    shown = [one["read"] for one in findings(supplier, import_id)]
    assert shown == ["v" * 200, '{"a": [1, true]}', "2.5", None]


def test_long_rows_make_small_batches(
    world: World, supplier: Party, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch ends by its octets too, so that no file fills the memory; all rows are stored."""
    monkeypatch.setattr(batches, "MOST_WEIGHT", 3_000)
    octets = b"".join(rows.line(str(number)) for number in range(100))
    import_id = hand_in(supplier, octets + rows.line("X", category="c" * 4_000) + rows.line("Y"))
    assert turns(world) == 1
    assert outcome(supplier, import_id)[2:] == (101, 1, {(101, "not_in_list", "/category")})
    first = supplier.get(f"/v1/imports/{import_id}/receipts").json["data"]
    assert len(first) < 30
    assert [one["line"] for one in receipts(supplier, import_id)] == [*range(1, 101), 102]


ACTIVE = (
    *("=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1;1)", "\t=1+1", "\r=1+1", "\n=1+1"),
    *("'=1+1", "''=1+1", "\uff1d1+1", '=HYPERLINK("https://example.org")', "-", "+", "=", "@"),
)
NUMBERS = ("-5", "-1520.5", "0", "12", "-0.25")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_comes_back_as_a_formula(
    world: World, supplier: Party, rows: Rows, kind: str
) -> None:
    """In corrections, what could be one stands behind an apostrophe; numbers stay numbers."""
    texts = (*ACTIVE, *NUMBERS)
    sent = [rows.cells(str(place), channel="x", category=one) for place, one in enumerate(texts)]
    octets = book(list(HEADINGS), *sent) if kind == "xlsx" else quoted(sent)
    import_id = hand_in(supplier, octets, format=kind)
    assert turns(world) == 1
    sheet = openpyxl.load_workbook(BytesIO(corrections(supplier, import_id))).worksheets[0]
    cells = [one[2 + HEADINGS.index("category")] for one in list(sheet.iter_rows())[1:]]
    assert [one.data_type for one in cells] == ["s"] * len(ACTIVE) + ["n"] * len(NUMBERS)
    assert all(str(one.value).startswith("'") for one in cells[: len(ACTIVE)])
    assert [str(one.value) for one in cells[len(ACTIVE) :]] == list(NUMBERS)
    every = [one for line in sheet.iter_rows() for one in line if one.value is not None]
    assert not [one for one in every if str(one.value)[0] in "=+-@\t\r\n" and one.data_type != "n"]


def quoted(rows: list[list[str]]) -> bytes:
    """A CSV file whose every cell stands in quotes."""
    doubled = ([cell.replace('"', '""') for cell in row] for row in (list(HEADINGS), *rows))
    return "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in doubled).encode()


def corrections(supplier: Party, import_id: str) -> bytes:
    """The rows that need somebody, as a sheet."""
    answer = supplier.get(f"/v1/imports/{import_id}/corrections")
    assert answer.status_code == 200, answer.json
    return bytes(answer.data)
