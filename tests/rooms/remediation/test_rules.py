"""The validation rule and the lifecycle, without a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from openredress_api.remediation import rules
from openredress_api.vocabulary import TAXONOMIES

RANK = {
    code: each.attributes["rank"] for code, each in TAXONOMIES["validation_result"].codes.items()
}
METHODS = (["third_party_audit"], ["call_back_all"], ["third_party_audit", "in_person"])
# Every answer to attempts, days, money, independence and method that the rule can tell apart.
CIRCUMSTANCES = [
    {
        "attempts": attempts,
        "days": days,
        "money_confirmed": money,
        "independent": free,
        "methods": how,
    }
    for attempts, days, money, free, how in product(
        (0, 2, 3, 9), (0, 13, 14, 90), (True, False), (True, False), METHODS
    )
]
# The share takes over at 17 workers, ends at 200; on both sides of each edge.
LARGE = (16, 17, 18, 20, 21, 199, 200, 201, 5000)


def counts(affected: int | None) -> Iterator[tuple[int, int, int]]:
    """(contacted, confirmed, disputed): all for up to 12 affected, else around the threshold."""
    if affected is None or affected <= 12:
        most = 12 if affected is None else affected
        for contacted in range(most + 1):
            for confirmed in range(contacted + 1):
                for disputed in range(contacted - confirmed + 1):
                    yield contacted, confirmed, disputed
        return
    edge = rules.threshold(affected)
    for confirmed in {0, 1, edge - 1, edge, min(edge + 1, affected)}:
        for disputed in {0, 1, confirmed, confirmed + 1}:
            for contacted in {confirmed + disputed, affected}:
                if confirmed + disputed <= contacted <= affected:
                    yield contacted, confirmed, disputed


def worlds() -> Iterator[tuple[int | None, int, int, int]]:
    """(affected, contacted, confirmed, disputed)."""
    for affected in (None, *range(1, 13), *LARGE):
        for numbers in counts(affected):
            yield affected, *numbers


def said(affected: int | None, contacted: int, confirmed: int, disputed: int, **how: object) -> str:
    """The rule's result."""
    return rules.validation_result(
        affected=affected, contacted=contacted, confirmed=confirmed, disputed=disputed, **how
    )


