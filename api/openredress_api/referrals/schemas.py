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
from openredress_api.referrals.rules import LIFECYCLE, ONWARD_LIFECYCLE, REVOKE_REASONS
from openredress_api.vocabulary import TAXONOMIES

CATEGORY = TAXONOMIES["grievance_category"].codes
COUNTRY = TAXONOMIES["country"].codes
PURPOSE = TAXONOMIES["referral_purpose"].codes
REACHED = {"draft", *(step.target for step in LIFECYCLE)}
STATUSES = tuple(code for code in TAXONOMIES["referral_status"].codes if code in REACHED)
ONWARD_STATUSES = ("asked", *(step.target for step in ONWARD_LIFECYCLE))


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
        description="for a supplier or agency at least 3, or fewer who agreed to be known to it; "
        "null: all workers in this situation",
    )
    event_month = Month(required=True)
    severity = Choice(TAXONOMIES["severity"].codes, required=True)


class ReferralDraftBody(WireSchema):
    """What one organisation is to learn, and by when it is to answer."""

    to = Identifier("org", required=True, description="a supplier, agency, CSO or authority")
    purpose = Choice(PURPOSE, required=True)
    summary = Nested(ReferralSummary, required=True)
    respond_in_days = Count(
        at_least=1, at_most=90, load_default=14, description="counted from the release"
    )


class ReferralBody(ReferralDraftBody):
    """The draft of a case's referral to one organisation."""

    case = Identifier("case", required=True)
    onward_request = Identifier(
        "onw", allow_none=True, load_default=None, description="the request of a CSO it answers"
    )


class ReferralEntry(WireSchema):
    """A referral in a list: that it is there, not what it says.

    `due_at` and `released_at` are null until its recipient has been shown it.
    """

    id = Identifier("ref")
    sender = Identifier("org", attribute="organisation_id")
    to = Identifier("org", attribute="recipient_id")
    purpose = Text()
    status = Text()
    due_at = Instant(allow_none=True)
    released_at = Instant(allow_none=True)
    updated_at = Instant()


class ReferralView(ReferralEntry):
    """A referral; what begins with `case` is shown to the institute only."""

    to_country = Text(description="where the recipient is at home")
    site = Identifier("site", attribute="site_id", allow_none=True)
    summary = Nested(ReferralSummary)
    decline_reason = Text(allow_none=True)
    revoke_reason = Text(allow_none=True)
    outcomes = Items(Text(), allow_none=True)
    case = Identifier("case", attribute="case_id")
    author = Identifier("per", attribute="author_id", allow_none=True)
    released_by = Identifier("per", allow_none=True)
    release_at = Instant(
        allow_none=True, description="when the recipient is shown it, if consent still holds then"
    )
    respond_in_days = Count()
    onward_request = Identifier("onw", attribute="onward_request_id", allow_none=True)
    deletion_confirmed_at = Instant(
        allow_none=True, description="when the recipient said that its copies are gone"
    )


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


class OnwardQuery(PageQuery):
    """A page of onward requests, narrowed: `limit` above 500 is clamped."""

    status = Choice(ONWARD_STATUSES)


class OnwardBody(WireSchema):
    """What another CSO should do, and why it rather than the one that asks."""

    to_country = Choice(
        COUNTRY, allow_none=True, load_default=None, description="null: wherever help is to be had"
    )
    purpose = Choice(PURPOSE, required=True)
    reason = Choice(TAXONOMIES["onward_reason"].codes, required=True)


class OnwardView(WireSchema):
    """A CSO's question whether a case may go on; `referral` is the one that the asker holds."""

    id = Identifier("onw")
    referral = Identifier("ref", attribute="referral_id")
    asked_by = Identifier("org", attribute="organisation_id")
    to_country = Text(allow_none=True)
    purpose = Text()
    reason = Text()
    status = Choice(ONWARD_STATUSES)
    asked_at = Instant()
    updated_at = Instant()
