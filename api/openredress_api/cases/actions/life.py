"""How a case lives and ends: its steps, its closing, voiding, and merging a duplicate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from openredress_api.cases import events, rules
from openredress_api.cases.actions.grading import grade, standing_floor
from openredress_api.cases.actions.rows import (
    CaseVoided,
    duplicates_of,
    get_case,
    held,
    touch,
)
from openredress_api.cases.tables import CaseRecord, CaseStatusChange
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode, random_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    NotFound,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)

_ELSEWHERE = {
    rules.VALIDATED: "A case is closed as validated when a validation confirms its remedy in full.",
    rules.MERGED: "A duplicate is merged by naming the case that it repeats.",
}


def cases_where(query: Mapping[str, Any]) -> Select[CaseRecord]:
    """The cases that fit the filters of a list."""
    statement = select(CaseRecord)
    if "status" in query:
        statement = statement.where(CaseRecord.status == query["status"])
    if "site" in query:
        statement = statement.where(CaseRecord.site_id == query["site"])
    if "updated_since" in query:
        statement = statement.where(CaseRecord.updated_at >= query["updated_since"])
    return statement


def void_case(transaction: Transaction, case_id: UUID, reason: str, seen: int | None) -> CaseRecord:
    """Take a case out of every figure but its denominators; whatever rests on it is taken back."""
    case = held(transaction, case_id)
    if seen is not None and seen != case.version:
        raise PreconditionFailed
    duplicates = duplicates_of(transaction, [case_id])
    if any(get_case(transaction, each).voided_at is None for each in duplicates):
        raise StateTransitionNotAllowed("Other cases were merged into this one.")
    case.voided_at, case.void_reason = transaction.context.now, reason
    touch(transaction, case)
    events.voided(transaction, case)
    return case


def change_status(
    transaction: Transaction, case_id: UUID, change: Mapping[str, Any], seen: int | None
) -> CaseRecord:
    """Move a case one step; what workers confirm alone closes it as validated."""
    errors = rules.check_change(change)
    if errors:
        raise ValidationFailed(errors=errors)
    held(transaction, case_id)
    if change["to"] in _ELSEWHERE:
        raise StateTransitionNotAllowed(_ELSEWHERE[change["to"]])
    return _step(transaction, case_id, change, transaction.context.now, seen)


def _step(
    transaction: Transaction,
    case_id: UUID,
    change: Mapping[str, Any],
    at: datetime,
    seen: int | None = None,
) -> CaseRecord:
    move(transaction, "case_record", case_id, change["to"], seen)
    transaction.session.add(
        CaseStatusChange(
            organisation_id=transaction.context.organisation_id,
            id=random_id(),
            case_id=case_id,
            to_status=change["to"],
            withdrawal_reason=change.get("withdrawal_reason"),
            out_of_scope_reason=change.get("out_of_scope_reason"),
            changed_at=at,
        )
    )
    return held(transaction, case_id)


def close_as_validated(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """Close a case because workers confirmed its remedy in full; the validation's room calls it.

    Only in the institute's transactions. A case so closed stays as it is.
    """
    return _close(transaction, case_id, rules.VALIDATED)


def close_unvalidated(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """Close a case whose remedy nobody confirmed; otherwise as `close_as_validated`."""
    return _close(transaction, case_id, "closed_unvalidated")


def _close(transaction: Transaction, case_id: UUID, end: str) -> CaseRecord:
    case = held(transaction, case_id)
    way = rules.closing_way(case.status, end)
    if not way and case.status != end:
        raise StateTransitionNotAllowed(
            f"The case {encode('case', case.id)} is {case.status}; it has to be investigated."
        )
    for place, step in enumerate(way):
        # Steps of one closing keep their order.
        at = transaction.context.now + timedelta(microseconds=place)
        case = _step(transaction, case_id, {"to": step}, at)
    return case


def merge(transaction: Transaction, case_id: UUID, into: UUID, seen: int | None) -> CaseRecord:
    """End a duplicate by naming the case that it repeats, which is as grave as both from now on.

    Nothing is copied: issues, contacts and observations are counted at the case that stays.
    Consents are not carried over: another case is another thing to agree to (R1). Referrals and
    requests stay where they are.
    """
    # Both rows, always in one order: two merges at once cannot wait for each other.
    both = select(CaseRecord).where(CaseRecord.id.in_((case_id, into))).order_by(CaseRecord.id)
    locked = both.with_for_update().execution_options(populate_existing=True)
    found = {case.id: case for case in transaction.all(locked)}
    case, survivor = found.get(case_id), found.get(into)
    if case is None:
        raise NotFound
    if case.voided_at is not None:
        raise CaseVoided
    if survivor is None or not rules.survives(survivor, case):
        raise ValidationFailed(errors=[FieldError("/into", Fault("no_case_to_merge_into"))])
    if duplicates_of(transaction, [case_id]):
        raise StateTransitionNotAllowed("Other cases were merged into this one.")
    case = _step(transaction, case_id, {"to": rules.MERGED}, transaction.context.now, seen)
    case.merged_into = into
    transaction.session.flush()
    demanded = standing_floor(transaction, into) or survivor.severity
    gravest = rules.graver(rules.graver(survivor.severity, case.severity), demanded)
    if gravest == survivor.severity:
        touch(transaction, survivor)
    else:
        grade(transaction, survivor, gravest, ["duplicate_merged"], "merged")
    events.merged(transaction, survivor)
    return case
