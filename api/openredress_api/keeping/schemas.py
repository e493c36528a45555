"""The wire shapes of keeping."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Day,
    Identifier,
    Instant,
    Items,
    Nested,
    Personal,
    Text,
    WireSchema,
)
from openredress_api.keeping import rules
from openredress_api.vocabulary import TAXONOMIES


class DueQuery(WireSchema):
    """Up to which moment; the present one if none is named."""

    until = Instant(description="what will be due by then")


class DueView(WireSchema):
    """What of a case is due to be erased, or that a file of evidence is."""

    subject = Text(description="the id of the case or file")
    what = Choice(
        rules.WHAT,
        description="contact of a case after 90 days, its content after two years, evidence after "
        "seven",
    )
    due_at = Instant()


class DuesView(WireSchema):
    """What the worker will erase, the earliest first, at most 500."""

    data = Items(Nested(DueView))


class ErasureBody(WireSchema):
    """Which case a worker wants to have erased."""

    case = Identifier("case", required=True)


class ErasureView(WireSchema):
    """A worker's wish, and what became of it."""

    id = Identifier("ers")
    case = Identifier("case", attribute="case_id")
    status = Choice(rules.ERASURE_STATUSES)
    asked_by = Identifier("per")
    asked_at = Instant()
    decided_by = Identifier("per", allow_none=True)
    updated_at = Instant()


class LegalBody(WireSchema):
    """What an authority asked for."""

    received_on = Day(required=True)
    country = Choice(TAXONOMIES["country"].codes, required=True)
    authority = Text(at_most=200, required=True)
    legal_basis = Choice(rules.LEGAL_BASES, required=True)
    asked_for = Items(Choice(rules.ASKED_FOR), at_least=1, at_most=9, required=True)
    description = Personal(at_most=4_000, required=True, description="in own words; sealed")


class LegalDecisionBody(WireSchema):
    """What came of it."""

    decision = Choice(rules.DECISIONS, required=True)
    workers_told = Choice(rules.WORKERS_TOLD, required=True)


class LegalDecisionView(LegalDecisionBody):
    """The decision, by another person than who wrote the request down."""

    decided_by = Identifier("per")
    decided_at = Instant()


class LegalEntry(WireSchema):
    """A request in the register, without its words."""

    id = Identifier("lgl")
    n = Count(at_least=1)
    received_on = Day()
    country = Text()
    authority = Text()
    legal_basis = Choice(rules.LEGAL_BASES)
    asked_for = Items(Choice(rules.ASKED_FOR))
    recorded_by = Identifier("per")
    recorded_at = Instant()
    decision = Nested(LegalDecisionView, allow_none=True)


class LegalView(LegalEntry):
    """A request in the register."""

    description = Text()
