"""The copy that others see: everything a reader sees, and nothing else of the file."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pypdfium2 as pdfium
import pytest
from defusedxml import ElementTree
from PIL import Image, ImageChops

from openredress_api.evidence.copies import making
from tests.factories import files
from tests.factories.evidence import copied
from tests.factories.files import CANARY, DOCX, XLSX

MARK = "Made-up institute · 2026-03-01 · evl_01j8z3k5v7n9q2r4s6t8w0x1y3"
JPEG, PNG, WEBP, PDF, CSV, TEXT = (
    *("image/jpeg", "image/png", "image/webp"),
    *("application/pdf", "text/csv", "text/plain"),
)
TELLING = {
    JPEG: files.image(),
    PNG: files.image("PNG"),
    WEBP: files.image("WEBP"),
    PDF: files.pdf(),
    DOCX: files.letter(),
    XLSX: files.workbook(),
}
PLAIN = {CSV: b"day,hours\n1,8.5\n", TEXT: "စာချုပ်\nสัญญา\n".encode()}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def marked(media_type: str, copy: bytes) -> bytes:
    """A copy with its recipient's mark."""
    return making.mark(making.framed({"media_type": media_type, "mark": MARK}, copy))


def refused(media_type: str, octets: bytes) -> tuple[str, str]:
    """Why a file is not taken, and what it is."""
    facts, _ = making.unframed(making.copy(making.framed({"media_type": media_type}, octets)))
    return facts["refusal"], facts["found"]


@pytest.mark.parametrize("media_type", TELLING)
def test_nothing_is_told_beside(media_type: str) -> None:
    """No author, place, comment, script, thumbnail, hidden part or file name is in the copy.

    R8.
    """
    original = TELLING[media_type]
    assert CANARY.encode() in files.strings_of(original)
    copy = copied(media_type, original)
    for octets in (copy, marked(media_type, copy)):
        said = files.strings_of(octets)
        assert CANARY.encode() not in said
        assert b"Exif" not in said


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stays_as_it_was_seen(form: str) -> None:
    """Size and colours stay, the way up is that of the camera, and no dictionary is left."""
    copy = Image.open(BytesIO(copied(f"image/{form.lower()}", files.image(form))))
    assert (copy.format, copy.size) == (form, (400, 300))
    left, right = (copy.convert("RGB").getpixel((x, 150)) for x in (50, 350))
    assert left[2] > left[0] + 150
    assert right[0] > right[2] + 150
    assert not copy.getexif()
    assert not {"exif", "comment", "xmp", "icc_profile", "Author"} & copy.info.keys()


def test_a_page_is_a_picture_of_itself() -> None:
    """A PDF keeps its pages and looks the same; what a program could take out of it is gone."""
    original = files.pdf(pages=3)
    assert "PAYSLIP" in files.page_text(original)
    copy = copied(PDF, original)
    document = pdfium.PdfDocument(copy)
    assert len(document) == 3
    assert [round(side) for side in document[0].get_size()] == [595, 842]
    assert files.page_text(copy) == ""
    assert document.count_attachments() == 0
    difference = ImageChops.difference(files.drawn(original), files.drawn(copy))
    assert sum(difference.convert("L").histogram()[128:]) < 50
    assert files.drawn(copy).getextrema()[0][0] < 80, "the letters are there"


def test_what_a_form_holds_is_seen() -> None:
    """What was typed into a form stands on the page of the copy."""
    document = pdfium.PdfDocument(copied(PDF, files.form()))
    page = document[0].render(scale=1).to_pil().convert("L")
    assert page.crop((70, 140, 300, 180)).getextrema()[0] < 120


