"""Use cases of the supplier's register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import Select, or_, select, text

from openredress_api import organisations
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.grievances import events, queries, rules
from openredress_api.grievances.clocks import CLOCKS, due_at, overdue_sql
from openredress_api.grievances.tables import Grievance, StatusChange


class Voided(Conflict):
    """The grievance was voided; it stays in the figures and takes no more changes."""

    code, title = "voided", "Voided"


class Put(NamedTuple):
    """A pushed grievance as it stands, and what the push did to it."""

    body: Mapping[str, Any] | Grievance
    id: UUID
    version: int
    outcome: Literal["new", "changed", "unchanged"]


def put_grievance(transaction: Transaction, key: Mapping[str, str], body: Mapping[str, Any]) -> Put:
    """Store a grievance by its supplier's own identifier.

    ValidationFailed, StateTransitionNotAllowed or Voided if it is refused.
    """
    now = transaction.context.now
    if errors := rules.check(body, now):
        raise ValidationFailed(errors=errors)
    if not rules.way(None, body["status"]) and _present(transaction, key) is None:
        raise StateTransitionNotAllowed(f"No supplier can bring a grievance to {body['status']}.")
    remedy = body["agreed_remedy"] or {}
    row = {
        **key,
        **body,
        "organisation_id": transaction.context.organisation_id,
        "id": dated_id(),
        "remedy_amount": remedy.get("amount"),
        "remedy_currency": remedy.get("currency"),
        "created_at": now,
        "updated_at": now,
    }
    stored = _store(transaction, row)
    if stored is None:
        found = _why_not(transaction, row)
        return Put(found, found.id, found.version, "unchanged")
    shown = {
        **row,
        **stored._asdict(),
        "is_restricted": row["category"] in rules.RESTRICTED,
        **dict.fromkeys(("missing_from_source_since", "voided_at", "void_reason")),
    }
    weight = rules.weight(row["severity"], row["category"])
    if stored.replaced_status is not None:
        _regrade(transaction, stored, row["status"], weight)
        return Put(shown, stored.id, stored.version, "changed")
    events.received(transaction, stored.id, row["status"], weight)
    return Put(shown, stored.id, stored.version, "new")


def _regrade(
    transaction: Transaction, stored: queries.Stored | Grievance, status: str, weight: str | None
) -> None:
    """Tell of a grievance that became grave, or of one that is called grave no longer."""
    former = rules.weight(stored.replaced_severity, str(stored.replaced_category))
    if status in rules.OPEN and (weight is None) != (former is None):
        told = weight or former or ""
        events.regraded(transaction, stored.id, stored.version, status, told)


def _store(transaction: Transaction, row: Mapping[str, Any]) -> queries.Stored | None:
    try:
        return queries.store(transaction, row)
    except ForeignKeyViolation:
        # The foreign key (organisation_id, site_id) is the check that the site is the caller's.
        error = FieldError("/site", Fault("not_your_site"), None)
        raise ValidationFailed(errors=[error]) from None


def _why_not(transaction: Transaction, row: Mapping[str, Any]) -> Grievance:
    """The stored row if there was nothing to change; otherwise the refusal of the proposal."""
    found = transaction.one(_by_key(row))
    if found.voided_at is not None:
        raise Voided
    outdated = rules.is_outdated(row["source_updated_at"], found.source_updated_at)
    if found.status != row["status"] and not outdated:
        raise StateTransitionNotAllowed(
            f"The status is {found.status}; this push cannot bring it to {row['status']}."
        )
    return found


def _present(transaction: Transaction, key: Mapping[str, Any]) -> Grievance | None:
    return transaction.first(_by_key(key))


def _by_key(key: Mapping[str, Any]) -> Select[Grievance]:
    return select(Grievance).where(
        Grievance.source_system == key["source_system"],
        Grievance.external_id == key["external_id"],
    )


def get_grievance(transaction: Transaction, grievance_id: UUID) -> Grievance:
    """A grievance the caller may see, as it stands now; NotFound otherwise."""
    statement = select(Grievance).where(Grievance.id == grievance_id)
    return transaction.one(statement.execution_options(populate_existing=True))


def listed(query: Mapping[str, Any], now: datetime) -> Select[Grievance]:
    """The statement of a list with its filters; clocks have run out by `now`."""
    statement = select(Grievance)
    if "updated_since" in query:
        statement = statement.where(Grievance.updated_at >= query["updated_since"])
    if "status" in query:
        statement = statement.where(Grievance.status == query["status"])
    if "site" in query:
        statement = statement.where(Grievance.site_id == query["site"])
    if "overdue" in query:
        run_out = text(overdue_sql(query["overdue"])).bindparams(now=now)
        statement = statement.where(run_out)
    return statement


def change_status(
    transaction: Transaction, grievance_id: UUID, step: Mapping[str, Any], seen: int | None
) -> tuple[StatusChange, int]:
    """Take one step of the lifecycle as the register's owner; the step and the new version."""
    now = transaction.context.now
    grievance = _own(transaction, grievance_id)
    if errors := rules.check_step(step, _last_moment(transaction, grievance), now):
        raise ValidationFailed(errors=errors)
    moment = step["at"] or now
    if step["to"] in rules.MOMENTS:
        setattr(grievance, rules.MOMENTS[step["to"]], moment)
    if step["to"] in rules.REASONS:
        setattr(grievance, rules.REASONS[step["to"]][0], step["reason"])
    version = move(transaction, "grievance", grievance_id, step["to"], seen)
    return _record(transaction, grievance, step["to"], moment), version


