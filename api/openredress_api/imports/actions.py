"""Use cases of imports: a file is announced, received, checked, committed, cancelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, delete, select

from openredress_api.foundation import contents, jobs
from openredress_api.foundation.answers import File
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    InsufficientScope,
    NotFound,
    NotPermitted,
    ValidationFailed,
)
from openredress_api.foundation.upsert import Upserted, upsert
from openredress_api.imports import rules, sheets
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.tables import Batch, BulkImport, Finding
from openredress_api.imports.tables import Mapping as SavedMapping

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ndjson": "application/x-ndjson",
}
MAPPING_KEY = ("record", "source_system")


class ImportNotReady(Conflict):
    """The import is not in a state that allows this; `state` of the record says which one it is."""

    code, title = "import_not_ready", "Import not ready"


def announce(transaction: Transaction, body: Mapping[str, Any], language: str) -> BulkImport:
    """Make an import of a file whose octets follow; its corrections are written in `language`."""
    _may_send(transaction, body["record"])
    if errors := list(_contradictions(body)):
        raise ValidationFailed(errors=errors)
    content = contents.announce(transaction, size=body["size"], sha256=body["sha256"])
    now = transaction.context.now
    imported = BulkImport(
        organisation_id=transaction.context.organisation_id,
        id=dated_id(),
        content_id=content.id,
        size=body["size"],
        record=body["record"],
        format=body["format"],
        compression=body["compression"],
        source_system=body["source_system"],
        reading={
            "mapping": body["mapping"],
            "sheet": body["sheet"],
            "charset": body["charset"],
            "language": language,
            "columns": [],
            "questions": [],
            "chosen": None,
            "corrections_are_cut": False,
        },
        mode=body["mode"],
        commit_by=body["commit"],
        is_complete=body["is_complete"],
        state="receiving",
        cancel_asked=False,
        counts=rules.nothing_counted(),
        resume_line=0,
        batches=0,
        findings=0,
        created_at=now,
        updated_at=now,
        version=1,
    )
    transaction.session.add(imported)
    transaction.session.flush()
    return imported


def _may_send(transaction: Transaction, record: str) -> None:
    """Who may not send such a record alone may not send a file of them."""
    senders, context = INTAKES[record].senders, transaction.context
    if context.organisation_type not in senders:
        raise NotPermitted(f"Records of this kind come from: {', '.join(senders)}.")
    scope = senders[context.organisation_type]
    if scope not in context.scopes:
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        raise InsufficientScope(headers={"WWW-Authenticate": challenge})


def _contradictions(body: Mapping[str, Any]) -> Iterator[FieldError]:
    intake = INTAKES[body["record"]]
    if body["mode"] == "replace_period" and not intake.period:
        yield FieldError("/mode", Fault("no_period_to_replace"), body["mode"])
    if body["is_complete"] and not intake.marks_missing:
        yield FieldError("/is_complete", Fault("never_complete"), True)  # noqa: FBT003 - what was read
    if body["format"] == "xlsx" and body["size"] > rules.MAX_XLSX:
        yield FieldError("/size", Fault("range", at_least=1, at_most=rules.MAX_XLSX), body["size"])


def get_import(transaction: Transaction, import_id: UUID) -> BulkImport:
    """One of the caller's imports; NotFound otherwise."""
    return transaction.one(_named(transaction, import_id))


def readable(transaction: Transaction, import_id: UUID) -> BulkImport:
    """An import whose rows the caller may see: it may send such records itself."""
    imported = get_import(transaction, import_id)
    _may_send(transaction, imported.record)
    return imported


def _named(transaction: Transaction, import_id: UUID) -> Select[BulkImport]:
    return select(BulkImport).where(
        BulkImport.organisation_id == transaction.context.organisation_id,
        BulkImport.id == import_id,
    )


def listed(query: Mapping[str, Any]) -> Select[BulkImport]:
    """The statement of a list with its filter."""
    statement = select(BulkImport)
    if "updated_since" in query:
        statement = statement.where(BulkImport.updated_at >= query["updated_since"])
    return statement


def receive(transaction: Transaction, import_id: UUID, offset: int, octets: bytes) -> BulkImport:
    """Take some octets of the file; when all are here, work on it is asked for."""
    imported = _locked(transaction, import_id)
    if imported.content_id is None:
        raise ImportNotReady("The file is gone: files are kept for 7 days after their import.")
    if (
        imported.state == "cancelled"
        and not contents.get(transaction, imported.content_id).is_complete
    ):
        raise ImportNotReady("The import was cancelled; announce the file again.")
    content = contents.append(transaction, imported.content_id, offset, octets)
    if imported.state == "receiving" and content.is_complete:
        _ask(transaction, imported)
    return imported


