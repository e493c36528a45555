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
    expires_at: datetime | None


def consent_at(answers: Iterable[ConsentAnswer], at: datetime) -> str:
    """R1: the state of one scope; refused by default, and once the grant has expired.

    The latest answer counts even if it was recorded after `at`: a call that began before a
    withdrawal and waited for it knows of it.
    """
    latest = max(answers, key=lambda answer: answer.n, default=None)
    if latest is None:
        return "refused"
    expired = latest.expires_at is not None and latest.expires_at <= at
    return "refused" if latest.state == "granted" and expired else latest.state


def check_consent(body: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """An answer that has expired already says nothing."""
    expires_at = body["expires_at"]
    if expires_at is not None and expires_at <= now:
        return [FieldError("/expires_at", Fault("in_the_past"), str(expires_at))]
    return []
