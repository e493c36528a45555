"""Use cases of the end of a remedy: closing requests, and the cases that are remedied with them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy import and_, func, select

from openredress_api import cases
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import StateTransitionNotAllowed
from openredress_api.remediation import events, rules
from openredress_api.remediation.actions import cancel, joined_into, step
from openredress_api.remediation.tables import (
    RemediationCase,
    RemediationRequest,
    ValidationResultNotice,
    WorkerValidation,
)


def close(transaction: Transaction, request_id: UUID, seen: int | None) -> RemediationRequest:
    """Close a request; the last one of a case that workers fully validated closes the case."""
    held = hold_cases(transaction, request_id)
    request = step(transaction, request_id, "closed", seen)
    events.closed(transaction, request, _last_results(transaction, [request.id])[request.id].result)
    close_remedied(transaction, held)
    return request


def take_back(
    transaction: Transaction, request_id: UUID, reason: str, seen: int | None
) -> RemediationRequest:
    """Cancel a request; where it asked for nothing owed, its case may be remedied without it."""
    held = hold_cases(transaction, request_id)
    if reason == "duplicate" and len(joined_into(transaction, request_id)) > 1:
        raise StateTransitionNotAllowed(
            "Other requests were joined into this one; join it into the one that it repeats."
        )
    request = cancel(transaction, request_id, reason, seen)
    if reason in rules.NOTHING_OWED:
        close_remedied(transaction, held)
    return request


def hold_cases(transaction: Transaction, *request_ids: UUID) -> list[cases.CaseRecord]:
    """The cases whose remedy requests are: their own, and those of requests joined into them.

    Each is the case that stays of a merge. They are held, so that nothing is asked for, offered or
    told of them before the commit; only in the institute's transactions.
    """
    held: set[UUID] = set()
    while True:
        found = _cases_behind(transaction, request_ids)
        # A merge may have come while one of them was waited for.
        fresh = {*found, *(case.id for case in found.values())} - held
        if not fresh:
            return list({case.id: case for case in found.values()}.values())
        for case_id in sorted(fresh):
            with suppress(cases.CaseVoided):
                cases.hold_case(transaction, case_id)
        held |= fresh


def _cases_behind(
    transaction: Transaction, request_ids: Sequence[UUID]
) -> dict[UUID, cases.CaseRecord]:
    """The case by which each case behind these requests is judged."""
    links = [each for one in request_ids for each in joined_into(transaction, one)]
    asked = [cases.get_case(transaction, link.case_id) for link in links]
    return {case.id: cases.judged(transaction, case) for case in asked}


def close_remedied(transaction: Transaction, held: Sequence[cases.CaseRecord]) -> None:
    """Close those of the held cases of which nothing is left to remedy."""
    waiting = [one for one in held if one.voided_at is None and one.status in rules.OPEN_CASE]
    for case in waiting:
        endings = _endings(transaction, case.id)
        if rules.all_remedied(endings, cases.known_since(transaction, case.id)):
            cases.close_as_validated(transaction, case.id)


def owes_instalments(transaction: Transaction, request_id: UUID) -> bool:
    """Whether money that was offered in instalments is not paid and confirmed in full yet."""
    return bool(transaction.session.scalar(select(func.gate.owes_instalments(request_id))))


def _endings(transaction: Transaction, case_id: UUID) -> list[rules.Ending]:
    """The requests of a case and its duplicates; for what was joined the one that is worked on."""
    request, link = RemediationRequest, RemediationCase
    linked = and_(link.request_id == request.id, link.organisation_id == request.organisation_id)
    measures = (
        func.gate.least_affected(request.id).label("known"),
        func.gate.owes_instalments(request.id).label("owes"),
    )
    asked = transaction.rows(
        select(request.asked_outcome, link.asked_at, *measures)
        .add_columns(func.gate.kept_instead(request.id).label("kept"))
        .join(link, linked)
        .where(link.case_id.in_(cases.matter_of(transaction, case_id)))
    )
    ids = [row.kept for row in asked]
    rows = transaction.rows(
        select(request.id, request.status, request.updated_at, link.cancelled_for, *measures)
        .join(link, linked)
        .where(request.id.in_(ids))
    )
    kept = {row.id: row for row in rows}
    results, counted = _last_results(transaction, ids), _last_counted(transaction, ids)
    return [
        rules.Ending(
            outcome=one.asked_outcome,
            asked_at=one.asked_at,
            changed_at=kept[one.kept].updated_at,
            status=kept[one.kept].status,
            result=last.result if (last := results.get(one.kept)) else None,
            result_at=last.at if last else None,
            cancelled_for=kept[one.kept].cancelled_for,
            counted=counted.get(one.kept),
            known=measured.known,
            owes=one.owes or measured.owes,
        )
        for one in asked
        # What it was joined into measures it for as long as that stands.
        for measured in [one if kept[one.kept].status == "cancelled" else kept[one.kept]]
    ]


def _last_results(
    transaction: Transaction, requests: Sequence[UUID]
) -> dict[UUID, ValidationResultNotice]:
    told = ValidationResultNotice
    found = select(told).where(told.request_id.in_(requests)).order_by(told.round)
    return {one.request_id: one for one in transaction.all(found)}


def _last_counted(transaction: Transaction, requests: Sequence[UUID]) -> dict[UUID, int | None]:
    """How many affected workers the validations spoke of that gave the last results."""
    rows = transaction.rows(
        select(WorkerValidation.request_id, WorkerValidation.n_affected)
        .where(WorkerValidation.request_id.in_(requests), WorkerValidation.result != "incomplete")
        .order_by(WorkerValidation.round)
    )
    return {row.request_id: row.n_affected for row in rows}
