"""Rules of placements in plain Python: their life, and what the fields of a record say together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from openredress_api.foundation.checks import SKEW, ahead, in_order, too_fine
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES, exponent, likely

# domain.md §3.11 in its order; a placement may skip what was not done, never go back.
COURSE = (
    "job_order_received",
    "worker_registered",
    "offer_explained",
    "contract_signed_origin",
    "predeparture_done",
    "departed",
    "arrived",
    "working",
    "post_arrival_interview_done",
)
ENDS = ("completed", "renewed", "changed_employer", "terminated_early", "returned")
CANCELLED = "cancelled_before_departure"
STATUSES = (*COURSE, *ENDS, CANCELLED)
ARRIVED = (*COURSE[COURSE.index("arrived") :], *ENDS)
VOID_REASONS = ("entered_by_mistake", "entered_twice", "erasure_asked")
# Whose payments the worker bore, as far as anybody knows: an unknown payer may be the worker.
BORNE_BY_WORKERS = frozenset(
    code
    for code, payer in TAXONOMIES["fee_payer"].codes.items()
    if payer.attributes["worker_side"] or code == "unknown"
)
FEWEST_HOURS, MOST_HOURS = 1, 168
# How a code of the systems whose lists we do not keep is written, and an example.
CODE_SHAPES = {
    "soc": (re.compile(r"[0-9]{2}-[0-9]{4}(\.[0-9]{2})?", re.ASCII), "37-3011"),
    "naics": (re.compile(r"[0-9]{2,6}", re.ASCII), "561730"),
}


def _transitions() -> Iterator[tuple[str, str]]:
    for place, present in enumerate(COURSE):
        yield from ((present, later) for later in COURSE[place + 1 :])
        if place < COURSE.index("departed"):
            yield present, CANCELLED
        else:
            yield from ((present, end) for end in ENDS)
    # A record may first appear in any status, and may be sent again in the one it has.
    yield from (("", status) for status in STATUSES)
    yield from ((status, status) for status in STATUSES)


#: Every (present status, proposed one) that a push may bring; '' is a record not seen before.
TRANSITIONS = tuple(_transitions())


def may_follow(present: str, proposed: str) -> bool:
    """Whether a placement at `present` may be pushed to `proposed` (the same is always right)."""
    return (present, proposed) in TRANSITIONS


def sources_of(proposed: str) -> tuple[str, ...]:
    """Every status from which `proposed` may follow: what the upsert's guard compares with."""
    return tuple(present for present, later in TRANSITIONS if present and later == proposed)


