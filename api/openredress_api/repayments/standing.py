"""Where each instalment of each group stands, worked out from claims and results; plain Python.

Nothing was said, nothing was paid, and something was paid are three things: None, 0 and a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

NOT_CLAIMED, CLAIMED, REPLACED = "not_claimed", "claimed", "replaced"
CONCLUDED = ("full", "partial", "disputed", "not_possible")
STATES = (NOT_CLAIMED, CLAIMED, *CONCLUDED)
PAYMENT_STATES = (CLAIMED, REPLACED, *CONCLUDED)
# What the payer has to answer with a new claim; where nobody could be asked, it is not its turn.
_REOPENED = (NOT_CLAIMED, "partial", "disputed")
_SETTLED = ("full", "not_possible")


@dataclass(frozen=True, slots=True)
class Result:
    """What workers said of a claim; `amount` None: unknown, or not told to the reader."""

    result: str
    amount: Decimal | None
    at: datetime
    workers: int | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A payer's claim, oldest first within its cell, and the result if there is one."""

    payment_id: UUID
    claim_no: int
    amount: Decimal
    result: Result | None


@dataclass(slots=True)
class Cell:
    """One instalment of one group. `due` None: the reader was not told the sum."""

    instalment_no: int
    group: str
    due_on: date
    due: Decimal | None = None
    workers: int | None = None
    claims: list[Claim] = field(default_factory=list)

    @property
    def next_round(self) -> int:
        """The round that the next claim belongs to: each result ends one."""
        return 1 + len(self.results)

    @property
    def round(self) -> int:
        """The round that is open, or the last one where nothing more is asked."""
        return len(self.results) if self.state in _SETTLED else self.next_round

    @property
    def results(self) -> list[Result]:
        """The results so far, in the order of their claims."""
        return [claim.result for claim in self.claims if claim.result is not None]

    @property
    def state(self) -> str:
        """Where it stands by its newest claim, which replaces those before it."""
        if not self.claims:
            return NOT_CLAIMED
        newest = self.claims[-1].result
        return CLAIMED if newest is None else newest.result

    @property
    def claimed(self) -> Decimal | None:
        """What the payer says that it has paid in all; None: it said nothing."""
        return self.claims[-1].amount if self.claims else None

    @property
    def validated(self) -> Decimal | None:
        """What workers confirmed last; None: nobody was asked, or could be."""
        return next((one.amount for one in reversed(self.results) if one.amount is not None), None)

    @property
    def workers_validated(self) -> int:
        """How many workers confirmed that money came."""
        last = next((one for one in reversed(self.results) if one.amount is not None), None)
        return last.workers or 0 if last and last.amount else 0

    @property
    def outstanding(self) -> Decimal | None:
        """What is due and not confirmed."""
        return None if self.due is None else max(self.due - (self.validated or 0), Decimal(0))

    @property
    def is_settled(self) -> bool:
        """Whether nothing more can come of it: confirmed in full, or nobody could be asked."""
        return self.due == 0 or self.state in _SETTLED

    def is_overdue(self, today: date) -> bool:
        """Whether its day is over and the payer has the next word: it does not pay by saying 0."""
        waits = self.state in _REOPENED or (self.state == CLAIMED and self.claimed == 0)
        return self.due_on < today and self.due != 0 and waits

    def state_of(self, payment_id: UUID) -> str:
        """What became of one claim."""
        claim = next(one for one in self.claims if one.payment_id == payment_id)
        if claim.result is not None:
            return claim.result.result
        return CLAIMED if claim is self.claims[-1] else REPLACED


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None: nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def workers_validated(cells: Sequence[Cell]) -> int:
    """Workers with a confirmed repayment (M17): of each group once, by its best instalment."""
    best: dict[str, int] = {}
    for cell in cells:
        best[cell.group] = max(best.get(cell.group, 0), cell.workers_validated)
    return sum(best.values())


def last_validated_at(cells: Sequence[Cell]) -> datetime | None:
    """When workers confirmed money last (the end of M19's days)."""
    moments = [one.at for cell in cells for one in cell.results if one.amount]
    return max(moments, default=None)
