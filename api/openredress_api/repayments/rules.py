"""Rules of repayments in plain Python: the life of an agreement, and what its terms must say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from openredress_api.foundation.checks import ahead, too_fine
from openredress_api.foundation.lifecycle import steps
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES, exponent

_STATUSES = TAXONOMIES["repayment_status"].codes
STATUSES = tuple(_STATUSES)
OPEN = tuple(code for code, each in _STATUSES.items() if each.attributes["open"])
LIFECYCLE = (
    *steps("drafted contested", "offered", "institute"),
    *steps("offered", "accepted", "recipient"),
    *steps("offered", "contested", "recipient", "with a decline_reason"),
    *steps("accepted", "in_progress", "recipient", "with the first payment"),
    *steps("in_progress", "completed", "institute validator", "all was confirmed in full"),
    *steps("in_progress", "closed", "institute", "of whatever was not, nobody could be asked"),
    *steps("completed", "closed", "institute"),
    *steps(" ".join(OPEN), "cancelled", "institute", "with a reason the payer never sees"),
)
CONTEST_REASONS = tuple(TAXONOMIES["decline_reason"].codes)
CANCEL_REASONS = (
    "consent_withdrawn",
    "case_voided",
    "duplicate",
    "contest_accepted",
    "entered_by_mistake",
)
# Cancelled for one of these, an agreement spoke of nothing that is owed.
NOTHING_OWED = ("duplicate", "contest_accepted", "entered_by_mistake")
METHODS = tuple(TAXONOMIES["repayment_method"].codes)
FEE_TYPES = TAXONOMIES["fee_type"].codes
CURRENCIES = TAXONOMIES["currency"].codes
# An agreement that came of a case needs what its worker lets this kind of payer know.
CONSENT_FOR: Mapping[str, str] = {
    "supplier": "share_deidentified_employer",
    "agency": "share_agency",
}
PAYERS = tuple(CONSENT_FOR)
PAYER_UNDER: Mapping[str, str] = {scope: payer for payer, scope in CONSENT_FOR.items()}
FEES_REPAID = "fees_repaid"
# What can be paid in instalments; a remediation request that one comes of has asked for the same.
OUTCOMES = tuple(
    code
    for code, each in TAXONOMIES["outcome"].codes.items()
    if each.attributes["family"] == "money"
)
# Facts about a case on which open agreements may be taken back.
CASE_FACTS = ("case.voided", "case.consent_withdrawn")
MOST = Decimal(10**14 - 1)
Terms = Mapping[str, Any]


def reason_to_cancel(fact: str, withdrawn: object, rests_on: str | None) -> str | None:
    """Why an open agreement is taken back on a fact about its case; None: it stands."""
    if fact == "case.voided":
        return "case_voided"
    return "consent_withdrawn" if withdrawn == rests_on else None


def amount_of(group: Terms) -> Decimal:
    """What is owed to a whole group; one of its two amounts is given."""
    whole: Decimal | None = group["amount"]
    return group["amount_per_worker"] * group["workers"] if whole is None else whole


def check_terms(terms: Terms) -> list[FieldError]:
    """What is wrong with currency, groups and instalments of an agreement; empty if nothing."""
    decimals = exponent(terms["currency"])
    found = [
        *_repeated(terms["groups"]),
        *_fee_types(terms),
        *(
            fault
            for place, group in enumerate(terms["groups"])
            for fault in _group(f"/groups/{place}", group, terms["currency"], decimals)
        ),
        *_instalments(terms["instalments"], terms["currency"], decimals),
    ]
    return found or [*_sums(terms)]


def _repeated(groups: Sequence[Terms]) -> Iterator[FieldError]:
    labels: set[str] = set()
    for place, group in enumerate(groups):
        if group["label"] in labels:
            yield FieldError(f"/groups/{place}/label", Fault("repeated"), group["label"])
        labels.add(group["label"])


def _fee_types(terms: Terms) -> Iterator[FieldError]:
    """Fees are told by their types, and nothing else has any."""
    for place, group in enumerate(terms["groups"]):
        if bool(group["fee_types"]) != (terms["asked_outcome"] == FEES_REPAID):
            at = f"/groups/{place}/fee_types"
            yield FieldError(at, Fault("only_with_fees_repaid"), group["fee_types"] or None)


def _group(at: str, group: Terms, currency: str, decimals: int) -> Iterator[FieldError]:
    yield from _one_of(at, group, "amount", "amount_per_worker")
    each, whole = group["amount_per_worker"], group["amount"]
    if (each is None) == (whole is None):
        return
    if each is not None and group["workers"] is None:
        yield FieldError(f"{at}/amount_per_worker", Fault("needs", other="workers"), str(each))
        return
    name = "amount" if each is None else "amount_per_worker"
    yield from _owed(f"{at}/{name}", group[name], currency, decimals)
    if amount_of(group) > MOST:
        yield FieldError(f"{at}/{name}", Fault("more_than", other=f"{MOST}"), str(group[name]))


def _one_of(at: str, given: Terms, one: str, other: str) -> Iterator[FieldError]:
    """Exactly one of two members is to be given."""
    if given[one] is None and given[other] is None:
        yield FieldError(f"{at}/{one}", Fault("required"))
    elif given[one] is not None and given[other] is not None:
        yield FieldError(f"{at}/{other}", Fault("one_of_two", other=one), str(given[other]))


def _owed(at: str, amount: Decimal, currency: str, decimals: int) -> Iterator[FieldError]:
    yield from too_fine(at, amount, currency, decimals)
    if not amount:
        yield FieldError(at, Fault("nothing_owed"), str(amount))


def _instalments(
    instalments: Sequence[Terms], currency: str, decimals: int
) -> Iterator[FieldError]:
    kind, other = ("amount", "share") if _are_amounts(instalments) else ("share", "amount")
    for place, one in enumerate(instalments):
        at = f"/instalments/{place}"
        if one["n"] != place + 1:
            yield FieldError(f"{at}/n", Fault("not_numbered"), one["n"])
        if place and one["due_on"] < instalments[place - 1]["due_on"]:
            fault = Fault("before", other=f"instalments/{place - 1}/due_on")
            yield FieldError(f"{at}/due_on", fault, str(one["due_on"]))
        yield from _one_of(at, one, kind, other)
        if one[kind] is None and one[other] is not None:
            yield FieldError(f"{at}/{other}", Fault("one_of_two", other=kind), str(one[other]))
        if one["amount"] is not None:
            yield from _owed(f"{at}/amount", one["amount"], currency, decimals)


def _are_amounts(instalments: Sequence[Terms]) -> bool:
    """Whether instalments are given by amounts; the first one decides for all."""
    return instalments[0]["amount"] is not None


def _sums(terms: Terms) -> Iterator[FieldError]:
    """Instalments that are given by amounts, against what is owed to all groups."""
    if _are_amounts(terms["instalments"]):
        total = sum(map(amount_of, terms["groups"]))
        paid = sum(one["amount"] for one in terms["instalments"])
        if paid != total:
            yield FieldError("/instalments", Fault("sum_differs", sum=f"{paid}", total=f"{total}"))


def check_payment(
    payment: Terms, currency: str, now: datetime, *, due: Decimal | None, workers: int | None
) -> list[FieldError]:
    """What is wrong with a payer's claim.

    `due` and `workers` are what the payer was told of this instalment and group; None: nothing.
    """
    amount, reached = payment["amount"], payment["workers"]
    found = [
        *too_fine("/amount", amount, currency, exponent(currency)),
        *ahead("/paid_on", payment["paid_on"], now),
    ]
    if due is not None and amount > due:
        found.append(FieldError("/amount", Fault("more_than", other=f"{due}"), str(amount)))
    if workers is not None and reached > workers:
        found.append(FieldError("/workers", Fault("more_than", other=f"{workers}"), reached))
    if amount and not reached:
        found.append(FieldError("/workers", Fault("less_than", other="1"), reached))
    return found


def check_confirmed(
    said: Terms, currency: str, *, claimed: Decimal, due: Decimal
) -> Iterator[FieldError]:
    """What is wrong with the sum that workers confirm: at most what is claimed, and what is due.

    A payer that is not told what is due may claim more; what counts as repaid is what was owed.
    """
    amount = said["amount_confirmed"]
    if amount is None:
        if said["n_confirmed"]:
            yield FieldError("/amount_confirmed", Fault("required"))
        return
    yield from too_fine("/amount_confirmed", amount, currency, exponent(currency))
    if amount > (most := min(claimed, due)):
        yield FieldError("/amount_confirmed", Fault("more_than", other=f"{most}"), str(amount))
    if amount and not said["n_confirmed"]:
        yield FieldError("/amount_confirmed", Fault("needs", other="n_confirmed"), str(amount))
