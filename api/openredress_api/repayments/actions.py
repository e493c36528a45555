"""Use cases of agreements to pay what is owed: writing, offering, agreeing, closing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api import cases, organisations, placements, protection, remediation
from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    Gone,
    NotFound,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.foundation.turns import take_turn
from openredress_api.repayments import events, rules, sums
from openredress_api.repayments.cells import cells_of
from openredress_api.repayments.tables import (
    RepaymentAgreement,
    RepaymentBasis,
    RepaymentContest,
    RepaymentDue,
)
from openredress_api.vocabulary import exponent

KIND = "repayment_agreement"


def draft(transaction: Transaction, body: Mapping[str, Any]) -> RepaymentAgreement:
    """Write an agreement, which nobody else sees before it is offered."""
    payer_type = organisations.type_of_organisation(transaction, body["payer"])
    supplier, errors = _supplier(transaction, body)
    if payer_type not in rules.PAYERS:
        errors.append(FieldError("/payer", Fault("not_a_payer")))
    if not _could_answer(transaction, body, payer_type):
        errors.append(FieldError("/request", Fault("asks_for_something_else")))
    if errors := [*errors, *rules.check_terms(body)]:
        raise ValidationFailed(errors=errors)
    agreement = _stored(transaction, body, supplier)
    scope = rules.CONSENT_FOR[str(payer_type)] if body["request"] else None
    transaction.session.add(
        RepaymentBasis(
            organisation_id=agreement.organisation_id,
            agreement_id=agreement.id,
            request_id=body["request"],
            consent_scope=scope,
        )
    )
    transaction.session.add_all(_dues(agreement, body))
    transaction.session.flush()
    return agreement


def _supplier(
    transaction: Transaction, body: Mapping[str, Any]
) -> tuple[UUID | None, list[FieldError]]:
    """Whose the site is; a supplier repays for its own."""
    site = body["site"]
    if site is None:
        return None, []
    supplier = organisations.suppliers_of_sites(transaction, [site]).get(site)
    if supplier is None:
        return None, [FieldError("/site", Fault("not_a_site"))]
    payer_type = organisations.type_of_organisation(transaction, body["payer"])
    if payer_type == "supplier" and supplier != body["payer"]:
        return None, [FieldError("/site", Fault("not_the_payers_site"))]
    return supplier, []


def _could_answer(
    transaction: Transaction, body: Mapping[str, Any], payer_type: str | None
) -> bool:
    """Whether a request, if there is one, asks for what this payer would repay."""
    if body["request"] is None:
        return True
    try:
        request = remediation.get_request(transaction, body["request"])
    except NotFound:
        return False
    is_asked = payer_type == "agency" or request.recipient_id == body["payer"]
    return is_asked and bool(request.asked_outcome == body["asked_outcome"])


def _stored(
    transaction: Transaction, body: Mapping[str, Any], supplier: UUID | None
) -> RepaymentAgreement:
    agreement = RepaymentAgreement(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        recipient_id=body["payer"],
        asked_outcome=body["asked_outcome"],
        supplier_id=supplier,
        site_id=body["site"],
        **(body["corridor"] or {"origin": None, "destination": None}),
        currency=body["currency"],
        groups=[
            {
                "label": group["label"],
                "fee_types": group["fee_types"],
                "worded": worded(group["workers"]),
            }
            for group in body["groups"]
        ],
        instalments=[
            {"n": one["n"], "due_on": one["due_on"].isoformat()} for one in body["instalments"]
        ],
        status="drafted",
        updated_at=transaction.context.now,
    )
    transaction.session.add(agreement)
    transaction.session.flush()
    return agreement


def worded(workers: int | None) -> str:
    """How a group is told to a payer (R6)."""
    return "counted" if remediation.names_a_group(workers) else "all_in_situation"


def _dues(agreement: RepaymentAgreement, body: Mapping[str, Any]) -> list[RepaymentDue]:
    """What of each group is due with each instalment; groups that are told come first.

    So what is told of them follows from what the payer reads, and from nothing it does not.
    """
    decimals = exponent(agreement.currency)
    told = {one["label"]: remediation.names_a_group(one["workers"]) for one in body["groups"]}
    groups = {
        one["label"]: sums.units(rules.amount_of(one), decimals)
        for one in sorted(body["groups"], key=lambda one: not told[one["label"]])
    }
    workers = {one["label"]: one["workers"] for one in body["groups"]}
    return [
        RepaymentDue(
            organisation_id=agreement.organisation_id,
            agreement_id=agreement.id,
            instalment_no=number,
            group_label=label,
            recipient_id=agreement.recipient_id,
            workers=workers[label],
            amount=sums.amount(part, decimals),
            told=told[label],
        )
        for label, parts in _parts(groups, body["instalments"], decimals).items()
        for number, part in enumerate(parts, 1)
    ]


def _parts(
    groups: Mapping[str, int], instalments: list[Mapping[str, Any]], decimals: int
) -> dict[str, list[int]]:
    if instalments[0]["share"] is not None:
        return sums.by_shares(groups, [one["share"] for one in instalments])
    amounts: list[Decimal] = [one["amount"] for one in instalments]
    return sums.by_amounts(groups, [sums.units(amount, decimals) for amount in amounts])


def agreements_where(
    transaction: Transaction, query: Mapping[str, Any]
) -> Select[RepaymentAgreement]:
    """The agreements that fit the filters of a list; for a payer those that still stand."""
    statement = select(RepaymentAgreement)
    if transaction.context.organisation_type in rules.PAYERS:
        statement = statement.where(func.gate.repayment_stands(RepaymentAgreement.id))
    if "status" in query:
        statement = statement.where(RepaymentAgreement.status == query["status"])
    if "updated_since" in query:
        statement = statement.where(RepaymentAgreement.updated_at >= query["updated_since"])
    return statement


def get_agreement(transaction: Transaction, agreement_id: UUID) -> RepaymentAgreement:
    """An agreement that the caller wrote, is to pay, or is assigned to validate.

    For the payer Gone once the consent that it rests on no longer stands.
    """
    found = select(RepaymentAgreement).where(RepaymentAgreement.id == agreement_id)
    agreement = transaction.one(found)
    stands = select(func.gate.repayment_stands(agreement_id))
    mine = agreement.recipient_id == transaction.context.organisation_id
    if mine and not transaction.session.scalar(stands):
        raise Gone("The agreement was taken back; delete your copies.")
    return agreement


def held(
    transaction: Transaction, agreement_id: UUID, seen: int | None = None
) -> RepaymentAgreement:
    """The agreement as it stands once nobody else ends it, or reports or validates a payment."""
    agreement = get_agreement(transaction, agreement_id)
    take_turn(transaction, str(agreement_id))
    transaction.session.expire(agreement)
    agreement = get_agreement(transaction, agreement_id)
    if seen is not None and seen != agreement.version:
        raise PreconditionFailed
    return agreement


def step(
    transaction: Transaction, agreement_id: UUID, target: str, seen: int | None = None
) -> RepaymentAgreement:
    """Move an agreement that the caller may see to `target`, and read it again."""
    agreement = get_agreement(transaction, agreement_id)
    move(transaction, KIND, agreement_id, target, seen)
    transaction.session.expire(agreement)
    return get_agreement(transaction, agreement_id)


def offer(transaction: Transaction, agreement_id: UUID, seen: int | None) -> RepaymentAgreement:
    """Ask the payer to agree; what came of a case leaves with its worker's consent alone."""
    basis = _basis(transaction, agreement_id)
    if basis.request_id is not None and basis.consent_scope is not None:
        remediation.hold_cases(transaction, basis.request_id)
        request = remediation.hold_request(transaction, basis.request_id)
        if request.released_at is None or request.status == "cancelled":
            raise StateTransitionNotAllowed(
                f"The request that it came of is {request.status}; its supplier must have been "
                "shown it."
            )
        case = cases.get_case(
            transaction, remediation.case_of_request(transaction, basis.request_id)
        )
        cases.require_consent(transaction, case.id, basis.consent_scope)
        status = cases.judged(transaction, case).status
        if status not in remediation.OPEN_CASE:
            raise StateTransitionNotAllowed(f"The case is {status}; reopen it first.")
        payer_type = rules.PAYER_UNDER[basis.consent_scope]
        protection.require_assessment(transaction, case, payer_type, transaction.context.person_id)
        protection.require_unheld(transaction, case.site_id)
    agreement = step(transaction, agreement_id, "offered", seen)
    events.offered(transaction, agreement)
    return agreement


