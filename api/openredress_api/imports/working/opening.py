"""A stored file as rows: its octets unsealed, decompressed, parsed, and mapped.

Only records of NDJSON that came without a mapping have the names of our fields already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import select

from openredress_api import organisations
from openredress_api.foundation import contents
from openredress_api.foundation.database import Transaction
from openredress_api.imports import mapping, reading, rules
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.reading import BadFile
from openredress_api.imports.tables import BulkImport
from openredress_api.imports.tables import Mapping as SavedMapping
from openredress_api.imports.working.rows import Row

# What a sheet is looked at by before it is mapped; it stands in memory meanwhile.
SAMPLE, SAMPLE_SIZE = 1_000, 1_000_000
# What our own corrections write beside a record; it is not sent back as a member.
FINDINGS = "openredress:findings"
Sheet = tuple[reading.Header, Iterator[reading.Cells]]


@dataclass(slots=True)
class Opened:
    """The rows of a file, and what is known of it so far.

    A sheet is settled when nothing is left that its sender has to say first.
    """

    rows: Iterable[Row]
    size: int
    read: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    is_settled: bool = True

    @property
    def share_read(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return min(1.0, self.read / self.size)

    def counting(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """The parts of the file as they are, counted."""
        for part in parts:
            self.read += len(part)
            yield part


def checked_digest(transaction: Transaction, imported: BulkImport) -> None:
    """Refuse a file whose octets are not those that were announced."""
    content = _content(transaction, imported)
    digest = hashlib.sha256()
    for part in contents.read(transaction, content.id):
        digest.update(part)
    if digest.digest() != content.sha256:
        raise BadFile("file_digest_mismatch")


def opened(transaction: Transaction, imported: BulkImport) -> Opened:
    """The rows of a file as its import says they are to be read; BadFile if they cannot be."""
    file = Opened((), imported.size)
    stored = contents.read(transaction, _content(transaction, imported).id)
    octets = _unpacked(file.counting(stored), imported)
    if imported.format != "ndjson":
        file.rows = _mapped_sheet(transaction, imported, file, sheet_of(octets, imported))
    elif imported.reading["mapping"] is None:
        file.rows = _records(reading.ndjson(octets))
    else:
        # Any record may have a member that no other has: all are looked through first.
        names = reading.flat_names(reading.ndjson(octets_of(transaction, imported)))
        sheet = reading.flat_sheet(names, reading.ndjson(octets))
        file.rows = _mapped_sheet(transaction, imported, file, sheet)
    return file


def octets_of(transaction: Transaction, imported: BulkImport) -> Iterator[bytes]:
    """The octets of a file, decompressed."""
    return _unpacked(contents.read(transaction, _content(transaction, imported).id), imported)


def _unpacked(parts: Iterable[bytes], imported: BulkImport) -> Iterator[bytes]:
    compression: Any = imported.compression  # one of three, by its CHECK
    at_most = rules.MAX_XLSX if imported.format == "xlsx" else rules.MAX_INFLATED
    return reading.octets(parts, compression, at_most)


def _content(transaction: Transaction, imported: BulkImport) -> contents.Content:
    if imported.content_id is None:
        raise BadFile("file_is_gone")
    return contents.get(transaction, imported.content_id)


def _records(lines: Iterable[reading.Line]) -> Iterator[Row]:
    for line in lines:
        record = line.record or {}
        record.pop(FINDINGS, None)
        yield Row(line.number, record, line.faults)


def sheet_of(octets: Iterator[bytes], imported: BulkImport) -> Sheet:
    """The header of a sheet, and its rows as they are written."""
    if imported.format == "csv":
        return reading.sheet_csv(octets, charset=imported.reading["charset"])
    return reading.sheet_xlsx(b"".join(octets), sheet=imported.reading["sheet"])


def _mapped_sheet(
    transaction: Transaction, imported: BulkImport, file: Opened, sheet: Sheet
) -> Iterator[Row]:
    header, cells = sheet
    sample = _first(cells)
    plan = mapping.plan(
        INTAKES[imported.record],
        header,
        [one.cells for one in sample],
        imported.reading["chosen"],
        organisations.sites_by_reference(transaction, imported.source_system),
    )
    file.told = {"columns": plan.columns, "questions": plan.questions}
    file.is_settled = plan.is_settled
    return _mapped(plan, chain(sample, cells))


def _first(cells: Iterator[reading.Cells]) -> list[reading.Cells]:
    """The first rows of a sheet, fewer of long ones."""
    taken: list[reading.Cells] = []
    size = 0
    while len(taken) < SAMPLE and size < SAMPLE_SIZE and (one := next(cells, None)):
        taken.append(one)
        size += sum(map(len, one.cells))
    return taken


def _mapped(plan: mapping.Plan, cells: Iterable[reading.Cells]) -> Iterator[Row]:
    for one in cells:
        if one.faults:
            # A fault of reading names its column by the heading itself.
            named = {fault.pointer: _heading(fault.pointer) for fault in one.faults}
            named.pop("/", None)
            yield Row(one.line, {}, one.faults, headings=named)
        else:
            record, faults, notices, headings = plan.row(one.cells)
            yield Row(one.line, record, faults, notices, headings)


def _heading(pointer: str) -> str:
    return pointer[1:].replace("~1", "/").replace("~0", "~")


def chosen(transaction: Transaction, imported: BulkImport) -> dict[str, Any] | None:
    """The mapping that came with the file, else the one saved for its source system."""
    if imported.reading["mapping"] is not None:
        given: dict[str, Any] = imported.reading["mapping"]
        return given
    return transaction.first(
        select(SavedMapping.columns).where(
            SavedMapping.organisation_id == imported.organisation_id,
            SavedMapping.record == imported.record,
            SavedMapping.source_system == imported.source_system,
        )
    )
