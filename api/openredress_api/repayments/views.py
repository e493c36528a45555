"""Agreements, payments and balances as their reader sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from openredress_api.foundation.database import Transaction
from openredress_api.repayments import standing
from openredress_api.repayments.cells import cell_at, cells_of
from openredress_api.repayments.standing import Cell
from openredress_api.repayments.tables import (
    RepaymentAgreement,
    RepaymentBasis,
    RepaymentContest,
    RepaymentDue,
    RepaymentPayment,
)

R = TypeVar("R", RepaymentDue, RepaymentContest, RepaymentBasis)


def shown(
    transaction: Transaction, agreements: Sequence[RepaymentAgreement]
) -> dict[UUID, Mapping[str, Any]]:
    """Each agreement by its id; row-level security leaves out what the reader may not see."""
    ids = [agreement.id for agreement in agreements]
    dues = _by_agreement(transaction, RepaymentDue, ids)
    contests = _by_agreement(transaction, RepaymentContest, ids)
    inside = transaction.context.is_institute
    bases = _by_agreement(transaction, RepaymentBasis, ids) if inside else {}
    return {
        one.id: {
            **one.members(),
            "corridor": one.origin and {"origin": one.origin, "destination": one.destination},
            "groups": [_group(group, dues.get(one.id, [])) for group in one.groups],
            "instalments": [_instalment(part, dues.get(one.id, [])) for part in one.instalments],
            "contested_for": _last_reason(contests.get(one.id, [])),
            **_inside(bases.get(one.id, [])),
        }
        for one in agreements
    }


def _by_agreement(transaction: Transaction, table: type[R], ids: list[UUID]) -> dict[UUID, list[R]]:
    found: dict[UUID, list[R]] = {}
    for row in transaction.all(select(table).where(table.agreement_id.in_(ids))):
        found.setdefault(row.agreement_id, []).append(row)
    return found


def _group(group: Mapping[str, Any], dues: Iterable[RepaymentDue]) -> Mapping[str, Any]:
    mine = [due for due in dues if due.group_label == group["label"]]
    workers = mine[0].workers if mine else None
    return {**group, "workers": workers, "amount": standing.total(due.amount for due in mine)}


def _instalment(part: Mapping[str, Any], dues: Iterable[RepaymentDue]) -> Mapping[str, Any]:
    mine = sorted((due for due in dues if due.instalment_no == part["n"]), key=_letter)
    parts = [{"group": due.group_label, "amount": due.amount} for due in mine]
    return {"n": part["n"], "due_on": date.fromisoformat(part["due_on"]), "parts": parts}


def _letter(due: RepaymentDue) -> str:
    return due.group_label


def _last_reason(contests: list[RepaymentContest]) -> str | None:
    last = max(contests, key=lambda one: one.contest_no, default=None)
    return last.reason if last else None


def _inside(bases: list[RepaymentBasis]) -> dict[str, Any]:
    return {
        name: value
        for basis in bases
        for name, value in (
            ("request", basis.request_id),
            ("cancelled_for", basis.cancelled_for),
        )
    }


def payments(
    transaction: Transaction,
    agreement: RepaymentAgreement,
    found: Sequence[RepaymentPayment],
) -> dict[UUID, Mapping[str, Any]]:
    """Payments of one agreement by their ids, with what became of each."""
    cells = cells_of(transaction, agreement)
    return {
        one.id: {
            **one.members(),
            "currency": agreement.currency,
            "state": _state(cells, one),
        }
        for one in found
    }


def _state(cells: list[Cell], payment: RepaymentPayment) -> str | None:
    cell = cell_at(cells, payment.instalment_no, payment.group_label)
    return cell.state_of(payment.id) if cell else None


def balance(transaction: Transaction, agreement: RepaymentAgreement) -> dict[str, Any]:
    """Where an agreement stands now; sums run over the groups that the reader was told of."""
    cells, now = cells_of(transaction, agreement), transaction.context.now
    told = [cell for cell in cells if cell.due is not None]
    is_payer = agreement.recipient_id == transaction.context.organisation_id
    late = {cell.instalment_no for cell in cells if cell.is_overdue(now.date())}
    runs = agreement.status in {"accepted", "in_progress"}
    counted = {} if is_payer else {"workers_validated": standing.workers_validated(cells)}
    return {
        "repayment_agreement": agreement.id,
        "as_of": now,
        "currency": agreement.currency,
        "agreed": standing.total(cell.due for cell in told),
        "claimed": standing.total(cell.claimed for cell in told),
        "validated": standing.total(cell.validated for cell in told),
        "outstanding": standing.total(cell.outstanding for cell in told),
        "overdue": sorted(late) if runs else [],
        "agreed_at": agreement.agreed_at,
        "last_validated_at": standing.last_validated_at(cells),
        "parts": cells,
        **counted,
    }
