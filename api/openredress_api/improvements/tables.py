"""Tables of systemic actions."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import DateTime, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Ids = Annotated[list[uuid.UUID], mapped_column(ARRAY(Uuid))]


class SystemicAction(Base):
    """What a supplier changed for all of its workers, by its own word (addressed)."""

    __tablename__ = "systemic_action"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    requests: Mapped[Ids]
    evidence: Mapped[Ids]
    effective_on: Mapped[date]
    stated_at: Mapped[Moment]


class SystemicVerdict(Base):
    """What the institute found of an action; the highest `n` counts (addressed)."""

    __tablename__ = "systemic_verdict"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    action_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    verdict: Mapped[str]
    method: Mapped[str]
    at: Mapped[Moment]
