"""Use cases of remediation requests: asking, objecting, planning, closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, not_, select

from openredress_api import cases, protection
from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode, random_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    Gone,
    NotFound,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.referrals import case_of, release_delay, was_shown
from openredress_api.remediation import events, rules
from openredress_api.remediation.tables import (
    CompletionClaim,
    EvidenceDemand,
    ProgressReport,
    RemediationCase,
    RemediationContest,
    RemediationPlan,
    RemediationRequest,
    WorkerValidation,
)

KIND = "remediation_request"
NO_MONEY = {"amount": None, "currency": None}
Numbered = (
    RemediationContest
    | RemediationPlan
    | CompletionClaim
    | WorkerValidation
    | ProgressReport
    | EvidenceDemand
)
"""Rows that are numbered within a request."""


def ask(transaction: Transaction, body: Mapping[str, Any]) -> RemediationRequest:
    """Ask the supplier of a case's site for a remedy.

    Needs the worker's consent; refused for a sensitive case and for a site of another case. A
    number of workers or a sum that would point at somebody stays with the institute. A supplier
    that has been shown no referral of the case is asked at a moment that tells nothing (R5).
    """
    try:
        case = cases.get_case(transaction, body["case"])
    except NotFound:
        raise ValidationFailed(errors=[FieldError("/case", Fault("not_a_case"))]) from None
    errors = rules.check_money(body["amount"])
    if case.site_id != body["site"]:
        errors.append(FieldError("/site", Fault("not_the_cases_site")))
    if not _is_of(transaction, body["referral"], case.id):
        errors.append(FieldError("/referral", Fault("not_of_this_case")))
    if errors:
        raise ValidationFailed(errors=errors)
    cases.require_consent(transaction, case.id, rules.CONSENT)
    if case.merged_into is not None:
        raise cases.CaseMerged
    if case.status not in rules.OPEN_CASE:
        raise StateTransitionNotAllowed(f"The case is {case.status}; reopen it first.")
    protection.require_assessment(transaction, case, "supplier", transaction.context.person_id)
    protection.require_unheld(transaction, case.site_id)
    wait = _wait(transaction, body["referral"], case)
    request = _request(transaction, case.id, case.supplier_id, body, wait)
    transaction.session.add(request)
    transaction.session.flush()
    money = body["amount"] or NO_MONEY
    transaction.session.add(
        RemediationCase(
            organisation_id=request.organisation_id,
            request_id=request.id,
            case_id=case.id,
            asked_at=transaction.context.now,
            referral_id=body["referral"],
            workers_counted=body["workers"],
            amount_agreed=money["amount"],
            currency_agreed=money["currency"],
            release_at=transaction.context.now + wait,
            release_before=protection.assessed_until(transaction, case, "supplier"),
            due_in_days=body["due_in_days"],
        )
    )
    transaction.session.flush()
    if not wait:
        events.requested(transaction, request)
    protection.begin_watch(transaction, case, transaction.context.now + wait)
    return request


def _wait(transaction: Transaction, referral: UUID | None, case: cases.CaseRecord) -> timedelta:
    """How long a request waits: not at all, where its supplier knows of the case already (R5)."""
    if referral is not None and was_shown(transaction, referral, case.supplier_id):
        return timedelta()
    return release_delay("supplier", case.severity)


def _is_of(transaction: Transaction, referral: UUID | None, case_id: UUID) -> bool:
    try:
        return referral is None or case_of(transaction, referral) == case_id
    except NotFound:
        return False


def _request(
    transaction: Transaction,
    case_id: UUID,
    supplier_id: UUID,
    body: Mapping[str, Any],
    wait: timedelta,
) -> RemediationRequest:
    now, request_id = transaction.context.now, random_id()
    named = rules.names_a_group(body["workers"])
    may_name = cases.consent_state(transaction, case_id, rules.CONSENT_TO_NAME, now) == "granted"
    told = rules.may_tell_sum(body["workers"], may_name=may_name)
    money = (told and body["amount"]) or NO_MONEY
    return RemediationRequest(
        organisation_id=transaction.context.organisation_id,
        id=request_id,
        recipient_id=supplier_id,
        wire_id=encode("rem", request_id),
        site_id=body["site"],
        categories=list(cases.categories_to_tell(transaction, case_id)),
        asked_outcome=body["asked_outcome"],
        **money,
        asks_for_money=body["amount"] is not None,
        workers=body["workers"] if named else None,
        worded="counted" if named else "all_in_situation",
        status="issued",
        due_at=now + wait + timedelta(days=body["due_in_days"]),
        released_at=None if wait else now,
        updated_at=now,
    )


def requests_where(
    transaction: Transaction, query: Mapping[str, Any]
) -> Select[RemediationRequest]:
    """The requests that fit the filters of a list; for a supplier those that still stand."""
    statement = select(RemediationRequest)
    if transaction.context.organisation_type == "supplier":
        statement = statement.where(func.gate.request_stands(RemediationRequest.id))
    if "status" in query:
        statement = statement.where(RemediationRequest.status == query["status"])
    if "overdue" in query:
        late = and_(
            RemediationRequest.status.in_(rules.OPEN),
            RemediationRequest.due_at < transaction.context.now,
        )
        statement = statement.where(late if query["overdue"] == "true" else not_(late))
    if "updated_since" in query:
        statement = statement.where(RemediationRequest.updated_at >= query["updated_since"])
    return statement


def get_request(transaction: Transaction, request_id: UUID) -> RemediationRequest:
    """A request that the caller made, must answer, or is assigned to validate.

    For the supplier Gone once the consent that it rests on no longer stands: what has left is
    asked for anew with every read (R23).
    """
    request = transaction.one(select(RemediationRequest).where(RemediationRequest.id == request_id))
    stands = func.gate.request_stands(request_id)
    mine = request.recipient_id == transaction.context.organisation_id
    if mine and not transaction.session.scalar(select(stands)):
        raise Gone("The request was taken back; delete your copies.")
    return request


def hold(transaction: Transaction, request_id: UUID) -> RemediationRequest:
    """The request, which nobody else moves or says anything of before the commit."""
    request = get_request(transaction, request_id)
    transaction.session.execute(select(func.gate.hold_request(request_id)))
    transaction.session.expire(request)
    return get_request(transaction, request_id)


def case_of_request(transaction: Transaction, request_id: UUID) -> UUID:
    """The case that a request is about; only in the institute's transactions."""
    return link_of(transaction, request_id).case_id


