"""Rules of remediation in plain Python: the life of a request, and when a remedy is validated."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from openredress_api.foundation.checks import ahead, too_fine
from openredress_api.foundation.lifecycle import steps
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES, exponent

Result = Literal["full", "partial", "disputed", "not_possible", "incomplete"]

_STATUSES = TAXONOMIES["remediation_status"].codes
STATUSES = tuple(_STATUSES)
OPEN = tuple(code for code, each in _STATUSES.items() if each.attributes["open"])
OPEN_CASE = tuple(
    code for code, each in TAXONOMIES["grievance_status"].codes.items() if each.attributes["open"]
)
_VALIDATED = "validated_full validated_partial disputed_by_workers validation_not_possible"
LIFECYCLE = (
    *steps("issued", "acknowledged", "recipient"),
    *steps("issued acknowledged", "contested", "recipient", "with a decline_reason"),
    *steps("contested", "issued", "institute"),
    *steps("acknowledged plan_returned", "plan_submitted", "recipient", "with actions"),
    *steps("plan_submitted", "plan_agreed plan_returned", "institute"),
    *steps("plan_agreed", "in_progress", "recipient"),
    *steps("in_progress", "supplier_claims_completed", "recipient", "with a completion claim"),
    *steps("supplier_claims_completed", "evidence_review", "institute"),
    *steps("evidence_review", "worker_validation", "institute"),
    *steps(
        "worker_validation",
        _VALIDATED,
        "institute validator",
        "the result computed from what workers said",
    ),
    *steps("validated_partial disputed_by_workers", "in_progress", "institute", "the next round"),
    *steps(_VALIDATED, "closed", "institute"),
    *steps(" ".join(OPEN), "cancelled", "institute", "with a reason the supplier never sees"),
)

STATUS_OF: Mapping[str, str] = {
    "full": "validated_full",
    "partial": "validated_partial",
    "disputed": "disputed_by_workers",
    "not_possible": "validation_not_possible",
}
"""The status that each result of a round leads to; `incomplete` leaves the round open."""

PROGRESS_STATES = ("under_way", "late", "done")
# When a supplier reports how its plan goes, and when the institute asks to be shown something.
REPORTED_IN = (
    "plan_agreed",
    "in_progress",
    "supplier_claims_completed",
    "evidence_review",
    "worker_validation",
)
DEMANDED_IN = ("in_progress", "supplier_claims_completed", "evidence_review")
ESCALATION_REASONS = (
    "no_answer",
    "deadline_passed",
    "plan_insufficient",
    "evidence_missing",
    "disputed_again",
)
HIGHEST_LEVEL = 3
_SETTLED = ("validated_full", "closed", "cancelled")
RESPONSE_STATUSES = ("submitted", "approved", "returned", "delivered")
RETURN_REASONS = (
    "names_somebody",
    "threatening",
    "promises_too_much",
    "hard_to_understand",
    "not_agreed",
)
RESPONSE_LIFECYCLE = (
    *steps("submitted", "approved returned", "recipient", "by a reviewer"),
    *steps("approved", "delivered", "recipient", "when it waits for the worker"),
)
CONTEST_REASONS = tuple(TAXONOMIES["decline_reason"].codes)
CANCEL_REASONS = (
    "consent_withdrawn",
    "case_voided",
    "duplicate",
    "contest_accepted",
    "safety_concern",
)
# Cancelled for one of these, a request asked for nothing that is owed: its case may be validated.
NOTHING_OWED = ("duplicate", "contest_accepted")
REMEDIES = tuple(
    c for c, each in TAXONOMIES["outcome"].codes.items() if each.attributes["family"] != "none"
)
METHODS = TAXONOMIES["validation_method"].codes
VALIDATOR_TYPES = tuple(TAXONOMIES["validator_type"].codes)
_NEVER_FULL_ALONE = {c for c, each in METHODS.items() if each.attributes["never_full_alone"]}
CONSENT = "share_deidentified_employer"
CONSENT_TO_NAME = "identify_to_employer"
# Facts about a case on which open requests may be taken back.
CASE_FACTS = ("case.voided", "case.consent_withdrawn")
SMALLEST_GROUP = 3
MIN_ATTEMPTS, MIN_DAYS = 3, 14
THRESHOLD_LEAST, THRESHOLD_MOST = 5, 60


def threshold(affected: int) -> int:
    """How many of `affected` (at least 1) workers must confirm: 30 %, at least 5, at most 60."""
    return min(affected, THRESHOLD_MOST, max(THRESHOLD_LEAST, -(-affected * 3 // 10)))


def validation_result(
    *,
    affected: int | None,
    contacted: int,
    confirmed: int,
    disputed: int,
    attempts: int,
    days: int,
    money_confirmed: bool,
    independent: bool,
    methods: Collection[str],
) -> Result:
    """The one result of a round so far; first match wins.

    `affected` None is an unknown number, which no number of answers can validate in full.
    `money_confirmed` is true also where no money was agreed. Expects confirmed + disputed <=
    contacted <= affected.
    """
    if contacted == 0 and attempts >= MIN_ATTEMPTS and days >= MIN_DAYS:
        return "not_possible"
    if confirmed < disputed:
        return "disputed"
    if disputed > 0:
        return "partial"
    if affected is None or confirmed < threshold(affected):
        return "incomplete"
    if money_confirmed and independent and not _NEVER_FULL_ALONE.issuperset(methods):
        return "full"
    return "partial"


def may_validate(validator: UUID, claimant: UUID) -> bool:
    """Whoever claims a remedy cannot validate it."""
    return validator != claimant


def names_a_group(workers: int | None) -> bool:
    """Whether a number of workers is large enough to be told to the supplier.

    A smaller or unknown one would point at somebody: the remedy is then asked for all workers in
    this situation, and the supplier goes through its whole payroll.
    """
    return workers is not None and workers >= SMALLEST_GROUP


def may_tell_sum(workers: int | None, *, may_name: bool) -> bool:
    """Whether a sum may be told to the supplier (R6).

    That of fewer than three workers is found in a payroll at a glance, so it names them.
    """
    return may_name or names_a_group(workers)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a request of a case stands; of one that was joined into another one, how that stands.

    `changed_at` is when it took its last step. What only a joined one knows or owes ends with it.
    `counted` is the number of workers of the validation that gave the last result, `known` the
    largest that is known now; `owes`: money that was offered in instalments is not confirmed.
    """

    outcome: str
    asked_at: datetime
    changed_at: datetime
    status: str
    result: str | None
    result_at: datetime | None
    cancelled_for: str | None
    counted: int | None
    known: int | None
    owes: bool