def commit(transaction: Transaction, import_id: UUID, body: Mapping[str, Any]) -> BulkImport:
    """Store a file that was checked, without sending it again."""
    imported = _locked(transaction, import_id)
    _may_send(transaction, imported.record)
    if not rules.may_commit(imported.state) or imported.content_id is None:
        raise ImportNotReady(f"The import is {imported.state}; only a checked one is committed.")
    if body["mode"] == "replace_period" and not INTAKES[imported.record].period:
        raise ValidationFailed(errors=[FieldError("/mode", Fault("no_period_to_replace"))])
    imported.mode, imported.commit_by = body["mode"], body["commit"]
    imported.ended_at, imported.cancel_asked = None, False
    _ask(transaction, imported)
    return imported


def cancel(transaction: Transaction, import_id: UUID) -> BulkImport:
    """Stop an import: batches that are stored stay, nothing more is stored."""
    imported = _locked(transaction, import_id)
    if not rules.may_cancel(imported.state):
        raise ImportNotReady(f"The import is {imported.state} already.")
    imported.cancel_asked = True
    if imported.state == "receiving":
        imported.state = "cancelled"
        imported.ended_at = transaction.context.now
    _touch(transaction, imported)
    return imported


def _locked(transaction: Transaction, import_id: UUID) -> BulkImport:
    return transaction.one(_named(transaction, import_id).with_for_update())


def _ask(transaction: Transaction, imported: BulkImport) -> None:
    imported.job_id = jobs.ask(transaction, "import", imported.id).id
    imported.state = "waiting"
    _touch(transaction, imported)


def _touch(transaction: Transaction, imported: BulkImport) -> None:
    imported.updated_at = transaction.context.now
    imported.version += 1
    transaction.session.flush()


def received(transaction: Transaction, imported: BulkImport) -> int:
    """How many octets of the file have come."""
    if imported.content_id is None:
        return imported.size
    return contents.get(transaction, imported.content_id).received


def corrections(transaction: Transaction, import_id: UUID) -> File:
    """The rows that need somebody in an import that has ended; NotFound if none does."""
    imported = readable(transaction, import_id)
    if imported.state not in rules.ENDED:
        raise ImportNotReady(f"The import is {imported.state}; corrections come with its end.")
    if imported.corrections_id is None:
        raise NotFound("There is nothing to correct in this import.")
    octets = b"".join(contents.read(transaction, imported.corrections_id))
    ending = "ndjson" if imported.format == "ndjson" else "xlsx"
    name = f"corrections-{encode('imp', imported.id)}.{ending}"
    return File(octets, MEDIA_TYPES[ending], name)


def template(record: str, language: str) -> File:
    """An empty sheet for one kind of record that checks itself while it is filled in."""
    described = sheets.described(record, INTAKES[record].schema())
    return File(sheets.template(described, language), MEDIA_TYPES["xlsx"], f"{record}.xlsx")


def findings(import_id: UUID, query: Mapping[str, Any]) -> Select[Finding]:
    """The statement of an import's findings by line."""
    statement = select(Finding).where(Finding.import_id == import_id)
    if "weight" in query:
        statement = statement.where(Finding.weight == query["weight"])
    return statement


def told(transaction: Transaction, finding: Finding) -> dict[str, Any]:
    """A finding with what was read, unsealed."""
    sealed = transaction.unseal(f"finding:{finding.id}", finding.sealed)
    return {**finding.members(), **orjson.loads(sealed)}


def batches(import_id: UUID) -> Select[Batch]:
    """The statement of what an import's merges wrote."""
    return select(Batch).where(Batch.import_id == import_id)


def put_mapping(
    transaction: Transaction, key: Mapping[str, str], body: Mapping[str, Any]
) -> tuple[SavedMapping, Upserted | None]:
    """Keep a mapping for the sheets of one source system; None beside it: nothing changed."""
    _may_send(transaction, key["record"])
    now = transaction.context.now
    values = {**key, "columns": dict(body), "id": dated_id(), "created_at": now, "updated_at": now}
    table = SavedMapping.__table__
    done = upsert(transaction, table, MAPPING_KEY, values, ("columns",))  # type: ignore[arg-type]  # mapped tables are Tables
    return get_mapping(transaction, key), done


def get_mapping(transaction: Transaction, key: Mapping[str, str]) -> SavedMapping:
    """The caller's mapping for a source system; NotFound if none is saved."""
    return transaction.one(
        select(SavedMapping).where(
            SavedMapping.organisation_id == transaction.context.organisation_id,
            SavedMapping.record == key["record"],
            SavedMapping.source_system == key["source_system"],
        )
    )


def delete_mapping(transaction: Transaction, key: Mapping[str, str]) -> None:
    """Forget a saved mapping; NotFound if there is none."""
    found = get_mapping(transaction, key)
    transaction.session.execute(
        delete(SavedMapping).where(
            SavedMapping.organisation_id == found.organisation_id, SavedMapping.id == found.id
        )
    )
