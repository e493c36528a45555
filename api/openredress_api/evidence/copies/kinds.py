"""What a file is, by its octets; whatever it is called and declared to be."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from io import BytesIO
from zipfile import ZipFile

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, TEXT = "text/csv", "text/plain"

MOST_PARTS = 2_000
MOST_INSIDE = 200 * 1024 * 1024
# Deflate reaches 1,032; XML of a long table comes to 50 or so.
MOST_RATIO = 200
_SMALL = 1024 * 1024
_ENCRYPTED = 0x1
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINNINGS = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
# Readers look for it in so many octets; programs put an empty line before it.
_PDF, _PDF_WITHIN = b"%PDF-", 1024
_MAIN_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")


class Refused(Exception):
    """The file is not taken: `code` is one of rules.REFUSALS, `found` the type it has."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code)
        self.code, self.found = code, found


def sniff(octets: bytes) -> str:
    """The media type of a file; text/plain for each kind of text. Raises Refused."""
    for beginning, found in _BEGINNINGS:
        if octets.startswith(beginning):
            return found
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return WEBP
    if octets.startswith(b"PK\x03\x04"):
        return _office(octets)
    if octets.startswith(_OLE):
        # A locked office file is an OLE container of this one stream.
        is_locked = "EncryptedPackage".encode("utf-16-le") in octets
        raise Refused("encrypted" if is_locked else "type_not_accepted")
    beginning = octets[:_PDF_WITHIN]
    if beginning.removeprefix(codecs.BOM_UTF8).lstrip().startswith(_PDF):
        return PDF
    if _is_text(octets):
        return TEXT
    if _PDF in beginning:
        return PDF
    raise Refused("type_not_accepted")


def opened(octets: bytes) -> ZipFile:
    """An office file's container, its declared sizes within bounds. Raises Refused.

    A size that lies is of no use: not more than was declared is ever unpacked.
    """
    container = ZipFile(BytesIO(octets))
    parts = container.infolist()
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise Refused("encrypted")
    if any(count > 1 for count in Counter(part.filename for part in parts).values()):
        raise Refused("unreadable")
    if (
        len(parts) > MOST_PARTS
        or sum(part.file_size for part in parts) > MOST_INSIDE
        or any(part.file_size > max(_SMALL, MOST_RATIO * part.compress_size) for part in parts)
    ):
        raise Refused("too_large_inside")
    return container


def _office(octets: bytes) -> str:
    names = set(opened(octets).namelist())
    found = [kind for part, kind in _MAIN_PARTS.items() if part in names]
    # Macros have no place in evidence, and a container of anything else is an archive.
    has_macros = any(name.endswith("vbaProject.bin") for name in names)
    if len(found) != 1 or has_macros or "[Content_Types].xml" not in names:
        raise Refused("type_not_accepted", "application/zip")
    return found[0]


def decoded(octets: bytes) -> str:
    """Text in UTF-8, or in UTF-16 with a byte order mark. Raises UnicodeDecodeError."""
    is_wide = octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return octets.decode("utf-16" if is_wide else "utf-8-sig")


def _is_text(octets: bytes) -> bool:
    try:
        return not _NOT_TEXT.search(decoded(octets))
    except UnicodeDecodeError:
        return False
