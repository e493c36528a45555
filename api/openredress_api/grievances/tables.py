"""Tables of the supplier's register: grievances and the steps they took."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import DateTime, Numeric, Table
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base
from openredress_api.vocabulary import is_restricted

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Grievance(Base):
    """A row of a supplier's own register (own; the institute reads all)."""

    __tablename__ = "grievance"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_system: Mapped[str]
    external_id: Mapped[str]
    site_id: Mapped[uuid.UUID]
    category: Mapped[str]
    channel: Mapped[str]
    severity: Mapped[str | None]
    status: Mapped[str]
    received_at: Mapped[Moment]
    received_at_basis: Mapped[str]
    acknowledged_at: Mapped[Moment | None]
    resolved_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    workers_affected: Mapped[int | None]
    is_anonymous: Mapped[bool]
    withdrawal_reason: Mapped[str | None]
    out_of_scope_reason: Mapped[str | None]
    remedy_amount: Mapped[Decimal | None] = mapped_column(Numeric(20, 3))
    remedy_currency: Mapped[str | None]
    source_updated_at: Mapped[Moment | None]
    is_test: Mapped[bool]
    # What the last push found: its statement learns the old values from the row it wrote.
    replaced_status: Mapped[str | None]
    replaced_severity: Mapped[str | None]
    replaced_category: Mapped[str | None]
    reopened_at: Mapped[Moment | None]
    voided_at: Mapped[Moment | None]
    void_reason: Mapped[str | None]
    merged_into_id: Mapped[uuid.UUID | None]
    # Since a file that had every record of its source system no longer had this one.
    missing_from_source_since: Mapped[Moment | None]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int]

    @property
    def agreed_remedy(self) -> dict[str, Any] | None:
        """The agreed money as {amount, currency}, or None."""
        if self.remedy_amount is None:
            return None
        return {"amount": self.remedy_amount, "currency": self.remedy_currency}

    @property
    def is_restricted(self) -> bool:
        """Whether nothing of it may leave without a person's release."""
        return is_restricted(self.category)


GRIEVANCE: Table = Grievance.__table__  # type: ignore[assignment]  # mapped tables are Tables


class StatusChange(Base):
    """One step of a grievance, by whoever took it, for its register's owner (addressed)."""

    __tablename__ = "grievance_status_change"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    grievance_id: Mapped[uuid.UUID]
    to_status: Mapped[str]
    at: Mapped[Moment | None]
    source: Mapped[str]
    recorded_at: Mapped[Moment]