def accept(transaction: Transaction, agreement_id: UUID, seen: int | None) -> RepaymentAgreement:
    """The payer agrees; from here the days of M19 are counted."""
    agreement = step(transaction, agreement_id, "accepted", seen)
    events.accepted(transaction, agreement)
    return agreement


def contest(
    transaction: Transaction, agreement_id: UUID, reason: str, seen: int | None
) -> RepaymentAgreement:
    """The payer objects; the institute offers again or takes the agreement back."""
    agreement = step(transaction, agreement_id, "contested", seen)
    mine = select(func.count()).where(RepaymentContest.agreement_id == agreement_id)
    transaction.session.add(
        RepaymentContest(
            organisation_id=transaction.context.organisation_id,
            agreement_id=agreement_id,
            contest_no=1 + transaction.one(mine),
            recipient_id=agreement.organisation_id,
            reason=reason,
            contested_at=transaction.context.now,
        )
    )
    transaction.session.flush()
    events.contested(transaction, agreement)
    return agreement


def close(transaction: Transaction, agreement_id: UUID, seen: int | None) -> RepaymentAgreement:
    """Close what is completed, or of which nothing is left but workers whom nobody could ask.

    A case that waited for nothing but this money closes with it.
    """
    behind = _held_cases(transaction, agreement_id)
    before = held(transaction, agreement_id)
    if before.status == "in_progress" and not all(
        cell.is_settled for cell in cells_of(transaction, before)
    ):
        raise StateTransitionNotAllowed(
            "Some instalment is neither confirmed in full nor beyond being asked about."
        )
    agreement = step(transaction, agreement_id, "closed", seen)
    events.closed(transaction, agreement)
    remediation.close_remedied(transaction, behind)
    return agreement


