"""Corrections of a file: the sender's own rows that need somebody, kept to be fetched."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from openredress_api.foundation import contents, messages
from openredress_api.foundation.contents import MAX_PART
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import Fault
from openredress_api.imports import reading, sheets
from openredress_api.imports.tables import BulkImport, Finding
from openredress_api.imports.working.opening import octets_of, sheet_of

NEED_SOMEBODY = ("must_fix", "please_check")
# More than anybody puts right at once; the next ones are found when these are sent.
MOST_FINDINGS = 50_000


def corrected(transaction: Transaction, imported: BulkImport) -> bytes | None:
    """The corrections of a file that was read to its end; None if no row needs somebody."""
    found = transaction.all(
        select(Finding)
        .where(
            Finding.organisation_id == imported.organisation_id,
            Finding.import_id == imported.id,
            Finding.weight.in_(NEED_SOMEBODY),
        )
        .order_by(Finding.line, Finding.id)
        .limit(MOST_FINDINGS)
    )
    if not found:
        return None
    language = imported.reading["language"]
    octets = octets_of(transaction, imported)
    if imported.format == "ndjson":
        lines = reading.ndjson(octets)
        return b"".join(sheets.corrections_ndjson(lines, _by_line(found, {}, language), language))
    header, rows = sheet_of(octets, imported)
    places = {heading: place for place, heading in enumerate(header.headings)}
    return sheets.corrections(header, rows, _by_line(found, places, language), language)


def _by_line(
    found: Sequence[Finding], places: dict[str, int], language: str
) -> dict[int, list[sheets.Finding]]:
    by_line: dict[int, list[sheets.Finding]] = defaultdict(list)
    for one in found:
        text = messages.say(Fault(one.code, **one.params), language)
        by_line[one.line].append(sheets.Finding(_place(one, places), one.weight, text))
    return by_line


def _place(one: Finding, places: dict[str, int]) -> Any:  # noqa: ANN401 - a column or a pointer
    if not places:
        return reading.pointer_of(one.heading) if one.heading else one.pointer
    return places.get(one.heading) if one.heading else None


def keep(transaction: Transaction, imported: BulkImport, octets: bytes | None) -> None:
    """Keep the corrections beside the import, in place of those of an earlier pass."""
    former, imported.corrections_id = imported.corrections_id, None
    transaction.session.flush()
    if former is not None:
        contents.drop(transaction, former)
    if octets is None:
        return
    digest = hashlib.sha256(octets).digest()
    kept = contents.announce(transaction, size=len(octets), sha256=digest)
    for first in range(0, len(octets), MAX_PART):
        contents.append(transaction, kept.id, first, octets[first : first + MAX_PART])
    imported.corrections_id = kept.id