def test_a_document_says_what_its_reader_saw() -> None:
    """Insertions are taken in, deletions gone; links, lists, tables, boxes and headers stay."""
    with ZipFile(BytesIO(copied(DOCX, files.letter()))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    root = ElementTree.fromstring(parts["word/document.xml"])
    words = [text.text for text in root.iter(f"{W}t")]
    assert words == [
        *("Contract of ", "employment ", "in Mae Sot", "a link", "in a box"),
        *("first term", "Wage"),
    ]
    assert root.find(f".//{W}numId") is not None
    (header,) = (part for name, part in parts.items() if name.startswith("word/header"))
    assert b"Letterhead" in header
    (picture,) = (part for name, part in parts.items() if "media/" in name)
    assert Image.open(BytesIO(picture)).size == (400, 300)
    kept = {"word", "_rels", "[Content_Types].xml"}
    assert {name.split("/")[0] for name in parts} == kept
    for part in parts.values():
        assert b"author" not in part
        assert b"rsid" not in part


def test_every_link_of_a_document_leads_somewhere() -> None:
    """A word processor opens the copy: each link that is used names a part that is there."""
    with ZipFile(BytesIO(copied(DOCX, files.letter()))) as package:
        links = ElementTree.fromstring(package.read("word/_rels/document.xml.rels"))
        targets = {each.get("Id"): f"word/{each.get('Target')}" for each in links}
        assert set(targets.values()) <= set(package.namelist())
        said = package.read("word/document.xml").decode()
    assert all(f'"{name}"' in said for name, to in targets.items() if "numbering" not in to)


def test_a_sheet_keeps_its_values() -> None:
    """Numbers, words and empty cells stay where they were; formulas and hidden sheets do not."""
    book = openpyxl.load_workbook(BytesIO(copied(XLSX, files.workbook())))
    assert book.sheetnames == ["March"]
    rows = [list(row) for row in book["March"].iter_rows(values_only=True)]
    assert rows == [["day", "hours", "note"], [1, 8.5, "on time"], [2, None, "(not computed)"]]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+66 2 123", "+66 2 123"),
        ("-1200.50", "-1200.50"),
        ("-cmd|x", "'-cmd|x"),
        (" =1", "' =1"),
        ("wages", "wages"),
    ],
)
def test_no_cell_computes(cell: str, shown: str) -> None:
    """A cell of a text table is shown by a spreadsheet program and never run; numbers stay."""
    assert copied(CSV, f"a,b\n1,{cell}\n".encode()) == f"a,b\r\n1,{shown}\r\n".encode()


@pytest.mark.parametrize("octets", [b"a;b\n1;=x\n", b"\xef\xbb\xbfa;b\n1;=x\n"])
def test_a_table_of_another_country(octets: bytes) -> None:
    """Semicolons and a byte order mark make it no other table."""
    assert copied(CSV, octets) == b"a,b\r\n1,'=x\r\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_text_of_wide_letters(encoding: str) -> None:
    """Text in UTF-16 with a byte order mark is read, and its copy is UTF-8."""
    octets = f"\ufeff{PLAIN[TEXT].decode()}".encode(encoding)
    assert copied(TEXT, octets) == PLAIN[TEXT]
    assert copied(CSV, "\ufeffa\tb\n1\t=x\n".encode(encoding)) == b"a,b\r\n1,'=x\r\n"
    assert refused(TEXT, octets[2:]) == ("type_not_accepted", "")


@pytest.mark.parametrize("before", [b"\n", b"\r\n\r\n", b"\xef\xbb\xbf\n", b"\x00\xff junk "])
def test_what_stands_before_a_page(before: bytes) -> None:
    """A PDF may begin within its first 1,024 octets, as readers have it; text about PDF is text."""
    copy = copied(PDF, before + files.pdf())
    assert files.drawn(copy).getextrema()[0][0] < 80
    assert refused(PDF, bytes(1024) + files.pdf()) == ("type_not_accepted", "")
    assert copied(TEXT, b"It begins with %PDF-1.7\n") == b"It begins with %PDF-1.7\n"
    assert refused(TEXT, b"\n" + files.pdf()) == ("type_mismatch", PDF)


@pytest.mark.parametrize("media_type", [DOCX, XLSX, CSV, TEXT])
def test_the_mark_is_the_first_line(media_type: str) -> None:
    """Text, tables and documents begin with whom they were shown to, and by which link."""
    copy = copied(media_type, {**TELLING, **PLAIN}[media_type])
    said = files.strings_of(marked(media_type, copy)).decode("utf-8", "ignore")
    assert MARK in said
    assert MARK not in files.strings_of(copy).decode("utf-8", "ignore")
    if media_type in PLAIN:
        assert said.splitlines()[0] == MARK