def requests_of(transaction: Transaction, case_id: UUID) -> list[UUID]:
    """The requests about a case; only in the institute's transactions."""
    links = transaction.all(select(RemediationCase).where(RemediationCase.case_id == case_id))
    return [link.request_id for link in links]


def open_requests(transaction: Transaction, site: UUID | None) -> Sequence[Any]:
    """Open requests that their suppliers were shown; only in the institute's transactions.

    Rows of id, site_id, categories, workers_counted and released_at.
    """
    asked = RemediationRequest
    statement = (
        select(asked.id, asked.site_id, asked.categories, RemediationCase.workers_counted)
        .add_columns(asked.released_at)
        .join(RemediationCase, RemediationCase.request_id == asked.id)
        .where(asked.status.in_(rules.OPEN), asked.released_at.is_not(None))
    )
    if site is not None:
        statement = statement.where(asked.site_id == site)
    return transaction.rows(statement)


def step(
    transaction: Transaction, request_id: UUID, target: str, seen: int | None = None
) -> RemediationRequest:
    """Move a request that the caller may see to `target`, and read it again."""
    request = get_request(transaction, request_id)
    move(transaction, KIND, request_id, target, seen)
    transaction.session.expire(request)
    return get_request(transaction, request_id)


def contest(
    transaction: Transaction, request_id: UUID, reason: str, seen: int | None
) -> RemediationRequest:
    """The supplier objects; the institute asks again or takes the request back."""
    request = step(transaction, request_id, "contested", seen)
    transaction.session.add(
        RemediationContest(
            organisation_id=transaction.context.organisation_id,
            recipient_id=request.organisation_id,
            request_id=request.id,
            contest_no=number_of(transaction, RemediationContest, request.id),
            reason=reason,
            contested_at=transaction.context.now,
        )
    )
    transaction.session.flush()
    events.contested(transaction, request)
    return request


def ask_again(transaction: Transaction, request_id: UUID, seen: int | None) -> RemediationRequest:
    """The institute holds to a request that the supplier contested."""
    request = step(transaction, request_id, "issued", seen)
    events.requested(transaction, request)
    return request


def submit_plan(
    transaction: Transaction,
    request_id: UUID,
    actions: list[dict[str, Any]],
    seen: int | None,
) -> RemediationRequest:
    """The supplier says what it will do until when."""
    request = step(transaction, request_id, "plan_submitted", seen)
    transaction.session.add(
        RemediationPlan(
            organisation_id=transaction.context.organisation_id,
            recipient_id=request.organisation_id,
            request_id=request.id,
            plan_no=number_of(transaction, RemediationPlan, request.id),
            actions=[{**one, "due_on": one["due_on"].isoformat()} for one in actions],
            submitted_at=transaction.context.now,
        )
    )
    transaction.session.flush()
    events.plan_submitted(transaction, request)
    return request


