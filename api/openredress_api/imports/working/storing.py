"""One batch in one transaction: staged, judged or merged, with findings, list and audit entry."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import text

from openredress_api.foundation import audit
from openredress_api.foundation.database import Transaction, driver_connection
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.intake import CHANGED, NEW, OUTDATED, UNCHANGED, Intake
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.imports import rules
from openredress_api.imports.tables import BulkImport
from openredress_api.imports.working import judging
from openredress_api.imports.working.batches import Batch, Found
from openredress_api.imports.working.copying import create_staging, staging_table

_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_FINDINGS = text("""
INSERT INTO bulk_import_finding
(organisation_id, id, import_id, line, weight, code, params, pointer, heading, sealed)
SELECT :me, id, :import, line, weight, code, CAST(params AS jsonb), pointer, heading, sealed
FROM unnest(CAST(:ids AS uuid[]), CAST(:lines AS int[]), CAST(:weights AS text[]),
CAST(:codes AS text[]), CAST(:params AS text[]), CAST(:pointers AS text[]),
CAST(:headings AS text[]), CAST(:sealed AS bytea[]))
AS found (id, line, weight, code, params, pointer, heading, sealed)
""")
_BATCH = text("""
INSERT INTO bulk_import_batch
(organisation_id, import_id, number, last_line, digest, listing, stored_at)
VALUES (:me, :import, :number, :last_line, :digest, :listing, :now)
""")


class Overtaken(Exception):
    """Somebody else changed a row of the batch meanwhile: it is to be judged again."""


class Judged(NamedTuple):
    """One staged row and what becomes of it; `present` is the state that was found."""

    line: int
    key: str
    id: str
    version: int
    verdict: str
    digest: str
    present: str


class Told(NamedTuple):
    """What the statement says of a batch."""

    listing: str
    noted: str | None
    overtaken: int
    new: int
    changed: int
    unchanged: int
    outdated: int


NOTHING = Told("", None, 0, 0, 0, 0, 0)


class Way(NamedTuple):
    """Whether a batch is written, and whether its stored rows are locked before they are judged."""

    writes: bool
    locks: bool


def store(
    transaction: Transaction, intake: Intake, imported: BulkImport, batch: Batch, way: Way
) -> dict[str, int]:
    """Judge a batch, write it if told so, keep what was found; after Overtaken: again, locked.

    Returns how many of its rows were judged how.
    """
    writes = way.writes
    told = _merged(transaction, intake, batch, way) if batch.staged else NOTHING
    if told.overtaken:
        raise Overtaken
    if writes and intake.after and told.new + told.changed:
        intake.after(transaction)
    noted = [_judged(line) for line in told.noted.split("\n")] if told.noted else []
    found = batch.found + [_noted(one, intake, batch) for one in noted]
    _keep_findings(transaction, imported, found)
    if writes and batch.staged:
        _keep_listing(transaction, imported, batch, told.listing)
    counted = {NEW: told.new, CHANGED: told.changed, UNCHANGED: told.unchanged}
    return {**counted, OUTDATED: told.outdated, "refused": len(noted) - told.outdated}


def _merged(transaction: Transaction, intake: Intake, batch: Batch, way: Way) -> Told:
    driver = driver_connection(transaction.connection)
    driver.execute(create_staging(intake).encode())
    columns = ", ".join(("line", "id", "digest", *intake.staged))
    with driver.cursor().copy(
        f"COPY {staging_table(intake)} ({columns}) FROM STDIN".encode("ascii")
    ) as copy:
        copy.write("".join(batch.staged).encode())
    statement = judging.merge(intake) if way.writes else judging.judgement(intake)
    context = transaction.context
    given = {
        **intake.params,
        "me": context.organisation_id,
        "now": context.now,
        "silent": [NEW, CHANGED, UNCHANGED],
    }
    if way.locks:
        driver.execute(judging.lock(intake).encode(), given, prepare=False)
    row = driver.execute(statement.encode(), given, prepare=False).fetchone()
    return Told(*row) if row else NOTHING


def _judged(line: str) -> Judged:
    number, key, row_id, version, verdict, digest, present = line.split("\t")
    return Judged(int(number), key, row_id, int(version), verdict, digest, present)


def _noted(judged: Judged, intake: Intake, batch: Batch) -> Found:
    """What is said of a row that was refused beside what is stored, or that is older."""
    if judged.verdict == OUTDATED:
        error = FieldError("/", Fault("outdated_row"))
        return Found(judged.line, "information", error, judged.key)
    place = intake.places[judged.verdict]
    error = FieldError(place, Fault(judged.verdict, present=judged.present))
    return Found(judged.line, "must_fix", error, judged.key, batch.headings.get(place))


def _keep_findings(transaction: Transaction, imported: BulkImport, found: Sequence[Found]) -> None:
    """Keep findings as long as anybody could read them; the counts tell of all."""
    found = found[: max(0, rules.MAX_FINDINGS - imported.findings)]
    if not found:
        return
    imported.findings += len(found)
    ids = [dated_id() for _ in found]
    transaction.connection.execute(
        _FINDINGS,
        {
            "me": imported.organisation_id,
            "import": imported.id,
            "ids": ids,
            "lines": [one.line for one in found],
            "weights": [one.weight for one in found],
            "codes": [str(one.error.fault) for one in found],
            "params": [_params(one) for one in found],
            "pointers": [_storable(one.error.pointer) for one in found],
            "headings": [one.heading and _storable(one.heading) for one in found],
            "sealed": [
                transaction.seal(f"finding:{finding_id}", _read(one))
                for finding_id, one in zip(ids, found, strict=True)
            ],
        },
    )


def _params(found: Found) -> str:
    params = {
        name: _storable(value) if isinstance(value, str) else value
        for name, value in found.error.fault.params.items()
    }
    return orjson.dumps(params, default=str).decode()


def _storable(text: str) -> str:
    """A text that PostgreSQL takes: a name in a file may hold a NUL."""
    return text.replace("\0", _UNKNOWN)


def _read(found: Found) -> bytes:
    return orjson.dumps({"key": found.key, "read": found.error.read}, default=str)


def _keep_listing(
    transaction: Transaction, imported: BulkImport, batch: Batch, listing: str
) -> None:
    """Keep what was merged, and its digest also in the audit: nobody can change the one alone."""
    digest = hashlib.sha256(listing.encode())
    transaction.connection.execute(
        _BATCH,
        {
            "me": imported.organisation_id,
            "import": imported.id,
            "number": imported.batches,
            "last_line": batch.last_line,
            "digest": digest.digest(),
            "listing": zlib.compress(listing.encode(), 1),
            "now": transaction.context.now,
        },
    )
    subjects = (encode("imp", imported.id), f"sha256:{digest.hexdigest()}")
    entry = audit.entry(transaction.context, "merge_rows", encode("imp", imported.id), subjects)
    transaction.defer(audit.INSERT, entry)


def rows_of(listing: bytes) -> Iterable[Judged]:
    """The rows of a kept list."""
    return map(_judged, zlib.decompress(listing).decode().split("\n"))
