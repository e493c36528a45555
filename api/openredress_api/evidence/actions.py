"""Use cases of evidence: a file is announced, received, looked at, shown, voided."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api import organisations
from openredress_api.evidence import looking, rules
from openredress_api.evidence.copies.kinds import Refused
from openredress_api.evidence.tables import Evidence, EvidenceCopy, EvidenceLink
from openredress_api.foundation import contents
from openredress_api.foundation.answers import File
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.problems import (
    Conflict,
    DigestMismatch,
    Gone,
    PreconditionFailed,
    Problem,
)

TOKEN_BYTES = 32


class EvidenceRefused(Problem):
    """The file is not taken; the record says why, and its octets are erased."""

    status, code, title = 422, "evidence_refused", "Evidence refused"
    keeps = True


class WholeDigestMismatch(DigestMismatch):
    """All octets are here, and they are not the file that was announced: begin again at offset 0.

    What had arrived is erased. Each part was whole, so the file changed in between, or the SHA-256
    that was announced is that of another file.
    """

    code, title = "whole_digest_mismatch", "Digest mismatch of the whole file"
    keeps = True


class EvidenceEnded(Conflict):
    """The file was refused or voided; nothing of it is here, and nothing more is taken."""

    code, title = "evidence_ended", "Evidence ended"


class EvidenceNotReady(Conflict):
    """There is nothing to show yet, or no more: `state` of the record is not `ready`."""

    code, title = "evidence_not_ready", "Evidence not ready"


class Linked(NamedTuple):
    """A link as its maker sees it, this once."""

    id: UUID
    url: str
    expires_at: datetime


class Shown(NamedTuple):
    """A copy as a link opens it."""

    file: File
    evidence_id: UUID
    link_id: UUID


def announce(transaction: Transaction, body: Mapping[str, Any]) -> Evidence:
    """Make room for a file."""
    content = contents.announce(transaction, size=body["size"], sha256=body["sha256"])
    now = transaction.context.now
    evidence = Evidence(
        **body,
        organisation_id=transaction.context.organisation_id,
        id=dated_id(),
        state="receiving",
        received=0,
        content_id=content.id,
        created_at=now,
        updated_at=now,
        version=1,
    )
    transaction.session.add(evidence)
    transaction.session.flush()
    return evidence


def get_evidence(transaction: Transaction, evidence_id: UUID) -> Evidence:
    """What is known of a file that the caller may see; NotFound otherwise."""
    return transaction.one(select(Evidence).where(Evidence.id == evidence_id))


def listed(query: Mapping[str, Any]) -> Select[Evidence]:
    """The statement of a list with its filters."""
    statement = select(Evidence)
    if "updated_since" in query:
        statement = statement.where(Evidence.updated_at >= query["updated_since"])
    if "state" in query:
        statement = statement.where(Evidence.state == query["state"])
    if "purpose" in query:
        statement = statement.where(Evidence.purpose == query["purpose"])
    return statement


def receive(transaction: Transaction, evidence_id: UUID, offset: int, octets: bytes) -> Evidence:
    """Take a part; with the last one the file is looked at and its clean copy made.

    Raises EvidenceEnded, contents.UploadOffsetMismatch, PayloadTooLarge, WholeDigestMismatch,
    EvidenceRefused, ScanUnavailable, Overloaded.
    """
    evidence = _own(transaction, evidence_id)
    if evidence.content_id is None:
        raise EvidenceEnded
    content = contents.append(transaction, evidence.content_id, offset, octets)
    if content.received > evidence.received:
        evidence.received = content.received
        _changed(transaction, evidence)
        if content.is_complete:
            _look(transaction, evidence, content.id)
    return evidence


def _look(transaction: Transaction, evidence: Evidence, content_id: UUID) -> None:
    octets = b"".join(contents.read(transaction, content_id))
    if hashlib.sha256(octets).digest() != evidence.sha256:
        _begin_again(transaction, evidence, content_id)
        raise WholeDigestMismatch
    scan = looking.scanned(transaction.services.scan_command, octets)
    if scan == "infected":
        raise _refused(transaction, evidence, Refused("infected"))
    try:
        copy = looking.copied(evidence.media_type, octets)
    except Refused as refused:
        raise _refused(transaction, evidence, refused) from None
    evidence.state, evidence.scan = "ready", scan
    sealed = transaction.seal(_place(content_id), copy)
    transaction.session.add(
        EvidenceCopy(organisation_id=evidence.organisation_id, content_id=content_id, sealed=sealed)
    )
    transaction.session.flush()


def _refused(transaction: Transaction, evidence: Evidence, refused: Refused) -> EvidenceRefused:
    evidence.state, evidence.refusal = "refused", refused.code
    _erase(transaction, evidence)
    return EvidenceRefused(rules.why(refused.code, evidence.media_type, refused.found))


def _begin_again(transaction: Transaction, evidence: Evidence, spoilt: UUID) -> None:
    content = contents.announce(transaction, size=evidence.size, sha256=evidence.sha256)
    evidence.content_id, evidence.received = content.id, 0
    transaction.session.flush()
    contents.drop(transaction, spoilt)


def _erase(transaction: Transaction, evidence: Evidence) -> None:
    """The octets and their copy go; what is told of them stays."""
    erased, evidence.content_id = evidence.content_id, None
    _changed(transaction, evidence)
    transaction.session.flush()
    if erased is not None:
        contents.drop(transaction, erased)


def original(transaction: Transaction, evidence_id: UUID) -> tuple[Evidence, File]:
    """A file of the caller's own, as it came in. Raises EvidenceNotReady."""
    evidence = transaction.one(_mine(transaction, evidence_id))
    octets = b"".join(contents.read(transaction, _ready(evidence)))
    return evidence, _file(evidence, octets)


