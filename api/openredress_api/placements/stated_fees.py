"""What workers bore at a site or through an agency, by the words of both sides, added up.

The two words stand side by side; neither makes up for the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from openredress_api.foundation.database import Transaction
from openredress_api.placements.comparing import ILO_FEES
from openredress_api.placements.rules import BORNE_BY_WORKERS
from openredress_api.placements.tables import Placement, WorkerStatement

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
Kind = tuple[str, str]
"""Currency and fee type."""


@dataclass(slots=True)
class Stated:
    """One side's word on one kind of fee: the sum, and who bore it (an agency's pseudonyms)."""

    amount: Decimal = Decimal(0)
    workers: set[tuple[UUID, str]] = field(default_factory=set)


@dataclass(slots=True)
class StatedFees:
    """Sums of fees by kind and side. A placement without a worker's statement is not a zero.

    `not_shared` are statements whose worker does not let them into sums: they are in none here.
    """

    placements: int = 0
    statements: int = 0
    not_shared: int = 0
    by_workers: dict[Kind, Stated] = field(default_factory=lambda: defaultdict(Stated))
    by_agencies: dict[Kind, Stated] = field(default_factory=lambda: defaultdict(Stated))


def stated_fees(transaction: Transaction, *, site: UUID | None, agency: UUID | None) -> StatedFees:
    """Add up the placements at a site, through an agency, or both; the institute's alone."""
    statements = _last_statements(transaction, site, agency)
    found = StatedFees()
    columns = (Placement.id, Placement.organisation_id, Placement.worker_pseudonym)
    for row in transaction.rows(_narrowed(select(*columns, Placement.fee_lines), site, agency)):
        found.placements += 1
        worker = (row.organisation_id, row.worker_pseudonym or str(row.id))
        _add(found.by_agencies, worker, _borne(row.fee_lines))
        said = statements.get(row.id)
        if said is None:
            continue
        if not said.share_in_aggregates:
            found.not_shared += 1
            continue
        found.statements += 1
        _add(found.by_workers, worker, _still_owed(said.fee_lines))
    return found


def _narrowed(statement: S, site: UUID | None, agency: UUID | None) -> S:
    statement = statement.where(Placement.voided_at.is_(None), Placement.is_test.is_(False))
    if site is not None:
        statement = statement.where(Placement.site_id == site)
    if agency is not None:
        statement = statement.where(Placement.organisation_id == agency)
    return statement


def _last_statements(
    transaction: Transaction, site: UUID | None, agency: UUID | None
) -> dict[UUID, Any]:
    """Of each placement the worker's last word."""
    columns = (
        WorkerStatement.placement_id,
        WorkerStatement.share_in_aggregates,
        WorkerStatement.fee_lines,
    )
    joined = select(*columns).join(Placement, Placement.id == WorkerStatement.placement_id)
    ordered = joined.order_by(WorkerStatement.created_at, WorkerStatement.id)
    rows = transaction.rows(_narrowed(ordered, site, agency))
    return {row.placement_id: row for row in rows}


def _add(
    sums: dict[Kind, Stated], worker: tuple[UUID, str], lines: Iterable[tuple[Kind, Decimal]]
) -> None:
    for kind, amount in lines:
        sums[kind].amount += amount
        sums[kind].workers.add(worker)


def _borne(lines: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Kind, Decimal]]:
    """What the worker's side bore of the ILO's items, and what it was; zeros are no debts."""
    for line in lines:
        amount = Decimal(line["amount"])
        if line["fee_type"] in ILO_FEES and line["paid_by"] in BORNE_BY_WORKERS and amount:
            yield (line["currency"], line["fee_type"]), amount


def _still_owed(lines: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Kind, Decimal]]:
    """As `_borne`, less what the institute knows to have been repaid."""
    for line in lines:
        for kind, amount in _borne([line]):
            sure = line["repaid_amount"] if line.get("repayment_validated") else None
            if owed := amount - Decimal(sure or 0):
                yield kind, owed
