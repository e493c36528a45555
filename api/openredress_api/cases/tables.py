"""Tables of cases. `case` is a word of SQL, hence `case_record`."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from sqlalchemy import ColumnElement, DateTime, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from openredress_api.foundation.database import Base, Context

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class CaseAssignment(Base):
    """A case handed to a CSO to work on (addressed: institute to CSO)."""

    __tablename__ = "case_assignment"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    assigned_at: Mapped[Moment]


def _assigned(context: Context, case_id: InstrumentedAttribute[uuid.UUID]) -> ColumnElement[bool]:
    """Cases assigned to the caller, for as long as the worker lets a CSO see them."""
    mine = CaseAssignment.recipient_id == context.organisation_id
    stands = func.gate.consent_stands(case_id, "share_cso")
    return and_(case_id.in_(select(CaseAssignment.case_id).where(mine)), stands)


def _cases(context: Context) -> ColumnElement[bool]:
    """Own cases; for a CSO those assigned to it."""
    if context.organisation_type == "cso":
        return _assigned(context, CaseRecord.id)
    return CaseRecord.organisation_id == context.organisation_id


def _issues(context: Context) -> ColumnElement[bool]:
    """Own issues; for a CSO those of the cases assigned to it."""
    if context.organisation_type == "cso":
        return _assigned(context, CaseIssue.case_id)
    return CaseIssue.organisation_id == context.organisation_id


class CaseRecord(Base):
    """A case of the institute (own; assigned CSOs read it while share_cso is granted)."""

    __tablename__ = "case_record"
    __table_args__ = {"info": {"kind": "own", "visible": _cases}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    supplier_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID]
    status: Mapped[str]
    channel: Mapped[str]
    severity: Mapped[str]
    received_at: Mapped[Moment]
    received_at_basis: Mapped[str]
    workers_affected: Mapped[int | None]
    is_test: Mapped[bool]
    external_ref: Mapped[str | None]
    voided_at: Mapped[Moment | None]
    void_reason: Mapped[str | None]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class CaseIssue(Base):
    """One category of harm in a case (own; assigned CSOs read it)."""

    __tablename__ = "case_issue"
    __table_args__ = {"info": {"kind": "own", "visible": _issues}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    category: Mapped[str]
    created_at: Mapped[Moment]


class CaseConsent(Base):
    """One answer of a worker to one consent scope; never changed (own)."""

    __tablename__ = "case_consent"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    scope: Mapped[str]
    n: Mapped[int]
    state: Mapped[str]
    method: Mapped[str]
    language: Mapped[str]
    expires_at: Mapped[Moment | None]
    recorded_at: Mapped[Moment]
    person_id: Mapped[uuid.UUID | None]


class CaseStatusChange(Base):
    """One step of a case (own)."""

    __tablename__ = "case_status_change"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    to_status: Mapped[str]
    withdrawal_reason: Mapped[str | None]
    out_of_scope_reason: Mapped[str | None]
    changed_at: Mapped[Moment]
