"""Tables of releases, reports and cells."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, DateTime, Numeric, and_, func
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base, Context


def _my_reports(context: Context) -> ColumnElement[bool]:
    """Reports of published releases addressed to the caller."""
    published: ColumnElement[bool] = func.gate.is_published(MetricReport.release_id)
    return and_(MetricReport.recipient_id == context.organisation_id, published)


def _my_cells(context: Context) -> ColumnElement[bool]:
    published: ColumnElement[bool] = func.gate.is_published(MetricCell.release_id)
    return and_(MetricCell.recipient_id == context.organisation_id, published)


class MetricRelease(Base):
    """A release of one period's figures (own of the institute)."""

    __tablename__ = "metric_release"
    __table_args__ = {"info": {"kind": "own"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period: Mapped[str]
    cut_off_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str]
    drafted_by: Mapped[uuid.UUID]
    drafted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    preview_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[uuid.UUID | None]
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)


class MetricReport(Base):
    """One audience's figures in a release (addressed: institute to brand)."""

    __tablename__ = "metric_report"
    __table_args__ = {"info": {"kind": "addressed", "visible": _my_reports}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    release_id: Mapped[uuid.UUID]
    period: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MetricCell(Base):
    """One figure of a report (addressed: institute to brand); never changed once written."""

    __tablename__ = "metric_cell"
    __table_args__ = {"info": {"kind": "addressed", "visible": _my_cells}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    release_id: Mapped[uuid.UUID]
    period: Mapped[str]
    definition_version: Mapped[int]
    unit: Mapped[str]
    provenance: Mapped[str]
    value: Mapped[Decimal | None] = mapped_column(Numeric)
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    reason: Mapped[str | None]
    rule: Mapped[str | None]
    coverage_band: Mapped[str | None]
