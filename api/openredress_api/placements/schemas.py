"""The wire shapes of placements, of what workers state of them, and of interviews."""

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
    Pseudonym,
    Text,
    WireSchema,
)
from openredress_api.foundation.keys import ExternalKey
from openredress_api.foundation.paging import PageQuery
from openredress_api.placements.parts import (
    COUNTRY,
    MOST_FEES,
    MOST_HOPS,
    ContractTerms,
    DisclosedHop,
    FeeLine,
    FeeTotal,
    Hop,
    StatedFeeLine,
)
from openredress_api.placements.rules import STATUSES, VOID_REASONS
from openredress_api.vocabulary import TAXONOMIES

MATCH = TAXONOMIES["contract_match"].codes
ANSWER = TAXONOMIES["interview_answer"].codes
METHOD = TAXONOMIES["validation_method"].codes
MOST_MONTHS = 600


class Kept(WireSchema):
    """What every stored record of this room shows beside its content."""

    organisation = Identifier("org", attribute="organisation_id", description="who keeps it")
    external_id = Text()
    source_system = Text()
    updated_at = Instant()


class PlacementList(PageQuery):
    """A page of placements."""

    updated_since = Instant()
    site = Identifier("site", attribute="site_id")


class PlacementBody(WireSchema):
    """A placement as the agency states it; no fees must be stated, silence is not zero."""

    worker_pseudonym = Pseudonym(required=True)
    origin = Choice(COUNTRY, required=True)
    destination = Choice(COUNTRY, required=True)
    site = Identifier("site", attribute="site_id", allow_none=True, load_default=None)
    job_order_ref = Text(at_most=120, reference=True, allow_none=True, load_default=None)
    status = Choice(STATUSES, load_default="worker_registered")
    end_reason = Choice(TAXONOMIES["early_end_reason"].codes, allow_none=True, load_default=None)
    arrived_on = Day(allow_none=True, load_default=None)
    contract_origin = Nested(
        ContractTerms, allow_none=True, load_default=None, description="as signed before leaving"
    )
    contract_arrival = Nested(
        ContractTerms, allow_none=True, load_default=None, description="as it stood on arrival"
    )
    no_fees_stated = Flag(load_default=False, description="the sender states: no fees at all")
    fee_lines = Items(Nested(FeeLine), at_most=MOST_FEES, load_default=list)
    agent_chain = Items(Nested(Hop), at_most=MOST_HOPS, load_default=list)
    is_test = Flag(load_default=False)


class PlacementRow(ExternalKey, PlacementBody):
    """A placement as one row of a file: what identifies it, and what is told of it."""


class PlacementView(PlacementBody, Kept):
    """A stored placement; how its two contracts compare is worked out at each reading."""

    id = Identifier("plc")
    worker_pseudonym = Pseudonym(allow_none=True, description="the agency's own: null to others")
    contract_match = Choice(MATCH, description="never taken from the sender")
    contract_differences = Items(Text(), description="term.verdict, such as wage.worse")
    missing_from_source_since = Instant(
        allow_none=True, description="a complete file of its source system left it out"
    )
    voided_at = Instant(allow_none=True)
    void_reason = Choice(VOID_REASONS, allow_none=True)


class PlacementVoidBody(WireSchema):
    """Why a placement should not have been stated; it stays in every figure's total."""

    reason = Choice(VOID_REASONS, required=True)


class StatementBody(WireSchema):
    """What a worker states of a placement, as the institute recorded it."""

    stated_on = Day(required=True)
    method = Choice(METHOD, required=True)
    no_fees_stated = Flag(load_default=False, description="the worker states: no fees at all")
    fee_lines = Items(Nested(StatedFeeLine), at_most=MOST_FEES, load_default=list)
    no_intermediary_stated = Flag(load_default=False)
    agent_chain = Items(Nested(Hop), at_most=MOST_HOPS, load_default=list)
    contract_arrival = Nested(
        ContractTerms, allow_none=True, load_default=None, description="as the worker found it"
    )
    share_in_aggregates = Flag(required=True, description="the worker's consent to be counted")


class AgencySide(WireSchema):
    """What the agency states of the same placement at the time of reading."""

    no_fees_stated = Flag()
    fee_lines = Items(Nested(FeeLine))
    agent_chain = Items(Nested(DisclosedHop))
    contract_origin = Nested(ContractTerms, allow_none=True)
    contract_arrival = Nested(ContractTerms, allow_none=True)
    contract_match = Choice(MATCH)


class StatementView(StatementBody):
    """A stored statement beside what the agency states, and where the two part."""

    id = Identifier("stm")
    placement = Identifier("plc", attribute="placement_id")
    agent_chain = Items(Nested(DisclosedHop))
    agency_stated = Nested(AgencySide)
    first_mile_known = Flag()
    chain_mismatch = Items(
        Text(),
        description="role@country that the worker alone states, or role@country.licence_no and "
        "role@country.organisation_name where both state the hop but not this of it",
    )
    fee_totals = Items(Nested(FeeTotal), description="per currency, of fees by ILO groups A to C")
    contract_match = Choice(MATCH, description="the worker's arrival, the agency's origin")
    contract_differences = Items(Text(), description="term.verdict, such as wage.worse")
    created_at = Instant()


class InterviewBody(WireSchema):
    """What a worker said some time after arrival; who was not asked counts nowhere."""

    held_on = Day(required=True)
    method = Choice(METHOD, required=True)
    document_in_hand = Choice(
        ANSWER, required=True, description="the own passport or identity paper is within reach"
    )
    in_debt = Choice(ANSWER, required=True, description="in debt for this job")
    debt_months = Count(
        at_most=MOST_MONTHS,
        allow_none=True,
        load_default=None,
        description="the debt in whole months of wage; null: not known",
    )
    share_in_aggregates = Flag(required=True, description="the worker's consent to be counted")


class InterviewView(InterviewBody):
    """An interview as it was recorded; it never changes."""

    id = Identifier("itv")
    placement = Identifier("plc", attribute="placement_id")
    created_at = Instant()
