"""Safety assessments: what a person of the institute decides before a grave case may leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from openredress_api import cases
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import Conflict, ValidationFailed
from openredress_api.protection import events, rules
from openredress_api.protection.tables import SafetyAssessment


class SafetyAssessmentMissing(Conflict):
    """A grave case reaches an employer or agency by a standing assessment of another person."""

    code, title = "safety_assessment_missing", "Safety assessment missing"


def assess(transaction: Transaction, case_id: UUID, body: Mapping[str, Any]) -> SafetyAssessment:
    """Add an assessment of a case as it is now; it takes the place of the one before (R2)."""
    person = person_with(transaction, *rules.ASSESSORS)
    case = cases.hold_case(transaction, case_id)
    categories = cases.categories_of(transaction, case_id)
    errors = list(rules.check_assessment(body, categories))
    if errors:
        raise ValidationFailed(errors=errors)
    before = _of(transaction, case_id, body["recipient_type"])
    said = {name: each for name, each in body.items() if name != "valid_days"}
    now = transaction.context.now
    made = SafetyAssessment(
        organisation_id=case.organisation_id,
        id=random_id(),
        case_id=case_id,
        n=len(before) + 1,
        **said,
        severity=case.severity,
        categories=list(categories),
        expires_at=now + timedelta(days=body["valid_days"]),
        assessed_by=person,
        assessed_at=now,
    )
    transaction.session.add(made)
    transaction.session.flush()
    events.assessed(transaction, made)
    return made


def assessments_of(transaction: Transaction, case_id: UUID) -> Select[SafetyAssessment]:
    """All assessments of a case that the caller may see."""
    case = cases.get_case(transaction, case_id)
    return select(SafetyAssessment).where(SafetyAssessment.case_id == case.id)


def require_assessment(
    transaction: Transaction, case: cases.CaseRecord, recipient_type: str, releaser: UUID | None
) -> None:
    """Raise SafetyAssessmentMissing unless this person may release the case to such a recipient.

    A case that is not grave needs none. The caller holds the case (`cases.require_consent` does),
    so that nothing about it changes before the commit. A duplicate is judged by the case that
    stays.
    """
    case = cases.judged(transaction, case)
    if not cases.is_sensitive(transaction, case):
        return
    categories, now = cases.categories_of(transaction, case.id), transaction.context.now
    if rules.protection_actors_only(categories):
        raise SafetyAssessmentMissing(
            "Cases of children and of trafficking go to those who protect, never to employers."
        )
    latest = _latest(transaction, case.id, recipient_type)
    if latest is None or not rules.stands(latest, case.severity, categories, now):
        raise SafetyAssessmentMissing
    if releaser in {None, latest.assessed_by}:
        raise SafetyAssessmentMissing(
            "Who assessed the case cannot release it; another person can."
        )


def may_reach(transaction: Transaction, case: cases.CaseRecord, recipient_type: str) -> bool:
    """Whether a case, as it is now, may reach a supplier or agency: asked again until it has.

    A duplicate is judged by the case that stays.
    """
    case = cases.judged(transaction, case)
    if not cases.is_sensitive(transaction, case):
        return True
    categories, now = cases.categories_of(transaction, case.id), transaction.context.now
    latest = _latest(transaction, case.id, recipient_type)
    allowed = rules.stands(latest, case.severity, categories, now)
    return allowed and not rules.protection_actors_only(categories)


def assessed_until(
    transaction: Transaction, case: cases.CaseRecord, recipient_type: str
) -> datetime | None:
    """Until when the assessment counts by which a grave case may leave; None: it needs none."""
    if not cases.is_sensitive(transaction, case):
        return None
    latest = _latest(transaction, cases.judged(transaction, case).id, recipient_type)
    return None if latest is None else latest.expires_at


def _latest(
    transaction: Transaction, case_id: UUID, recipient_type: str
) -> SafetyAssessment | None:
    found = _of(transaction, case_id, recipient_type)
    return max(found, key=lambda one: one.n, default=None)


def _of(transaction: Transaction, case_id: UUID, to: str) -> Sequence[SafetyAssessment]:
    mine = (SafetyAssessment.case_id == case_id, SafetyAssessment.recipient_type == to)
    return transaction.all(select(SafetyAssessment).where(*mine))
