"""A workbook is a ZIP archive: what its directory says is looked at before anything is unpacked."""

from __future__ import annotations

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from openredress_api.imports.reading.shapes import BadFile
from openredress_api.imports.reading.streams import refuse_other_kinds

MAX_SIZE = 64 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
MAX_ENTRIES = 10_000
# Longer than the directory of any workbook; reading one of gibibytes would take memory itself.
MAX_DIRECTORY = 2 * 1024 * 1024
CONTENT_TYPES = "[Content_Types].xml"
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# Signature, four numbers of disks and entries, size and offset of the directory, comment length.
_END = struct.Struct("<4s4H2LH")
_FURTHEST = 0xFFFF + _END.size
_IS_ENCRYPTED = 0x1


def examine(content: bytes) -> None:
    """BadFile unless the archive is a workbook in XLSX form that will not outgrow its bounds."""
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise BadFile("file_protected")
    if not content.startswith(b"PK"):
        refuse_other_kinds(content[:512], "XLSX")
        raise BadFile("file_is_another_kind", found="TXT", expected="XLSX")
    if len(content) > MAX_SIZE:
        raise BadFile("file_inflates", at_most=MAX_SIZE)
    _refuse_large_directory(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_unsafe(entries, len(content))
            _refuse_other_documents(archive)
    except (BadZipFile, LargeZipFile, NotImplementedError, UnicodeDecodeError, struct.error):
        raise BadFile("file_damaged", part="ZIP") from None


def _refuse_large_directory(content: bytes) -> None:
    tail = content[-_FURTHEST:]
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or place + _END.size > len(tail):
        raise BadFile("file_truncated")
    _, _, _, _, entries, size, _, _ = _END.unpack_from(tail, place)
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY:
        raise BadFile("too_many_entries", at_most=MAX_ENTRIES)


def _refuse_unsafe(entries: list[ZipInfo], size: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise BadFile("too_many_entries", at_most=MAX_ENTRIES)
    if any(entry.flag_bits & _IS_ENCRYPTED for entry in entries):
        raise BadFile("file_protected")
    names = {entry.filename for entry in entries}
    if len(names) < len(entries) or not all(map(_is_plain, names)):
        raise BadFile("file_damaged", part="ZIP")
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise BadFile("file_damaged", part="ZIP")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise BadFile("file_inflates", at_most=MAX_UNPACKED)
    if unpacked > MAX_RATIO * size:
        raise BadFile("file_inflates_too_much", ratio=MAX_RATIO)


def _is_plain(name: str) -> bool:
    """Whether a name stays inside of the archive and can be shown."""
    outside = name.startswith("/") or ":" in name or "\\" in name or ".." in name.split("/")
    return name.isprintable() and not outside


def _refuse_other_documents(archive: ZipFile) -> None:
    names = archive.namelist()
    found = None
    if "mimetype" in names:
        with archive.open("mimetype") as stream:
            is_sheet = b"opendocument.spreadsheet" in stream.read(100)
        found = "ODS" if is_sheet else "ODF"
    elif "xl/workbook.bin" in names:
        found = "XLSB"
    elif CONTENT_TYPES not in names:
        found = "ZIP"
    if found:
        raise BadFile("file_is_another_kind", found=found, expected="XLSX")
