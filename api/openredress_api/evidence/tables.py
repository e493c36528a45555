"""Tables of evidence: what is told of a file, its clean copy, and links that open it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Evidence(Base):
    """A file that was announced, and what became of it (own; the institute reads all)."""

    __tablename__ = "evidence"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    label: Mapped[str | None]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    state: Mapped[str]
    received: Mapped[int]
    # The octets as they came: nobody but their owner has a policy for them.
    content_id: Mapped[uuid.UUID | None]
    scan: Mapped[str | None]
    refusal: Mapped[str | None]
    voided_at: Mapped[Moment | None]
    void_reason: Mapped[str | None]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int]


class EvidenceCopy(Base):
    """What others may see of a file, sealed with its owner's key (own; the institute reads all)."""

    __tablename__ = "evidence_copy"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    content_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class EvidenceLink(Base):
    """A way to one copy that ends by itself; it belongs to whoever asked for it (own)."""

    __tablename__ = "evidence_link"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    client_id: Mapped[uuid.UUID]
    person_id: Mapped[uuid.UUID | None]
    owner_organisation_id: Mapped[uuid.UUID]
    evidence_id: Mapped[uuid.UUID]
    token_hash: Mapped[bytes]
    expires_at: Mapped[Moment]
