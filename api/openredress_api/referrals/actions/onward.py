"""Onward between CSOs: the one that holds a referral asks, the institute refers or declines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    NotFound,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.referrals import events, rules
from openredress_api.referrals.actions.rows import case_of, get_referral
from openredress_api.referrals.tables import OnwardRequest

KIND = "onward_request"


def ask(transaction: Transaction, referral_id: UUID, body: Mapping[str, Any]) -> OnwardRequest:
    """Ask that the case of a referral goes on to another CSO; nothing of it passes by this."""
    referral = get_referral(transaction, referral_id)
    if referral.status not in rules.HELD:
        raise StateTransitionNotAllowed(
            f"The referral is {referral.status}; it is asked onward by whoever has it in hand."
        )
    asked = OnwardRequest(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        recipient_id=referral.organisation_id,
        referral_id=referral.id,
        **body,
        status="asked",
        asked_at=transaction.context.now,
        updated_at=transaction.context.now,
        version=1,
    )
    transaction.session.add(asked)
    transaction.session.flush()
    events.onward_asked(transaction, asked)
    return asked


def requests_where(query: Mapping[str, Any]) -> Select[OnwardRequest]:
    """The onward requests that fit the filters of a list."""
    statement = select(OnwardRequest)
    if "status" in query:
        statement = statement.where(OnwardRequest.status == query["status"])
    return statement


def get_request(transaction: Transaction, request_id: UUID) -> OnwardRequest:
    """An onward request that the caller made or must answer; NotFound otherwise."""
    statement = select(OnwardRequest).where(OnwardRequest.id == request_id)
    return transaction.one(statement.execution_options(populate_existing=True))


def decline(transaction: Transaction, request_id: UUID, seen: int | None) -> OnwardRequest:
    """The institute refers the case to nobody else; why stays with it."""
    person_with(transaction, "case_worker")
    move(transaction, KIND, request_id, "declined", seen)
    return get_request(transaction, request_id)


def check_answer(
    transaction: Transaction, request_id: UUID | None, case_id: UUID, content: Mapping[str, Any]
) -> None:
    """A draft answers a request if it is of the same case, and goes to another CSO."""
    if request_id is None:
        return
    try:
        asked = get_request(transaction, request_id)
        is_answer = case_of(transaction, asked.referral_id) == case_id
    except NotFound:
        is_answer = False
    if not is_answer:
        fault = FieldError("/onward_request", Fault("not_of_this_case"))
        raise ValidationFailed(errors=[fault])
    if content["recipient_type"] != "cso" or content["recipient_id"] == asked.organisation_id:
        raise ValidationFailed(errors=[FieldError("/to", Fault("not_another_cso"))])


def answered(transaction: Transaction, request_id: UUID | None) -> None:
    """The case went on: whoever asked learns that it did, and not to whom."""
    if request_id is not None:
        move(transaction, KIND, request_id, "referred")