def return_plan(transaction: Transaction, request_id: UUID, seen: int | None) -> RemediationRequest:
    """The institute asks for a better plan."""
    request = step(transaction, request_id, "plan_returned", seen)
    events.plan_returned(transaction, request)
    return request


def cancel(
    transaction: Transaction, request_id: UUID, reason: str, seen: int | None = None
) -> RemediationRequest:
    """Take a request back; the reason stays with the institute.

    If something is owed all the same, what was joined into it has to be asked for anew.
    """
    request = step(transaction, request_id, "cancelled", seen)
    mine = link_of(transaction, request.id)
    mine.cancelled_for = reason
    transaction.session.flush()
    if request.released_at is not None:
        events.cancelled(transaction, request)
    if reason not in rules.NOTHING_OWED:
        for joined in joined_into(transaction, request_id):
            if joined.recalled_at is None and joined.case_id != mine.case_id:
                events.held_back(transaction, get_request(transaction, joined.request_id))
    return request


def joined_into(transaction: Transaction, request_id: UUID) -> Sequence[RemediationCase]:
    """What a request stands for: its own link to a case, and of those that were joined into it."""
    every = transaction.session.scalars(select(func.gate.joined_into(request_id))).all()
    return transaction.all(select(RemediationCase).where(RemediationCase.request_id.in_(every)))


def on_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Take back what rests on a consent that was withdrawn, or on a case that never was.

    What waits is taken back when its case has become too grave for it (R2).
    """
    if announcement.type in protection.REJUDGED:
        _hold_back(transaction, UUID(str(announcement.notes["case_id"])))
    elif announcement.type in rules.CASE_FACTS:
        _take_back(transaction, announcement)


def _take_back(transaction: Transaction, announcement: Announcement) -> None:
    """End open requests, and let no supplier read any of them again, ended ones neither (R1)."""
    notes = announcement.notes
    for request in _about(transaction, UUID(str(notes["case_id"]))):
        named = request.amount is not None and request.worded != "counted"
        reason = rules.reason_to_cancel(announcement.type, notes.get("scope"), named=named)
        if reason is None:
            continue
        link_of(transaction, request.id).recalled_at = transaction.context.now
        if request.status in rules.OPEN:
            # It may have ended a moment ago.
            with suppress(StateTransitionNotAllowed):
                cancel(transaction, request.id, reason)


def _hold_back(transaction: Transaction, case_id: UUID) -> None:
    """Take back what no supplier has been shown and none may be shown any more (R2).

    What rests on a duplicate of the case is judged by the case.
    """
    case = cases.get_case(transaction, case_id)
    for request in _about(transaction, *cases.with_duplicates(transaction, case_id)):
        if request.released_at is not None or request.status not in rules.OPEN:
            continue
        if protection.may_reach(transaction, case, "supplier"):
            until = protection.assessed_until(transaction, case, "supplier")
            link_of(transaction, request.id).release_before = until
        else:
            events.held_back(transaction, cancel(transaction, request.id, "safety_concern"))


def _about(transaction: Transaction, *case_ids: UUID) -> Sequence[RemediationRequest]:
    """The requests about these cases that were not taken back for good."""
    return transaction.all(
        select(RemediationRequest)
        .join(RemediationCase, RemediationCase.request_id == RemediationRequest.id)
        .where(RemediationCase.case_id.in_(case_ids), RemediationCase.recalled_at.is_(None))
        # Always in one order: two who end several at once cannot wait for each other.
        .order_by(RemediationRequest.id)
    )


def number_of(
    transaction: Transaction,
    table: type[Numbered],
    request_id: UUID,
) -> int:
    """The number of the caller's next row for a request, from 1.

    The caller holds the request: the move to its present status locked the row.
    """
    query = (
        select(func.count())
        .select_from(table)
        .where(table.request_id == request_id)
        .where(table.organisation_id == transaction.context.organisation_id)
    )
    return 1 + transaction.one(query)


def link_of(transaction: Transaction, request_id: UUID) -> RemediationCase:
    """Which case a request is about; only in the institute's transactions."""
    return transaction.one(select(RemediationCase).where(RemediationCase.request_id == request_id))
