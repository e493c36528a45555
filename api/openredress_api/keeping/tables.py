"""Tables of keeping."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class ErasureRequest(Base):
    """A worker's word that a case is to be erased (own)."""

    __tablename__ = "erasure_request"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    status: Mapped[str]
    asked_by: Mapped[uuid.UUID]
    asked_at: Mapped[Moment]
    decided_by: Mapped[uuid.UUID | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class LegalRequest(Base):
    """What an authority asked for; never changed (own)."""

    __tablename__ = "legal_request"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int]
    received_on: Mapped[date]
    country: Mapped[str]
    authority: Mapped[str]
    legal_basis: Mapped[str]
    asked_for: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sealed: Mapped[bytes]
    recorded_by: Mapped[uuid.UUID]
    recorded_at: Mapped[Moment]


class LegalDecision(Base):
    """What came of it, by another person than who wrote it down; never changed (own)."""

    __tablename__ = "legal_decision"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    decision: Mapped[str]
    workers_told: Mapped[str]
    decided_by: Mapped[uuid.UUID]
    decided_at: Mapped[Moment]