def make_link(transaction: Transaction, evidence_id: UUID) -> Linked:
    """A link for the caller to the copy of a file that it may see. Raises EvidenceNotReady."""
    evidence = get_evidence(transaction, evidence_id)
    _ready(evidence)
    token, context = secrets.token_hex(TOKEN_BYTES), transaction.context
    link = EvidenceLink(
        organisation_id=context.organisation_id,
        id=dated_id(),
        client_id=context.client_id,
        person_id=context.person_id,
        owner_organisation_id=evidence.organisation_id,
        evidence_id=evidence.id,
        token_hash=_hash(token),
        expires_at=transaction.session.scalar(select(func.now() + rules.LINK_LASTS)),
    )
    transaction.session.add(link)
    transaction.session.flush()
    url = f"{transaction.services.public_url}/v1/evidence-links/{token}"
    return Linked(link.id, url, link.expires_at)


def open_link(transaction: Transaction, token: str) -> Shown:
    """The copy behind a link, marked for whoever made it. Raises Gone, Overloaded."""
    link = transaction.one(select(EvidenceLink).where(EvidenceLink.token_hash == _hash(token)))
    evidence = get_evidence(transaction, link.evidence_id)
    if evidence.state != "ready":
        # It was voided after the link was made.
        raise Gone
    recipient = organisations.name_of_organisation(transaction, link.organisation_id)
    mark = rules.mark(recipient, datetime.now(UTC).date(), encode("evl", link.id))
    copy = looking.marked(evidence.media_type, _copy(transaction, evidence), mark)
    return Shown(_file(evidence, copy), evidence.id, link.id)


def void(transaction: Transaction, evidence_id: UUID, reason: str, seen: int | None) -> Evidence:
    """Leave a tombstone and erase the octets. Raises EvidenceEnded, PreconditionFailed."""
    evidence = _own(transaction, evidence_id)
    if evidence.state == "voided":
        raise EvidenceEnded
    if seen is not None and seen != evidence.version:
        raise PreconditionFailed
    evidence.state, evidence.void_reason, evidence.label = "voided", reason, None
    evidence.voided_at = transaction.context.now
    _erase(transaction, evidence)
    return evidence


def _own(transaction: Transaction, evidence_id: UUID) -> Evidence:
    """One of the caller's own files, locked for a change; NotFound otherwise."""
    return transaction.one(_mine(transaction, evidence_id).with_for_update())


def _mine(transaction: Transaction, evidence_id: UUID) -> Select[Evidence]:
    return select(Evidence).where(
        Evidence.organisation_id == transaction.context.organisation_id, Evidence.id == evidence_id
    )


def _ready(evidence: Evidence) -> UUID:
    """The content of a file that can be shown."""
    if evidence.state != "ready" or evidence.content_id is None:
        raise EvidenceNotReady
    return evidence.content_id


def _changed(transaction: Transaction, evidence: Evidence) -> None:
    evidence.updated_at = transaction.context.now
    evidence.version += 1


def _copy(transaction: Transaction, evidence: Evidence) -> bytes:
    """The clean copy, by the key of the file's owner, who need not be the caller."""
    content_id = _ready(evidence)
    statement = select(EvidenceCopy.sealed).where(
        EvidenceCopy.organisation_id == evidence.organisation_id,
        EvidenceCopy.content_id == content_id,
    )
    sealer, owner = transaction.services.sealer, evidence.organisation_id
    key = sealer.open_data_key(owner, lambda: _wrapped_key(transaction, evidence))
    return sealer.unseal(key, owner, _place(content_id), transaction.one(statement))


def _wrapped_key(transaction: Transaction, evidence: Evidence) -> bytes:
    statement = select(func.gate.key_of_evidence(evidence.id))
    key: bytes = transaction.session.execute(statement).scalar_one()
    return key


def _file(evidence: Evidence, octets: bytes) -> File:
    end = rules.MEDIA_TYPES[evidence.media_type]
    return File(octets, evidence.media_type, f"{encode('evd', evidence.id)}.{end}")


def _place(content_id: UUID) -> str:
    return f"evidence_copy:{content_id}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
