"""Tables of placements, of workers' words, of job orders and of public registers."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base
from openredress_api.foundation.pushed import Moment, Pushed

Exact = Annotated[Decimal, mapped_column(Numeric(20, 3))]
Document = Annotated[dict[str, Any], mapped_column(JSONB(none_as_null=True))]
Documents = Annotated[list[dict[str, Any]], mapped_column(JSONB)]


class Placement(Pushed):
    """A worker's placement as the agency states it (own; the institute reads all).

    The pseudonym is sealed with the agency's key; equal ones are equal. None: it was in plain, and
    is erased until the agency sends it again.
    """

    __tablename__ = "placement"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    worker_pseudonym: Mapped[str | None]
    origin: Mapped[str]
    destination: Mapped[str]
    # The site's supplier; the database looks it up.
    supplier_id: Mapped[uuid.UUID | None]
    site_id: Mapped[uuid.UUID | None]
    job_order_ref: Mapped[str | None]
    status: Mapped[str]
    end_reason: Mapped[str | None]
    arrived_on: Mapped[date | None]
    contract_origin: Mapped[Document | None]
    contract_arrival: Mapped[Document | None]
    no_fees_stated: Mapped[bool]
    fee_lines: Mapped[Documents]
    agent_chain: Mapped[Documents]
    is_test: Mapped[bool]
    voided_at: Mapped[Moment | None]
    void_reason: Mapped[str | None]
    # Since a file that had every record of its source system no longer had this one.
    missing_from_source_since: Mapped[Moment | None]


class WorkerStatement(Base):
    """What the worker states of a placement (own of the institute)."""

    __tablename__ = "worker_statement"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[uuid.UUID]
    placement_id: Mapped[uuid.UUID]
    stated_on: Mapped[date]
    method: Mapped[str]
    no_fees_stated: Mapped[bool]
    fee_lines: Mapped[Documents]
    no_intermediary_stated: Mapped[bool]
    agent_chain: Mapped[Documents]
    contract_arrival: Mapped[Document | None]
    share_in_aggregates: Mapped[bool]
    created_at: Mapped[Moment]


class Interview(Base):
    """What the worker said some time after arrival (own of the institute)."""

    __tablename__ = "post_arrival_interview"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[uuid.UUID]
    placement_id: Mapped[uuid.UUID]
    held_on: Mapped[date]
    method: Mapped[str]
    document_in_hand: Mapped[str]
    in_debt: Mapped[str]
    debt_months: Mapped[int | None]
    share_in_aggregates: Mapped[bool]
    created_at: Mapped[Moment]


class JobOrder(Pushed):
    """An employer's request for workers (own; the institute reads all)."""

    __tablename__ = "job_order"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    employer_name: Mapped[str]
    title: Mapped[str | None]
    occupation_code: Mapped[str | None]
    occupation_system: Mapped[str | None]
    sector_code: Mapped[str | None]
    sector_system: Mapped[str | None]
    origin: Mapped[str | None]
    destination: Mapped[str]
    worksite_city: Mapped[str | None]
    worksite_admin1: Mapped[str | None]
    workers_requested: Mapped[int | None]
    workers_certified: Mapped[int | None]
    status: Mapped[str | None]
    submitted_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    wage_amount: Mapped[Exact | None]
    wage_currency: Mapped[str | None]
    wage_period: Mapped[str | None]
    overtime_wage: Mapped[Exact | None]
    hours_per_week: Mapped[Exact | None]
    agent_name: Mapped[str | None]

    @property
    def wage(self) -> dict[str, Any] | None:
        """The wage as {amount, currency, period}, or None."""
        if self.wage_amount is None:
            return None
        return {
            "amount": self.wage_amount,
            "currency": self.wage_currency,
            "period": self.wage_period,
        }


class RecruiterListing(Pushed):
    """One recruiter of a job order as a list names it (own; the institute reads all)."""

    __tablename__ = "recruiter_listing"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    job_order_ref: Mapped[str]
    seq: Mapped[int | None]
    role: Mapped[str]
    organisation_name: Mapped[str | None]
    city: Mapped[str | None]
    admin1: Mapped[str | None]
    country: Mapped[str]
    persons_named: Mapped[int | None]
    registered: Mapped[str]


class RegisterEntry(Pushed):
    """What a public register says of an agency or employer (own; the institute reads all)."""

    __tablename__ = "agency_register_entry"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    kind: Mapped[str]
    subject_name: Mapped[str]
    subject_organisation_id: Mapped[uuid.UUID | None]
    city: Mapped[str | None]
    admin1: Mapped[str | None]
    country: Mapped[str]
    register: Mapped[str]
    reference: Mapped[str | None]
    authority: Mapped[str | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    related_employer_name: Mapped[str | None]
    status: Mapped[str | None]
    source_note: Mapped[str | None]
