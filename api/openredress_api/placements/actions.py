"""Use cases of placements, statements, interviews, job orders and register entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.exc import IntegrityError

from openredress_api import organisations
from openredress_api.evidence import evidence_among
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.intake import Intake
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.foundation.pushed import Pushed
from openredress_api.foundation.upsert import Upserted, upsert
from openredress_api.placements import intake, rules
from openredress_api.placements.tables import (
    Interview,
    JobOrder,
    Placement,
    RecruiterListing,
    RegisterEntry,
    WorkerStatement,
)

P = TypeVar("P", bound=Pushed)
MOST_LISTINGS = 500


class PlacementVoided(Conflict):
    """The placement was voided; it stays in the figures and takes no more changes."""

    code, title = "placement_voided", "Placement voided"


def put_placement(
    transaction: Transaction, key: Mapping[str, str], body: Mapping[str, Any]
) -> tuple[Placement, Upserted | None]:
    """Store a placement by the agency's own identifier; None beside it: nothing changed."""
    record = {**key, **body}
    _refuse(rules.check_placement(record, transaction.context.now))
    site = record["site_id"]
    if site is not None and not organisations.suppliers_of_sites(transaction, [site]):
        _refuse([FieldError("/site", Fault("not_a_site"))])
    _refuse(_unseen_evidence(transaction, record["fee_lines"]))
    columns = intake.PLACEMENT.table.c
    allowed = columns.status.in_(rules.sources_of(record["status"])) & columns.voided_at.is_(None)
    found, done = _put(transaction, intake.PLACEMENT, Placement, record, allowed)
    if done is None and found.voided_at is not None:
        raise PlacementVoided
    if done is None and not rules.may_follow(found.status, record["status"]):
        raise StateTransitionNotAllowed(
            f"The status is {found.status}; from there it cannot become {record['status']}."
        )
    if found.missing_from_source_since is None:
        return found, done
    return found, _seen_again(transaction, found)


def _seen_again(transaction: Transaction, placement: Placement) -> Upserted:
    """Take the mark of a complete file away from a placement that is there after all."""
    placement.missing_from_source_since = None
    placement.updated_at = transaction.context.now
    placement.version += 1
    transaction.session.flush()
    return Upserted(placement.id, placement.version, inserted=False)


def put_job_order(
    transaction: Transaction, key: Mapping[str, str], body: Mapping[str, Any]
) -> tuple[JobOrder, Upserted | None]:
    """Store a job order by its sender's own identifier."""
    record = {**key, **body}
    _refuse(rules.check_job_order(record, transaction.context.now))
    return _put(transaction, intake.JOB_ORDER, JobOrder, record)


def put_listing(
    transaction: Transaction, key: Mapping[str, str], body: Mapping[str, Any]
) -> tuple[RecruiterListing, Upserted | None]:
    """Store one recruiter of a job order by its sender's own identifier."""
    record = {**key, **body}
    _refuse(rules.check_listing(record, transaction.context.now))
    return _put(transaction, intake.RECRUITER_LISTING, RecruiterListing, record)


def put_entry(
    transaction: Transaction, key: Mapping[str, str], body: Mapping[str, Any]
) -> tuple[RegisterEntry, Upserted | None]:
    """Store a register entry: an agency's about its own licence, the institute's about anybody."""
    record, context = {**key, **body}, transaction.context
    author = None if context.is_institute else context.organisation_id
    _refuse([*rules.check_entry(record, context.now), *rules.check_author(record, author)])
    try:
        return _put(transaction, intake.REGISTER_ENTRY, RegisterEntry, record)
    except IntegrityError:
        # The foreign key is the check that there is such an organisation, suspended or not.
        error = FieldError("/subject_organisation", Fault("not_an_organisation"))
        raise ValidationFailed(errors=[error]) from None


def _put(
    transaction: Transaction,
    kind: Intake,
    kept: type[P],
    record: Mapping[str, Any],
    guard: ColumnElement[bool] | None = None,
) -> tuple[P, Upserted | None]:
    now = transaction.context.now
    made = {"id": dated_id(), "created_at": now, "updated_at": now}
    values = {**kind.columns(record, transaction.seal_alike), **made}
    done = upsert(transaction, kind.table, kind.key, values, kind.content, guard=guard)
    stored = select(kept).where(
        kept.organisation_id == transaction.context.organisation_id,
        kept.source_system == record["source_system"],
        kept.external_id == record["external_id"],
    )
    return transaction.one(stored), done


def _unseen_evidence(
    transaction: Transaction, lines: Sequence[Mapping[str, Any]]
) -> list[FieldError]:
    """Files that fee lines cite and that the caller does not see."""
    cited = {
        f"/fee_lines/{line}/evidence/{place}": evidence
        for line, told in enumerate(lines)
        for place, evidence in enumerate(told["evidence"])
    }
    seen = evidence_among(transaction, cited.values())
    return [
        FieldError(at, Fault("not_evidence"))
        for at, evidence in cited.items()
        if evidence not in seen
    ]


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise ValidationFailed(errors=errors)


