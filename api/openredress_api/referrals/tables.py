"""Tables of referrals."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import ColumnElement, DateTime, Text, and_, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base, Context

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


def _shown(context: Context) -> ColumnElement[bool]:
    """What one sent; what one was sent, once it was released."""
    me = context.organisation_id
    received = and_(Referral.recipient_id == me, Referral.released_at.is_not(None))
    return or_(Referral.organisation_id == me, received)


class Referral(Base):
    """A summary handed to one organisation (addressed: institute to recipient, once released).

    `link` is the address its events name; the worker, which has no settings, tells with it.
    """

    __tablename__ = "referral"
    __table_args__ = {"info": {"kind": "addressed", "visible": _shown}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    recipient_type: Mapped[str]
    purpose: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    workers: Mapped[int | None]
    event_month: Mapped[date]
    severity: Mapped[str]
    site_id: Mapped[uuid.UUID | None]
    link: Mapped[str]
    status: Mapped[str]
    due_at: Mapped[Moment | None]
    released_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class ReferralCase(Base):
    """Where a referral comes from, what it rests on, whose work it is (own: the institute).

    `release_at` is drawn when it is released, and it leaves before `release_before` if at all;
    `recalled_at`: since when its copies are to go.
    """

    __tablename__ = "referral_case"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    consent_scope: Mapped[str]
    author_id: Mapped[uuid.UUID | None]
    respond_in_days: Mapped[int]
    released_by: Mapped[uuid.UUID | None]
    release_at: Mapped[Moment | None]
    release_before: Mapped[Moment | None]
    recalled_at: Mapped[Moment | None]
    onward_request_id: Mapped[uuid.UUID | None]


class DeletionReceipt(Base):
    """A recipient's word that its copies of what was taken back are gone (addressed)."""

    __tablename__ = "deletion_receipt"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    confirmed_at: Mapped[Moment]


class ReferralStatusChange(Base):
    """One step of a referral, told by the party that took it (addressed).

    To the other party; to the sender itself for as long as the other one knows of nothing.
    """

    __tablename__ = "referral_status_change"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    sender_id: Mapped[uuid.UUID]
    to_status: Mapped[str]
    reason: Mapped[str | None]
    outcomes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    changed_at: Mapped[Moment]


class OnwardRequest(Base):
    """A CSO asks that the case of a referral goes on to another one (addressed: to the institute).

    `to_country` is where that one should be; null: the institute chooses.
    """

    __tablename__ = "onward_request"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    referral_id: Mapped[uuid.UUID]
    to_country: Mapped[str | None]
    purpose: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str]
    asked_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)
