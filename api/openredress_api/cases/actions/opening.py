"""How a case begins, and gains issues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from openredress_api.cases import events, rules
from openredress_api.cases.actions.grading import begin_grading
from openredress_api.cases.actions.rows import categories_of, held_unmerged, touch
from openredress_api.cases.tables import CaseIssue, CaseRecord
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import Conflict, Fault, FieldError, ValidationFailed


class IssueExists(Conflict):
    """The case has an issue of this category already; nothing changed."""

    code, title = "issue_exists", "Issue exists"


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
        severity_reasons=[],
        **{name: each for name, each in body.items() if name not in {"site", "categories"}},
        created_at=now,
        updated_at=now,
    )
    transaction.session.add(case)
    transaction.session.flush()
    for category in body["categories"]:
        _add_issue(transaction, case, category)
    begin_grading(transaction, case)
    return case


def add_issue(transaction: Transaction, case_id: UUID, category: str) -> CaseIssue:
    """Add a category of harm to a case."""
    case = held_unmerged(transaction, case_id)
    if category in categories_of(transaction, case_id):
        raise IssueExists
    issue = _add_issue(transaction, case, category)
    touch(transaction, case)
    return issue


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
