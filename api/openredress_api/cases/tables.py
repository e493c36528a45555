"""Tables of cases. `case` is a word of SQL, hence `case_record`."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import ARRAY, ColumnElement, DateTime, String, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from openredress_api.foundation.database import Base, Context

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Codes = Annotated[list[str], mapped_column(ARRAY(String))]


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


def _observations(context: Context) -> ColumnElement[bool]:
    """As issues."""
    if context.organisation_type == "cso":
        return _assigned(context, CaseObservation.case_id)
    return CaseObservation.organisation_id == context.organisation_id


def _safe_contacts(context: Context) -> ColumnElement[bool]:
    """As issues."""
    if context.organisation_type == "cso":
        return _assigned(context, CaseSafeContact.case_id)
    return CaseSafeContact.organisation_id == context.organisation_id


def _messages(context: Context) -> ColumnElement[bool]:
    """As issues."""
    if context.organisation_type == "cso":
        return _assigned(context, CaseMessage.case_id)
    return CaseMessage.organisation_id == context.organisation_id


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
    severity_reasons: Mapped[Codes]
    received_at: Mapped[Moment]
    received_at_basis: Mapped[str]
    workers_affected: Mapped[int | None]
    is_test: Mapped[bool]
    external_ref: Mapped[str | None]
    voided_at: Mapped[Moment | None]
    void_reason: Mapped[str | None]
    merged_into: Mapped[uuid.UUID | None]
    # When contact data, and then what was written, were erased (R17).
    contact_erased_at: Mapped[Moment | None]
    content_erased_at: Mapped[Moment | None]
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


class Contact(Base):
    """One call or message, counted; nothing of who it was or what was said (own)."""

    __tablename__ = "contact"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    received_at: Mapped[Moment]
    received_at_basis: Mapped[str]
    outcome: Mapped[str]
    case_id: Mapped[uuid.UUID | None]
    recorded_at: Mapped[Moment]


class CaseSeverityChange(Base):
    """One entry of how grave a case was held to be, and why; never changed (own)."""

    __tablename__ = "case_severity_change"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    n: Mapped[int]
    severity: Mapped[str]
    reasons: Mapped[Codes]
    cause: Mapped[str]
    person_id: Mapped[uuid.UUID | None]
    changed_at: Mapped[Moment]


class CaseObservation(Base):
    """One indicator of forced labour as observed in a case (own; assigned CSOs read it)."""

    __tablename__ = "case_observation"
    __table_args__ = {"info": {"kind": "own", "visible": _observations}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    indicator: Mapped[str]
    observed_at: Mapped[date]
    basis: Mapped[str]
    current_harm: Mapped[bool]
    person_id: Mapped[uuid.UUID | None]
    recorded_at: Mapped[Moment]
    voided_at: Mapped[Moment | None]
    void_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class CaseSafeContact(Base):
    """When and how a worker may be contacted (own; assigned CSOs read it)."""

    __tablename__ = "case_safe_contact"
    __table_args__ = {"info": {"kind": "own", "visible": _safe_contacts}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    may_contact: Mapped[bool]
    channels: Mapped[Codes]
    days: Mapped[Codes]
    from_hour: Mapped[int | None]
    until_hour: Mapped[int | None]
    time_zone: Mapped[str | None]
    who_answers: Mapped[str | None]
    leave_messages: Mapped[bool]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class CaseReceiptCode(Base):
    """A code by which a worker comes back without a name, as a keyed hash (own)."""

    __tablename__ = "case_receipt_code"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    code_index: Mapped[bytes]
    created_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]


class CaseMessage(Base):
    """What a worker and the case team wrote to each other, sealed (own; assigned CSOs read it)."""

    __tablename__ = "case_message"
    __table_args__ = {"info": {"kind": "own", "visible": _messages}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    n: Mapped[int]
    author: Mapped[str]
    sealed: Mapped[bytes]
    wants_reopen: Mapped[bool]
    person_id: Mapped[uuid.UUID | None]
    sent_at: Mapped[Moment]
    read_at: Mapped[Moment | None]


class FollowUpTries(Base):
    """Wrong receipt codes of one client in its present hour (own)."""

    __tablename__ = "follow_up_tries"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    hour: Mapped[Moment]
    tries: Mapped[int]
