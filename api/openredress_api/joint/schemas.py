"""The wire shapes of sponsorships and of requests that look alike."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Identifier,
    Instant,
    Items,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.joint import rules
from openredress_api.vocabulary import TAXONOMIES


class SponsorBody(WireSchema):
    """Which brand is asked to stand behind a request."""

    brand = Identifier("org", required=True, description="with a confirmed relation to the site")


class SponsorshipQuery(PageQuery):
    """Filters of the list of sponsorships."""

    status = Choice(rules.STATUSES)


class SponsorshipEntry(WireSchema):
    """A sponsorship in a list."""

    id = Identifier("spn")
    brand = Identifier("org", attribute="recipient_id")
    status = Choice(rules.STATUSES)
    updated_at = Instant()


class SponsorshipView(SponsorshipEntry):
    """A sponsorship with what its brand may know of the request: nothing of its workers."""

    site = Identifier("site", attribute="site_id")
    asked_outcome = Text()
    request_status = Choice(TAXONOMIES["remediation_status"].codes)
    round = Count(at_least=1)
    due_at = Instant()
    result = Text(allow_none=True, description="of the last round that workers decided")
    request = Identifier("rem", attribute="request_id", description="for the institute alone")


class CandidateView(WireSchema):
    """Two open requests of one site that may ask for the same; the earlier one first."""

    request = Identifier("rem")
    other = Identifier("rem")
    site = Identifier("site")
    families = Items(Text(), description="families of categories that they share")
    days_apart = Count()


class CandidatesView(WireSchema):
    """Pairs for a person to look at, at most 200."""

    data = Items(Nested(CandidateView))


class DecisionBody(WireSchema):
    """What a person found about two requests."""

    request = Identifier("rem", required=True, description="stays, where they are joined")
    other = Identifier("rem", required=True, description="ends as a duplicate, where joined")
    decision = Choice(rules.DECISIONS, required=True)


class DecisionView(DecisionBody):
    """A decision about two requests; it is never changed."""

    request = Identifier("rem", attribute="request_id")
    other = Identifier("rem", attribute="other_id")
    decided_at = Instant()


class CandidateQuery(WireSchema):
    """Which pairs are looked for."""

    site = Identifier("site", description="only requests of this site")
