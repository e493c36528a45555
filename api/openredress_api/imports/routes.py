"""URL table of imports: one short function per route."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from openredress_api.foundation import contents, messages
from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer, spoken_language
from openredress_api.foundation.contents import UploadOffsetMismatch
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import Page, page
from openredress_api.foundation.problems import (
    Fault,
    NotFound,
    NotPermitted,
    PayloadTooLarge,
    ValidationFailed,
)
from openredress_api.imports import actions
from openredress_api.imports.actions import ImportNotReady
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.schemas import (
    CommitBody,
    FindingList,
    FindingView,
    ImportBody,
    ImportList,
    ImportView,
    MappingBody,
    MappingKey,
    MappingView,
    OffsetQuery,
    ReceiptList,
    ReceiptView,
    TemplateQuery,
)
from openredress_api.imports.tables import Batch, BulkImport, Finding
from openredress_api.imports.tables import Mapping as SavedMapping
from openredress_api.imports.working.storing import Judged, rows_of

endpoint = partial(doors.endpoint, room="imports", scope="imports:write")
IDS = {"id": "imp"}


@endpoint("GET", "/v1/imports/{id}", ids=IDS, gives={200: ImportView}, problems=(NotFound,))
def get_import(call: Call) -> Answer:
    """One import as it stands: state, counts, pace, what its columns were taken for."""
    return _answer(call, actions.get_import(call.transaction, call.path["id"]))


@endpoint("GET", "/v1/imports", query=ImportList, gives={200: ImportView}, listing=True)
def list_imports(call: Call) -> Answer:
    """The organisation's imports, least recently changed first."""
    keys = (BulkImport.updated_at, BulkImport.id)
    found = page(call.transaction, actions.listed(call.query), keys, "imports", call.query)
    return Answer(found.showing(partial(_shown, call.transaction)))


@endpoint(
    "POST",
    "/v1/imports",
    takes=ImportBody,
    gives={202: ImportView},
    problems=(ValidationFailed, NotPermitted),
    idempotency="required",
    reread=get_import,
)
def announce_import(call: Call) -> Answer:
    """Announce a file of records; send its octets next. By default it is checked, not stored."""
    return _answer(call, actions.announce(call.transaction, call.body, spoken_language()), 202)


@endpoint(
    "PUT",
    "/v1/imports/{id}/content",
    ids=IDS,
    query=OffsetQuery,
    takes_bytes=contents.MAX_PART,
    gives={200: ImportView},
    problems=(NotFound, ValidationFailed, UploadOffsetMismatch, PayloadTooLarge, ImportNotReady),
)
def put_import_content(call: Call) -> Answer:
    """Send octets of an announced file from an offset on; the same ones again change nothing.

    With the last of them work begins.
    """
    offset = call.query["offset"]
    imported = actions.receive(call.transaction, call.path["id"], offset, call.raw)
    return _answer(call, imported)


@endpoint(
    "POST",
    "/v1/imports/{id}/commit",
    ids=IDS,
    takes=CommitBody,
    gives={202: ImportView},
    problems=(NotFound, ValidationFailed, NotPermitted, ImportNotReady),
    idempotency="required",
    reread=get_import,
)
def commit_import(call: Call) -> Answer:
    """Store a file that was checked, without sending it again."""
    return _answer(call, actions.commit(call.transaction, call.path["id"], call.body), 202)


@endpoint(
    "POST",
    "/v1/imports/{id}/cancel",
    ids=IDS,
    gives={202: ImportView},
    problems=(NotFound, ImportNotReady),
    idempotency="required",
    reread=get_import,
)
def cancel_import(call: Call) -> Answer:
    """Stop an import after the batch at hand; what is stored stays."""
    return _answer(call, actions.cancel(call.transaction, call.path["id"]), 202)


@endpoint(
    "GET",
    "/v1/imports/{id}/findings",
    ids=IDS,
    query=FindingList,
    gives={200: FindingView},
    problems=(NotFound, NotPermitted),
    listing=True,
    logs_read=True,
)
def list_import_findings(call: Call) -> Answer:
    """What was found in rows of a file, by line: place, what was read, what is wrong."""
    import_id = actions.readable(call.transaction, call.path["id"]).id
    keys = (Finding.line, Finding.id)
    statement = actions.findings(import_id, call.query)
    found = page(call.transaction, statement, keys, f"findings {import_id}", call.query)
    shown = found.showing(partial(_finding, call.transaction))
    return Answer(shown, subjects=(encode("imp", import_id),))


