"""The wire shapes of remediation requests, plans, claims and validations."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Amount,
    Choice,
    Count,
    Day,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.remediation import rules
from openredress_api.vocabulary import TAXONOMIES

MAX_DAYS = 365


class RequestQuery(PageQuery):
    """Filters of the list of requests."""

    status = Choice(rules.STATUSES)
    updated_since = Instant(description="requests that changed at or after this moment")
    overdue = Choice(("true", "false"), description="true: open ones whose due_at has passed")


class MoneyBody(WireSchema):
    """An amount with its currency; decimals as the currency has them."""

    amount = Amount(required=True)
    currency = Choice(TAXONOMIES["currency"].codes, required=True)


class RequestBody(WireSchema):
    """What is asked of the supplier of a case's site."""

    case = Identifier("case", required=True)
    referral = Identifier("ref", allow_none=True, load_default=None)
    site = Identifier("site", required=True, description="the site of the case")
    asked_outcome = Choice(rules.REMEDIES, required=True)
    amount = Nested(MoneyBody, allow_none=True, load_default=None)
    workers = Count(
        at_least=1,
        required=True,
        allow_none=True,
        description="how many workers are affected; null: unknown",
    )
    due_in_days = Count(at_least=1, at_most=MAX_DAYS, load_default=60)


class ContestBody(WireSchema):
    """Why the supplier objects."""

    reason = Choice(rules.CONTEST_REASONS, required=True)


class CancelBody(WireSchema):
    """Why the institute takes a request back; the supplier never sees it."""

    reason = Choice(rules.CANCEL_REASONS, required=True)


class PlannedAction(WireSchema):
    """One outcome and the day by which it will be there."""

    outcome = Choice(rules.REMEDIES, required=True)
    due_on = Day(required=True)


class PlanBody(WireSchema):
    """What the supplier will do."""

    actions = Items(Nested(PlannedAction), at_least=1, at_most=50, required=True)


class PlanView(WireSchema):
    """The latest plan."""

    plan_no = Count()
    actions = Items(Nested(PlannedAction))
    submitted_at = Instant()


class ResultView(WireSchema):
    """The result of one round, as everybody concerned may know it."""

    round = Count()
    result = Choice(tuple(rules.STATUS_OF))
    at = Instant()


class ProgressBody(WireSchema):
    """How one outcome of the plan stands."""

    planned_outcome = Choice(rules.REMEDIES, required=True)
    state = Choice(rules.PROGRESS_STATES, required=True)
    expected_on = Day(allow_none=True, load_default=None, description="when it will be done")
    evidence = Items(
        Identifier("evd"),
        at_most=20,
        load_default=list,
        description="files of one's own that show it",
    )


class ProgressView(ProgressBody):
    """A report of progress; it is never changed."""

    id = Identifier("prg")
    remediation_request = Identifier("rem", attribute="request_id")
    round = Count(at_least=1)
    report_no = Count(at_least=1)
    at = Instant()


class DemandBody(WireSchema):
    """What the institute asks to be shown."""

    purposes = Items(
        Choice(TAXONOMIES["evidence_purpose"].codes), at_least=1, at_most=10, required=True
    )


class DemandView(DemandBody):
    """The last question for evidence."""

    at = Instant()


class EscalationBody(WireSchema):
    """Why the institute goes a level further."""

    reason = Choice(rules.ESCALATION_REASONS, required=True)


class EscalationView(EscalationBody):
    """One level; the highest one holds."""

    level = Count(at_least=1, at_most=rules.HIGHEST_LEVEL)
    at = Instant()


