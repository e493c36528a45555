"""What a worker allows: refused by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from openredress_api.foundation.problems import Fault, FieldError

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


def check_consent(body: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """An answer that has expired already says nothing."""
    expires_at = body["expires_at"]
    if expires_at is not None and expires_at <= now:
        return [FieldError("/expires_at", Fault("in_the_past"), str(expires_at))]
    return []
