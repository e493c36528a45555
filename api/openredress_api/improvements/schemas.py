"""The wire shapes of systemic actions."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Day,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.improvements import rules
from openredress_api.vocabulary import TAXONOMIES


class ActionQuery(PageQuery):
    """Filters of the list of actions."""

    site = Identifier("site", description="actions at this site")


class ActionBody(WireSchema):
    """What was changed for all workers of a site, beyond the cases that led to it."""

    site = Identifier("site", required=True, description="one of one's own")
    kind = Choice(rules.KINDS, required=True)
    categories = Items(
        Choice(TAXONOMIES["grievance_category"].codes), at_least=1, at_most=10, required=True
    )
    requests = Items(
        Identifier("rem"), at_most=50, load_default=list, description="what led to the action"
    )
    evidence = Items(Identifier("evd"), at_most=20, load_default=list)
    effective_on = Day(required=True)


class VerdictBody(WireSchema):
    """What the institute found."""

    verdict = Choice(rules.VERDICTS, required=True)
    method = Choice(rules.METHODS, required=True)


class VerdictView(VerdictBody):
    """The institute's last word on an action."""

    at = Instant()


class ActionView(WireSchema):
    """A systemic action: the supplier's word, and apart from it what the institute found."""

    id = Identifier("sys")
    stated_by = Identifier("org", attribute="organisation_id")
    site = Identifier("site", attribute="site_id")
    kind = Choice(rules.KINDS)
    categories = Items(Choice(TAXONOMIES["grievance_category"].codes))
    requests = Items(Identifier("rem"))
    evidence = Items(Identifier("evd"))
    effective_on = Day()
    stated_at = Instant()
    verdict = Nested(VerdictView, allow_none=True)


class RecurrenceView(WireSchema):
    """Cases of the same site and categories around an action; for the institute alone."""

    action = Identifier("sys")
    cases_before = Count(description="in the 180 days before it took effect")
    cases_after = Count(description="in the 180 days from then on, or up to now")
    is_complete = Flag(description="whether the 180 days after it are over")
