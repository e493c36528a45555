"""What this room tells the world."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode
from openredress_api.remediation.tables import RemediationRequest, WorkerResponse

PATH = "remediation-requests"


def requested(transaction: Transaction, request: RemediationRequest) -> None:
    """The supplier is asked for a remedy, or asked again after its objection."""
    _to_supplier(transaction, "requested", request, due_at=request.due_at)


def plan_returned(transaction: Transaction, request: RemediationRequest) -> None:
    """The supplier's plan needs more."""
    _to_supplier(transaction, "plan_returned", request, due_at=request.due_at)


def concluded(transaction: Transaction, request: RemediationRequest, result: str) -> None:
    """A round is over: the supplier hears it, unless nobody could be asked."""
    if result == "not_possible":
        _inside(transaction, "validation_not_possible", request)
    elif result == "disputed":
        _to_supplier(transaction, "disputed", request, due_at=request.due_at)
    else:
        _to_supplier(transaction, "validated", request, result=result)


def closed(transaction: Transaction, request: RemediationRequest, result: str) -> None:
    """Nothing more is asked of the supplier; `result` is that of the last round."""
    _to_supplier(transaction, "closed", request, result=result)


def cancelled(transaction: Transaction, request: RemediationRequest) -> None:
    """The request is taken back; nobody but the institute learns why."""
    _to_supplier(transaction, "closed", request)


def held_back(transaction: Transaction, request: RemediationRequest) -> None:
    """Inside: what was asked for did not reach its supplier; it has to be asked for anew."""
    _inside(transaction, "held_back", request)


def contested(transaction: Transaction, request: RemediationRequest) -> None:
    """The supplier objects: the institute decides."""
    _inside(transaction, "contested", request)


def plan_submitted(transaction: Transaction, request: RemediationRequest) -> None:
    """A plan waits for the institute's answer."""
    _inside(transaction, "plan_submitted", request)


def claim_submitted(transaction: Transaction, request: RemediationRequest, claim_id: UUID) -> None:
    """The supplier says that the remedy is done."""
    remediation_id = encode("rem", request.id)
    announce(
        transaction,
        Announcement(
            type="claim.submitted",
            kind="completion_claim",
            prefix="clm",
            subject_id=claim_id,
            version=1,
            recipients=(transaction.context.institute_id,),
            occurred_at=transaction.context.now,
            path=f"{PATH}/{remediation_id}/completion-claims",
            data={"remediation_id": remediation_id, "round": request.round},
        ),
    )


def evidence_requested(transaction: Transaction, request: RemediationRequest) -> None:
    """The supplier is asked to show what it claims."""
    _to_supplier(transaction, "evidence_requested", request, due_at=request.due_at)


def escalated(transaction: Transaction, request: RemediationRequest, level: int) -> None:
    """The institute goes a step further; the supplier is told so before anybody else acts."""
    _to_supplier(transaction, "escalated", request, level=level)


def response_submitted(transaction: Transaction, response: WorkerResponse) -> None:
    """Inside: a message for workers waits for a reviewer."""
    _of_response(transaction, "submitted", response, (), {})


def response_approved(transaction: Transaction, response: WorkerResponse, answers: str) -> None:
    """The sender's message is passed on as it is."""
    data = {"status": response.status, "answers": answers}
    _of_response(transaction, "approved", response, (response.organisation_id,), data)


def _of_response(
    transaction: Transaction,
    what: str,
    response: WorkerResponse,
    recipients: tuple[UUID, ...],
    data: Mapping[str, object],
) -> None:
    announce(
        transaction,
        Announcement(
            type=f"response.{what}",
            kind="worker_response",
            prefix="rsp",
            subject_id=response.id,
            version=response.version,
            recipients=recipients,
            occurred_at=transaction.context.now,
            path="worker-responses",
            data=data,
        ),
    )


def _to_supplier(
    transaction: Transaction, what: str, request: RemediationRequest, **more: object
) -> None:
    data = {"status": request.status, "round": request.round, **more}
    _announce(transaction, what, request, (request.recipient_id,), data)


def _inside(transaction: Transaction, what: str, request: RemediationRequest) -> None:
    _announce(transaction, what, request, (), {})


def _announce(
    transaction: Transaction,
    what: str,
    request: RemediationRequest,
    recipients: tuple[UUID, ...],
    data: dict[str, object],
) -> None:
    announce(
        transaction,
        Announcement(
            type=f"remediation.{what}",
            kind="remediation_request",
            prefix="rem",
            subject_id=request.id,
            version=request.version,
            recipients=recipients,
            occurred_at=transaction.context.now,
            path=PATH,
            data=data,
        ),
    )
