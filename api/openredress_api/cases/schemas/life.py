"""The wire shapes of cases."""

from __future__ import annotations

from openredress_api.cases.rules import STATUSES, VOID_REASONS
from openredress_api.foundation.fields import (
    Choice,
    Count,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.vocabulary import TAXONOMIES

CATEGORY = TAXONOMIES["grievance_category"].codes


class CaseQuery(PageQuery):
    """A page of cases, narrowed: `limit` above 500 is clamped."""

    status = Choice(STATUSES)
    site = Identifier("site")
    updated_since = Instant(description="cases changed at this moment or later")


class CaseOfContactBody(WireSchema):
    """A case that a contact opens: channel and moment are those of the contact."""

    site = Identifier("site", required=True)
    categories = Items(Choice(CATEGORY), at_least=1, at_most=10, required=True)
    severity = Choice(TAXONOMIES["severity"].codes, required=True)
    workers_affected = Count(
        at_least=1, allow_none=True, load_default=None, description="null: not known"
    )
    is_test = Flag(load_default=False)
    external_ref = Text(
        at_most=120,
        reference=True,
        allow_none=True,
        load_default=None,
        description="the institute's own reference; nobody else sees it",
    )


class Arrival(WireSchema):
    """How and when something came in."""

    channel = Choice(TAXONOMIES["channel"].codes, required=True)
    received_at = Instant(required=True)
    received_at_basis = Choice(
        ("stated", "stand_in"),
        required=True,
        description="stand_in: the true moment is unknown and another one stands for it",
    )


class CaseBody(CaseOfContactBody, Arrival):
    """A case as the institute opens it."""


class CaseIssueBody(WireSchema):
    """One more category of harm."""

    category = Choice(CATEGORY, required=True)


class CaseIssueView(WireSchema):
    """A stored issue: a case and a category."""

    id = Identifier("iss")
    category = Text()


class CaseView(WireSchema):
    """A case with what was merged into it.

    Assigned CSOs see no received_at, received_at_basis, created_at, external_ref, contacts,
    merged_into, contact_erased_at and content_erased_at, and of merged cases only what is assigned
    to them too.
    """

    id = Identifier("case")
    site = Identifier("site", attribute="site_id")
    supplier = Identifier("org", attribute="supplier_id")
    status = Text()
    severity = Text()
    severity_reasons = Items(
        Text(), description="of its last change; empty for a severity that stands since the opening"
    )
    channel = Text()
    workers_affected = Count(allow_none=True)
    is_test = Flag()
    issues = Items(Nested(CaseIssueView), description="one per category")
    indicators = Items(Text(), description="what was observed, without what was voided")
    contacts = Count(description="calls and messages that belong to the case")
    merged_into = Identifier(
        "case", allow_none=True, description="the case that stays in its place"
    )
    received_at = Instant()
    received_at_basis = Text()
    external_ref = Text(allow_none=True)
    voided_at = Instant(allow_none=True)
    void_reason = Text(allow_none=True)
    contact_erased_at = Instant(
        allow_none=True, description="when identities, phones and receipt codes were erased"
    )
    content_erased_at = Instant(
        allow_none=True, description="when messages and external_ref were erased"
    )
    created_at = Instant()
    updated_at = Instant()


class CaseStatusChangeBody(WireSchema):
    """The next status; closed_validated is reached through a validation only."""

    to = Choice(STATUSES, required=True)
    withdrawal_reason = Choice(
        TAXONOMIES["withdrawal_reason"].codes, allow_none=True, load_default=None
    )
    out_of_scope_reason = Choice(
        TAXONOMIES["out_of_scope_reason"].codes, allow_none=True, load_default=None
    )


class CaseStatusChangeView(WireSchema):
    """One step that a case took."""

    to = Text(attribute="to_status")
    withdrawal_reason = Text(allow_none=True)
    out_of_scope_reason = Text(allow_none=True)
    changed_at = Instant()


class CaseVoidBody(WireSchema):
    """Why the case should never have been; a tombstone stays."""

    reason = Choice(VOID_REASONS, required=True)


class CaseMergeBody(WireSchema):
    """The case that the merged one repeats."""

    into = Identifier("case", required=True, description="an open case of the same site; it stays")
