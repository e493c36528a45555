"""Use cases of completion claims and of what workers say about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import (
    NotPermitted,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.remediation import events, rules
from openredress_api.remediation.actions import NO_MONEY, hold, number_of, step
from openredress_api.remediation.closing import owes_instalments
from openredress_api.remediation.tables import (
    CompletionClaim,
    RemediationRequest,
    ValidationResultNotice,
    WorkerValidation,
)


def claim(
    transaction: Transaction, request_id: UUID, body: Mapping[str, Any], seen: int | None
) -> CompletionClaim:
    """The supplier says that the remedy of this round is done."""
    if errors := rules.check_claim(body, transaction.context.now):
        raise ValidationFailed(errors=errors)
    request = step(transaction, request_id, "supplier_claims_completed", seen)
    money = body["amount"] or NO_MONEY
    claimed = CompletionClaim(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        recipient_id=request.organisation_id,
        request_id=request.id,
        round=request.round,
        claim_no=number_of(transaction, CompletionClaim, request.id),
        outcomes=body["outcomes"],
        **money,
        workers=body["workers"],
        completed_on=body["completed_on"],
        claimed_at=transaction.context.now,
    )
    transaction.session.add(claimed)
    transaction.session.flush()
    events.claim_submitted(transaction, request, claimed.id)
    return claimed


def get_claim(transaction: Transaction, request_id: UUID, claim_id: UUID) -> CompletionClaim:
    """One claim of a request."""
    return transaction.one(
        select(CompletionClaim).where(
            CompletionClaim.request_id == request_id, CompletionClaim.id == claim_id
        )
    )


def validate(
    transaction: Transaction, request_id: UUID, body: Mapping[str, Any], seen: int | None
) -> WorkerValidation:
    """Record what workers said; the rule gives the result and the result moves the request.

    An incomplete result leaves the round open: the next record counts from its beginning again.
    """
    request = hold(transaction, request_id)
    owes = owes_instalments(transaction, request_id)
    _check(transaction, request, body, seen, owes=owes)
    result = rules.validation_result(
        affected=body["n_affected"],
        contacted=body["n_contacted"],
        confirmed=body["n_confirmed"],
        disputed=body["n_disputed"],
        attempts=body["attempts"],
        days=body["days_of_attempts"],
        money_confirmed=body["money_confirmed_in_full"] is not False and not owes,
        independent=body["independent_of_supplier"],
        methods=body["methods"],
    )
    said = _stored(transaction, request, body, result)
    if result != "incomplete":
        _conclude(transaction, request, result, seen)
    return said


def _check(
    transaction: Transaction,
    request: RemediationRequest,
    body: Mapping[str, Any],
    seen: int | None,
    *,
    owes: bool,
) -> None:
    if not rules.may_validate(transaction.context.organisation_id, request.recipient_id):
        raise NotPermitted("Whoever claims a remedy cannot validate it.")
    if request.status != "worker_validation":
        raise StateTransitionNotAllowed(
            f"The status is {request.status}; workers are asked in worker_validation."
        )
    if seen is not None and seen != request.version:
        raise PreconditionFailed
    least = transaction.session.scalar(select(func.gate.least_affected(request.id)))
    asks = transaction.session.scalar(select(func.gate.asks_for_money(request.id)))
    now, agreed = transaction.context.now, asks or owes
    if errors := rules.check_validation(body, now, at_least=least, money_agreed=agreed):
        raise ValidationFailed(errors=errors)


def _stored(
    transaction: Transaction, request: RemediationRequest, body: Mapping[str, Any], result: str
) -> WorkerValidation:
    said = WorkerValidation(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        request_id=request.id,
        round=request.round,
        validation_no=number_of(transaction, WorkerValidation, request.id),
        **body,
        result=result,
        recorded_at=transaction.context.now,
    )
    transaction.session.add(said)
    transaction.session.flush()
    return said


def _conclude(
    transaction: Transaction, request: RemediationRequest, result: str, seen: int | None
) -> None:
    """The round is over: the supplier learns the result and nothing else."""
    moved = step(transaction, request.id, rules.STATUS_OF[result], seen)
    transaction.session.add(
        ValidationResultNotice(
            organisation_id=transaction.context.organisation_id,
            recipient_id=moved.recipient_id,
            request_id=moved.id,
            round=moved.round,
            result=result,
            at=transaction.context.now,
        )
    )
    transaction.session.flush()
    events.concluded(transaction, moved, result)
