"""The cells of an agreement as its reader may know them: the stored claims and results, joined."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select

from openredress_api.foundation.database import Transaction
from openredress_api.repayments.standing import Cell, Claim, Result
from openredress_api.repayments.tables import (
    RepaymentAgreement,
    RepaymentDue,
    RepaymentPayment,
    RepaymentResult,
    RepaymentValidation,
)


def cells_of(transaction: Transaction, agreement: RepaymentAgreement) -> list[Cell]:
    """Each instalment of each group, by number and letter."""
    cells = {
        (one["n"], group["label"]): Cell(
            one["n"], group["label"], date.fromisoformat(one["due_on"])
        )
        for one in agreement.instalments
        for group in agreement.groups
    }
    for due in transaction.all(
        select(RepaymentDue).where(RepaymentDue.agreement_id == agreement.id)
    ):
        cell = cells[due.instalment_no, due.group_label]
        cell.due, cell.workers = due.amount, due.workers
    results = _results(transaction, agreement)
    claims = select(RepaymentPayment).where(RepaymentPayment.agreement_id == agreement.id)
    for paid in transaction.all(claims.order_by(RepaymentPayment.claim_no)):
        claim = Claim(paid.id, paid.claim_no, paid.amount, results.get(paid.id))
        cells[paid.instalment_no, paid.group_label].claims.append(claim)
    return list(cells.values())


def cell_at(cells: list[Cell], instalment_no: int, group: str) -> Cell | None:
    """The cell of an instalment and a group; None: they are not in the agreement."""
    here = (instalment_no, group)
    return next((one for one in cells if (one.instalment_no, one.group) == here), None)


def _results(transaction: Transaction, agreement: RepaymentAgreement) -> Mapping[UUID, Result]:
    """What workers said of each claim: to the payer the result alone, and not how many."""
    if agreement.recipient_id == transaction.context.organisation_id:
        told = select(RepaymentResult).where(RepaymentResult.agreement_id == agreement.id)
        return {
            one.payment_id: Result(one.result, one.amount_confirmed, one.at, None)
            for one in transaction.all(told)
        }
    said = select(RepaymentValidation).where(
        RepaymentValidation.agreement_id == agreement.id,
        RepaymentValidation.result != "incomplete",
    )
    return {
        one.payment_id: Result(one.result, one.amount_confirmed, one.recorded_at, one.n_confirmed)
        for one in transaction.all(said)
    }
