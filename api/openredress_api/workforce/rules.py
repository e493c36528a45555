"""Rules of headcounts in plain Python.

A record is its key and its body as they are loaded. Null is unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from openredress_api.foundation.checks import ahead
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES, CodeList

SOURCES = ("payroll", "time_records", "estimate", "other")
# The ways to divide workers, and the list of values of each.
SEGMENTS: Mapping[str, CodeList] = {
    name: TAXONOMIES[str(each.attributes["taxonomy"])]
    for name, each in TAXONOMIES["worker_segment"].codes.items()
}
# Ways that can point at a person or be used against one, by words that HR software has for them.
DANGEROUS = frozenset(
    (
        *("name", "photo", "phone", "address", "passport", "id_number", "device"),
        *("language", "mother_tongue", "dialect", "ethnicity", "ethnic_group", "race", "tribe"),
        *("caste", "religion", "faith", "belief", "union", "union_member", "union_role"),
        *("health", "disability", "pregnancy", "maternity", "hiv_status", "sexual_orientation"),
        *("gender_identity", "sogi", "immigration_status", "visa_status", "permit_status"),
        *("marital_status", "family", "debt", "lender", "debt_lender", "dormitory", "room"),
        *("line", "section", "shift", "team", "department", "supervisor", "job_title", "position"),
        *("hire_date", "date_of_birth", "birth_date", "village", "criminal_record"),
    )
)
_BANDS = tuple(
    (int(str(each.attributes["least"])), each.code)
    for each in TAXONOMIES["headcount_band"].codes.values()
)


def check(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What the numbers of one headcount say against each other; empty if nothing."""
    segments = record["segments"] or {}
    return [
        *ahead("/month", record["month"], now, "%Y-%m"),
        *_agency(record, segments),
        *_sums(record["total"], segments),
    ]


def band(total: int) -> str:
    """The code of `headcount_band` in which outsiders see a number of workers (domain R14)."""
    return max((least, code) for least, code in _BANDS if least <= total)[1]


def is_dangerous(segment: str) -> bool:
    """Whether a way to divide workers is one of those that no headcount may hold (domain §3.15)."""
    return segment.strip().casefold().replace(" ", "_").replace("-", "_") in DANGEROUS


def _agency(record: Mapping[str, Any], segments: Mapping[str, Any]) -> Iterator[FieldError]:
    agency = record["agency_workers"]
    if agency is None:
        return
    if agency > record["total"]:
        yield FieldError("/agency_workers", Fault("more_than", other="total"), agency)
        return
    by_employer = segments.get("employment_type", {})
    counted = by_employer.get("agency", 0)
    if counted > agency:
        fault = Fault("more_than", other="agency_workers")
        yield FieldError("/segments/employment_type/agency", fault, counted)
    # Each worker is in one part: those of agencies leave the other parts the rest at most.
    others, rest = sum(by_employer.values()) - counted, record["total"] - agency
    if rest < others <= record["total"] - counted:
        fault = Fault("contradicts_agency_workers", others=others, rest=rest)
        yield FieldError("/segments/employment_type", fault, others)


def _sums(total: int, segments: Mapping[str, Mapping[str, int]]) -> Iterator[FieldError]:
    """A segment may add up to less than the total: whoever did not say is in none of its parts."""
    for name, parts in segments.items():
        counted = sum(parts.values())
        if counted > total:
            fault = Fault("adds_up_to_more", sum=counted, total=total)
            yield FieldError(f"/segments/{name}", fault, counted)