def take_back(
    transaction: Transaction, agreement_id: UUID, reason: str, seen: int | None
) -> RepaymentAgreement:
    """Cancel an agreement; where nothing was owed, its case may be remedied without it."""
    behind = _held_cases(transaction, agreement_id)
    agreement = cancel(transaction, agreement_id, reason, seen)
    if reason in rules.NOTHING_OWED:
        remediation.close_remedied(transaction, behind)
    return agreement


def _held_cases(transaction: Transaction, agreement_id: UUID) -> list[cases.CaseRecord]:
    """The cases behind the request that an agreement came of, if it came of one."""
    request = _basis(transaction, agreement_id).request_id
    return remediation.hold_cases(transaction, request) if request else []


def cancel(
    transaction: Transaction, agreement_id: UUID, reason: str, seen: int | None = None
) -> RepaymentAgreement:
    """Take an agreement back; the reason stays with the institute."""
    held(transaction, agreement_id)
    agreement = step(transaction, agreement_id, "cancelled", seen)
    _basis(transaction, agreement_id).cancelled_for = reason
    transaction.session.flush()
    events.closed(transaction, agreement)
    return agreement


def _basis(transaction: Transaction, agreement_id: UUID) -> RepaymentBasis:
    found = select(RepaymentBasis).where(RepaymentBasis.agreement_id == agreement_id)
    return transaction.one(found)


def on_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Take back what rests on a consent that was withdrawn, or on a case that never was (R1).

    Open agreements end, and no payer reads any of them again, ended ones neither.
    """
    if announcement.type not in rules.CASE_FACTS:
        return
    notes = announcement.notes
    requests = remediation.requests_of(transaction, UUID(str(notes["case_id"])))
    resting = (
        select(RepaymentBasis)
        .where(RepaymentBasis.request_id.in_(requests))
        .where(RepaymentBasis.recalled_at.is_(None))
    )
    for basis in transaction.all(resting):
        reason = rules.reason_to_cancel(announcement.type, notes.get("scope"), basis.consent_scope)
        if reason is None:
            continue
        basis.recalled_at = transaction.context.now
        if get_agreement(transaction, basis.agreement_id).status in rules.OPEN:
            # It may have ended a moment ago.
            with suppress(StateTransitionNotAllowed):
                cancel(transaction, basis.agreement_id, reason)


def proposal(transaction: Transaction, site: UUID | None, agency: UUID | None) -> dict[str, Any]:
    """What may be owed by the words of workers and agencies; it stores nothing."""
    if site is None and agency is None:
        raise ValidationFailed(errors=[FieldError("?site", Fault("required"))])
    found = placements.stated_fees(transaction, site=site, agency=agency)
    return {
        "placements": found.placements,
        "statements": found.statements,
        "not_shared": found.not_shared,
        "lines": [
            {
                "currency": currency,
                "fee_type": fee_type,
                "worker_stated": _counted(found.by_workers.get((currency, fee_type))),
                "agency_stated": _counted(found.by_agencies.get((currency, fee_type))),
                "worded": _worded(found.by_workers.get((currency, fee_type))),
            }
            for currency, fee_type in sorted({*found.by_workers, *found.by_agencies})
        ],
    }


def _counted(stated: placements.Stated | None) -> dict[str, Any] | None:
    return {"amount": stated.amount, "workers": len(stated.workers)} if stated else None


def _worded(stated: placements.Stated | None) -> str:
    return worded(len(stated.workers) if stated else None)
