"""URL table of evidence: one short function per route."""

from __future__ import annotations

from functools import partial

from openredress_api.evidence import actions
from openredress_api.evidence.actions import (
    EvidenceEnded,
    EvidenceNotReady,
    EvidenceRefused,
    WholeDigestMismatch,
)
from openredress_api.evidence.looking import ScanUnavailable
from openredress_api.evidence.rules import MEDIA_TYPES
from openredress_api.evidence.schemas import (
    EvidenceBody,
    EvidenceLinkView,
    EvidenceList,
    EvidenceView,
    EvidenceVoidBody,
    PartQuery,
)
from openredress_api.evidence.tables import Evidence
from openredress_api.foundation import contents
from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.contents import UploadOffsetMismatch
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import (
    Gone,
    NotFound,
    PreconditionFailed,
    ValidationFailed,
)

endpoint = partial(doors.endpoint, room="evidence")
READ, WRITE = "evidence:read", "evidence:write"
SENDERS = ("supplier", "agency")
IDS = {"id": "evd"}
FILES = tuple(MEDIA_TYPES)


@endpoint(
    "GET",
    "/v1/evidence/{id}",
    scope=READ,
    ids=IDS,
    gives={200: EvidenceView},
    problems=(NotFound,),
    logs_read=True,
)
def get_evidence(call: Call) -> Answer:
    """What is known of one file: its state, how much of it is here, why it was refused."""
    return _answer(actions.get_evidence(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    "/v1/evidence",
    scope=READ,
    query=EvidenceList,
    gives={200: EvidenceView},
    listing=True,
    logs_read=True,
)
def list_evidence(call: Call) -> Answer:
    """One's own files, or for the institute all of them, by last change."""
    keys = (Evidence.updated_at, Evidence.id)
    found = page(call.transaction, actions.listed(call.query), keys, "evidence", call.query)
    return Answer(found, subjects=tuple(encode("evd", row.id) for row in found.data))


@endpoint(
    "POST",
    "/v1/evidence",
    scope=WRITE,
    roles=SENDERS,
    takes=EvidenceBody,
    gives={201: EvidenceView},
    problems=(ValidationFailed,),
    idempotency="required",
    reread=get_evidence,
)
def announce_evidence(call: Call) -> Answer:
    """Announce a file by size and SHA-256; send its octets next. It has no name here."""
    return _answer(actions.announce(call.transaction, call.body), 201)


@endpoint(
    "PUT",
    "/v1/evidence/{id}/content",
    scope=WRITE,
    roles=SENDERS,
    ids=IDS,
    query=PartQuery,
    takes_bytes=contents.MAX_PART,
    gives={200: EvidenceView},
    problems=(
        *(NotFound, ValidationFailed, UploadOffsetMismatch, EvidenceEnded),
        *(WholeDigestMismatch, EvidenceRefused, ScanUnavailable),
    ),
)
def put_evidence_content(call: Call) -> Answer:
    """Send octets from an offset on; the same ones again change nothing.

    With the last of them the file is looked at, which may take a while, and its copy is made.
    """
    offset = call.query["offset"]
    return _answer(actions.receive(call.transaction, call.path["id"], offset, call.raw))


@endpoint(
    "GET",
    "/v1/evidence/{id}/original",
    scope=READ,
    roles=SENDERS,
    ids=IDS,
    gives={200: None},
    gives_file=FILES,
    problems=(NotFound, EvidenceNotReady),
    versioned=False,
    logs_read=True,
)
def get_evidence_original(call: Call) -> Answer:
    """One's own file as it came in; it is shown to nobody else."""
    evidence, file = actions.original(call.transaction, call.path["id"])
    return Answer(file=file, subjects=(encode("evd", evidence.id),))


@endpoint(
    "POST",
    "/v1/evidence/{id}/links",
    scope=READ,
    ids=IDS,
    gives={201: EvidenceLinkView},
    problems=(NotFound, EvidenceNotReady),
    versioned=False,
)
def link_evidence(call: Call) -> Answer:
    """A link for yourself to the clean copy; it opens without a token and ends after 5 minutes."""
    link = actions.make_link(call.transaction, call.path["id"])
    return Answer(link, 201, subjects=(encode("evd", call.path["id"]), encode("evl", link.id)))


@endpoint(
    "GET",
    "/v1/evidence-links/{token}",
    scope=None,
    ids={"token": "code"},
    gives={200: None},
    gives_file=FILES,
    problems=(NotFound, Gone),
    versioned=False,
    logs_read=True,
    by_link=True,
)
def open_evidence_link(call: Call) -> Answer:
    """The clean copy, with the name of whoever asked for the link written across it."""
    shown = actions.open_link(call.transaction, call.path["token"])
    subjects = (encode("evd", shown.evidence_id), encode("evl", shown.link_id))
    return Answer(file=shown.file, subjects=subjects)


@endpoint(
    "POST",
    "/v1/evidence/{id}/void",
    scope=WRITE,
    roles=SENDERS,
    ids=IDS,
    takes=EvidenceVoidBody,
    gives={200: EvidenceView},
    problems=(NotFound, PreconditionFailed, ValidationFailed, EvidenceEnded),
    idempotency="required",
    reread=get_evidence,
)
def void_evidence(call: Call) -> Answer:
    """Erase a file that should not be here; what is told of it stays, with its SHA-256."""
    reason = call.body["reason"]
    return _answer(actions.void(call.transaction, call.path["id"], reason, call.if_match))


def _answer(evidence: Evidence, status: int = 200) -> Answer:
    evidence_id = encode("evd", evidence.id)
    return Answer(
        evidence,
        status,
        version=evidence.version,
        location=f"/v1/evidence/{evidence_id}",
        subjects=(evidence_id,),
    )


ENDPOINTS = (
    announce_evidence,
    list_evidence,
    get_evidence,
    put_evidence_content,
    get_evidence_original,
    link_evidence,
    open_evidence_link,
    void_evidence,
)