@pytest.mark.parametrize("media_type", [JPEG, PNG, WEBP, PDF])
def test_the_mark_lies_across_the_picture(media_type: str) -> None:
    """The mark is in the pixels, in the upper and the lower half, on each side (R8)."""
    copy = copied(media_type, TELLING[media_type])
    see = files.drawn if media_type == PDF else files.seen
    change = ImageChops.difference(see(copy), see(marked(media_type, copy))).convert("L")
    width, height = change.size
    for corner in ((0, 0), (width // 2, 0), (0, height // 2), (width // 2, height // 2)):
        box = (*corner, corner[0] + width // 2, corner[1] + height // 2)
        assert change.crop(box).getextrema()[1] > 25


def test_a_mark_in_letters_that_no_font_has() -> None:
    """A recipient whose name the letters cannot write is still named by the link."""
    made = making.mark(
        making.framed({"media_type": PNG, "mark": "สถาบัน · evl_01j8"}, copied(PNG, TELLING[PNG]))
    )
    latin = making.mark(
        making.framed({"media_type": PNG, "mark": " · evl_01j8"}, copied(PNG, TELLING[PNG]))
    )
    assert made == latin


def header_of(width: int, height: int) -> bytes:
    """A PNG that declares a size and holds nothing of it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", b""), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def bomb() -> bytes:
    """A workbook whose only sheet is 100 MiB of nothing in some 100 kB."""
    parts = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}
    return files.package(parts | {"xl/worksheets/sheet1.xml": b" " * (100 * 1024 * 1024)})


def many_parts() -> bytes:
    """A workbook of 210 parts that are 1 MiB of nothing each."""
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
    nothing = bytes(1024 * 1024)
    return files.package(parts | {f"xl/media/{number}": nothing for number in range(210)})


def locked_package() -> bytes:
    """An office file whose entries say that they are encrypted."""
    octets = bytearray(files.workbook())
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        place = octets.find(start)
        while place >= 0:
            octets[place + (6 if start[2] == 3 else 8)] |= 1
            place = octets.find(start, place + 4)
    return bytes(octets)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
REFUSED = {
    "a picture of another kind": (JPEG, files.image("PNG"), ("type_mismatch", PNG)),
    "a document as a sheet": (XLSX, files.letter(), ("type_mismatch", DOCX)),
    "a PDF as text": (TEXT, files.pdf(), ("type_mismatch", PDF)),
    "text as a PDF": (PDF, b"no PDF at all", ("type_mismatch", TEXT)),
    "an archive": (
        DOCX,
        files.package({"payslips/1.txt": "x"}),
        ("type_not_accepted", "application/zip"),
    ),
    "macros": (
        DOCX,
        files.letter(more={"word/vbaProject.bin": b"x"}),
        ("type_not_accepted", "application/zip"),
    ),
    "a program": (TEXT, b"\x7fELF\x02\x01\x01\x00", ("type_not_accepted", "")),
    "text in another encoding": (TEXT, "สัญญา".encode("cp874"), ("type_not_accepted", "")),
    "an old office file": (DOCX, OLE + bytes(600), ("type_not_accepted", "")),
    "a locked office file": (
        DOCX,
        OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        ("encrypted", ""),
    ),
    "a locked package": (XLSX, locked_package(), ("encrypted", "")),
    "a locked PDF": (PDF, files.pdf(locked=True), ("encrypted", "")),
    "a picture of 3.6 thousand million pixels": (
        PNG,
        header_of(60_000, 60_000),
        ("too_large_inside", ""),
    ),
    "a picture of 64 million pixels": (PNG, header_of(8_000, 8_000), ("too_large_inside", "")),
    "a package that unpacks to much more": (XLSX, bomb(), ("too_large_inside", "")),
    "many parts that unpack to much more": (XLSX, many_parts(), ("too_large_inside", "")),
    "41 pages": (PDF, files.pdf(pages=41), ("too_large_inside", "")),
    "a damaged PDF": (PDF, b"%PDF-1.7 and nothing more", ("unreadable", "")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken(name: str) -> None:
    """Each file that must not come in is refused for its own reason, before it is unpacked."""
    declared, octets, why = REFUSED[name]
    assert refused(declared, octets) == why


ENTITIES = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    '<w:document xmlns:w="x"><w:body>&b;</w:body></w:document>'
)


DOCUMENT_TYPE = '<!DOCTYPE d><w:document xmlns:w="x"><w:body/></w:document>'


@pytest.mark.parametrize(
    ("media_type", "octets"),
    [
        (JPEG, files.image()[:500]),
        (DOCX, files.letter(more={"word/document.xml": ENTITIES.encode()})),
        (DOCX, files.letter(more={"word/document.xml": DOCUMENT_TYPE.encode()})),
        (DOCX, files.letter(more={"word/document.xml": b"<w:document"})),
        (XLSX, files.package({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "x"})),
    ],
    ids=["half a picture", "entities", "a document type", "half a document", "no sheet"],
)
def test_a_broken_file_is_a_fault_of_its_process(media_type: str, octets: bytes) -> None:
    """What cannot be read ends the process that reads it, and makes no copy."""
    with pytest.raises(Exception, match=r".*"):
        copied(media_type, octets)
