"""What the worker bore as both sides state it, and a contract at arrival beside its origin.

Plain Python like `rules.py`. The two words never become one: only their difference is worked out.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from openredress_api.placements.rules import BORNE_BY_WORKERS
from openredress_api.vocabulary import TAXONOMIES, fee_group

SAME, BETTER, WORSE, UNKNOWN = "same", "better", "worse", "unknown"
# Of one term alone: not the same, and nobody can say from the words which is better; and a term
# that one of the two contracts does not speak of.
DIFFERENT, UNSTATED = "different", "unstated"
# Paid by these, fewer hours are less money.
PAID_BY_WORK = ("hour", "day", "piece")
FREE = "provided_free"
# Without these on both sides nobody can say that two contracts are the same, or that one is better.
NEEDED = ("wage", "hours_per_week", "deductions", "housing")
# Fees and costs of the ILO's groups A to C.
ILO_FEES = frozenset(code for code in TAXONOMIES["fee_type"].codes if fee_group(code) != "extra")
_NO_LETTERS = str.maketrans("", "", string.punctuation + string.whitespace)
Stated = Mapping[str, Any]


class Comparison(NamedTuple):
    """How the contract at arrival compares, and each term that is not the same, with why."""

    match: str
    differences: list[str]


def compare(origin: Stated | None, arrival: Stated | None) -> Comparison:
    """The contract at arrival against the one signed at origin.

    One worse term makes the whole worse; nothing makes up for it. Otherwise a term that cannot be
    judged makes it unknown: one that is different in words, one that only one contract speaks of,
    or a NEEDED one that neither does. Then better if any term is, and else the same. What the
    digests of the documents say lifts nothing: it tells no term that a contract leaves out.
    """
    if origin is None or arrival is None:
        return Comparison(UNKNOWN, [])
    found = dict(_judged(origin, arrival))
    verdicts = set(found.values())
    differences = [f"{term}.{verdict}" for term, verdict in found.items() if verdict != SAME]
    if WORSE in verdicts:
        return Comparison(WORSE, differences)
    if verdicts & {DIFFERENT, UNSTATED}:
        return Comparison(UNKNOWN, differences)
    return Comparison(BETTER if BETTER in verdicts else SAME, differences)


def _judged(origin: Stated, arrival: Stated) -> Iterator[tuple[str, str]]:
    """Each term that at least one of the two speaks of, or that is needed, with its verdict."""
    for term, judge in _JUDGES.items():
        spoken = [terms[term] not in (None, UNKNOWN) for terms in (origin, arrival)]
        if all(spoken):
            yield term, judge(origin, arrival)
        elif any(spoken) or term in NEEDED:
            yield term, UNSTATED


def _more(before: Decimal, after: Decimal) -> str:
    """A sum of which more is better."""
    if before == after:
        return SAME
    return BETTER if after > before else WORSE


def _same_money(origin: Stated, arrival: Stated) -> bool:
    return bool(origin["wage"]["currency"] == arrival["wage"]["currency"])


def _same_pay(origin: Stated, arrival: Stated) -> bool:
    """Whether both wages are in the same money and for the same time, which must be stated."""
    periods = {origin["wage"]["period"], arrival["wage"]["period"]}
    return _same_money(origin, arrival) and len(periods) == 1 and None not in periods


def _wage(origin: Stated, arrival: Stated) -> str:
    if not _same_pay(origin, arrival):
        return DIFFERENT
    return _more(origin["wage"]["amount"], arrival["wage"]["amount"])


def _overtime(origin: Stated, arrival: Stated) -> str:
    if not _same_money(origin, arrival):
        return DIFFERENT
    return _more(origin["overtime_wage"], arrival["overtime_wage"])


def _deductions(origin: Stated, arrival: Stated) -> str:
    if not _same_pay(origin, arrival):
        return DIFFERENT
    return _more(arrival["deductions"], origin["deductions"])


def _hours(origin: Stated, arrival: Stated) -> str:
    """More hours are worse; fewer are less work where they are not less money."""
    before, after = origin["hours_per_week"], arrival["hours_per_week"]
    period = arrival["wage"]["period"]
    if period in PAID_BY_WORK:
        return SAME if after == before else WORSE
    if period is None and after < before:
        return DIFFERENT
    return _more(after, before)


def _housing(origin: Stated, arrival: Stated) -> str:
    """Free housing is better than any other; of the others none is better for everybody."""
    before, after = origin["housing"], arrival["housing"]
    if before == after:
        return SAME
    if FREE not in {before, after}:
        return DIFFERENT
    return BETTER if after == FREE else WORSE


def _job(origin: Stated, arrival: Stated) -> str:
    """By the occupation's code where both have one, by the title otherwise."""
    codes = origin["occupation_code"], arrival["occupation_code"]
    if None in codes:
        return _worded(origin["job_title"], arrival["job_title"])
    return SAME if codes[0] == codes[1] else DIFFERENT


def _employer(origin: Stated, arrival: Stated) -> str:
    return _worded(origin["employer_name"], arrival["employer_name"])


def _worded(before: str, after: str) -> str:
    """Words are the same without case, spaces and punctuation: Del Al, Inc. and DEL AL INC."""
    plain = {text.casefold().translate(_NO_LETTERS) for text in (before, after)}
    return SAME if len(plain) == 1 else DIFFERENT


_JUDGES: Mapping[str, Callable[[Stated, Stated], str]] = {
    "wage": _wage,
    "overtime_wage": _overtime,
    "deductions": _deductions,
    "hours_per_week": _hours,
    "housing": _housing,
    "job_title": _job,
    "employer_name": _employer,
}
#: What `differences` may name, as term.verdict.
TERMS = tuple(_JUDGES)


def fee_totals(worker: Stated, agency: Stated) -> list[dict[str, Any]]:
    """What the worker paid, per currency, as either side states it; None: it does not say."""
    totals = _totals(worker), _totals(agency)
    return [
        {
            "currency": currency,
            "worker_stated": totals[0].get(currency, _none_stated(worker)),
            "agency_stated": totals[1].get(currency, _none_stated(agency)),
        }
        for currency in sorted({*totals[0], *totals[1]})
    ]


def _totals(stated: Stated) -> dict[str, Decimal]:
    """Per currency the sum of what the worker bore; lines of other payers alone make a zero."""
    found: dict[str, Decimal] = {}
    for line in stated["fee_lines"]:
        if line["fee_type"] in ILO_FEES:
            borne = line["paid_by"] in BORNE_BY_WORKERS
            amount = Decimal(line["amount"]) if borne else Decimal(0)
            found[line["currency"]] = found.get(line["currency"], Decimal(0)) + amount
    return found


def _none_stated(stated: Stated) -> Decimal | None:
    return Decimal(0) if stated["no_fees_stated"] else None
