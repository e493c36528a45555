"""Use cases of a remedy under way: progress, evidence that is asked for, escalation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from openredress_api.evidence import check_evidence
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import (
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.remediation import events, rules
from openredress_api.remediation.actions import get_request, hold, number_of
from openredress_api.remediation.tables import (
    Escalation,
    EvidenceDemand,
    ProgressReport,
    RemediationRequest,
)


def report(
    transaction: Transaction, request_id: UUID, body: Mapping[str, Any], seen: int | None
) -> ProgressReport:
    """The supplier says how one outcome of its plan stands, with files that show it."""
    request = _held(transaction, request_id, rules.REPORTED_IN, seen)
    if errors := check_evidence(transaction, body["evidence"]):
        raise ValidationFailed(errors=errors)
    made = ProgressReport(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        recipient_id=request.organisation_id,
        request_id=request.id,
        round=request.round,
        report_no=number_of(transaction, ProgressReport, request.id),
        **body,
        at=transaction.context.now,
    )
    transaction.session.add(made)
    transaction.session.flush()
    return made


def demand(
    transaction: Transaction, request_id: UUID, purposes: list[str], seen: int | None
) -> RemediationRequest:
    """Ask the supplier to show what it says; it answers with a progress report."""
    request = _held(transaction, request_id, rules.DEMANDED_IN, seen)
    transaction.session.add(
        EvidenceDemand(
            organisation_id=request.organisation_id,
            request_id=request.id,
            demand_no=number_of(transaction, EvidenceDemand, request.id),
            recipient_id=request.recipient_id,
            purposes=purposes,
            at=transaction.context.now,
        )
    )
    request = _again(transaction, request)
    events.evidence_requested(transaction, request)
    return request


def escalate(
    transaction: Transaction, request_id: UUID, reason: str, seen: int | None
) -> RemediationRequest:
    """Go one level further; who is asked to act besides is the institute's own work."""
    request = _held(transaction, request_id, rules.STATUSES, seen)
    level = int(transaction.session.scalar(select(func.gate.escalation_of(request_id))) or 0)
    if request.released_at is None or not rules.may_escalate(request.status, level):
        raise StateTransitionNotAllowed(
            f"The request is {request.status}, at level {level}; nothing is left to escalate."
        )
    transaction.session.add(
        Escalation(
            organisation_id=request.organisation_id,
            request_id=request.id,
            level=level + 1,
            recipient_id=request.recipient_id,
            reason=reason,
            at=transaction.context.now,
        )
    )
    request = _again(transaction, request)
    events.escalated(transaction, request, level + 1)
    return request


def _held(
    transaction: Transaction, request_id: UUID, states: tuple[str, ...], seen: int | None
) -> RemediationRequest:
    """The request, if it is in one of these states, until the commit."""
    request = hold(transaction, request_id)
    if seen not in {None, request.version}:
        raise PreconditionFailed
    if request.status not in states:
        raise StateTransitionNotAllowed(f"The status is {request.status}.")
    return request


def _again(transaction: Transaction, request: RemediationRequest) -> RemediationRequest:
    """The request with the version that what was just stored gave it."""
    transaction.session.flush()
    transaction.session.expire(request)
    return get_request(transaction, request.id)
