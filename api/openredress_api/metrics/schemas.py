"""The wire shapes of releases, reports and figures."""

from __future__ import annotations

from typing import Any

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Field,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.metrics.definitions import CATALOGUE


class Number(Field):
    """A decimal as text with as many digits as the figure can bear."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """For answers only."""
        super().__init__(openapi={"type": "string", "example": "0.85"}, **options)

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:  # noqa: ANN401 - a Decimal
        return None if value is None else f"{value:f}"


PERIOD = {"type": "string", "pattern": r"^\d{4}-Q[1-4]$", "example": "2026-Q1"}
PROVENANCES = ("verified", "supplier_reported", "agency_reported", "mixed")


class ReleaseBody(WireSchema):
    """Which closed quarter to count."""

    period = Text(at_most=7, required=True, description="a closed calendar quarter: 2026-Q1")


class ReleaseView(WireSchema):
    """A release: drafted, previewed for ten working days, approved by a second person."""

    id = Identifier("mrl")
    period = Field(openapi=PERIOD)
    cut_off_at = Instant()
    status = Choice(("draft", "preview", "approved", "published"))
    drafted_at = Instant()
    preview_at = Instant(allow_none=True)
    published_at = Instant(allow_none=True)


class Figure(WireSchema):
    """One figure: a value with its parts, or null with the reason."""

    metric = Choice(CATALOGUE)
    name = Text()
    period = Field(openapi=PERIOD)
    scope = Choice(("brand",), description="all sites of the brand's confirmed relations")
    value = Number(allow_none=True)
    numerator = Count(allow_none=True)
    denominator = Count(allow_none=True)
    unit = Text()
    provenance = Choice(PROVENANCES)
    reason = Choice(
        ("no_exposure", "suppressed", "not_reached", "overlapping_scope"), allow_none=True
    )
    rule = Text(allow_none=True, description="the rule that hides a suppressed value")
    coverage_band = Choice(
        ("<50", "50-79", ">=80"),
        allow_none=True,
        description="percent of eligible records whose workers agreed to be counted",
    )
    definition_version = Count()
    release = Identifier("mrl", attribute="release_id")


class Report(WireSchema):
    """One audience's figures of one release."""

    id = Identifier("mrp")
    release = Identifier("mrl", attribute="release_id")
    audience = Identifier("org", attribute="recipient_id")
    period = Field(openapi=PERIOD)
    figures = Items(Nested(Figure))


class FigureQuery(WireSchema):
    """Which figures: verified ones, unless others are asked for by name."""

    period = Text(at_most=7, description="one quarter; without it every released one")
    include = Text(at_most=100, description="also: supplier_reported, agency_reported, mixed")


class MetricDefinition(WireSchema):
    """A metric's definition, published with every figure's version."""

    code = Choice(CATALOGUE)
    version = Count()
    name = Text()
    shape = Choice(("share", "count", "median"))
    unit = Text()
    provenance = Choice(PROVENANCES)
    numerator = Text()
    denominator = Text()
    cohort = Text()
    notes = Text()
    full_is_disclosive = Flag()


class Definitions(WireSchema):
    """All definitions."""

    data = Items(Nested(MetricDefinition))
