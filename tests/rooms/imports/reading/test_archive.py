"""What is no workbook, or would outgrow every bound, is refused before a process is started."""

from __future__ import annotations

import struct
from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openredress_api.imports.reading import BadFile, archive
from openredress_api.imports.reading.archive import examine
from tests.rooms.imports.reading.pieces import peak_of, refused
from tests.rooms.imports.reading.workbooks import HEAD, PARTS, of_xlsx, packed, sheet, workbook

MIB = 1024 * 1024
GOOD = workbook()
pytestmark = pytest.mark.usefixtures("no_child")


def code_of(content: bytes) -> str:
    """The reason for which a file is refused before any process is started."""
    return str(refused(lambda: of_xlsx(content)).fault)


def bomb(mib: int) -> bytes:
    """A workbook with a sheet of so many MiB of one letter."""
    out = BytesIO(packed(dict(PARTS)))
    with (
        ZipFile(out, "a", ZIP_DEFLATED, compresslevel=1) as made,
        made.open("xl/worksheets/one.xml", "w") as part,
    ):
        part.write(sheet(HEAD).encode())
        for _ in range(mib):
            part.write(b" " * MIB)
    return out.getvalue()


def patched(content: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """The archive with octets changed in each record that begins with `signature`."""
    made = bytearray(content)
    place = made.find(signature)
    while place >= 0:
        made[place + offset : place + offset + len(value)] = value
        place = made.find(signature, place + 1)
    return bytes(made)


def test_a_bomb_is_refused_by_its_directory() -> None:
    """3 MB that unpack to more than 600 MB are refused without unpacking any of it."""
    content = bomb(620)
    assert len(content) < 4 * MIB
    assert peak_of(lambda: [code_of(content)]) < MIB
    assert code_of(content) == "file_inflates"


def test_a_small_bomb_is_refused_by_its_ratio() -> None:
    """A part that is packed more than a hundred times is no sheet."""
    assert code_of(bomb(100)) == "file_inflates_too_much"


def test_an_archive_within_an_archive_is_no_workbook() -> None:
    """It is refused, and what lies within is not looked at."""
    bad = refused(lambda: of_xlsx(packed({"inner.xlsx": GOOD, "inner.zip": GOOD})))
    assert (bad.fault, bad.fault.params["found"]) == ("file_is_another_kind", "ZIP")


@pytest.mark.parametrize(
    "name", ["../outside.xml", "xl/../../outside.xml", "/etc/passwd", "C:/x", "xl\\x", "xl/\x07"]
)
def test_names_that_lead_outside_are_refused(name: str) -> None:
    """No part is read whose name could be a place elsewhere."""
    assert code_of(packed({**PARTS, name: "x"})) == "file_damaged"


def test_a_name_that_stands_there_twice_is_refused() -> None:
    """Two programs would read two different files."""
    once = packed({**PARTS, "xl/styles.abc": "x"})
    assert code_of(once.replace(b"xl/styles.abc", b"xl/styles.xml")) == "file_damaged"


def test_an_encrypted_part_is_refused() -> None:
    """The sender is told to save the file without a password."""
    assert code_of(patched(GOOD, b"PK\x01\x02", 8, b"\x01\x00")) == "file_protected"


def test_rare_compressions_are_refused() -> None:
    """A workbook is deflated; other methods are other programs' bombs."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_BZIP2) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
    assert code_of(out.getvalue()) == "file_damaged"


def test_thousands_of_parts_are_refused() -> None:
    """By the number that the directory says, and by its length where it lies."""
    content = packed({**PARTS, **{f"xl/{number}": "" for number in range(10_001)}})
    assert code_of(content) == "too_many_entries"
    lying = patched(content, b"PK\x05\x06", 8, struct.pack("<2H", 9, 9))
    assert code_of(lying) == "too_many_entries"
    endless = patched(GOOD, b"PK\x05\x06", 12, struct.pack("<L", archive.MAX_DIRECTORY + 1))
    assert code_of(endless) == "too_many_entries"


def test_a_workbook_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it holds: it would stand in memory whole."""
    monkeypatch.setattr(archive, "MAX_SIZE", len(GOOD) - 1)
    assert code_of(GOOD) == "file_inflates"


@pytest.mark.parametrize(
    ("content", "code", "found"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_is_another_kind", "XLS"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "file_protected",
            None,
        ),
        (
            packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
            "file_is_another_kind",
            "ODS",
        ),
        (packed({"mimetype": "application/epub+zip"}), "file_is_another_kind", "ODF"),
        (packed({**PARTS, "xl/workbook.bin": "x"}), "file_is_another_kind", "XLSB"),
        (b"a,b\n1,2\n", "file_is_another_kind", "TXT"),
        (b"", "file_is_another_kind", "TXT"),
        (b"\x1f\x8b\x08", "file_is_another_kind", "GZIP"),
        (b"PK", "file_truncated", None),
        (b"PK\x05\x06" + bytes(18), "file_is_another_kind", "ZIP"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_other_kinds_of_files_are_refused_by_name(content: bytes, code: str, found) -> None:
    """The sender is told what the file is, and what to do."""
    bad = refused(lambda: of_xlsx(content))
    assert (str(bad.fault), bad.fault.params.get("found")) == (code, found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(end=st.integers(2, len(GOOD) - 1))
def test_half_an_archive_is_refused(end: int) -> None:
    """Wherever it is cut off."""
    assert code_of(GOOD[:end]) == "file_truncated"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=500)
@given(place=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255))
def test_a_changed_octet_is_refused_or_harmless(place: int, value: int) -> None:
    """Looking at any archive ends with a yes or a reason, never with another fault."""
    content = GOOD[:place] + bytes([value]) + GOOD[place + 1 :]
    with suppress(BadFile):
        examine(content)
