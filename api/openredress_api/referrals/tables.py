"""Tables of referrals."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Referral(Base):
    """A summary handed to one organisation (addressed: institute to recipient).

    `link` is the address its events name; the worker, which has no settings, tells with it.
    """

    __tablename__ = "referral"
    __table_args__ = {"info": {"kind": "addressed"}}

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
    due_at: Mapped[Moment]
    released_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class ReferralCase(Base):
    """Which case a referral comes from, and the consent it rests on (own: the institute)."""

    __tablename__ = "referral_case"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID]
    consent_scope: Mapped[str]


class DeletionReceipt(Base):
    """A recipient's word that its copies of what was taken back are gone (addressed)."""

    __tablename__ = "deletion_receipt"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    confirmed_at: Mapped[Moment]


class ReferralStatusChange(Base):
    """One step of a referral, told by the party that took it to the other one (addressed)."""

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
