"""The wire shapes of job orders, their recruiters, and entries of public registers."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Amount,
    Choice,
    Count,
    Day,
    Field,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.keys import ExternalKey
from openredress_api.foundation.paging import PageQuery
from openredress_api.placements.firms import REASONS
from openredress_api.placements.parts import (
    COUNTRY,
    HOP_ROLE,
    MOST_HOPS,
    REGISTRATION,
    EndDay,
    ListedHop,
    Wage,
)
from openredress_api.placements.schemas import Kept
from openredress_api.vocabulary import TAXONOMIES

ORDER_STATUS = TAXONOMIES["job_order_status"].codes


class JobOrderList(PageQuery):
    """A page of job orders."""

    updated_since = Instant()
    status = Choice(ORDER_STATUS)


class JobOrderBody(WireSchema):
    """An employer's request for workers; null is unknown, never zero."""

    employer_name = Text(required=True)
    title = Text(allow_none=True, load_default=None, description="of the job")
    occupation_code = Text(
        allow_none=True, load_default=None, description="of the list isco_08, or as SOC writes it"
    )
    occupation_system = Choice(
        TAXONOMIES["occupation_system"].codes, allow_none=True, load_default=None
    )
    sector_code = Text(
        allow_none=True, load_default=None, description="of the list isic_4, or as NAICS writes it"
    )
    sector_system = Choice(TAXONOMIES["sector_system"].codes, allow_none=True, load_default=None)
    origin = Choice(COUNTRY, allow_none=True, load_default=None)
    destination = Choice(COUNTRY, required=True)
    worksite_city = Text(at_most=120, allow_none=True, load_default=None)
    worksite_admin1 = Text(
        at_most=120, allow_none=True, load_default=None, description="state, province or the like"
    )
    workers_requested = Count(allow_none=True, load_default=None)
    workers_certified = Count(allow_none=True, load_default=None)
    status = Choice(ORDER_STATUS, allow_none=True, load_default=None)
    submitted_on = Day(allow_none=True, load_default=None)
    decided_on = Day(allow_none=True, load_default=None)
    starts_on = Day(allow_none=True, load_default=None)
    ends_on = EndDay(allow_none=True, load_default=None)
    wage = Nested(Wage, allow_none=True, load_default=None)
    overtime_wage = Amount(
        allow_none=True, load_default=None, description="per hour, in the wage's currency"
    )
    hours_per_week = Amount(allow_none=True, load_default=None, description="1 to 168")
    agent_name = Text(
        allow_none=True, load_default=None, description="an organisation's, never a person's"
    )


class JobOrderRow(ExternalKey, JobOrderBody):
    """A job order as one row of a file: what identifies it, and what is told of it."""


class JobOrderView(JobOrderBody, Kept):
    """A stored job order."""

    id = Identifier("jor")


class JobOrderDetail(JobOrderView):
    """A job order with its recruiters as one chain."""

    agent_chain = Items(
        Nested(ListedHop), description="the first 500 of its recruiter listings, as hops"
    )
    agent_chain_ordered = Flag(description="false: the source does not say who comes first")


class ListingList(PageQuery):
    """A page of recruiter listings."""

    updated_since = Instant()
    job_order_ref = Text(at_most=120, reference=True)


class ListingBody(WireSchema):
    """One recruiter of a job order; persons are counted, never named."""

    job_order_ref = Text(
        at_most=120,
        reference=True,
        required=True,
        description="external_id of the job order, same source_system",
    )
    seq = Count(
        at_least=1,
        at_most=MOST_HOPS,
        allow_none=True,
        load_default=None,
        description="place in the chain from the first contact; null: the source does not say",
    )
    role = Choice(HOP_ROLE, load_default="unstated")
    organisation_name = Text(
        allow_none=True, load_default=None, description="never a person's; null: persons alone"
    )
    city = Text(at_most=120, allow_none=True, load_default=None)
    admin1 = Text(at_most=120, allow_none=True, load_default=None)
    country = Choice(COUNTRY, required=True)
    persons_named = Count(
        allow_none=True, load_default=None, description="how many persons the source names"
    )
    registered = Choice(REGISTRATION, load_default="unknown")


class ListingRow(ExternalKey, ListingBody):
    """A recruiter as one row of a file: what identifies it, and what is told of it."""


class ListingView(ListingBody, Kept):
    """A stored recruiter listing."""

    id = Identifier("rcl")


class SpellingView(WireSchema):
    """A recruiter as listings write it, and in how many."""

    organisation_name = Text()
    city = Text(allow_none=True)
    country = Choice(COUNTRY)
    listings = Count()


class FirmProposalView(WireSchema):
    """A question: are these one firm? Nothing is merged."""

    spellings = Items(Nested(SpellingView), description="the first is like each of the others")
    score = Field(openapi={"type": "number", "minimum": 0, "maximum": 1})
    reasons = Items(Choice(REASONS))


class EntryList(PageQuery):
    """A page of register entries."""

    updated_since = Instant()
    subject_organisation = Identifier("org", attribute="subject_organisation_id")
    valid_on = Day(description="entries whose window holds this day")


class EntryBody(WireSchema):
    """What a public register says of an agency or employer, from one day to another."""

    kind = Choice(TAXONOMIES["register_entry_kind"].codes, required=True)
    subject_name = Text(required=True, description="as the register writes it")
    subject_organisation = Identifier(
        "org",
        attribute="subject_organisation_id",
        allow_none=True,
        load_default=None,
        description="where it is known here; an agency names itself",
    )
    city = Text(at_most=120, allow_none=True, load_default=None)
    admin1 = Text(at_most=120, allow_none=True, load_default=None)
    country = Choice(COUNTRY, required=True)
    register = Text(at_most=120, required=True, description="which public register or programme")
    reference = Text(
        at_most=120,
        reference=True,
        allow_none=True,
        load_default=None,
        description="licence or case number",
    )
    authority = Text(at_most=120, allow_none=True, load_default=None)
    valid_from = Day(required=True)
    valid_until = EndDay(
        allow_none=True, load_default=None, description="the last day; null: no end is stated"
    )
    related_employer_name = Text(allow_none=True, load_default=None)
    status = Text(
        at_most=120, allow_none=True, load_default=None, description="in the register's words"
    )
    source_note = Text(
        at_most=500, allow_none=True, load_default=None, description="where it was read"
    )


class EntryRow(ExternalKey, EntryBody):
    """A register entry as one row of a file: what identifies it, and what is told of it."""


class EntryView(EntryBody, Kept):
    """A stored register entry."""

    id = Identifier("reg")
