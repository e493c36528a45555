"""What suppliers claim and workers confirm in the demo: made up, always the same for one seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from demo.records import Dataset, Grievance

SEED = 20261125
CLAIMED = 0.85
BY_CSO = 0.1
# Chances of what workers say about a claim.
RESULTS = {"full": 60, "partial": 12, "disputed": 14, "not_possible": 6, "incomplete": 8}
ASKED_AT_LEAST, ASKED_AT_MOST = 5, 60
HEADS_AT_LEAST = 40


@dataclass(frozen=True, slots=True)
class Fate:
    """How a case goes on; `result` None: the supplier never claims that it is remedied."""

    grievance: Grievance
    result: str | None
    by_cso: bool

    @property
    def confirmed(self) -> int:
        """How many workers confirm the remedy."""
        if self.result in {"full", "partial"}:
            return threshold(self.grievance.workers or 0)
        if self.result == "incomplete":
            return 3 if self.grievance.workers is None else 0
        return 0

    @property
    def answers(self) -> dict[str, Any]:
        """The body of the validation that gives `result` by the published rule."""
        workers, said_no = self.grievance.workers, 0
        if self.result == "disputed":
            said_no = threshold(workers or 0)
        unreachable = self.result == "not_possible"
        return {
            "methods": ["call_back_sample"],
            "validator_type": "cso" if self.by_cso else "worker",
            "n_affected": workers,
            "n_contacted": self.confirmed + said_no,
            "n_confirmed": self.confirmed,
            "n_disputed": said_no,
            "n_unreachable": (workers or 0) if unreachable else 0,
            "attempts": 3 if unreachable else 1,
            "days_of_attempts": 14 if unreachable else 1,
            "money_confirmed_in_full": self.result != "partial",
            "independent_of_supplier": True,
        }


def threshold(workers: int) -> int:
    """How many have to confirm (docs/reference/remediation.md), written down a second time."""
    return min(workers, ASKED_AT_MOST, max(ASKED_AT_LEAST, -(-3 * workers // 10)))


def fates(dataset: Dataset, seed: int) -> list[Fate]:
    """The fate of each grievance with an agreed remedy."""
    return [_fate(one, seed) for one in dataset.grievances if one.owed]


def _fate(grievance: Grievance, seed: int) -> Fate:
    chance = random.Random(f"{seed}:{grievance.external_id}")  # noqa: S311 - a story, no secret
    if chance.random() >= CLAIMED:
        return Fate(grievance, None, by_cso=False)
    (result,) = chance.choices(list(RESULTS), list(RESULTS.values()))
    # An unknown number of workers has no threshold, so nothing they say is enough.
    result = "incomplete" if grievance.workers is None else result
    return Fate(grievance, result, by_cso=chance.random() < BY_CSO)


def heads(workers: int | None, seed: int, site: str) -> int:
    """A site's headcount in a quarter in which `workers` were concerned."""
    chance = random.Random(f"{seed}:{site}")  # noqa: S311 - a story, no secret
    return max(HEADS_AT_LEAST, (workers or 0) * chance.randint(2, 6))


def expected_webhooks(fates_: Sequence[Fate]) -> Counter[str]:
    """How many events of each type go to the suppliers' endpoints."""
    found: Counter[str] = Counter()
    for fate in fates_:
        found["referral.offered"] += 1
        found["remediation.requested"] += 1
        if fate.result in {"full", "partial"}:
            found["remediation.validated"] += 1
        if fate.result == "disputed":
            found["remediation.disputed"] += 1
        if fate.result not in {None, "incomplete"}:
            found["remediation.closed"] += 1
    return found
