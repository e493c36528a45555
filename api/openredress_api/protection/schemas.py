"""The wire shapes of protection."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Personal,
    Text,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.protection import rules
from openredress_api.vocabulary import TAXONOMIES

RISK = TAXONOMIES["safety_risk"].codes
MEASURE = TAXONOMIES["safety_measure"].codes
RESULT = TAXONOMIES["check_back_result"].codes
PURPOSE = TAXONOMIES["identity_purpose"].codes
LONGEST_DAYS = 90


class SafetyAssessmentBody(WireSchema):
    """What was decided about a release, and why."""

    recipient_type = Choice(rules.EMPLOYERS, required=True)
    decision = Choice(rules.DECISIONS, required=True)
    risks = Items(Choice(RISK), at_most=10, required=True)
    measures = Items(Choice(MEASURE), at_most=10, required=True)
    valid_days = Count(at_least=1, at_most=LONGEST_DAYS, required=True)


class SafetyAssessmentView(WireSchema):
    """An assessment; of those for one kind of recipient the highest `n` counts."""

    id = Identifier("saf")
    case = Identifier("case", attribute="case_id")
    recipient_type = Text()
    n = Count()
    decision = Text()
    risks = Items(Text())
    measures = Items(Text())
    severity = Text(description="the severity that was judged; another one needs another judgement")
    categories = Items(Text(), description="the categories that were judged, as for severity")
    expires_at = Instant()
    assessed_by = Identifier("per")
    assessed_at = Instant()


class WatchQuery(PageQuery):
    """A page of watches, narrowed."""

    case = Identifier("case")


class CheckBackView(WireSchema):
    """One question to the worker; `result` null: it waits."""

    id = Identifier("ckb")
    after_days = Count(allow_none=True, description="days after the release; null: not planned")
    due_at = Instant()
    result = Text(allow_none=True)
    at = Instant(allow_none=True)
    recorded_by = Identifier("per", allow_none=True)


class WatchView(WireSchema):
    """The time in which a worker is asked whether there was a reprisal."""

    id = Identifier("rtw")
    case = Identifier("case", attribute="case_id")
    began_at = Instant()
    ends_at = Instant()
    check_backs = Items(Nested(CheckBackView))


class CheckBackBody(WireSchema):
    """What the worker said."""

    result = Choice(RESULT, required=True)
    at = Instant(required=True)


class HoldQuery(PageQuery):
    """A page of holds, narrowed."""

    site = Identifier("site")


class SiteHoldView(WireSchema):
    """Why nothing new goes to a site's employer or agencies; `cleared_at` null: it stands."""

    id = Identifier("hld")
    site = Identifier("site", attribute="site_id")
    cases = Items(Identifier("case"), attribute="case_ids")
    reported_by = Items(Identifier("per"))
    placed_at = Instant()
    cleared_at = Instant(allow_none=True)
    cleared_by = Identifier("per", allow_none=True)
    clear_reason = Text(allow_none=True)


class HoldClearBody(WireSchema):
    """Why the site is open again."""

    reason = Choice(TAXONOMIES["hold_clear_reason"].codes, required=True)


class WorkerBody(WireSchema):
    """Who a worker is, as the vault keeps it; a name or a phone is needed."""

    name = Personal(at_most=200, allow_none=True, load_default=None)
    phone = Personal(
        at_most=40,
        allow_none=True,
        load_default=None,
        description="with + and country code; the same number is the same worker",
    )
    safe_contact = Personal(
        at_most=1000,
        allow_none=True,
        load_default=None,
        description="when and how to call without danger",
    )


class WorkerView(WireSchema):
    """That a worker is in a case; who it is stays in the vault."""

    id = Identifier("wrk")
    case = Identifier("case", attribute="case_id")
    linked_by = Identifier("per", allow_none=True)
    linked_at = Instant()


class AddedWorkerView(WorkerView):
    """The worker that was put into the vault."""

    was_known = Flag(description="whether the number was in the vault before")


class IdentityRequestBody(WireSchema):
    """Whose identity is needed, and for what."""

    worker = Identifier("wrk", required=True)
    case = Identifier("case", required=True)
    purpose = Choice(PURPOSE, required=True)
    break_glass = Flag(
        load_default=False,
        description="true: at once, in a critical case; two people have to look into it afterwards",
    )


class IdentityRequestView(WireSchema):
    """A request for a worker's identity; it can be read once until `expires_at`."""

    id = Identifier("idr")
    worker = Identifier("wrk", attribute="worker_id")
    case = Identifier("case", attribute="case_id")
    purpose = Text()
    break_glass = Flag()
    status = Choice(rules.IDENTITY_STATUSES)
    asked_by = Identifier("per")
    asked_at = Instant()
    decided_by = Identifier("per", allow_none=True)
    decided_at = Instant(allow_none=True)
    expires_at = Instant(allow_none=True)
    read_at = Instant(allow_none=True)


class IdentityView(WireSchema):
    """Who a worker is."""

    worker = Identifier("wrk")
    name = Text(allow_none=True)
    phone = Text(allow_none=True)
    safe_contact = Text(allow_none=True)


class PseudonymQuery(WireSchema):
    """For whom the pseudonym is, and how far it reaches."""

    recipient = Identifier("org", description="left out: the supplier of the case's site")
    within = Choice(
        rules.WITHIN,
        load_default="recipient",
        description="case: one that holds in this case alone, for when the lasting one is known",
    )


class PseudonymView(WireSchema):
    """What one recipient may call a worker."""

    worker = Identifier("wrk")
    recipient = Identifier("org")
    within = Text()
    pseudonym = Text()
