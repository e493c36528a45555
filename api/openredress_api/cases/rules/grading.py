"""How grave a case is: its reasons, what observations demand, and who may lower it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Protocol
from uuid import UUID

from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES

SEVERITIES = tuple(TAXONOMIES["severity"].codes)  # the gravest first
INDICATORS = TAXONOMIES["ilo_fl_indicator"].codes
BASES = ("stated_by_worker", "seen_by_case_worker", "document")
CAUSES = ("opened", "decided", "observed", "merged")
# Lowering one of these takes another person than the one who raised it.
TWO_PERSON = ("s1_critical", "s2_severe")
_REASONS = TAXONOMIES["severity_reason"].codes
_LOWERING = tuple(code for code, each in _REASONS.items() if each.attributes["kind"] == "lowering")
_ARGUES_FOR = {
    code: str(each.attributes["argues_for"])
    for code, each in _REASONS.items()
    if each.attributes["kind"] == "test"
}
# What a person may say; the others are written by what happened.
GIVEN_REASONS = (*_ARGUES_FOR, *_LOWERING)
SEVERAL = 3  # so many different indicators raise a case that none of them would raise alone


class Observation(Protocol):
    """One indicator as somebody observed it in a case."""

    indicator: str
    current_harm: bool
    recorded_at: datetime
    voided_at: datetime | None


class Change(Protocol):
    """One entry of a case's severity; the highest `n` is the latest."""

    n: int
    severity: str
    person_id: UUID | None


def is_lower(one: str, other: str) -> bool:
    """Whether severity `one` is less grave than `other`."""
    return SEVERITIES.index(one) > SEVERITIES.index(other)


def graver(one: str, other: str) -> str:
    """The graver of two severities."""
    return other if is_lower(one, other) else one


def floor_of(observations: Iterable[Observation]) -> str | None:
    """The least severity that what was observed demands (domain 3.1, 3.5); None: any.

    The latest observation of an indicator counts; voided ones do not.
    """
    standing = [one for one in observations if one.voided_at is None]
    latest = {one.indicator: one for one in sorted(standing, key=lambda one: one.recorded_at)}
    alone = [
        one
        for one in latest.values()
        if INDICATORS[one.indicator].attributes["raises_severity_alone"]
    ]
    if any(one.current_harm for one in alone):
        return "s1_critical"
    return "s2_severe" if alone or len(latest) >= SEVERAL else None


def raiser_of(changes: Sequence[Change]) -> UUID | None:
    """Who raised a case to where it is, or to what it was lowered from; None: not known."""
    ordered = sorted(changes, key=lambda change: change.n)
    raised = ordered[:1] + [
        after for before, after in pairwise(ordered) if is_lower(before.severity, after.severity)
    ]
    return raised[-1].person_id if raised else None


def check_grading(present: str, body: Mapping[str, Any]) -> Iterator[FieldError]:
    """The reasons argue for the severity asked for, and one says why it is lower."""
    target, reasons = body["severity"], body["reasons"]
    lowers = is_lower(target, present)
    for place, reason in enumerate(reasons):
        argues_for = _ARGUES_FOR.get(reason)
        too_grave = argues_for is not None and is_lower(target, argues_for)
        if reason in reasons[:place]:
            yield FieldError(f"/reasons/{place}", Fault("repeated"), reason)
        elif too_grave or (reason in _LOWERING and not lowers):
            fault = Fault("argues_against", severity=target)
            yield FieldError(f"/reasons/{place}", fault, reason)
    needed = [[code for code, each in _ARGUES_FOR.items() if each == target]]
    for codes in [*needed, _LOWERING] if lowers else needed:
        if not {*codes} & {*reasons}:
            yield FieldError("/reasons", Fault("needs_reason", reasons=", ".join(codes)))