def clauses(affected, contacted, confirmed, disputed, how) -> dict[str, bool]:
    """The five results as separate sentences that shut each other out, from the decision."""
    enough = affected is not None and confirmed >= min(
        affected, 60, max(5, (3 * affected + 9) // 10)
    )
    weak = (
        not how["money_confirmed"]
        or not how["independent"]
        or set(how["methods"]) == {"third_party_audit"}
    )
    tried = contacted == 0 and how["attempts"] >= 3 and how["days"] >= 14
    return {
        "not_possible": tried,
        "disputed": disputed > 0 and confirmed < disputed,
        "partial": (disputed > 0 and confirmed >= disputed) or (disputed == 0 and enough and weak),
        "full": disputed == 0 and enough and not weak,
        "incomplete": disputed == 0 and not enough and not tried,
    }


def test_every_combination_has_exactly_one_result() -> None:
    """Whatever was counted, exactly one clause holds, and it is the rule's result (row 2)."""
    for numbers in worlds():
        for how in CIRCUMSTANCES:
            holding = [name for name, holds in clauses(*numbers, how).items() if holds]
            assert holding == [said(*numbers, **how)], (numbers, how)


def test_one_more_yes_never_lowers_the_result() -> None:
    """A yes more, from a worker already reached or newly reached, keeps the rank or raises it.

    row 2.
    """
    for affected, contacted, confirmed, disputed in worlds():
        for how in CIRCUMSTANCES:
            before = RANK[said(affected, contacted, confirmed, disputed, **how)]
            if confirmed + disputed < contacted:
                after = said(affected, contacted, confirmed + 1, disputed, **how)
                assert RANK[after] >= before, (affected, contacted, confirmed, disputed, how)
            if affected is None or contacted < affected:
                after = said(affected, contacted + 1, confirmed + 1, disputed, **how)
                assert RANK[after] >= before, (affected, contacted, confirmed, disputed, how)


def test_an_unknown_number_is_never_full() -> None:
    """Without knowing how many are affected no number of answers is enough."""
    how = {"attempts": 9, "days": 90, "money_confirmed": True, "independent": True}
    assert said(None, 5000, 5000, 0, **how, methods=["call_back_all"]) == "incomplete"


@pytest.mark.parametrize(
    ("affected", "needed"),
    [(1, 1), (4, 4), (5, 5), (16, 5), (17, 6), (20, 6), (21, 7), (199, 60), (200, 60), (5000, 60)],
)
def test_threshold(affected: int, needed: int) -> None:
    """30 % of those affected, at least 5, at most 60, never more than there are."""
    assert rules.threshold(affected) == needed


def test_a_supplier_alone_reaches_no_validated_state() -> None:
    """From every state that is not itself a result, a supplier's own steps lead to none."""
    results = set(rules.STATUS_OF.values()) | {"closed"}
    own = [step for step in rules.LIFECYCLE if step.party == "recipient"]
    reached = set(rules.STATUSES) - results
    for _ in own:
        reached |= {step.target for step in own if step.source in reached}
    assert not reached & results


def test_every_state_is_reached_and_every_open_one_ends() -> None:
    """The lifecycle has no dead state: each comes from issued, and each leads to an end."""
    reached, ending = {"issued"}, {"closed", "cancelled"}
    for _ in rules.LIFECYCLE:
        reached |= {step.target for step in rules.LIFECYCLE if step.source in reached}
        ending |= {step.source for step in rules.LIFECYCLE if step.target in ending}
    assert reached == ending == set(rules.STATUSES)


def test_the_claimant_may_not_validate() -> None:
    """Claim and validation are two parties' words (R19)."""
    one, other = uuid4(), uuid4()
    assert rules.may_validate(one, other)
    assert not rules.may_validate(one, one)


def test_fewer_than_three_are_not_counted() -> None:
    """A number that would point at somebody, or an unknown one, is not told (R6)."""
    assert [rules.names_a_group(number) for number in (None, 1, 2, 3)] == [
        False,
        False,
        False,
        True,
    ]


SINCE = datetime(2026, 2, 1, tzinfo=UTC)
FULL = rules.Ending(
    outcome="wages_paid",
    asked_at=datetime(2026, 3, 1, tzinfo=UTC),
    changed_at=datetime(2026, 5, 1, tzinfo=UTC),
    status="closed",
    result="full",
    result_at=datetime(2026, 4, 1, tzinfo=UTC),
    cancelled_for=None,
    counted=14,
    known=14,
    owes=False,
)
NOTHING: dict[str, Any] = {
    "status": "cancelled",
    "result": None,
    "result_at": None,
    "counted": None,
}
DUPLICATE = replace(FULL, **NOTHING, cancelled_for="duplicate")
WITHDRAWN = replace(FULL, **NOTHING, cancelled_for="consent_withdrawn")
AFTERWARDS = replace(
    FULL,
    asked_at=WITHDRAWN.changed_at + timedelta(days=1),
    result_at=WITHDRAWN.changed_at + timedelta(days=9),
)
OTHER: dict[str, Any] = {"outcome": "passport_returned"}


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([FULL], True),
        ([FULL, replace(FULL, result="partial")], False),
        ([FULL, replace(FULL, status="in_progress", result=None)], False),
        ([FULL, DUPLICATE], True),
        ([DUPLICATE], False),
        ([], False),
        # Taken back although it is owed, until the same is asked for again.
        ([FULL, WITHDRAWN], False),
        ([AFTERWARDS, WITHDRAWN], True),
        ([FULL, replace(WITHDRAWN, asked_at=AFTERWARDS.asked_at)], False),
        ([FULL, WITHDRAWN, replace(WITHDRAWN, asked_at=AFTERWARDS.asked_at)], False),
        ([replace(AFTERWARDS, **OTHER), WITHDRAWN], False),
        ([AFTERWARDS, replace(WITHDRAWN, known=49)], False),
        # As many as are known, for each outcome.
        ([replace(FULL, known=None)], True),
        ([replace(FULL, known=200)], False),
        ([replace(FULL, known=200), replace(FULL, counted=200)], True),
        ([replace(FULL, known=200), replace(FULL, **OTHER, counted=200)], False),
        # Money, wherever it was offered.
        ([replace(FULL, owes=True)], False),
        ([FULL, replace(DUPLICATE, owes=True)], False),
    ],
)
def test_when_a_case_is_remedied(
    requests: list[rules.Ending],
    expected: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """A case is remedied when all that is owed was confirmed in full, and something was."""
    assert rules.all_remedied(requests, SINCE) is expected


def test_what_was_confirmed_before_says_nothing_of_what_came_later() -> None:
    """A case that was reopened, or of which more was heard, needs a result after that."""
    later = AFTERWARDS.result_at
    assert not rules.all_remedied([FULL], later)
    assert rules.all_remedied([FULL, AFTERWARDS], later)
