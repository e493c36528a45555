"""Tables of imports: the file, what was found in it, what each merge wrote, saved mappings."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class BulkImport(Base):
    """A file that a sender handed in, how it is to be read, and how far it has come (own)."""

    __tablename__ = "bulk_import"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    # The file and what needs correction in it: both are gone some days after the end.
    content_id: Mapped[uuid.UUID | None]
    corrections_id: Mapped[uuid.UUID | None]
    size: Mapped[int]
    job_id: Mapped[uuid.UUID | None]
    record: Mapped[str]
    format: Mapped[str]
    compression: Mapped[str]
    source_system: Mapped[str]
    # How a sheet is read: the name of a mapping, sheet and charset, and what was decided.
    reading: Mapped[dict[str, Any]] = mapped_column(JSONB)
    mode: Mapped[str]
    commit_by: Mapped[str]
    is_complete: Mapped[bool]
    state: Mapped[str]
    cancel_asked: Mapped[bool]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    resume_line: Mapped[int]
    batches: Mapped[int]
    findings: Mapped[int]
    rows_per_second: Mapped[float | None]
    seconds_left: Mapped[int | None]
    fault: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[Moment]
    started_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int]


class Finding(Base):
    """Something about one row of a file; what was read is sealed (own)."""

    __tablename__ = "bulk_import_finding"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    import_id: Mapped[uuid.UUID]
    line: Mapped[int]
    weight: Mapped[str]
    code: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    pointer: Mapped[str]
    heading: Mapped[str | None]
    sealed: Mapped[bytes]


class Batch(Base):
    """What one merge transaction wrote: the digest that its audit entry names, and the list (own).

    The list is text, one row a line: line, key, id, version, judgement, content digest.
    """

    __tablename__ = "bulk_import_batch"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    import_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    last_line: Mapped[int]
    digest: Mapped[bytes]
    listing: Mapped[bytes]
    stored_at: Mapped[Moment]


class Mapping(Base):
    """Which column of a source system's sheets means what, as its sender confirmed it (own)."""

    __tablename__ = "import_mapping"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    record: Mapped[str]
    source_system: Mapped[str]
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)
