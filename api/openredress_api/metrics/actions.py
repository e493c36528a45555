"""Use cases of figures: draft, preview, approve, publish, read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    NotPermitted,
    SecondPersonNeeded,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.metrics import events, queries, rules
from openredress_api.metrics.definitions import CATALOGUE, Definition
from openredress_api.metrics.suppression import Cell, Counted, kept_apart, released
from openredress_api.metrics.tables import MetricCell, MetricRelease, MetricReport

NOTHING = Counted(0, 0, None, 0, 0)
OVERLAP = Cell(None, None, None, "overlapping_scope", "R12.joint_scopes", None)


class PeriodNotClosed(Conflict):
    """A quarter is released 30 days after its end at the earliest, so that late records count."""

    code, title = "period_not_closed", "Period not closed"


class ReleaseExists(Conflict):
    """This period has its release; figures are never computed twice for the same period."""

    code, title = "release_exists", "Release exists"


class PreviewNotOver(Conflict):
    """A release is published after ten working days of preview, not before."""

    code, title = "preview_not_over", "Preview not over"


def draft(transaction: Transaction, period: str) -> MetricRelease:
    """Count a closed quarter for every brand and keep the cells, hidden until published."""
    person = _releaser(transaction)
    quarter = _quarter(period)
    if transaction.context.now < quarter.cut_off_at:
        raise PeriodNotClosed(f"{period} can be released from {quarter.cut_off_at:%Y-%m-%d} on.")
    context = transaction.context
    release = MetricRelease(
        organisation_id=context.organisation_id,
        id=dated_id(),
        period=period,
        cut_off_at=quarter.cut_off_at,
        status="draft",
        drafted_by=person,
        drafted_at=context.now,
        updated_at=context.now,
    )
    transaction.session.add(release)
    try:
        transaction.session.flush()
    except IntegrityError as fault:
        raise ReleaseExists from fault
    _count(transaction, release, quarter)
    return release


def _count(transaction: Transaction, release: MetricRelease, quarter: rules.Quarter) -> None:
    scopes = queries.brand_sites(transaction, quarter)
    counted = queries.count(transaction, quarter)
    overlap = rules.overlapping(scopes)
    for brand in sorted({brand for brand, _ in scopes}):
        found = counted.get(brand, {})
        cells = kept_apart(
            {code: released(one, found.get(code, NOTHING)) for code, one in CATALOGUE.items()}
        )
        if brand in overlap:
            cells = dict.fromkeys(CATALOGUE, OVERLAP)
        _report(transaction, release, brand, cells)


def _report(
    transaction: Transaction, release: MetricRelease, brand: UUID, cells: Mapping[str, Cell]
) -> None:
    report = MetricReport(
        organisation_id=release.organisation_id,
        id=dated_id(),
        recipient_id=brand,
        release_id=release.id,
        period=release.period,
        created_at=release.drafted_at,
    )
    transaction.session.add(report)
    transaction.session.flush()
    transaction.session.add_all(_row(report, CATALOGUE[code], cells[code]) for code in CATALOGUE)
    transaction.session.flush()


def _row(report: MetricReport, definition: Definition, cell: Cell) -> MetricCell:
    return MetricCell(
        organisation_id=report.organisation_id,
        report_id=report.id,
        recipient_id=report.recipient_id,
        release_id=report.release_id,
        period=report.period,
        metric=definition.code,
        definition_version=definition.version,
        unit=definition.unit,
        provenance=definition.provenance,
        value=cell.value,
        numerator=cell.numerator,
        denominator=cell.denominator,
        reason=cell.reason,
        rule=cell.rule,
        coverage_band=cell.coverage_band,
    )


def _quarter(period: str, pointer: str = "/period") -> rules.Quarter:
    try:
        return rules.quarter(period)
    except rules.BadPeriod:
        error = FieldError(pointer, Fault("not_a_quarter"), period)
        raise ValidationFailed(errors=[error]) from None


def _releaser(transaction: Transaction) -> UUID:
    """The person who asks, if releasing is among their duties."""
    person = transaction.context.person_id
    if person is None or "releaser" not in transaction.context.duties:
        raise NotPermitted("Releases are made by a person with the duty releaser.")
    return person


def get_release(transaction: Transaction, release_id: UUID) -> MetricRelease:
    """One release; NotFound otherwise."""
    return transaction.one(select(MetricRelease).where(MetricRelease.id == release_id))


def preview(transaction: Transaction, release_id: UUID) -> MetricRelease:
    """Open the ten working days in which the figures can be looked at and disputed."""
    _releaser(transaction)
    release = _step(transaction, release_id, "draft", "preview")
    release.preview_at = transaction.context.now
    return release


def approve(transaction: Transaction, release_id: UUID) -> MetricRelease:
    """The second person's yes."""
    person = _releaser(transaction)
    if get_release(transaction, release_id).drafted_by == person:
        raise SecondPersonNeeded
    release = _step(transaction, release_id, "preview", "approved")
    release.approved_by = person
    return release


def publish(transaction: Transaction, release_id: UUID) -> MetricRelease:
    """Let every audience read its report and tell it so."""
    _releaser(transaction)
    release = _step(transaction, release_id, "approved", "published")
    ends = rules.preview_ends(release.preview_at or release.drafted_at)
    if transaction.context.now < ends:
        raise PreviewNotOver(f"The preview ends on {ends:%Y-%m-%d}.")
    release.published_at = transaction.context.now
    transaction.session.flush()
    reports = select(MetricReport).where(MetricReport.release_id == release.id)
    for report in transaction.all(reports):
        events.published(transaction, report)
    return release


def _step(transaction: Transaction, release_id: UUID, source: str, target: str) -> MetricRelease:
    found = select(MetricRelease).where(MetricRelease.id == release_id)
    fresh = found.execution_options(populate_existing=True)
    # A published release is out of every writer's reach: locking does not even find it.
    release = transaction.first(fresh.with_for_update()) or transaction.one(fresh)
    if release.status != source:
        raise StateTransitionNotAllowed(f"The release is {release.status}, not {source}.")
    release.status = target
    release.updated_at = transaction.context.now
    release.version += 1
    return release


def get_report(transaction: Transaction, report_id: UUID) -> MetricReport:
    """A report the caller may read; NotFound otherwise, also before it is published."""
    return transaction.one(select(MetricReport).where(MetricReport.id == report_id))


def figures(
    transaction: Transaction,
    *,
    provenances: Sequence[str],
    metric: str | None = None,
    period: str | None = None,
    report_id: UUID | None = None,
) -> Sequence[MetricCell]:
    """Released figures of these provenances, by period and metric."""
    if period is not None:
        period = _quarter(period, "?period").name
    query = select(MetricCell).where(MetricCell.provenance.in_(provenances))
    for column, value in (
        (MetricCell.metric, metric),
        (MetricCell.period, period),
        (MetricCell.report_id, report_id),
    ):
        if value is not None:
            query = query.where(column == value)
    return transaction.all(
        query.order_by(MetricCell.period, MetricCell.metric, MetricCell.report_id)
    )
