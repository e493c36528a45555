"""Calls and messages, counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api.cases import rules
from openredress_api.cases.actions.opening import open_case
from openredress_api.cases.actions.rows import CaseVoided, get_case
from openredress_api.cases.tables import Contact
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import Fault, FieldError, NotFound, ValidationFailed

_ARRIVAL = ("channel", "received_at", "received_at_basis")


def record_contact(transaction: Transaction, body: Mapping[str, Any]) -> Contact:
    """Count a contact; the case that it opens begins in the same transaction.

    One row and no query over others: a day of many calls costs what they cost one by one.
    """
    if errors := list(rules.check_contact(body, transaction.context.now)):
        raise ValidationFailed(errors=errors)
    arrival = {name: body[name] for name in _ARRIVAL}
    case_id, outcome = body["case"], body["contact_outcome"]
    if body["open_case"]:
        case_id, outcome = _opened(transaction, body["open_case"] | arrival), "opened_case"
    elif case_id:
        _check_case(transaction, case_id)
        outcome = outcome or "added_to_case"
    contact = Contact(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        **arrival,
        outcome=outcome,
        case_id=case_id,
        recorded_at=transaction.context.now,
    )
    transaction.session.add(contact)
    transaction.session.flush()
    return contact


def _opened(transaction: Transaction, body: Mapping[str, Any]) -> UUID:
    try:
        return open_case(transaction, body).id
    except ValidationFailed as refused:
        inside = [
            FieldError(f"/open_case{error.pointer}", error.fault, error.read)
            for error in refused.errors
        ]
        raise ValidationFailed(errors=inside) from None


def _check_case(transaction: Transaction, case_id: UUID) -> None:
    """One that was merged takes contacts: they count at the case that stays."""
    try:
        case = get_case(transaction, case_id)
    except NotFound:
        raise ValidationFailed(errors=[FieldError("/case", Fault("not_a_case"))]) from None
    if case.voided_at is not None:
        raise CaseVoided


def get_contact(transaction: Transaction, contact_id: UUID) -> Contact:
    """A contact of the institute; NotFound otherwise."""
    return transaction.one(select(Contact).where(Contact.id == contact_id))


def contacts_where(query: Mapping[str, Any]) -> Select[Contact]:
    """The contacts that fit the filters of a list."""
    statement = select(Contact)
    if "case" in query:
        statement = statement.where(Contact.case_id == query["case"])
    if "recorded_since" in query:
        statement = statement.where(Contact.recorded_at >= query["recorded_since"])
    return statement


def contacts_by_case(transaction: Transaction, case_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many contacts belong to each of these cases; those without any are left out."""
    counted = select(Contact.case_id, func.count().label("number"))
    found = transaction.rows(counted.where(Contact.case_id.in_(case_ids)).group_by(Contact.case_id))
    return {row.case_id: row.number for row in found}
