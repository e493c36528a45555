"""Use cases of cases. Whoever changes a case or relies on its consent holds its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api.cases import events, rules
from openredress_api.cases.tables import (
    CaseAssignment,
    CaseConsent,
    CaseIssue,
    CaseRecord,
    CaseStatusChange,
)
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.organisations import type_of_organisation


class ConsentMissing(Conflict):
    """The worker has not granted what this needs, took it back, or the grant has expired."""

    code, title = "consent_missing", "Consent missing"


class CaseVoided(Conflict):
    """The case was voided; its tombstone is not changed any more."""

    code, title = "case_voided", "Case voided"


class IssueExists(Conflict):
    """The case has an issue of this category already; nothing changed."""

    code, title = "issue_exists", "Issue exists"


class AlreadyAssigned(Conflict):
    """The case is assigned to this organisation already; nothing changed."""

    code, title = "already_assigned", "Already assigned"


def open_case(transaction: Transaction, body: Mapping[str, Any]) -> CaseRecord:
    """Open a case with one issue per category; its life begins with `received`."""
    now = transaction.context.now
    errors = rules.check_case(body, now)
    supplier = transaction.session.scalar(select(func.gate.find_site(body["site"])))
    if supplier is None:
        errors.append(FieldError("/site", Fault("not_a_site")))
    if errors:
        raise ValidationFailed(errors=errors)
    case = CaseRecord(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        supplier_id=supplier,
        site_id=body["site"],
        status="received",
        **{name: each for name, each in body.items() if name not in {"site", "categories"}},
        created_at=now,
        updated_at=now,
    )
    transaction.session.add(case)
    transaction.session.flush()
    for category in body["categories"]:
        _add_issue(transaction, case, category)
    transaction.session.flush()
    return case


def _add_issue(transaction: Transaction, case: CaseRecord, category: str) -> CaseIssue:
    issue = CaseIssue(
        organisation_id=case.organisation_id,
        id=random_id(),
        case_id=case.id,
        category=category,
        created_at=transaction.context.now,
    )
    transaction.session.add(issue)
    events.issue_added(transaction, issue)
    return issue


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


def get_case(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """A case of the institute, or one that is assigned to the caller; NotFound otherwise."""
    return transaction.one(select(CaseRecord).where(CaseRecord.id == case_id))


def issues_of(transaction: Transaction, case_ids: Sequence[UUID]) -> Sequence[CaseIssue]:
    """The issues of these cases in the order of their categories."""
    mine = CaseIssue.case_id.in_(case_ids)
    return transaction.all(select(CaseIssue).where(mine).order_by(CaseIssue.category))


def categories_of(transaction: Transaction, case_id: UUID) -> tuple[str, ...]:
    """The categories of a case's issues."""
    return tuple(issue.category for issue in issues_of(transaction, [case_id]))


def is_sensitive(transaction: Transaction, case: CaseRecord) -> bool:
    """Whether nothing of the case may reach an employer before a safety assessment (R2, R21)."""
    return rules.is_sensitive(case.severity, categories_of(transaction, case.id))


