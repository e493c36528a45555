"""The wire shapes of referrals."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Identifier,
    Instant,
    Items,
    Month,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.referrals.rules import LIFECYCLE, REVOKE_REASONS
from openredress_api.vocabulary import TAXONOMIES

CATEGORY = TAXONOMIES["grievance_category"].codes
REACHED = {"offered", *(step.target for step in LIFECYCLE)}
STATUSES = tuple(code for code in TAXONOMIES["referral_status"].codes if code in REACHED)


class ReferralQuery(PageQuery):
    """A page of referrals, narrowed: `limit` above 500 is clamped."""

    status = Choice(STATUSES)
    updated_since = Instant(description="referrals changed at this moment or later")


class ReferralSummary(WireSchema):
    """What the recipient learns: kinds of harm, how many, which month, how grave."""

    categories = Items(Choice(CATEGORY), at_least=1, at_most=10, required=True)
    workers = Count(
        at_least=1,
        allow_none=True,
        load_default=None,
        description="at least 3 for a supplier or agency; null: all workers in this situation",
    )
    event_month = Month(required=True)
    severity = Choice(TAXONOMIES["severity"].codes, required=True)


class ReferralBody(WireSchema):
    """A case offered to one organisation."""

    case = Identifier("case", required=True)
    to = Identifier("org", required=True, description="a supplier, agency, CSO or authority")
    purpose = Choice(TAXONOMIES["referral_purpose"].codes, required=True)
    summary = Nested(ReferralSummary, required=True)
    respond_in_days = Count(at_least=1, at_most=90, load_default=14)


class ReferralEntry(WireSchema):
    """A referral in a list: that it is there, not what it says."""

    id = Identifier("ref")
    sender = Identifier("org", attribute="organisation_id")
    to = Identifier("org", attribute="recipient_id")
    purpose = Text()
    status = Text()
    due_at = Instant()
    released_at = Instant()
    updated_at = Instant()


class ReferralView(ReferralEntry):
    """A referral; `case` is shown to the institute only."""

    case = Identifier("case", attribute="case_id")
    site = Identifier("site", attribute="site_id", allow_none=True)
    summary = Nested(ReferralSummary)
    decline_reason = Text(allow_none=True)
    deletion_confirmed_at = Instant(
        allow_none=True, description="when the recipient said that its copies are gone"
    )
    revoke_reason = Text(allow_none=True)
    outcomes = Items(Text(), allow_none=True)


class DeletionReceiptView(WireSchema):
    """The recipient's word that its copies of a revoked referral are gone."""

    referral = Identifier("ref", attribute="referral_id")
    confirmed_at = Instant()


class ReferralDeclineBody(WireSchema):
    """Why the recipient refuses."""

    reason = Choice(TAXONOMIES["decline_reason"].codes, required=True)


class ReferralResponseBody(WireSchema):
    """What came of it."""

    outcomes = Items(Choice(TAXONOMIES["outcome"].codes), at_least=1, at_most=20, required=True)


class ReferralRevokeBody(WireSchema):
    """Why the sender takes it back."""

    reason = Choice(REVOKE_REASONS, required=True)
