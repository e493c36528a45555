"""The table of headcounts."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import DateTime, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base
from openredress_api.workforce import rules


class Headcount(Base):
    """All workers of a site at the end of a month (own; the institute reads all)."""

    __tablename__ = "headcount"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    site_id: Mapped[uuid.UUID]
    month: Mapped[date]
    total: Mapped[int]
    agency_workers: Mapped[int | None]
    segments: Mapped[dict[str, dict[str, int]] | None] = mapped_column(JSONB(none_as_null=True))
    source: Mapped[str]
    is_synthetic: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)

    @property
    def band(self) -> str:
        """What outsiders see of the total."""
        return rules.band(self.total)


HEADCOUNT: Table = Headcount.__table__  # type: ignore[assignment]  # mapped tables are Tables
