"""Rules of placements in plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
ARRIVED = (*COURSE[COURSE.index("arrived") :], *ENDS)


def may_follow(present: str, proposed: str) -> bool:
    """Whether a placement at `present` may be pushed to `proposed` (the same is always right)."""
    if present == proposed:
        return True
    if present not in COURSE:
        return False
    if proposed in COURSE:
        return COURSE.index(proposed) > COURSE.index(present)
    departed = COURSE.index(present) >= COURSE.index("departed")
    return proposed in ENDS if departed else proposed == CANCELLED


def sources_of(proposed: str) -> tuple[str, ...]:
    """Every status from which `proposed` may follow: what the upsert's guard compares with."""
    return tuple(status for status in (*COURSE, *ENDS, CANCELLED) if may_follow(status, proposed))


def check(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Faults across fields as (pointer, fault code)."""
    yield from check_statement(record)
    arrived = record["status"] in ARRIVED
    if arrived and record["arrived_on"] is None and record["status"] != "returned":
        yield "/arrived_on", "needed_after_arrival"
    if (record["status"] == "terminated_early") != (record["end_reason"] is not None):
        yield "/end_reason", "only_with_terminated_early"


def check_statement(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Faults in fee lines and agent chain, whoever states them."""
    if record["no_fees_stated"] and record["fee_lines"]:
        yield "/no_fees_stated", "contradicts_fee_lines"
    for place, hop in enumerate(record["agent_chain"], 1):
        if hop["seq"] != place:
            yield f"/agent_chain/{place - 1}/seq", "not_in_order"
    hops = len(record["agent_chain"])
    for place, line in enumerate(record["fee_lines"]):
        if line["paid_to_hop"] is not None and line["paid_to_hop"] > hops:
            yield f"/fee_lines/{place}/paid_to_hop", "not_a_hop"


def first_mile_known(statement: Mapping[str, Any]) -> bool:
    """M29: the worker names the first hop, or states that there was no intermediary."""
    return bool(statement["no_intermediary_stated"] or statement["agent_chain"])


def chain_mismatch(
    worker_chain: Sequence[Mapping[str, Any]], agency_chain: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Roles in countries that the worker states and the agency does not (domain §3.13)."""
    stated = {(hop["role"], hop["country"]) for hop in agency_chain}
    return [
        f"{hop['role']}@{hop['country']}"
        for hop in worker_chain
        if (hop["role"], hop["country"]) not in stated
    ]