def _last_moment(transaction: Transaction, grievance: Grievance) -> datetime:
    """When its last step was taken that has a moment: the next one cannot be earlier."""
    moments = select(StatusChange.at).where(
        StatusChange.recipient_id == grievance.organisation_id,
        StatusChange.grievance_id == grievance.id,
        StatusChange.at.is_not(None),
    )
    return max([grievance.received_at, *(at for at in transaction.all(moments) if at)])


def reopen(transaction: Transaction, grievance_id: UUID, seen: int | None) -> Grievance:
    """Take an ended grievance up again for the worker side; a tombstone is lifted."""
    move(transaction, "grievance", grievance_id, "reopened", seen)
    grievance = get_grievance(transaction, grievance_id)
    _record(transaction, grievance, "reopened", transaction.context.now)
    events.reopened_by_worker(transaction, grievance)
    return grievance


def merge(transaction: Transaction, grievance_id: UUID, into: UUID, seen: int | None) -> Grievance:
    """End a duplicate by naming the grievance that it repeats, which stays as it is."""
    grievance = _own(transaction, grievance_id)
    if errors := list(_not_to_merge_into(transaction, grievance, into)):
        raise ValidationFailed(errors=errors)
    steps = rules.merging_way(grievance.status)
    if not steps:
        raise StateTransitionNotAllowed(
            f"The status is {grievance.status}; from there it cannot be merged."
        )
    grievance.merged_into_id = into
    for place, step in enumerate(steps, 1):
        move(transaction, "grievance", grievance_id, step, seen)
        source = "reported" if step == steps[-1] else "import"
        _record(transaction, grievance, step, transaction.context.now, source, place)
        seen = None
    return get_grievance(transaction, grievance_id)


def _not_to_merge_into(
    transaction: Transaction, grievance: Grievance, into: UUID
) -> Iterator[FieldError]:
    target = transaction.first(select(Grievance).where(Grievance.id == into))
    if target is None or target.organisation_id != grievance.organisation_id:
        yield FieldError("/into", Fault("not_in_your_register"))
    elif target.id == grievance.id or target.merged_into_id is not None:
        yield FieldError("/into", Fault("not_to_merge_into"))
    elif target.voided_at is not None or (target.is_test and not grievance.is_test):
        yield FieldError("/into", Fault("counts_in_no_figure"))
    elif rules.is_lighter(target.members(), grievance.members()):
        yield FieldError("/into", Fault("would_hide_this_one"))


