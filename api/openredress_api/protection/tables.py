"""Tables of protection; the vault itself is mapped nowhere: functions alone reach it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from sqlalchemy import DateTime, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Codes = Annotated[list[str], mapped_column(ARRAY(Text))]
Ids = Annotated[list[uuid.UUID], mapped_column(ARRAY(Uuid))]


class SafetyAssessment(Base):
    """Whether a grave case may reach a kind of recipient; the highest `n` counts (own)."""

    __tablename__ = "safety_assessment"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    recipient_type: Mapped[str]
    n: Mapped[int]
    decision: Mapped[str]
    risks: Mapped[Codes]
    measures: Mapped[Codes]
    # The case as it was judged: of another one this says nothing.
    severity: Mapped[str]
    categories: Mapped[Codes]
    expires_at: Mapped[Moment]
    assessed_by: Mapped[uuid.UUID]
    assessed_at: Mapped[Moment]


class RetaliationWatch(Base):
    """The time in which a worker is asked whether there was a reprisal (own)."""

    __tablename__ = "retaliation_watch"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    began_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class CheckBack(Base):
    """One question to a worker, planned or made (own)."""

    __tablename__ = "check_back"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    watch_id: Mapped[uuid.UUID]
    # Days after the release; null: nobody planned it.
    after_days: Mapped[int | None]
    due_at: Mapped[Moment]
    raised_at: Mapped[Moment | None]
    result: Mapped[str | None]
    at: Mapped[Moment | None]
    recorded_by: Mapped[uuid.UUID | None]


class SiteHold(Base):
    """Reports of reprisals at a site: nothing new goes to its employer or agencies (own)."""

    __tablename__ = "site_hold"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    site_id: Mapped[uuid.UUID]
    supplier_id: Mapped[uuid.UUID]
    # Among the holds of the site, from 1.
    n: Mapped[int]
    case_ids: Mapped[Ids]
    reported_by: Mapped[Ids]
    placed_at: Mapped[Moment]
    cleared_at: Mapped[Moment | None]
    cleared_by: Mapped[uuid.UUID | None]
    clear_reason: Mapped[str | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class WorkerInCase(Base):
    """A worker of the vault whom a case is about (own); `id` is the worker's."""

    __tablename__ = "worker_in_case"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    linked_by: Mapped[uuid.UUID | None]
    linked_at: Mapped[Moment]


class IdentityRequest(Base):
    """A person asks for a worker's identity; another one grants it (own)."""

    __tablename__ = "identity_request"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    purpose: Mapped[str]
    break_glass: Mapped[bool]
    status: Mapped[str]
    asked_by: Mapped[uuid.UUID]
    asked_at: Mapped[Moment]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[Moment | None]
    expires_at: Mapped[Moment | None]
    read_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int]
