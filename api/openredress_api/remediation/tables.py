"""Tables of remediation requests, plans, objections, claims and validations."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Numeric, Text, Uuid, and_, func, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base, Context

_MONEY = Numeric(20, 3)
_MOMENT = DateTime(timezone=True)


def _parties(context: Context) -> ColumnElement[bool]:
    """The institute, and the supplier once it is released; the CSO assigned to its case."""
    if context.organisation_type == "cso":
        return func.gate.is_assigned_request(RemediationRequest.id)
    me = context.organisation_id
    asked = and_(RemediationRequest.recipient_id == me, RemediationRequest.released_at.is_not(None))
    return or_(RemediationRequest.organisation_id == me, asked)


def _claims(context: Context) -> ColumnElement[bool]:
    """Claims one made or received; for a CSO those of requests it is assigned to."""
    if context.organisation_type == "cso":
        return func.gate.is_assigned_request(CompletionClaim.request_id)
    me = context.organisation_id
    return or_(CompletionClaim.organisation_id == me, CompletionClaim.recipient_id == me)


class RemediationRequest(Base):
    """What the institute asks of a supplier (addressed; the assigned CSO reads it).

    `workers` and `amount` are null where a number is unknown or would point at somebody;
    `released_at` until the supplier has been shown it.
    """

    __tablename__ = "remediation_request"
    __table_args__ = {"info": {"kind": "addressed", "visible": _parties}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    wire_id: Mapped[str]
    site_id: Mapped[uuid.UUID]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    asked_outcome: Mapped[str]
    amount: Mapped[Decimal | None] = mapped_column(_MONEY)
    currency: Mapped[str | None]
    asks_for_money: Mapped[bool]
    workers: Mapped[int | None]
    worded: Mapped[str]
    status: Mapped[str]
    round: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime] = mapped_column(_MOMENT)
    released_at: Mapped[datetime | None] = mapped_column(_MOMENT)
    updated_at: Mapped[datetime] = mapped_column(_MOMENT)
    version: Mapped[int] = mapped_column(default=1)


class RemediationCase(Base):
    """Which case a request is about, and what the supplier must not know of it (own).

    It leaves before `release_before` if at all; `recalled_at`: since when its supplier may not read
    it any more, for good.
    """

    __tablename__ = "remediation_case"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    asked_at: Mapped[datetime] = mapped_column(_MOMENT)
    referral_id: Mapped[uuid.UUID | None]
    workers_counted: Mapped[int | None]
    amount_agreed: Mapped[Decimal | None] = mapped_column(_MONEY)
    currency_agreed: Mapped[str | None]
    cancelled_for: Mapped[str | None]
    release_at: Mapped[datetime | None] = mapped_column(_MOMENT)
    release_before: Mapped[datetime | None] = mapped_column(_MOMENT)
    due_in_days: Mapped[int | None]
    recalled_at: Mapped[datetime | None] = mapped_column(_MOMENT)


class RemediationNotice(Base):
    """That a deadline was told to be near or past; written by the worker (own)."""

    __tablename__ = "remediation_notice"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    fact: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(_MOMENT, primary_key=True)


class RemediationPlan(Base):
    """A supplier's plan for a request (addressed to the institute)."""

    __tablename__ = "remediation_plan"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    plan_no: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    submitted_at: Mapped[datetime] = mapped_column(_MOMENT)


class RemediationContest(Base):
    """A supplier's objection to a request (addressed to the institute)."""

    __tablename__ = "remediation_contest"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    contest_no: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    reason: Mapped[str]
    contested_at: Mapped[datetime] = mapped_column(_MOMENT)


class CompletionClaim(Base):
    """A supplier's word that the remedy is done (addressed to the institute; never changed)."""

    __tablename__ = "completion_claim"
    __table_args__ = {"info": {"kind": "addressed", "visible": _claims}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    request_id: Mapped[uuid.UUID]
    round: Mapped[int]
    claim_no: Mapped[int]
    outcomes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    amount: Mapped[Decimal | None] = mapped_column(_MONEY)
    currency: Mapped[str | None]
    workers: Mapped[int | None]
    completed_on: Mapped[date]
    claimed_at: Mapped[datetime] = mapped_column(_MOMENT)


class WorkerValidation(Base):
    """What workers said of a claim (own of the validator; the institute reads; never changed)."""

    __tablename__ = "worker_validation"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID]
    round: Mapped[int]
    validation_no: Mapped[int]
    methods: Mapped[list[str]] = mapped_column(ARRAY(Text))
    validator_type: Mapped[str]
    at: Mapped[datetime] = mapped_column(_MOMENT)
    n_affected: Mapped[int | None]
    n_contacted: Mapped[int]
    n_confirmed: Mapped[int]
    n_disputed: Mapped[int]
    n_unreachable: Mapped[int]
    attempts: Mapped[int]
    days_of_attempts: Mapped[int]
    money_confirmed_in_full: Mapped[bool | None]
    independent_of_supplier: Mapped[bool]
    result: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(_MOMENT)


class ValidationResultNotice(Base):
    """The result of a round: all that the supplier learns of a validation (addressed)."""

    __tablename__ = "validation_result_notice"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    result: Mapped[str]
    at: Mapped[datetime] = mapped_column(_MOMENT)


class ProgressReport(Base):
    """How one planned outcome stands, with what shows it (addressed to the institute)."""

    __tablename__ = "progress_report"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    request_id: Mapped[uuid.UUID]
    round: Mapped[int]
    report_no: Mapped[int]
    planned_outcome: Mapped[str]
    state: Mapped[str]
    expected_on: Mapped[date | None]
    evidence: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    at: Mapped[datetime] = mapped_column(_MOMENT)


class EvidenceDemand(Base):
    """What the institute asks to be shown (addressed to the supplier)."""

    __tablename__ = "evidence_demand"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    demand_no: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    purposes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    at: Mapped[datetime] = mapped_column(_MOMENT)


class Escalation(Base):
    """That the institute goes a step further, and why (addressed to the supplier)."""

    __tablename__ = "escalation"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(_MOMENT)


class WorkerResponse(Base):
    """What the recipient of a referral or request wants to tell the workers (addressed)."""

    __tablename__ = "worker_response"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    referral_id: Mapped[uuid.UUID | None]
    request_id: Mapped[uuid.UUID | None]
    sealed: Mapped[bytes]
    status: Mapped[str]
    submitted_at: Mapped[datetime] = mapped_column(_MOMENT)
    updated_at: Mapped[datetime] = mapped_column(_MOMENT)
    version: Mapped[int] = mapped_column(default=1)


class ResponseVerdict(Base):
    """Why the institute does not pass an answer on (addressed to its sender)."""

    __tablename__ = "response_verdict"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    response_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(_MOMENT)
