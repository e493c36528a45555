"""Tables of joint handling."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Sponsorship(Base):
    """That a brand stands behind a request (addressed to the brand)."""

    __tablename__ = "sponsorship"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    request_id: Mapped[uuid.UUID]
    status: Mapped[str]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class DuplicateDecision(Base):
    """What a person found about two requests that look alike (own)."""

    __tablename__ = "duplicate_decision"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    other_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    decision: Mapped[str]
    decided_by: Mapped[uuid.UUID]
    decided_at: Mapped[Moment]
