"""When and how a worker may be contacted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from openredress_api.cases import rules
from openredress_api.cases.actions.rows import get_case, held, keeps_contact
from openredress_api.cases.tables import CaseSafeContact
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import PreconditionFailed, ValidationFailed

NOTHING_ALLOWED: Mapping[str, Any] = {
    "may_contact": False,
    "channels": (),
    "days": (),
    "from_hour": None,
    "until_hour": None,
    "time_zone": None,
    "who_answers": None,
    "leave_messages": False,
}


def safe_contact_of(transaction: Transaction, case_id: UUID) -> CaseSafeContact | None:
    """What was agreed with the worker; None: nothing, so nothing is allowed.

    NotFound for a case that the caller may not read.
    """
    get_case(transaction, case_id)
    return _agreed(transaction, case_id)


def _agreed(transaction: Transaction, case_id: UUID) -> CaseSafeContact | None:
    return transaction.first(select(CaseSafeContact).where(CaseSafeContact.case_id == case_id))


def set_safe_contact(
    transaction: Transaction, case_id: UUID, body: Mapping[str, Any], seen: int | None
) -> CaseSafeContact:
    """Put what is agreed now in the place of what was agreed before."""
    if errors := list(rules.check_safe_contact(body)):
        raise ValidationFailed(errors=errors)
    case = held(transaction, case_id)
    agreed = _agreed(transaction, case_id)
    if seen is not None and seen != (agreed.version if agreed else 0):
        raise PreconditionFailed
    if agreed is None:
        agreed = CaseSafeContact(organisation_id=case.organisation_id, case_id=case_id, version=0)
        transaction.session.add(agreed)
    for name, value in body.items():
        setattr(agreed, name, value)
    agreed.version += 1
    agreed.updated_at = transaction.context.now
    keeps_contact(case)
    transaction.session.flush()
    return agreed


def channels_now(transaction: Transaction, case_id: UUID) -> list[str]:
    """By which channels the worker may be contacted now: agreed, and contact_back granted."""
    agreed = safe_contact_of(transaction, case_id)
    stands = transaction.session.scalar(select(func.gate.consent_stands(case_id, "contact_back")))
    consent, now = "granted" if stands else "refused", transaction.context.now
    channels = agreed.channels if agreed else ()
    return [each for each in channels if rules.may_contact(agreed, consent, now, each)]
