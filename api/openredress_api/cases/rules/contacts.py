"""One call or message: what its fields say against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from openredress_api.foundation.checks import ahead
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES

CONTACT_OUTCOMES = TAXONOMIES["contact_outcome"].codes
# What a contact that belongs to no case can have led to.
OUTCOMES_ALONE = tuple(
    code for code, each in CONTACT_OUTCOMES.items() if not each.attributes["has_case"]
)
_OF_CASE = tuple(code for code in CONTACT_OUTCOMES if code not in OUTCOMES_ALONE)


def check_contact(body: Mapping[str, Any], now: datetime) -> Iterator[FieldError]:
    """A contact belongs to a case, opens one, or says what else came of it."""
    yield from ahead("/received_at", body["received_at"], now)
    if body["case"] and body["open_case"]:
        yield FieldError("/open_case", Fault("not_beside", other="case"))
    allowed = ("opened_case",) if body["open_case"] else _OF_CASE if body["case"] else ()
    outcome = body["contact_outcome"]
    # With a case the outcome may be left out; without one nothing else tells what came of it.
    if outcome not in ((*allowed, None) if allowed else OUTCOMES_ALONE):
        fault = Fault("outcome_does_not_fit", outcomes=", ".join(allowed or OUTCOMES_ALONE))
        yield FieldError("/contact_outcome", fault, outcome)
