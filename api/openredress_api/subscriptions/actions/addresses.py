"""Where an owner lets us send, and what: judged before it is stored."""

from __future__ import annotations

from collections.abc import Sequence

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import Fault, FieldError, ValidationFailed
from openredress_api.subscriptions import rules
from openredress_delivery.egress import EgressRefusedError, check_url
from openredress_webhooks.events import EVENT_TYPES


def checked_url(transaction: Transaction, url: str, pointer: str) -> str:
    """The URL as it is called; ValidationFailed where the house does not call."""
    try:
        return check_url(url, development=transaction.services.development)
    except EgressRefusedError as fault:
        error = FieldError(pointer, Fault("bad_url", reason=str(fault)), url)
        raise ValidationFailed(errors=[error]) from None


def checked_patterns(patterns: Sequence[str], pointer: str) -> None:
    """ValidationFailed for patterns that no event type can match; `pointer` takes their place."""
    errors = [
        FieldError(pointer.format(patterns.index(one)), Fault("not_an_event_pattern"), one)
        for one in rules.unknown_patterns(patterns, EVENT_TYPES.keys())
    ]
    if errors:
        raise ValidationFailed(errors=errors)
