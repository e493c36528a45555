"""The table behind a record that its sender names itself; `keys` is the query that names it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Pushed(Base):
    """A record that its sender keeps under an identifier of its own."""

    __abstract__ = True

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_system: Mapped[str]
    external_id: Mapped[str]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)
