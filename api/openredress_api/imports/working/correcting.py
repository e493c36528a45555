"""Corrections of a file: the sender's own rows that need somebody, kept to be fetched."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Row, select

from openredress_api.foundation import contents, messages
from openredress_api.foundation.contents import MAX_PART
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import Fault
from openredress_api.imports import reading, sheets
from openredress_api.imports.tables import BulkImport, Finding
from openredress_api.imports.working.opening import octets_of, sheet_of

P = TypeVar("P")
NEED_SOMEBODY = ("must_fix", "please_check")
# More than anybody puts right at once, and no more than a process bears; the next ones are found
# when these are sent.
MOST_ROWS, MOST_FINDINGS = 10_000, 20_000
MOST_OCTETS = MAX_PART
_TOLD = ("line", "weight", "code", "params", "pointer", "heading")


class Corrected(NamedTuple):
    """The corrections of a file, and whether more rows than these need somebody."""

    octets: bytes
    is_cut: bool


def corrected(transaction: Transaction, imported: BulkImport) -> Corrected | None:
    """The corrections of a file that was read to its end; None if no row needs somebody."""
    found = transaction.session.execute(
        select(*(getattr(Finding, name) for name in _TOLD))
        .where(
            Finding.organisation_id == imported.organisation_id,
            Finding.import_id == imported.id,
            Finding.weight.in_(NEED_SOMEBODY),
        )
        .order_by(Finding.line, Finding.id)
        .limit(MOST_FINDINGS)
    ).all()
    if not found:
        return None
    language = imported.reading["language"]
    octets = octets_of(transaction, imported)
    needed = imported.counts["refused"] + imported.counts["flagged"]
    if imported.format == "ndjson":
        by_line = _by_line(found, {}, language)
        lines = sheets.corrections_ndjson(reading.ndjson(octets), by_line, language)
        kept = list(_within(lines, len))
        return Corrected(b"".join(kept), is_cut=needed > len(kept))
    header, rows = sheet_of(octets, imported)
    places = {heading: place for place, heading in enumerate(header.headings)}
    by_line = _by_line(found, places, language)
    shown = list(_within((row for row in rows if row.line in by_line), _size))
    is_cut = needed > len(shown)
    return Corrected(sheets.corrections(header, shown, by_line, language, is_cut=is_cut), is_cut)


def _within(pieces: Iterable[P], size: Callable[[P], int]) -> Iterator[P]:
    """As many pieces as one file of corrections bears."""
    total = 0
    for piece in islice(pieces, MOST_ROWS):
        total += size(piece)
        if total > MOST_OCTETS:
            return
        yield piece


def _size(row: reading.Cells) -> int:
    return sum(map(len, row.cells))


def _by_line(
    found: Sequence[Row[Any]], places: dict[str, int], language: str
) -> dict[int, list[sheets.Finding]]:
    by_line: dict[int, list[sheets.Finding]] = defaultdict(list)
    for one in found:
        text = messages.say(Fault(one.code, **one.params), language)
        by_line[one.line].append(sheets.Finding(_place(one, places), one.weight, text))
    return by_line


def _place(one: Row[Any], places: dict[str, int]) -> Any:  # noqa: ANN401 - a column or a pointer
    if not places:
        return reading.pointer_of(one.heading) if one.heading else one.pointer
    return places.get(one.heading) if one.heading else None


def keep(transaction: Transaction, imported: BulkImport, made: Corrected | None) -> None:
    """Keep the corrections beside the import, in place of those of an earlier pass."""
    former, imported.corrections_id = imported.corrections_id, None
    transaction.session.flush()
    if former is not None:
        contents.drop(transaction, former)
    if made is None:
        return
    imported.reading = {**imported.reading, "corrections_are_cut": made.is_cut}
    octets = made.octets
    digest = hashlib.sha256(octets).digest()
    kept = contents.announce(transaction, size=len(octets), sha256=digest)
    for first in range(0, len(octets), MAX_PART):
        contents.append(transaction, kept.id, first, octets[first : first + MAX_PART])
    imported.corrections_id = kept.id
