"""What workers allow, and who works on a case because of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from openredress_api.cases import events, rules
from openredress_api.cases.actions.rows import held
from openredress_api.cases.tables import CaseAssignment, CaseConsent
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import Conflict, Fault, FieldError, ValidationFailed
from openredress_api.organisations import type_of_organisation


class ConsentMissing(Conflict):
    """The worker has not granted what this needs, took it back, or the grant has expired."""

    code, title = "consent_missing", "Consent missing"


class AlreadyAssigned(Conflict):
    """The case is assigned to this organisation already; nothing changed."""

    code, title = "already_assigned", "Already assigned"


def record_consent(transaction: Transaction, case_id: UUID, body: Mapping[str, Any]) -> CaseConsent:
    """Add a worker's answer to one scope; anything but a grant takes back what rests on it."""
    errors = rules.check_consent(body, transaction.context.now)
    if errors:
        raise ValidationFailed(errors=errors)
    case = held(transaction, case_id)
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
    held(transaction, case_id)
    if consent_state(transaction, case_id, scope, transaction.context.now) != "granted":
        raise ConsentMissing(f"The worker has not granted {scope}.")


def assign(transaction: Transaction, case_id: UUID, organisation_id: UUID) -> CaseAssignment:
    """Hand a case to a CSO; it reads the case for as long as share_cso is granted."""
    context = transaction.context
    case = held(transaction, case_id)
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