def hold_case(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """A case with its row locked until the commit; CaseVoided for a tombstone."""
    return _held(transaction, case_id)


def _held(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """The case with its row locked, so that consent and what rests on it cannot cross."""
    found = select(CaseRecord).where(CaseRecord.id == case_id).with_for_update()
    case = transaction.one(found.execution_options(populate_existing=True))
    if case.voided_at is not None:
        raise CaseVoided
    return case


def _touch(transaction: Transaction, case: CaseRecord) -> None:
    case.version += 1
    case.updated_at = transaction.context.now
    transaction.session.flush()


def add_issue(transaction: Transaction, case_id: UUID, category: str) -> CaseIssue:
    """Add a category of harm to a case."""
    case = _held(transaction, case_id)
    if category in categories_of(transaction, case_id):
        raise IssueExists
    issue = _add_issue(transaction, case, category)
    _touch(transaction, case)
    return issue


def void_case(transaction: Transaction, case_id: UUID, reason: str, seen: int | None) -> CaseRecord:
    """Take a case out of every figure but its denominators; whatever rests on it is taken back."""
    case = _held(transaction, case_id)
    if seen is not None and seen != case.version:
        raise PreconditionFailed
    case.voided_at, case.void_reason = transaction.context.now, reason
    _touch(transaction, case)
    events.voided(transaction, case)
    return case


def change_status(
    transaction: Transaction, case_id: UUID, change: Mapping[str, Any], seen: int | None
) -> CaseRecord:
    """Move a case one step; what workers confirm alone closes it as validated."""
    errors = rules.check_change(change)
    if errors:
        raise ValidationFailed(errors=errors)
    _held(transaction, case_id)
    if change["to"] == rules.VALIDATED:
        raise StateTransitionNotAllowed(
            "A case is closed as validated when a validation confirms its remedy in full."
        )
    return _move(transaction, case_id, change, transaction.context.now, seen)


def _move(
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
    return _held(transaction, case_id)


def close_as_validated(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """Close a case because workers confirmed its remedy in full; the validation's room calls it.

    Only in the institute's transactions. A case so closed stays as it is.
    """
    return _close(transaction, case_id, rules.VALIDATED)


def close_unvalidated(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """Close a case whose remedy nobody confirmed; otherwise as `close_as_validated`."""
    return _close(transaction, case_id, "closed_unvalidated")


def _close(transaction: Transaction, case_id: UUID, end: str) -> CaseRecord:
    case = _held(transaction, case_id)
    way = rules.closing_way(case.status, end)
    if not way and case.status != end:
        raise StateTransitionNotAllowed(f"The case is {case.status}; it has to be investigated.")
    for place, step in enumerate(way):
        # Steps of one closing keep their order.
        at = transaction.context.now + timedelta(microseconds=place)
        case = _move(transaction, case_id, {"to": step}, at)
    return case


def record_consent(transaction: Transaction, case_id: UUID, body: Mapping[str, Any]) -> CaseConsent:
    """Add a worker's answer to one scope; anything but a grant takes back what rests on it."""
    errors = rules.check_consent(body, transaction.context.now)
    if errors:
        raise ValidationFailed(errors=errors)
    case = _held(transaction, case_id)
    answer = CaseConsent(
        organisation_id=case.organisation_id,
        id=random_id(),
        case_id=case_id,
        n=len(_answers(transaction, case_id, body["scope"])) + 1,
        **body,
        recorded_at=transaction.context.now,
        person_id=transaction.context.person_id,
    )
    transaction.session.add(answer)
    transaction.session.flush()
    if answer.state != "granted":
        events.consent_withdrawn(transaction, answer)
    return answer


def _answers(transaction: Transaction, case_id: UUID, scope: str) -> Sequence[CaseConsent]:
    mine = (CaseConsent.case_id == case_id, CaseConsent.scope == scope)
    return transaction.all(select(CaseConsent).where(*mine))


def consent_state(transaction: Transaction, case_id: UUID, scope: str, at: datetime) -> str:
    """`granted`, `refused` or `withdrawn` at a moment; only in the institute's transactions."""
    return rules.consent_at(_answers(transaction, case_id, scope), at)


def require_consent(transaction: Transaction, case_id: UUID, scope: str) -> None:
    """Raise ConsentMissing unless `scope` is granted now; it stays so until the commit."""
    _held(transaction, case_id)
    if consent_state(transaction, case_id, scope, transaction.context.now) != "granted":
        raise ConsentMissing(f"The worker has not granted {scope}.")


def assign(transaction: Transaction, case_id: UUID, organisation_id: UUID) -> CaseAssignment:
    """Hand a case to a CSO; it reads the case for as long as share_cso is granted."""
    context = transaction.context
    case = _held(transaction, case_id)
    if type_of_organisation(transaction, organisation_id) != "cso":
        raise ValidationFailed(errors=[FieldError("/organisation", Fault("not_a_cso"))])
    require_consent(transaction, case_id, "share_cso")
    mine = (CaseAssignment.case_id == case_id, CaseAssignment.recipient_id == organisation_id)
    if transaction.first(select(CaseAssignment).where(*mine)):
        raise AlreadyAssigned
    assignment = CaseAssignment(
        organisation_id=case.organisation_id,
        recipient_id=organisation_id,
        case_id=case_id,
        assigned_at=context.now,
    )
    transaction.session.add(assignment)
    transaction.session.flush()
    return assignment