class RequestView(WireSchema):
    """A remediation request. What follows `results` is shown to the institute alone."""

    id = Identifier("rem")
    supplier = Identifier("org", attribute="recipient_id")
    site = Identifier("site", attribute="site_id")
    categories = Items(Choice(TAXONOMIES["grievance_category"].codes))
    asked_outcome = Choice(rules.REMEDIES)
    asks_for_money = Flag()
    # Null also where a sum would point at somebody.
    amount = Nested(MoneyBody, allow_none=True)
    workers = Count(allow_none=True, description="null unless `worded` is counted")
    worded = Choice(("counted", "all_in_situation"))
    status = Choice(rules.STATUSES)
    round = Count(at_least=1)
    due_at = Instant()
    released_at = Instant(allow_none=True, description="null until the supplier is shown it")
    updated_at = Instant()
    plan = Nested(PlanView, allow_none=True)
    contested_for = Choice(rules.CONTEST_REASONS, allow_none=True)
    has_several_sponsors = Flag(description="whether several brands stand behind it; never which")
    evidence_requested = Nested(DemandView, allow_none=True)
    escalations = Items(Nested(EscalationView))
    results = Items(Nested(ResultView))
    case = Identifier("case")
    referral = Identifier("ref", allow_none=True)
    workers_counted = Count(allow_none=True)
    amount_agreed = Nested(MoneyBody, allow_none=True)
    release_at = Instant(
        allow_none=True, description="when the supplier is shown it, if consent still holds then"
    )
    cancelled_for = Choice(rules.CANCEL_REASONS, allow_none=True)


class ClaimBody(WireSchema):
    """The supplier's word that the remedy is done."""

    outcomes = Items(Choice(rules.REMEDIES), at_least=1, at_most=20, required=True)
    amount = Nested(MoneyBody, allow_none=True, load_default=None)
    workers = Count(
        required=True, allow_none=True, description="how many workers it reached; null: unknown"
    )
    completed_on = Day(required=True)


class ClaimView(ClaimBody):
    """A completion claim; it is never changed."""

    id = Identifier("clm")
    remediation_request = Identifier("rem", attribute="request_id")
    round = Count(at_least=1)
    claim_no = Count(at_least=1)
    claimed_at = Instant()


class SaidBody(WireSchema):
    """What workers said of a claim; counts are those of the whole round so far."""

    methods = Items(Choice(rules.METHODS), at_least=1, at_most=10, required=True)
    validator_type = Choice(rules.VALIDATOR_TYPES, required=True)
    at = Instant(required=True, description="when the last of them was asked")
    n_affected = Count(at_least=1, required=True, allow_none=True, description="null: unknown")
    n_contacted = Count(required=True, description="workers who were reached")
    n_confirmed = Count(required=True)
    n_disputed = Count(required=True)
    n_unreachable = Count(required=True)
    attempts = Count(required=True, description="rounds of calls or visits")
    days_of_attempts = Count(required=True, description="from the first attempt to the last")
    independent_of_supplier = Flag(required=True)


class ValidationBody(SaidBody):
    """What workers said of the claim of this round; counts are those of the whole round so far."""

    money_confirmed_in_full = Flag(
        allow_none=True,
        load_default=None,
        description="needed where the request asks for money",
    )


class ValidationView(ValidationBody):
    """A validation with the result that the rule gave; it is never changed."""

    id = Identifier("val")
    remediation_request = Identifier("rem", attribute="request_id")
    validator = Identifier("org", attribute="organisation_id")
    round = Count(at_least=1)
    validation_no = Count(at_least=1)
    result = Choice(TAXONOMIES["validation_result"].codes)
    recorded_at = Instant()


class ResponseQuery(PageQuery):
    """Filters of the list of answers to workers."""

    status = Choice(rules.RESPONSE_STATUSES)


class ResponseBody(WireSchema):
    """What the workers behind one referral or request are to be told."""

    text = Text(at_most=2_000, required=True, description="names nobody; workers read it as it is")


class ReturnBody(WireSchema):
    """Why an answer is not passed on."""

    reason = Choice(rules.RETURN_REASONS, required=True)


class ResponseEntry(WireSchema):
    """An answer in a list, without what it says."""

    id = Identifier("rsp")
    sender = Identifier("org", attribute="organisation_id")
    referral = Identifier("ref", attribute="referral_id", allow_none=True)
    request = Identifier("rem", attribute="request_id", allow_none=True)
    status = Choice(rules.RESPONSE_STATUSES)
    submitted_at = Instant()
    updated_at = Instant()


class ResponseView(ResponseEntry):
    """An answer with its words, for its sender and the institute."""

    text = Text(allow_none=True, description="null once it was erased")
    returned_for = Choice(rules.RETURN_REASONS, allow_none=True)