@endpoint(
    "GET",
    "/v1/imports/{id}/receipts",
    ids=IDS,
    query=ReceiptList,
    gives={200: ReceiptView},
    problems=(NotFound, NotPermitted),
    listing=True,
    logs_read=True,
)
def list_import_receipts(call: Call) -> Answer:
    """What became of each row that reached the records, one merge (up to 5,000 rows) a page."""
    imported = actions.readable(call.transaction, call.path["id"])
    keys = (Batch.number, Batch.import_id)
    wanted, query = actions.batches(imported.id), {**call.query, "limit": 1}
    found = page(call.transaction, wanted, keys, f"batches {imported.id}", query)
    prefix = INTAKES[imported.record].prefix
    rows = [_receipt(row, prefix) for batch in found.data for row in rows_of(batch.listing)]
    shown = Page(rows, found.next_cursor, found.has_more)
    return Answer(shown, subjects=(encode("imp", imported.id),))


@endpoint(
    "GET",
    "/v1/imports/{id}/corrections",
    ids=IDS,
    gives={200: None},
    gives_file=tuple(actions.MEDIA_TYPES.values()),
    problems=(NotFound, NotPermitted, ImportNotReady),
    logs_read=True,
)
def get_import_corrections(call: Call) -> Answer:
    """The rows that need somebody, bad cells marked, as a sheet to put right and send again."""
    import_id = call.path["id"]
    file = actions.corrections(call.transaction, import_id)
    return Answer(file=file, subjects=(encode("imp", import_id),))


@endpoint(
    "GET",
    "/v1/import-templates",
    query=TemplateQuery,
    gives={200: None},
    gives_file=(actions.MEDIA_TYPES["xlsx"],),
    problems=(ValidationFailed,),
)
def get_import_template(call: Call) -> Answer:
    """An empty sheet for one kind of record, in one language, with drop-downs and checks."""
    return Answer(file=actions.template(call.query["record"], call.query["language"]))


@endpoint(
    "PUT",
    "/v1/import-mappings",
    query=MappingKey,
    takes=MappingBody,
    gives={201: MappingView, 200: MappingView, 204: None},
    problems=(ValidationFailed, NotPermitted),
    idempotency="accepted",
)
def put_import_mapping(call: Call) -> Answer:
    """Keep what the columns of a source system's sheets mean, for its next file."""
    mapping, done = actions.put_mapping(call.transaction, call.query, call.body)
    status = 204 if done is None else 201 if done.inserted else 200
    return Answer(
        _mapping(mapping),
        status,
        version=mapping.version,
        subjects=(encode("map", mapping.id),),
    )


@endpoint(
    "GET",
    "/v1/import-mappings",
    query=MappingKey,
    gives={200: MappingView},
    problems=(NotFound,),
)
def get_import_mapping(call: Call) -> Answer:
    """The mapping that is kept for the sheets of a source system."""
    mapping = actions.get_mapping(call.transaction, call.query)
    return Answer(_mapping(mapping), version=mapping.version)


@endpoint(
    "DELETE",
    "/v1/import-mappings",
    query=MappingKey,
    gives={204: None},
    problems=(NotFound,),
)
def delete_import_mapping(call: Call) -> Answer:
    """Forget the mapping of a source system; its next sheet is mapped by its headings."""
    actions.delete_mapping(call.transaction, call.query)
    return Answer(status=204)


def _answer(call: Call, imported: BulkImport, status: int = 200) -> Answer:
    import_id = encode("imp", imported.id)
    return Answer(
        _shown(call.transaction, imported),
        status,
        version=imported.version,
        location=f"/v1/imports/{import_id}",
        subjects=(import_id,),
    )


def _shown(transaction: Transaction, imported: BulkImport) -> dict[str, Any]:
    return {
        **imported.members(),
        "received": actions.received(transaction, imported),
        "has_corrections": imported.corrections_id is not None,
        "corrections_are_cut": imported.reading["corrections_are_cut"],
        "columns": imported.reading["columns"],
        "questions": imported.reading["questions"],
        "fault": _fault(imported.fault),
    }


def _fault(fault: dict[str, Any] | None) -> dict[str, Any] | None:
    if fault is None:
        return None
    said = messages.say(Fault(fault["code"], **fault["params"]), spoken_language())
    return {**fault, "detail": said}


def _finding(transaction: Transaction, finding: Finding) -> dict[str, Any]:
    told = actions.told(transaction, finding)
    read = told["read"]
    return {
        **told,
        "external_id": told["key"] or None,
        "detail": messages.say(Fault(finding.code, **finding.params), spoken_language()),
        "read": read if read is None or isinstance(read, str) else str(read),
    }


def _receipt(row: Judged, prefix: str) -> dict[str, Any]:
    kept = encode(prefix, UUID(row.id)) if row.version else None
    return {**row._asdict(), "id": kept, "outcome": row.verdict, "sha256": row.digest}


def _mapping(mapping: SavedMapping) -> dict[str, Any]:
    return {**mapping.members(), **mapping.columns}


ENDPOINTS = (
    get_import,
    list_imports,
    announce_import,
    put_import_content,
    commit_import,
    cancel_import,
    list_import_findings,
    list_import_receipts,
    get_import_corrections,
    get_import_template,
    put_import_mapping,
    get_import_mapping,
    delete_import_mapping,
)
