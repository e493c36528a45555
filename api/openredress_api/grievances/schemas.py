"""The wire shapes of the supplier's register; codes, counts and times, no free text."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Amount,
    Choice,
    Count,
    Flag,
    Identifier,
    Instant,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.keys import ExternalKey
from openredress_api.foundation.paging import PageQuery
from openredress_api.grievances.clocks import CLOCKS
from openredress_api.grievances.rules import REASONS, STATUSES, VOID_REASONS
from openredress_api.vocabulary import TAXONOMIES

WITHDRAWAL_REASONS, OUT_OF_SCOPE_REASONS = (tuple(codes) for _, codes in REASONS.values())


class ListQuery(PageQuery):
    """What to list, in the order of the last change."""

    updated_since = Instant(description="changed here at or after this time")
    status = Choice(STATUSES)
    site = Identifier("site")
    overdue = Choice(tuple(CLOCKS), description="whose clock of this name has run out")


class Money(WireSchema):
    """An amount in its own currency."""

    amount = Amount(required=True, description="no more decimals than the currency has")
    currency = Choice(TAXONOMIES["currency"].codes, required=True)


class GrievanceBody(WireSchema):
    """A grievance as it stands in the supplier's register; null is unknown, never zero."""

    site = Identifier("site", attribute="site_id", required=True)
    category = Choice(TAXONOMIES["grievance_category"].codes, required=True)
    channel = Choice(TAXONOMIES["channel"].codes, required=True)
    severity = Choice(TAXONOMIES["severity"].codes, allow_none=True, load_default=None)
    status = Choice(
        STATUSES,
        load_default="received",
        description="proposed: the lifecycle must lead there from the present one",
    )
    received_at = Instant(required=True)
    received_at_basis = Choice(
        ("stated", "stand_in"),
        load_default="stated",
        description="stand_in: the register has no such date; the day of entry stands in for it",
    )
    acknowledged_at = Instant(allow_none=True, load_default=None)
    resolved_at = Instant(allow_none=True, load_default=None)
    closed_at = Instant(allow_none=True, load_default=None)
    workers_affected = Count(allow_none=True, load_default=None)
    is_anonymous = Flag(load_default=False)
    withdrawal_reason = Choice(
        WITHDRAWAL_REASONS,
        allow_none=True,
        load_default=None,
        description="with status withdrawn_by_worker, and only then",
    )
    out_of_scope_reason = Choice(
        OUT_OF_SCOPE_REASONS,
        allow_none=True,
        load_default=None,
        description="with status out_of_scope, and only then",
    )
    agreed_remedy = Nested(Money, allow_none=True, load_default=None)
    source_updated_at = Instant(
        allow_none=True,
        load_default=None,
        description="when the row last changed in the source; an older one changes nothing here",
    )
    is_test = Flag(load_default=False, description="a test entry: in no figure")


class GrievanceRow(ExternalKey, GrievanceBody):
    """A grievance as one row of a file: what identifies it, and what is told of it."""


class GrievanceView(GrievanceBody):
    """A stored grievance."""

    id = Identifier("grv")
    organisation = Identifier("org", attribute="organisation_id")
    external_id = Text()
    source_system = Text()
    merged_into = Identifier("grv", attribute="merged_into_id", allow_none=True)
    is_restricted = Flag(description="of a category of which nothing leaves without a release")
    missing_from_source_since = Instant(
        allow_none=True, description="a complete file of its source system left it out"
    )
    reopened_at = Instant(allow_none=True)
    voided_at = Instant(allow_none=True)
    void_reason = Choice(VOID_REASONS, allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class StatusChangeBody(WireSchema):
    """One step of a grievance's life."""

    to = Choice(STATUSES, required=True)
    at = Instant(allow_none=True, load_default=None, description="when it happened; default now")
    reason = Choice(
        tuple(dict.fromkeys((*WITHDRAWAL_REASONS, *OUT_OF_SCOPE_REASONS))),
        allow_none=True,
        load_default=None,
        description="with withdrawn_by_worker and out_of_scope, and only then",
    )


class StatusChangeView(WireSchema):
    """A step as it was recorded; it never changes."""

    id = Identifier("gsc")
    grievance = Identifier("grv", attribute="grievance_id")
    to = Choice(STATUSES, attribute="to_status")
    at = Instant(allow_none=True, description="when it happened; null if the source does not say")
    by = Identifier("org", attribute="organisation_id")
    source = Choice(
        ("reported", "import"),
        description="import: filled in because the record was next seen further on",
    )
    recorded_at = Instant()


class MergeBody(WireSchema):
    """Which grievance of the same register this one repeats."""

    into = Identifier("grv", required=True)


class ClocksView(WireSchema):
    """By when a grievance is acknowledged, acted on and passed up, and when that was done."""

    grievance = Identifier("grv", attribute="id")
    severity = Choice(TAXONOMIES["severity"].codes, allow_none=True)
    time_zone = Text(description="of the site, whose days are counted")
    acknowledge_due_at = Instant(allow_none=True)
    acknowledged_at = Instant(allow_none=True)
    first_action_due_at = Instant(allow_none=True)
    first_action_at = Instant(allow_none=True)
    escalation_due_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)


class VoidBody(WireSchema):
    """Why a grievance should not have been in the register; it stays in every figure's total."""

    reason = Choice(VOID_REASONS, required=True)
