"""Rules of a supplier's grievance in plain Python: its life, and what its fields say together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from openredress_api.foundation.checks import ahead, too_fine
from openredress_api.foundation.clock import rfc3339
from openredress_api.foundation.lifecycle import path, steps
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES, exponent, is_restricted

_STATUSES = TAXONOMIES["grievance_status"].codes
STATUSES = tuple(_STATUSES)
ENDED = tuple(code for code, each in _STATUSES.items() if not each.attributes["open"])
OPEN = tuple(code for code in STATUSES if code not in ENDED)
# One closing is a supplier's alone; the others need what workers said, or that none was reached.
LIFECYCLE = (
    *steps("received", "acknowledged", "sender"),
    *steps("acknowledged", "triaged", "sender"),
    *steps(
        "triaged",
        "out_of_scope merged_duplicate referred_elsewhere in_investigation",
        "sender",
        "out_of_scope with out_of_scope_reason",
    ),
    *steps("in_investigation", "action_agreed", "sender"),
    *steps("action_agreed", "resolved_reported", "sender"),
    *steps("resolved_reported", "closed_unvalidated", "sender"),
    *steps("resolved_reported", "closed_validated", "institute", "workers confirmed in full"),
    *steps("resolved_reported", "closed_unreachable", "institute", "nobody could be reached"),
    *steps(" ".join(OPEN), "withdrawn_by_worker", "sender", "with withdrawal_reason"),
    # Whatever a supplier ends, the worker side can take up again.
    *steps(" ".join(ENDED), "reopened", "institute", "the worker side asks for it, at any time"),
    *steps("reopened", "in_investigation", "sender"),
)
FIRST = "received"
# The field that tells when a status was reached; the other statuses have none.
MOMENTS = {
    "received": "received_at",
    "acknowledged": "acknowledged_at",
    "resolved_reported": "resolved_at",
    "closed_validated": "closed_at",
    "closed_unvalidated": "closed_at",
    "closed_unreachable": "closed_at",
}
# The field that a status needs and no other may have, with its codes.
REASONS = {
    "withdrawn_by_worker": ("withdrawal_reason", TAXONOMIES["withdrawal_reason"].codes),
    "out_of_scope": ("out_of_scope_reason", TAXONOMIES["out_of_scope_reason"].codes),
}
# Before these nothing has been done yet but to take note.
BEFORE_ACTION = ("received", "acknowledged", "triaged")
VOID_REASONS = ("entered_by_mistake", "entered_twice", "erasure_asked")
MERGED = "merged_duplicate"
# Of these the institute hears one by one, even where they are rows of a file among many.
GRAVE = ("s1_critical", "s2_severe")
RESTRICTED = tuple(code for code in TAXONOMIES["grievance_category"].codes if is_restricted(code))


@cache
def way(present: str | None, proposed: str) -> tuple[str, ...]:
    """The steps by which a supplier brings a grievance from `present` to `proposed`.

    `present` None is a record not seen before; () says that there is no way, or nothing to do.
    None leads to a merged duplicate: it has to name the grievance that it repeats.
    """
    if present is None:
        later = way(FIRST, proposed)
        return (FIRST, *later) if later or proposed == FIRST else ()
    return () if proposed == MERGED else tuple(path(LIFECYCLE, present, proposed, {"sender"}))


def merging_way(present: str) -> tuple[str, ...]:
    """The steps by which a grievance at `present` ends as a duplicate; () if there is no way."""
    return tuple(path(LIFECYCLE, present, MERGED, {"sender"}))


def weight(severity: str | None, category: str) -> str | None:
    """The severity by which the institute looks at a grievance; None: not by itself."""
    if severity in GRAVE:
        return severity
    return "s2_severe" if category in RESTRICTED else None


def is_lighter(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether `one` would hide `other`, should it stand for both: less grave, or not restricted."""
    ranks = [*TAXONOMIES["severity"].codes, None]
    lighter = ranks.index(one["severity"]) > ranks.index(other["severity"])
    return lighter or (other["category"] in RESTRICTED and one["category"] not in RESTRICTED)


@cache
def ways_to(proposed: str) -> str:
    """JSON {present status or '': [steps to `proposed`]}: present ones that lead there, alone."""
    found = {present or "": way(present, proposed) for present in (None, *STATUSES)}
    return json.dumps(
        {start: list(steps) for start, steps in found.items() if steps or start == proposed}
    )


def check(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What the fields of one pushed grievance say against each other; empty if nothing."""
    return [*_order(record, now), *_beyond(record), *_reasons(record), *_remedy(record)]


def check_step(step: Mapping[str, Any], since: datetime, now: datetime) -> list[FieldError]:
    """What is wrong with one step {to, at, reason} that follows one of the moment `since`."""
    found = []
    if step["to"] == MERGED:
        found.append(FieldError("/to", Fault("only_by_merging"), step["to"]))
    if step["at"] is not None and step["at"] < since:
        fault = Fault("before", other=f"the step before it ({rfc3339(since)})")
        found.append(FieldError("/at", fault, str(step["at"])))
    found.extend(ahead("/at", step["at"], now))
    codes = REASONS[step["to"]][1] if step["to"] in REASONS else {}
    if codes and step["reason"] not in codes:
        found.append(
            FieldError("/reason", Fault("needs_reason", reasons=", ".join(codes)), step["reason"])
        )
    if not codes and step["reason"] is not None:
        found.append(FieldError("/reason", Fault("no_reason_here"), step["reason"]))
    return found


def _order(record: Mapping[str, Any], now: datetime) -> Iterator[FieldError]:
    earlier = "received_at"
    for field in ("received_at", "acknowledged_at", "resolved_at", "closed_at"):
        moment = record[field]
        if moment is None:
            continue
        if moment < record[earlier]:
            yield FieldError(f"/{field}", Fault("before", other=earlier), str(moment))
        earlier = field
    # A row whose source dates it ahead would bar every later one as stale.
    for field in (earlier, "source_updated_at"):
        yield from ahead(f"/{field}", record[field], now)


def _beyond(record: Mapping[str, Any]) -> Iterator[FieldError]:
    """Nothing is resolved or closed of which nobody has yet done anything."""
    if record["status"] in BEFORE_ACTION:
        for field in ("resolved_at", "closed_at"):
            if record[field] is not None:
                fault = Fault("later_than_status", status=record["status"])
                yield FieldError(f"/{field}", fault, str(record[field]))


def _reasons(record: Mapping[str, Any]) -> Iterator[FieldError]:
    for status, (field, codes) in REASONS.items():
        needed, given = record["status"] == status, record[field]
        if needed and given is None:
            yield FieldError(f"/{field}", Fault("needs_reason", reasons=", ".join(codes)))
        elif given is not None and not needed:
            yield FieldError(f"/{field}", Fault("only_with_status", status=status), given)


def _remedy(record: Mapping[str, Any]) -> Iterator[FieldError]:
    remedy = record["agreed_remedy"]
    if remedy is not None:
        amount, currency = remedy["amount"], remedy["currency"]
        yield from too_fine("/agreed_remedy/amount", amount, currency, exponent(currency))


def is_outdated(proposed: datetime | None, stored: datetime | None) -> bool:
    """Whether a row is older, by its sender's own clock, than the one that is stored."""
    return proposed is not None and stored is not None and proposed < stored
