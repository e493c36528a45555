"""Use cases of payments: what a payer says it paid, and what workers say of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from openredress_api import remediation
from openredress_api.evidence import evidence_among
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    NotPermitted,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.repayments import events, rules
from openredress_api.repayments.actions import held, step
from openredress_api.repayments.cells import cell_at, cells_of
from openredress_api.repayments.standing import Cell
from openredress_api.repayments.tables import (
    RepaymentAgreement,
    RepaymentPayment,
    RepaymentResult,
    RepaymentValidation,
)


def pay(
    transaction: Transaction, agreement_id: UUID, body: Mapping[str, Any], seen: int | None
) -> RepaymentPayment:
    """The payer says what it has paid of an instalment to a group; it replaces what it said before.

    The first payment brings an accepted agreement into progress.
    """
    agreement = held(transaction, agreement_id, seen)
    if agreement.status not in {"accepted", "in_progress"}:
        raise StateTransitionNotAllowed(
            f"The status is {agreement.status}; payments are reported of what was agreed."
        )
    cell = _paid_cell(transaction, agreement, body)
    if cell.state == "full":
        raise StateTransitionNotAllowed("Workers have confirmed this in full; nothing is owed.")
    if agreement.status == "accepted":
        agreement = step(transaction, agreement_id, "in_progress")
    kept = {name: value for name, value in body.items() if name != "group"}
    payment = RepaymentPayment(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        recipient_id=agreement.organisation_id,
        agreement_id=agreement_id,
        group_label=body["group"],
        round=cell.next_round,
        claim_no=len(cell.claims) + 1,
        **kept,
        reported_at=transaction.context.now,
    )
    transaction.session.add(payment)
    transaction.session.flush()
    events.payment_reported(transaction, agreement, payment)
    return payment


def _paid_cell(
    transaction: Transaction, agreement: RepaymentAgreement, body: Mapping[str, Any]
) -> Cell:
    """What is paid with a claim; raises ValidationFailed for whatever is wrong with the claim."""
    cell = cell_at(cells_of(transaction, agreement), body["instalment_no"], body["group"])
    if cell is None:
        known = {one["label"] for one in agreement.groups}
        name = "instalment_no" if body["group"] in known else "group"
        raise ValidationFailed(
            errors=[FieldError(f"/{name}", Fault("not_in_agreement"), body[name])]
        )
    errors = rules.check_payment(
        body, agreement.currency, transaction.context.now, due=cell.due, workers=cell.workers
    )
    shown = evidence_among(transaction, body["evidence"])
    errors += [
        FieldError(f"/evidence/{place}", Fault("not_evidence"))
        for place, file in enumerate(body["evidence"])
        if file not in shown
    ]
    if errors:
        raise ValidationFailed(errors=errors)
    return cell


def get_payment(transaction: Transaction, agreement_id: UUID, payment_id: UUID) -> RepaymentPayment:
    """One claim of an agreement."""
    return transaction.one(
        select(RepaymentPayment).where(
            RepaymentPayment.agreement_id == agreement_id, RepaymentPayment.id == payment_id
        )
    )


def validate(
    transaction: Transaction,
    agreement_id: UUID,
    payment_id: UUID,
    body: Mapping[str, Any],
    seen: int | None,
) -> RepaymentValidation:
    """Record what workers said of the newest claim; the rule of remediation gives the result.

    Only what was agreed counts as money in full: a claim of less than is due is never more than
    partial. An incomplete result leaves the claim open.
    """
    payment = get_payment(transaction, agreement_id, payment_id)
    agreement = held(transaction, agreement_id, seen)
    cell = _open_cell(transaction, agreement, payment)
    said = select(RepaymentValidation).where(RepaymentValidation.payment_id == payment_id)
    earlier = transaction.all(said)
    known = [cell.workers, *(one.n_affected for one in earlier)]
    errors = [
        *remediation.check_validation(
            body,
            transaction.context.now,
            at_least=max((one for one in known if one is not None), default=None),
            money_agreed=False,
        ),
        *rules.check_confirmed(body, agreement.currency, claimed=payment.amount, due=_due(cell)),
    ]
    if errors:
        raise ValidationFailed(errors=errors)
    mine = [each for each in earlier if each.organisation_id == transaction.context.organisation_id]
    validation = _stored(transaction, payment, body, _result(body, cell), len(mine) + 1)
    if validation.result != "incomplete":
        _conclude(transaction, agreement, payment, validation)
    return validation


def _open_cell(
    transaction: Transaction, agreement: RepaymentAgreement, payment: RepaymentPayment
) -> Cell:
    """What a payment is of, if workers may be asked about it now."""
    if not remediation.may_validate(transaction.context.organisation_id, agreement.recipient_id):
        raise NotPermitted("Whoever pays cannot say that the money came.")
    cell = cell_at(cells_of(transaction, agreement), payment.instalment_no, payment.group_label)
    if cell is None:
        raise AssertionError("unreachable")
    state = cell.state_of(payment.id)
    if agreement.status != "in_progress" or state != "claimed":
        raise StateTransitionNotAllowed(
            f"The agreement is {agreement.status} and the claim {state}; "
            "workers are asked about the newest claim, once."
        )
    return cell


def _due(cell: Cell) -> Decimal:
    """What is due; whoever validates is told it."""
    if cell.due is None:
        raise AssertionError("unreachable")
    return cell.due


def _result(said: Mapping[str, Any], cell: Cell) -> str:
    confirmed = said["amount_confirmed"]
    return remediation.validation_result(
        affected=said["n_affected"],
        contacted=said["n_contacted"],
        confirmed=said["n_confirmed"],
        disputed=said["n_disputed"],
        attempts=said["attempts"],
        days=said["days_of_attempts"],
        money_confirmed=confirmed is not None and confirmed >= _due(cell),
        independent=said["independent_of_supplier"],
        methods=said["methods"],
    )


def _stored(
    transaction: Transaction,
    payment: RepaymentPayment,
    body: Mapping[str, Any],
    result: str,
    number: int,
) -> RepaymentValidation:
    validation = RepaymentValidation(
        organisation_id=transaction.context.organisation_id,
        id=random_id(),
        payer_organisation_id=payment.organisation_id,
        payment_id=payment.id,
        agreement_id=payment.agreement_id,
        validation_no=number,
        **body,
        result=result,
        recorded_at=transaction.context.now,
    )
    transaction.session.add(validation)
    transaction.session.flush()
    return validation


def _conclude(
    transaction: Transaction,
    agreement: RepaymentAgreement,
    payment: RepaymentPayment,
    validation: RepaymentValidation,
) -> None:
    """The claim is judged: the payer learns the result, and of what it was told the sum."""
    worded = {group["label"]: group["worded"] for group in agreement.groups}
    is_told = worded[payment.group_label] == "counted"
    transaction.session.add(
        RepaymentResult(
            organisation_id=validation.organisation_id,
            payment_id=payment.id,
            recipient_id=payment.organisation_id,
            agreement_id=payment.agreement_id,
            instalment_no=payment.instalment_no,
            group_label=payment.group_label,
            result=validation.result,
            amount_confirmed=validation.amount_confirmed if is_told else None,
            at=validation.recorded_at,
        )
    )
    transaction.session.flush()
    events.concluded(transaction, agreement, payment, validation.result)
    cells = cells_of(transaction, agreement)
    if all(cell.state == "full" for cell in cells if cell.due):
        events.completed(transaction, step(transaction, agreement.id, "completed"))