def get_placement(transaction: Transaction, placement_id: UUID) -> Placement:
    """A placement the caller may see; NotFound otherwise."""
    return transaction.one(select(Placement).where(Placement.id == placement_id))


def void(transaction: Transaction, placement_id: UUID, reason: str, seen: int | None) -> Placement:
    """Leave a tombstone: the row stays in every total and takes no more changes."""
    locked = select(Placement).where(Placement.id == placement_id).with_for_update()
    placement = transaction.one(locked)
    if placement.voided_at is not None:
        raise PlacementVoided
    if seen is not None and seen != placement.version:
        raise PreconditionFailed
    placement.voided_at = placement.updated_at = transaction.context.now
    placement.void_reason = reason
    placement.version += 1
    return placement


def add_statement(
    transaction: Transaction, placement_id: UUID, body: Mapping[str, Any]
) -> tuple[WorkerStatement, Placement]:
    """Record what the worker states; it stands beside the agency's statement, never over it."""
    placement = get_placement(transaction, placement_id)
    _refuse(rules.check_statement(body, transaction.context.now))
    _refuse(_unseen_evidence(transaction, body["fee_lines"]))
    kept = {
        **body,
        "fee_lines": intake.written_fees(body["fee_lines"]),
        "agent_chain": intake.written_chain(body["agent_chain"]),
        "contract_arrival": intake.written_terms(body["contract_arrival"]),
    }
    statement = WorkerStatement(**kept, **_about(transaction, placement))
    transaction.session.add(statement)
    transaction.session.flush()
    return statement, placement


def add_interview(
    transaction: Transaction, placement_id: UUID, body: Mapping[str, Any]
) -> Interview:
    """Record an interview; the status that the agency states stays what it is."""
    placement = get_placement(transaction, placement_id)
    _refuse(rules.check_interview(body, transaction.context.now))
    interview = Interview(**body, **_about(transaction, placement))
    transaction.session.add(interview)
    transaction.session.flush()
    return interview


def _about(transaction: Transaction, placement: Placement) -> dict[str, Any]:
    """What a row of the institute about a placement begins with."""
    return {
        "organisation_id": transaction.context.organisation_id,
        "id": dated_id(),
        "agency_id": placement.organisation_id,
        "placement_id": placement.id,
        "created_at": transaction.context.now,
    }


def statements_of(transaction: Transaction, placement_id: UUID) -> Sequence[WorkerStatement]:
    """The statements about a placement, oldest first."""
    query = select(WorkerStatement).where(WorkerStatement.placement_id == placement_id)
    return transaction.all(query.order_by(WorkerStatement.created_at, WorkerStatement.id))


def get_statement(
    transaction: Transaction, statement_id: UUID
) -> tuple[WorkerStatement, Placement]:
    """One statement and what it is about; NotFound otherwise."""
    statement = transaction.one(select(WorkerStatement).where(WorkerStatement.id == statement_id))
    return statement, get_placement(transaction, statement.placement_id)


def get_interview(transaction: Transaction, interview_id: UUID) -> Interview:
    """One interview; NotFound otherwise."""
    return transaction.one(select(Interview).where(Interview.id == interview_id))


def get_job_order(transaction: Transaction, order_id: UUID) -> JobOrder:
    """A job order the caller may see; NotFound otherwise."""
    return transaction.one(select(JobOrder).where(JobOrder.id == order_id))


def listings_of(transaction: Transaction, order: JobOrder) -> Sequence[RecruiterListing]:
    """The recruiters of a job order: by their stated place, then by their sender's identifier."""
    query = select(RecruiterListing).where(
        RecruiterListing.organisation_id == order.organisation_id,
        RecruiterListing.source_system == order.source_system,
        RecruiterListing.job_order_ref == order.external_id,
    )
    by = (RecruiterListing.seq.nulls_last(), RecruiterListing.external_id)
    return transaction.all(query.order_by(*by).limit(MOST_LISTINGS))


def get_entry(transaction: Transaction, entry_id: UUID) -> RegisterEntry:
    """A register entry the caller may see; NotFound otherwise."""
    return transaction.one(select(RegisterEntry).where(RegisterEntry.id == entry_id))


def listed(kept: type[P], query: Mapping[str, Any]) -> Select[P]:
    """The statement of a list with its filters: a name of a column, `updated_since`, `valid_on`."""
    statement = select(kept)
    for name, value in query.items():
        if name == "updated_since":
            statement = statement.where(kept.updated_at >= value)
        elif name == "valid_on":
            statement = statement.where(_valid_on(value))
        elif name not in {"cursor", "limit"}:
            statement = statement.where(getattr(kept, name) == value)
    return statement


def _valid_on(day: object) -> ColumnElement[bool]:
    until = RegisterEntry.valid_until
    return (RegisterEntry.valid_from <= day) & or_(until.is_(None), until >= day)
