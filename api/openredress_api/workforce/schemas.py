"""The wire shapes of headcounts."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Flag,
    Identifier,
    Instant,
    Month,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.workforce.rules import SOURCES


class UpsertQuery(WireSchema):
    """Which headcount: one per site and month."""

    site = Identifier("site", attribute="site_id", required=True)
    month = Month(required=True)


class ListQuery(PageQuery):
    """What to list, in the order of the last change; `limit` above 500 is clamped."""

    updated_since = Instant(description="changed here at or after this time")
    site = Identifier("site")


class HeadcountBody(WireSchema):
    """All workers at the month's end, those of agencies and temporary ones included."""

    total = Count(required=True)
    agency_workers = Count(
        allow_none=True, load_default=None, description="of the total; null is unknown, not zero"
    )
    source = Choice(SOURCES, required=True, description="where the number comes from")
    is_synthetic = Flag(load_default=False, description="made up for a trial")


class HeadcountView(HeadcountBody):
    """A stored headcount."""

    id = Identifier("hc")
    organisation = Identifier("org", attribute="organisation_id")
    site = Identifier("site", attribute="site_id")
    month = Month()
    created_at = Instant()
    updated_at = Instant()
