"""Tables of placements and workers' statements."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base


class Placement(Base):
    """A worker's placement as the agency states it (own; the institute reads all)."""

    __tablename__ = "placement"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_system: Mapped[str]
    external_id: Mapped[str]
    worker_pseudonym: Mapped[str]
    origin: Mapped[str]
    destination: Mapped[str]
    supplier_id: Mapped[uuid.UUID | None]
    site_id: Mapped[uuid.UUID | None]
    job_order_ref: Mapped[str | None]
    status: Mapped[str]
    end_reason: Mapped[str | None]
    arrived_on: Mapped[date | None]
    no_fees_stated: Mapped[bool]
    fee_lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    agent_chain: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    is_test: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)


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
    fee_lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    no_intermediary_stated: Mapped[bool]
    agent_chain: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    share_in_aggregates: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
