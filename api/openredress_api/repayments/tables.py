"""Tables of agreements to pay what is owed, of payments, and of what workers say of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import ColumnElement, DateTime, Numeric, Text, Uuid, and_, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from openredress_api.foundation.database import Base, Context

Money = Annotated[Decimal, mapped_column(Numeric(20, 3))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Documents = Annotated[list[dict[str, Any]], mapped_column(JSONB)]


def _offered(context: Context) -> ColumnElement[bool]:
    """The institute's own, the payer's once it was offered; the CSO assigned to its case."""
    if context.organisation_type == "cso":
        return func.gate.is_assigned_repayment(RepaymentAgreement.id)
    me = context.organisation_id
    mine = and_(RepaymentAgreement.recipient_id == me, RepaymentAgreement.offered_at.is_not(None))
    return or_(RepaymentAgreement.organisation_id == me, mine)


def _told(context: Context) -> ColumnElement[bool]:
    """Of an agreement that the caller sees; for the payer what it is told."""
    if context.organisation_type == "cso":
        return func.gate.is_assigned_repayment(RepaymentDue.agreement_id)
    me = context.organisation_id
    offered = select(RepaymentAgreement.id).where(_offered(context))
    mine = and_(
        RepaymentDue.recipient_id == me,
        RepaymentDue.told,
        RepaymentDue.agreement_id.in_(offered),
    )
    return or_(RepaymentDue.organisation_id == me, mine)


def _payments(context: Context) -> ColumnElement[bool]:
    """Payments one reported or was told of; for a CSO those of agreements of its cases."""
    if context.organisation_type == "cso":
        return func.gate.is_assigned_repayment(RepaymentPayment.agreement_id)
    me = context.organisation_id
    return or_(RepaymentPayment.organisation_id == me, RepaymentPayment.recipient_id == me)


def _validations(context: Context) -> ColumnElement[bool]:
    """One's own; for a CSO also those of others on agreements of its cases."""
    mine: ColumnElement[bool] = RepaymentValidation.organisation_id == context.organisation_id
    if context.organisation_type == "cso":
        return or_(mine, _is_assigned(RepaymentValidation.agreement_id))
    return mine


def _is_assigned(agreement: InstrumentedAttribute[uuid.UUID]) -> ColumnElement[bool]:
    assigned: ColumnElement[bool] = func.gate.is_assigned_repayment(agreement)
    return assigned


class RepaymentAgreement(Base):
    """What a payer is to repay to whom by when (addressed; the assigned CSO reads it).

    `groups` are [{label, fee_types, worded}], `instalments` [{n, due_on}]; sums are dues. A draft
    is the institute's alone.
    """

    __tablename__ = "repayment_agreement"
    __table_args__ = {"info": {"kind": "addressed", "visible": _offered}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    supplier_id: Mapped[uuid.UUID | None]
    site_id: Mapped[uuid.UUID | None]
    origin: Mapped[str | None]
    destination: Mapped[str | None]
    asked_outcome: Mapped[str]
    currency: Mapped[str]
    groups: Mapped[Documents]
    instalments: Mapped[Documents]
    status: Mapped[str]
    offered_at: Mapped[Moment | None]
    agreed_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class RepaymentBasis(Base):
    """What an agreement rests on, and why it was taken back (own).

    `recalled_at`: since when its payer may not read it any more, for good.
    """

    __tablename__ = "repayment_basis"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID | None]
    consent_scope: Mapped[str | None]
    cancelled_for: Mapped[str | None]
    recalled_at: Mapped[Moment | None]


class RepaymentDue(Base):
    """What is due to one group with one instalment (addressed; the payer reads what is told)."""

    __tablename__ = "repayment_due"
    __table_args__ = {"info": {"kind": "addressed", "visible": _told}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    instalment_no: Mapped[int] = mapped_column(primary_key=True)
    group_label: Mapped[str] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    # Of the whole group; null: unknown.
    workers: Mapped[int | None]
    amount: Mapped[Money]
    told: Mapped[bool]


class RepaymentContest(Base):
    """A payer's objection to an offer (addressed to the institute)."""

    __tablename__ = "repayment_contest"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    contest_no: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    reason: Mapped[str]
    contested_at: Mapped[Moment]


class RepaymentPayment(Base):
    """A payer's word on what it has paid in all of one due (addressed to the institute).

    Never changed: the next `claim_no` replaces it.
    """

    __tablename__ = "repayment_payment"
    __table_args__ = {"info": {"kind": "addressed", "visible": _payments}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    agreement_id: Mapped[uuid.UUID]
    instalment_no: Mapped[int]
    group_label: Mapped[str]
    round: Mapped[int]
    claim_no: Mapped[int]
    amount: Mapped[Money]
    workers: Mapped[int]
    paid_on: Mapped[date]
    method: Mapped[str]
    evidence: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    reported_at: Mapped[Moment]


class RepaymentValidation(Base):
    """What workers said of a payment (own of the validator; the institute reads; never changed).

    `amount_confirmed` null: nobody could say; at most what the payer claims.
    """

    __tablename__ = "repayment_validation"
    __table_args__ = {
        "info": {"kind": "own", "institute_reads": True, "visible": _validations},
    }

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payer_organisation_id: Mapped[uuid.UUID]
    payment_id: Mapped[uuid.UUID]
    agreement_id: Mapped[uuid.UUID]
    validation_no: Mapped[int]
    amount_confirmed: Mapped[Money | None]
    methods: Mapped[list[str]] = mapped_column(ARRAY(Text))
    validator_type: Mapped[str]
    at: Mapped[Moment]
    n_affected: Mapped[int | None]
    n_contacted: Mapped[int]
    n_confirmed: Mapped[int]
    n_disputed: Mapped[int]
    n_unreachable: Mapped[int]
    attempts: Mapped[int]
    days_of_attempts: Mapped[int]
    independent_of_supplier: Mapped[bool]
    result: Mapped[str]
    recorded_at: Mapped[Moment]


class RepaymentResult(Base):
    """The result of a claim: all that the payer learns of what workers said (addressed).

    `amount_confirmed` is null also where the payer was not told the sum that is due.
    """

    __tablename__ = "repayment_result"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    agreement_id: Mapped[uuid.UUID]
    instalment_no: Mapped[int]
    group_label: Mapped[str]
    result: Mapped[str]
    amount_confirmed: Mapped[Money | None]
    at: Mapped[Moment]
