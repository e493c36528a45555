"""What rules of several rooms find in a loaded record; null is unknown and never wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from openredress_api.foundation.problems import Fault, FieldError

# Clocks differ, and days begin earlier in the east; further ahead a moment is a mistake.
SKEW = timedelta(days=1)


def ahead(at: str, when: date | None, now: datetime, form: str = "") -> Iterator[FieldError]:
    """A day or moment that is still to come; `form` writes it in the answer, such as %Y-%m."""
    latest = now + SKEW
    if when is not None and when > (latest if isinstance(when, datetime) else latest.date()):
        yield FieldError(at, Fault("in_the_future"), f"{when:{form}}")


def in_order(record: Mapping[str, Any], first: str, then: str) -> Iterator[FieldError]:
    """The field `then` lies before the field `first`."""
    start, end = record[first], record[then]
    if start is not None and end is not None and end < start:
        yield FieldError(f"/{then}", Fault("before", other=first), str(end))


def too_fine(at: str, amount: Decimal, currency: str, decimals: int) -> Iterator[FieldError]:
    """An amount that its currency, which has so many decimals, cannot pay."""
    if amount != round(amount, decimals):
        fault = Fault("too_many_decimals", currency=currency, decimals=decimals)
        yield FieldError(at, fault, str(amount))