def clocks_of(transaction: Transaction, grievance: Grievance) -> dict[str, Any]:
    """The clocks of a grievance beside what was done."""
    zone = organisations.zone_of_site(transaction, grievance.site_id)
    steps = transaction.all(
        select(StatusChange)
        .where(
            StatusChange.recipient_id == grievance.organisation_id,
            StatusChange.grievance_id == grievance.id,
        )
        .order_by(StatusChange.recorded_at)
    )
    begun = grievance.reopened_at
    late = [step for step in steps if begun is None or step.recorded_at > begun]
    acted = [step for step in late if step.to_status not in rules.BEFORE_ACTION]
    ended = [step for step in steps if step.to_status in rules.ENDED]
    due = {
        f"{clock}_due_at": due_at(clock, grievance.severity, grievance.received_at, ZoneInfo(zone))
        for clock in CLOCKS
    }
    is_ended = grievance.status in rules.ENDED
    return {
        **grievance.members(),
        **due,
        "time_zone": zone,
        "first_action_at": _moment(acted[0]) if acted else None,
        "ended_at": _moment(ended[-1]) if ended and is_ended else None,
    }


def _start(clock: str, grievance: Grievance) -> datetime:
    """What a worker reopened has to be acted on anew."""
    if clock == "acknowledge" or grievance.reopened_at is None:
        return grievance.received_at
    return grievance.reopened_at


def _moment(step: StatusChange) -> datetime:
    """When a step was taken; where nobody says, when it was recorded."""
    return step.at or step.recorded_at


def announce_grave(transaction: Transaction) -> None:
    """Tell the institute of open grave grievances that a file brought or regraded, one by one."""
    now = transaction.context.now
    written = select(Grievance).where(
        Grievance.organisation_id == transaction.context.organisation_id,
        Grievance.updated_at == now,
        Grievance.status.in_(rules.OPEN),
        or_(
            Grievance.severity.in_(rules.GRAVE),
            Grievance.category.in_(rules.RESTRICTED),
            Grievance.replaced_severity.in_(rules.GRAVE),
            Grievance.replaced_category.in_(rules.RESTRICTED),
        ),
    )
    for grievance in transaction.all(written):
        weight = rules.weight(grievance.severity, grievance.category)
        if grievance.replaced_status is not None:
            _regrade(transaction, grievance, grievance.status, weight)
        else:
            events.received(transaction, grievance.id, grievance.status, weight)


def void(transaction: Transaction, grievance_id: UUID, reason: str, seen: int | None) -> Grievance:
    """Leave a tombstone: the row stays in every total and takes no more changes."""
    grievance = _own(transaction, grievance_id)
    if seen is not None and seen != grievance.version:
        raise PreconditionFailed
    merged = select(Grievance.id).where(Grievance.merged_into_id == grievance_id)
    if transaction.first(merged) is not None:
        raise StateTransitionNotAllowed("Other grievances were merged into this one.")
    grievance.voided_at = grievance.updated_at = transaction.context.now
    grievance.void_reason = reason
    grievance.version += 1
    return grievance


def _own(transaction: Transaction, grievance_id: UUID) -> Grievance:
    """One of the caller's grievances, locked for a change; Voided if it takes none."""
    statement = select(Grievance).where(Grievance.id == grievance_id).with_for_update()
    grievance = transaction.one(statement)
    if grievance.voided_at is not None:
        raise Voided
    return grievance


def _record(
    transaction: Transaction,
    grievance: Grievance,
    status: str,
    at: datetime,
    source: str = "reported",
    place: int = 0,
) -> StatusChange:
    # `place` keeps the steps of one request in their order: they have its moment in common.
    change = StatusChange(
        organisation_id=transaction.context.organisation_id,
        id=dated_id(),
        recipient_id=grievance.organisation_id,
        grievance_id=grievance.id,
        to_status=status,
        at=at,
        source=source,
        recorded_at=transaction.context.now + timedelta(microseconds=place),
    )
    transaction.session.add(change)
    transaction.session.flush()
    return change
