"""Files as their senders hand them in: announced with size and digest, then sent part by part.

A part is appended where the last one ended, so a broken transfer goes on from there. Each part
is sealed by itself: a file of a gibibyte passes through no process whole.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import DateTime, Select, func, select
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base, Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import Conflict, PayloadTooLarge

MAX_PART = 4 * 1024 * 1024


class Content(Base):
    """One file, complete when `received` is `size` (own)."""

    __tablename__ = "content"
    __table_args__ = {"info": {"kind": "own"}}  # noqa: RUF012 - SQLAlchemy's plain dictionary

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    size: Mapped[int]
    sha256: Mapped[bytes]
    received: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    @property
    def is_complete(self) -> bool:
        """Whether every octet is here."""
        return self.received == self.size


class ContentPart(Base):
    """Some octets of a file, sealed (own)."""

    __tablename__ = "content_part"
    __table_args__ = {"info": {"kind": "own"}}  # noqa: RUF012 - SQLAlchemy's plain dictionary

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    content_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    first_byte: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[bytes]
    sealed: Mapped[bytes]


class UploadOffsetMismatch(Conflict):
    """These octets do not follow those already here; `received` says where to go on."""

    code, title = "upload_offset_mismatch", "Upload offset mismatch"


def announce(transaction: Transaction, *, size: int, sha256: bytes) -> Content:
    """Make room for a file of `size` octets whose SHA-256 is `sha256`."""
    content = Content(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        size=size,
        sha256=sha256,
        received=0,
        created_at=transaction.context.now,
    )
    transaction.session.add(content)
    transaction.session.flush()
    return content


def get(transaction: Transaction, content_id: uuid.UUID) -> Content:
    """One of the caller's own files; NotFound otherwise."""
    return transaction.one(_named(transaction, content_id))


def append(
    transaction: Transaction, content_id: uuid.UUID, first_byte: int, octets: bytes
) -> Content:
    """Add the octets that follow those already here; the same part sent again changes nothing.

    UploadOffsetMismatch if they do not follow, PayloadTooLarge if they are more than was announced.
    """
    content = transaction.one(_named(transaction, content_id).with_for_update())
    digest = hashlib.sha256(octets).digest()
    if first_byte != content.received:
        if _held(transaction, content_id, first_byte) == digest:
            return content
        raise UploadOffsetMismatch(
            f"The octets begin at {first_byte}; the next one that is needed is {content.received}."
        )
    if content.received + len(octets) > content.size:
        raise PayloadTooLarge(f"The file was announced with {content.size} octets.")
    if octets:
        sealed = transaction.seal(_place(content_id, first_byte), octets)
        transaction.session.add(
            ContentPart(
                organisation_id=content.organisation_id,
                content_id=content_id,
                first_byte=first_byte,
                sha256=digest,
                sealed=sealed,
            )
        )
        content.received += len(octets)
        transaction.session.flush()
    return content


def read(transaction: Transaction, content_id: uuid.UUID) -> Iterator[bytes]:
    """The octets of a file of the caller's, part by part."""
    parts = (
        select(ContentPart.first_byte)
        .where(
            ContentPart.organisation_id == transaction.context.organisation_id,
            ContentPart.content_id == content_id,
        )
        .order_by(ContentPart.first_byte)
    )
    for first_byte in transaction.all(parts):
        sealed = transaction.one(
            select(ContentPart.sealed).where(
                ContentPart.organisation_id == transaction.context.organisation_id,
                ContentPart.content_id == content_id,
                ContentPart.first_byte == first_byte,
            )
        )
        yield transaction.unseal(_place(content_id, first_byte), sealed)


def drop(transaction: Transaction, content_id: uuid.UUID) -> None:
    """Erase a file of the caller's; no row may point at it any more."""
    transaction.session.execute(select(func.gate.drop_content(content_id)))


def _named(transaction: Transaction, content_id: uuid.UUID) -> Select[Content]:
    return select(Content).where(
        Content.organisation_id == transaction.context.organisation_id, Content.id == content_id
    )


def _held(transaction: Transaction, content_id: uuid.UUID, first_byte: int) -> bytes | None:
    return transaction.first(
        select(ContentPart.sha256).where(
            ContentPart.organisation_id == transaction.context.organisation_id,
            ContentPart.content_id == content_id,
            ContentPart.first_byte == first_byte,
        )
    )


def _place(content_id: uuid.UUID, first_byte: int) -> str:
    return f"content:{content_id}:{first_byte}"