def all_remedied(requests: Collection[Ending], since: datetime) -> bool:
    """Whether every request of a case ended with a full validation, of as many as are known.

    `since` is when the last was heard of what the case is about: something was confirmed after it.
    A request that asked for nothing owed, such as a duplicate, is left aside; money is not.
    """
    owed = [one for one in requests if one.cancelled_for not in NOTHING_OWED]
    standing = [one for one in owed if not _is_asked_anew(one, owed)]
    counted: dict[str, int] = {}
    for one in standing:
        counted[one.outcome] = max(counted.get(one.outcome, 0), one.counted or 0)
    return (
        all((one.status, one.result) == ("closed", "full") for one in standing)
        and any(one.result_at is not None and one.result_at >= since for one in standing)
        and all((one.known or 0) <= counted[one.outcome] for one in owed)
        and not any(one.owes for one in requests)
    )


def _is_asked_anew(request: Ending, among: Collection[Ending]) -> bool:
    """Whether what was taken back was asked for again after that."""
    return request.status == "cancelled" and any(
        one.outcome == request.outcome
        and one.status != "cancelled"
        and one.asked_at > request.changed_at
        for one in among
    )


def reason_to_cancel(fact: str, scope: object, *, named: bool) -> str | None:
    """Why an open request is taken back on a fact about its case; None: it stands.

    `scope` is the consent that was withdrawn; `named`: the request rests on CONSENT_TO_NAME too.
    """
    if fact == "case.voided":
        return "case_voided"
    withdrawn = scope == CONSENT or (named and scope == CONSENT_TO_NAME)
    return "consent_withdrawn" if fact == "case.consent_withdrawn" and withdrawn else None


def may_escalate(status: str, level: int) -> bool:
    """Whether a request in this state, escalated so far, can be taken a level further."""
    return status not in _SETTLED and level < HIGHEST_LEVEL


def check_money(money: Mapping[str, Any] | None) -> list[FieldError]:
    """What is wrong with a field `amount` {amount, currency}; empty if nothing."""
    if money is None:
        return []
    currency = money["currency"]
    return list(too_fine("/amount/amount", money["amount"], currency, exponent(currency)))


def check_claim(claim: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong with a completion claim; empty if nothing."""
    return [
        *check_money(claim["amount"]),
        *ahead("/completed_on", claim["completed_on"], now),
    ]


def check_validation(
    said: Mapping[str, Any], now: datetime, *, at_least: int | None, money_agreed: bool
) -> list[FieldError]:
    """What the counts of a validation say against each other and against the request.

    `at_least` is the number of workers known so far, told to the supplier or not; fewer affected
    ones would lower the number that has to confirm.
    """
    affected, contacted = said["n_affected"], said["n_contacted"]
    found = list(ahead("/at", said["at"], now))
    if said["n_confirmed"] + said["n_disputed"] > contacted:
        found.append(
            FieldError(
                "/n_contacted", Fault("less_than", other="n_confirmed + n_disputed"), contacted
            )
        )
    if affected is not None and contacted > affected:
        found.append(FieldError("/n_affected", Fault("less_than", other="n_contacted"), affected))
    if affected is not None and at_least is not None and affected < at_least:
        fault = Fault("less_than", other="the number known before")
        found.append(FieldError("/n_affected", fault, affected))
    if money_agreed and said["money_confirmed_in_full"] is None:
        found.append(FieldError("/money_confirmed_in_full", Fault("required")))
    return found
