"""The wire shapes of severity and of what was observed."""

from __future__ import annotations

from openredress_api.cases.rules import BASES, GIVEN_REASONS, INDICATORS, VOID_REASONS
from openredress_api.foundation.fields import (
    Choice,
    Count,
    Flag,
    Identifier,
    Instant,
    Items,
    Month,
    Text,
    WireSchema,
)
from openredress_api.vocabulary import TAXONOMIES


class SeverityBody(WireSchema):
    """How grave a case is from now on, and why."""

    severity = Choice(TAXONOMIES["severity"].codes, required=True)
    reasons = Items(
        Choice(GIVEN_REASONS),
        at_least=1,
        at_most=5,
        required=True,
        description="one that argues for the severity; to lower it also one of kind lowering",
    )


class SeverityChangeView(WireSchema):
    """One entry of how grave a case was held to be."""

    n = Count(at_least=1)
    severity = Text()
    reasons = Items(Text())
    cause = Text(description="opened, decided by a person, observed or merged")
    changed_by = Identifier("per", attribute="person_id", allow_none=True)
    changed_at = Instant()


class ObservationBody(WireSchema):
    """One indicator of forced labour as it shows in a case; it labels no site."""

    indicator = Choice(INDICATORS, required=True)
    observed_at = Month(required=True)
    basis = Choice(BASES, required=True)
    current_harm = Flag(load_default=False, description="true: it goes on now")


class ObservationView(WireSchema):
    """A stored observation."""

    id = Identifier("obs")
    case = Identifier("case", attribute="case_id")
    indicator = Text()
    observed_at = Month()
    basis = Text()
    current_harm = Flag()
    recorded_at = Instant()
    voided_at = Instant(allow_none=True)
    void_reason = Text(allow_none=True)


class ObservationVoidBody(WireSchema):
    """Why the observation should never have been; a tombstone stays."""

    reason = Choice(VOID_REASONS, required=True)
