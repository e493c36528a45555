"""The audit log as its readers see it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base


class AuditEntry(Base):
    """Somebody read or acted (own: of the organisation that did; never changed)."""

    __tablename__ = "audit"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation: Mapped[str]
    content: Mapped[str | None]
