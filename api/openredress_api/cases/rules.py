"""Rules of cases in plain Python: their life, what consent stands, what is sensitive."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

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
        "out_of_scope merged_duplicate referred_elsewhere in_investigation",
        "institute",
        "out_of_scope with out_of_scope_reason",
    ),
    *steps("in_investigation", "action_agreed", "institute"),
    *steps("action_agreed", "resolved_reported", "institute"),
    *steps("resolved_reported", "closed_validated", "institute", "workers confirmed in full"),
    *steps("resolved_reported", "closed_unvalidated closed_unreachable", "institute"),
    *steps(" ".join(OPEN), "withdrawn_by_worker", "institute", "with withdrawal_reason"),
    *steps(
        "closed_validated closed_unvalidated closed_unreachable out_of_scope withdrawn_by_worker",
        "reopened",
        "institute",
        "the worker side asks for it, at any time",
    ),
    *steps("reopened", "in_investigation", "institute"),
)
VALIDATED = "closed_validated"
# The field that a status needs and no other may have.
REASONS = {"withdrawn_by_worker": "withdrawal_reason", "out_of_scope": "out_of_scope_reason"}
VOID_REASONS = ("entered_by_mistake", "entered_twice", "erasure_asked")
CONSENT_METHODS = ("spoken", "written", "digital")


class ConsentAnswer(Protocol):
    """One answer of a worker to one consent scope; the highest `n` is the latest."""

    n: int
    state: str
    recorded_at: datetime
    expires_at: datetime | None


def consent_at(answers: Iterable[ConsentAnswer], at: datetime) -> str:
    """R1: the state of one scope at a moment; refused by default, and once it has expired."""
    known = [answer for answer in answers if answer.recorded_at <= at]
    if not known:
        return "refused"
    latest = max(known, key=lambda answer: answer.n)
    expired = latest.expires_at is not None and latest.expires_at <= at
    return "refused" if latest.state == "granted" and expired else latest.state


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


def check_consent(body: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """An answer that has expired already says nothing."""
    expires_at = body["expires_at"]
    if expires_at is not None and expires_at <= now:
        return [FieldError("/expires_at", Fault("in_the_past"), str(expires_at))]
    return []