def check_placement(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong across the fields of a placement."""
    return [
        *_fees(record, now),
        *_chain(record["agent_chain"], now),
        *_terms("/contract_origin", record["contract_origin"], now),
        *_terms("/contract_arrival", record["contract_arrival"], now),
        *_arrival(record, now),
    ]


def check_statement(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong across the fields of a worker's statement."""
    found = [
        *ahead("/stated_on", record["stated_on"], now),
        *_fees(record, now),
        *_chain(record["agent_chain"], now),
        *_terms("/contract_arrival", record["contract_arrival"], now),
    ]
    if record["no_intermediary_stated"] and record["agent_chain"]:
        found.append(FieldError("/no_intermediary_stated", Fault("contradicts_agent_chain")))
    return found


def check_interview(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong across the fields of an interview."""
    found = [*ahead("/held_on", record["held_on"], now)]
    if record["debt_months"] is not None and record["in_debt"] != "yes":
        found.append(FieldError("/debt_months", Fault("only_with_debt"), record["debt_months"]))
    return found


def check_job_order(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong across the fields of a job order."""
    return [
        *ahead("/submitted_on", record["submitted_on"], now),
        *ahead("/decided_on", record["decided_on"], now),
        *in_order(record, "submitted_on", "decided_on"),
        *in_order(record, "starts_on", "ends_on"),
        *_coded(record, "occupation"),
        *_coded(record, "sector"),
        *_pay("", record),
    ]


def check_listing(record: Mapping[str, Any], _: datetime) -> list[FieldError]:
    """What is wrong across the fields of a recruiter listing: it must name somebody."""
    if record["organisation_name"] is None and not record["persons_named"]:
        return [FieldError("/organisation_name", Fault("names_nobody"))]
    return []


def check_entry(record: Mapping[str, Any], _: datetime) -> list[FieldError]:
    """What is wrong across the fields of a register entry; a licence may begin in the future."""
    return [*in_order(record, "valid_from", "valid_until")]


def check_author(record: Mapping[str, Any], agency: UUID | None) -> Iterator[FieldError]:
    """What an agency may not write into a register; None: the institute, which may write all."""
    if agency is None:
        return
    if record["kind"] != "licence":
        yield FieldError("/kind", Fault("only_licences"), record["kind"])
    if record["subject_organisation_id"] != agency:
        yield FieldError("/subject_organisation", Fault("not_your_organisation"))


def _fees(record: Mapping[str, Any], now: datetime) -> Iterator[FieldError]:
    """Faults in fee lines, whoever states them; what others paid is no fee of the worker's."""
    lines, hops = record["fee_lines"], len(record["agent_chain"])
    if record["no_fees_stated"] and any(
        line["amount"] and line["paid_by"] in BORNE_BY_WORKERS for line in lines
    ):
        yield FieldError("/no_fees_stated", Fault("contradicts_fee_lines"))
    for place, line in enumerate(lines):
        at, hop = f"/fee_lines/{place}", line["paid_to_hop"]
        if hop is not None and hop > hops:
            yield FieldError(f"{at}/paid_to_hop", Fault("not_a_hop"), hop)
        yield from _decimals(f"{at}/amount", line["amount"], line["currency"])
        yield from _to_come(f"{at}/paid_at", line["paid_at"], now)
        yield from _repayment(at, line, now)


def _repayment(at: str, line: Mapping[str, Any], now: datetime) -> Iterator[FieldError]:
    """Faults in what was paid back of a fee."""
    repaid, day, paid = line["repaid_amount"], line["repaid_at"], line["paid_at"]
    if repaid is None:
        for name in ("repaid_at", "repayment_validated"):
            if line.get(name):
                yield FieldError(f"{at}/{name}", Fault("needs", other="repaid_amount"), line[name])
        return
    yield from _decimals(f"{at}/repaid_amount", repaid, line["currency"])
    if repaid > line["amount"]:
        yield FieldError(f"{at}/repaid_amount", Fault("more_than", other="amount"), str(repaid))
    yield from _to_come(f"{at}/repaid_at", day, now)
    if day is not None and paid is not None:
        # As exactly as both are known.
        known = min(len(day), len(paid))
        if day[:known] < paid[:known]:
            yield FieldError(f"{at}/repaid_at", Fault("before", other="paid_at"), day)


def _chain(hops: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[FieldError]:
    """Faults in an agent chain, whoever states it."""
    for place, hop in enumerate(hops):
        at = f"/agent_chain/{place}"
        if hop["seq"] != place + 1:
            yield FieldError(f"{at}/seq", Fault("not_in_order"), hop["seq"])
        for name in ("authority", "valid_on"):
            if hop[name] is not None and hop["licence_no"] is None:
                fault = Fault("needs", other="licence_no")
                yield FieldError(f"{at}/{name}", fault, str(hop[name]))
        yield from _to_come(f"{at}/checked_at", hop["checked_at"], now)


def _to_come(at: str, partial: str | None, now: datetime) -> Iterator[FieldError]:
    """A year, month or day of which not even the first day has come."""
    if partial is not None and f"{partial}-01-01"[:10] > f"{(now + SKEW).date()}":
        yield FieldError(at, Fault("in_the_future"), partial)


def _arrival(record: Mapping[str, Any], now: datetime) -> Iterator[FieldError]:
    arrived, origin = record["arrived_on"], record["contract_origin"]
    if arrived is not None:
        yield from ahead("/arrived_on", arrived, now)
        if record["status"] not in ARRIVED:
            yield FieldError("/arrived_on", Fault("only_after_arrival"), str(arrived))
        if origin and origin["signed_on"] and origin["signed_on"] > arrived:
            fault = Fault("before", other="contract_origin.signed_on")
            yield FieldError("/arrived_on", fault, str(arrived))
    elif record["status"] in ARRIVED and record["status"] != "returned":
        yield FieldError("/arrived_on", Fault("needed_after_arrival"))
    if (record["status"] == "terminated_early") != (record["end_reason"] is not None):
        fault = Fault("only_with_terminated_early")
        yield FieldError("/end_reason", fault, record["end_reason"])


def _terms(at: str, terms: Mapping[str, Any] | None, now: datetime) -> Iterator[FieldError]:
    """Faults in the terms of one contract."""
    if terms is None:
        return
    yield from ahead(f"{at}/signed_on", terms["signed_on"], now)
    yield from _pay(at, terms)
    if terms["deductions"] is not None:
        yield from _decimals(f"{at}/deductions", terms["deductions"], terms["wage"]["currency"])
    if terms["occupation_code"] is not None:
        yield from _code_of(f"{at}/occupation_code", terms["occupation_code"], "isco_08")


def _pay(at: str, record: Mapping[str, Any]) -> Iterator[FieldError]:
    """Faults in wage, overtime and hours, of a contract or a job order."""
    wage, overtime, hours = (record[name] for name in ("wage", "overtime_wage", "hours_per_week"))
    if wage is not None:
        yield from _decimals(f"{at}/wage/amount", wage["amount"], wage["currency"])
        if not wage["amount"]:
            yield FieldError(f"{at}/wage/amount", Fault("not_zero"), str(wage["amount"]))
    if overtime is not None and wage is None:
        yield FieldError(f"{at}/overtime_wage", Fault("needs", other="wage"), str(overtime))
    elif overtime is not None:
        yield from _decimals(f"{at}/overtime_wage", overtime, wage["currency"])
    if hours is not None and not FEWEST_HOURS <= hours <= MOST_HOURS:
        fault = Fault("range", at_least=FEWEST_HOURS, at_most=MOST_HOURS)
        yield FieldError(f"{at}/hours_per_week", fault, str(hours))


def _coded(record: Mapping[str, Any], what: str) -> Iterator[FieldError]:
    """Faults in a code and the name of its system: both or neither, and one of its codes."""
    code, system = record[f"{what}_code"], record[f"{what}_system"]
    for given, other in ((code, "system"), (system, "code")):
        if given is not None and record[f"{what}_{other}"] is None:
            at = "code" if other == "system" else "system"
            yield FieldError(f"/{what}_{at}", Fault("needs", other=f"{what}_{other}"), given)
    if code is not None and system is not None:
        yield from _code_of(f"/{what}_code", code, system)


def _code_of(at: str, code: str, system: str) -> Iterator[FieldError]:
    if system in CODE_SHAPES:
        shape, example = CODE_SHAPES[system]
        if not shape.fullmatch(code):
            yield FieldError(at, Fault("not_a_code_of", system=system, example=example), code)
    elif code not in TAXONOMIES[system].codes:
        near = likely(TAXONOMIES[system], code)
        hint = "; ".join(f"{each.code} ({each.meaning})" for each in near)
        fault = Fault("not_in_list", nearest=hint or f"/v1/taxonomies/{system}")
        yield FieldError(at, fault, code)


def _decimals(at: str, amount: Decimal, currency: str) -> Iterator[FieldError]:
    return too_fine(at, amount, currency, exponent(currency))
