"""The life of a case, how it is closed and merged, and what is sensitive."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from openredress_api.foundation.checks import ahead
from openredress_api.foundation.lifecycle import path, steps
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES, is_restricted

_STATUSES = TAXONOMIES["grievance_status"].codes
STATUSES = tuple(_STATUSES)
OPEN = tuple(code for code, each in _STATUSES.items() if each.attributes["open"])
LIFECYCLE = (
    *steps("received", "acknowledged", "institute"),
    *steps("acknowledged", "triaged", "institute"),
    *steps(
        "triaged",
        "out_of_scope referred_elsewhere in_investigation",
        "institute",
        "out_of_scope with out_of_scope_reason",
    ),
    *steps("in_investigation", "action_agreed", "institute"),
    *steps("action_agreed", "resolved_reported", "institute"),
    *steps("resolved_reported", "closed_validated", "institute", "workers confirmed in full"),
    *steps("resolved_reported", "closed_unvalidated closed_unreachable", "institute"),
    *steps(" ".join(OPEN), "withdrawn_by_worker", "institute", "with withdrawal_reason"),
    *steps(" ".join(OPEN), "merged_duplicate", "institute", "naming the case that stays"),
    *steps(
        "closed_validated closed_unvalidated closed_unreachable out_of_scope withdrawn_by_worker",
        "reopened",
        "institute",
        "the worker side asks for it, at any time",
    ),
    *steps("reopened", "in_investigation", "institute"),
)
VALIDATED, MERGED = "closed_validated", "merged_duplicate"
REOPENABLE = tuple(step.source for step in LIFECYCLE if step.target == "reopened")
# The field that a status needs and no other may have.
REASONS = {"withdrawn_by_worker": "withdrawal_reason", "out_of_scope": "out_of_scope_reason"}
VOID_REASONS = ("entered_by_mistake", "entered_twice", "erasure_asked")


def is_sensitive(severity: str, categories: Collection[str]) -> bool:
    """R2, R21: s1 or a restricted category (children and trafficking among them).

    Nothing of such a case reaches an employer or agency before a safety assessment.
    """
    return severity == "s1_critical" or any(is_restricted(each) for each in categories)


def closing_way(status: str, end: str) -> list[str]:
    """The steps that a closing brings along, from `status` to `end`; [] where there is no way.

    Acknowledgement and triage are facts towards the worker: a closing never invents them.
    """
    way = path(LIFECYCLE, status, end, {"institute"})
    return [] if {"acknowledged", "triaged", "reopened"} & set(way) else way


class Mergeable(Protocol):
    """What tells whether a case may stay for another one."""

    id: UUID
    site_id: UUID
    status: str
    is_test: bool
    voided_at: datetime | None


def survives(other: Mergeable | None, case: Mergeable) -> bool:
    """Whether `case` may end by naming `other`: open, at the same site, and no less counted.

    One that was merged is no longer open, so there are no chains.
    """
    return (
        other is not None
        and other.id != case.id
        and other.status in OPEN
        and other.voided_at is None
        and other.site_id == case.site_id
        and (case.is_test or not other.is_test)
    )


def check_case(body: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What the fields of a new case say against each other; empty if nothing."""
    found = list(ahead("/received_at", body["received_at"], now))
    categories = body["categories"]
    for place, category in enumerate(categories):
        if category in categories[:place]:
            found.append(FieldError(f"/categories/{place}", Fault("repeated"), category))
    return found


def check_change(change: Mapping[str, Any]) -> list[FieldError]:
    """A status has the reason it needs and no other (domain §3.6)."""
    found = []
    for status, field in REASONS.items():
        needed, given = change["to"] == status, change[field]
        codes = ", ".join(TAXONOMIES[field].codes)
        if needed and given is None:
            found.append(FieldError(f"/{field}", Fault("needs_reason", reasons=codes)))
        elif given is not None and not needed:
            fault = Fault("only_with_status", status=status)
            found.append(FieldError(f"/{field}", fault, given))
    return found
