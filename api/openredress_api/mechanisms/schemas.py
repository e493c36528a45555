"""The wire shapes of mechanisms and of how they reach workers; no text but short names."""

from __future__ import annotations

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Day,
    Flag,
    Identifier,
    Instant,
    Items,
    Month,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.languages import Language
from openredress_api.foundation.paging import PageQuery
from openredress_api.mechanisms import parts
from openredress_api.mechanisms.rules import PROVENANCES, TOPICS
from openredress_api.vocabulary import TAXONOMIES

CHANNEL = TAXONOMIES["channel"].codes
CHANNEL_CLASS = TAXONOMIES["channel_class"].codes
OPERATOR = TAXONOMIES["operator_kind"].codes
OBSERVER = TAXONOMIES["observer"].codes
A_MONTH_S = 30 * 86_400


class MechanismQuery(PageQuery):
    """What to list, in the order of the last change; `limit` above 500 is clamped."""

    updated_since = Instant(description="changed here at or after this time")
    site = Identifier("site", description="those that cover this site")


class MechanismBody(WireSchema):
    """A grievance mechanism as it is in force between two days; null is unknown, never no."""

    name = Text(at_most=120, required=True, description="a name of the mechanism, never a person's")
    sites = parts.sites()
    all_sites = parts.all_sites()
    operator_kind = Choice(OPERATOR, required=True)
    independent_of_management = parts.flag(
        "whoever decides takes no orders from the site's management"
    )
    external_procedure = parts.flag("the company joined a procedure of others instead of its own")
    external_procedure_name = Text(at_most=120, allow_none=True, load_default=None)
    channels = Items(Choice(CHANNEL), at_least=1, required=True)
    languages = parts.languages()
    anonymous_possible = parts.flag("a worker need not say who complains")
    always_open = parts.flag("reachable at any hour of any day")
    hours = Items(
        Nested(parts.OpeningHours),
        at_least=1,
        allow_none=True,
        load_default=None,
        description="the hours promised per week",
    )
    open_to = Items(
        Choice(TAXONOMIES["mechanism_user"].codes), at_least=1, allow_none=True, load_default=None
    )
    published_time_frames = Nested(parts.TimeFrames, allow_none=True, load_default=None)
    procedure_published = parts.flag("anybody can read how a complaint is dealt with")
    procedure_url = parts.WebAddress(allow_none=True, load_default=None)
    text_form_procedure = parts.flag("the procedure is laid down in text form")
    anti_retaliation_policy = parts.flag("reprisal for a complaint is forbidden by a policy")
    anti_retaliation_policy_since = parts.day("the day it came into force")
    reasons_given = parts.flag("who complains is told why a complaint was founded or not")
    may_meet = parts.flag("who complains may meet those who decide")
    appeal_possible = parts.flag("a decision can be appealed")
    no_waiver_of_rights = parts.flag("nobody gives up the way to a court by complaining")
    representative_allowed = parts.flag("a union or another representative may come along")
    workers_consulted_on_design = parts.flag("workers were asked how the mechanism should be")
    workers_consulted_on = parts.day("the last day on which they were asked")
    performance_published = parts.flag("how the mechanism performs is published")
    effectiveness_checked_on = parts.day("the last day on which its effect was checked")
    effectiveness_check_method = Choice(
        TAXONOMIES["effectiveness_check"].codes, allow_none=True, load_default=None
    )
    valid_from = Day(required=True)
    valid_to = parts.day("the last day in force; null: still in force")


class MechanismView(MechanismBody):
    """A stored mechanism."""

    id = Identifier("mec")
    organisation = Identifier("org", attribute="organisation_id")
    external_id = Text()
    source_system = Text()
    created_at = Instant()
    updated_at = Instant()


class ContactVolumeKey(WireSchema):
    """Which contacts: of one site or of one mechanism, by class of channel and month."""

    site = Identifier("site", attribute="site_id", allow_none=True, load_default=None)
    mechanism = Identifier("mec", attribute="mechanism_id", allow_none=True, load_default=None)
    channel_class = Choice(CHANNEL_CLASS, required=True)
    month = Month(required=True)


class ContactVolumeQuery(PageQuery):
    """What to list, in the order of the last change; `limit` above 500 is clamped."""

    updated_since = Instant(description="changed here at or after this time")
    site = Identifier("site", attribute="site_id")
    mechanism = Identifier("mec", attribute="mechanism_id")
    channel_class = Choice(CHANNEL_CLASS)
    month = Month()


class ContactVolumeBody(WireSchema):
    """How often workers turned to the channels of a class in a month; null is unknown, not zero."""

    calls = parts.count("calls answered or not")
    messages = parts.count("conversations, not lines")
    visits = parts.count("people who came, or were visited")


class _Vouched(WireSchema):
    """What every record about reaching workers shows beside what was sent."""

    organisation = Identifier("org", attribute="organisation_id")
    provenance = Choice(PROVENANCES, description="verified: the institute's own")
    created_at = Instant()
    updated_at = Instant()


class ContactVolumeRow(ContactVolumeKey, ContactVolumeBody):
    """A month of contacts as one row of a file."""


class ContactVolumeView(ContactVolumeBody, _Vouched):
    """A stored month of contacts."""

    id = Identifier("cvl")
    site = Identifier("site", attribute="site_id", allow_none=True)
    mechanism = Identifier("mec", attribute="mechanism_id", allow_none=True)
    channel_class = Choice(CHANNEL_CLASS)
    month = Month()


class EngagementEventBody(WireSchema):
    """A talk with workers: when, where, about what, how many; never who."""

    held_on = Day(required=True, description="its last day, where it took several")
    sites = parts.sites()
    all_sites = parts.all_sites()
    topics = Items(Choice(TOPICS), at_least=1, required=True, description="grievance_family")
    workers_reached = parts.count("null is unknown, not zero")
    languages = parts.languages()
    by = Items(Choice(OPERATOR), at_least=1, required=True, description="operator_kind")
    method = Choice(TAXONOMIES["engagement_method"].codes, required=True)
    representatives_present = parts.flag("elected representatives or a union took part")


class EngagementEventView(EngagementEventBody, _Vouched):
    """A stored talk with workers."""

    id = Identifier("eng")
    external_id = Text()
    source_system = Text()


class AwarenessSurveyQuery(PageQuery):
    """What to list, in the order of the last change; `limit` above 500 is clamped."""

    updated_since = Instant(description="changed here at or after this time")
    site = Identifier("site", attribute="site_id")


class AwarenessSurveyBody(WireSchema):
    """What workers answered, as numbers; each question has its own number of workers asked."""

    site = Identifier("site", attribute="site_id", required=True)
    surveyed_on = Day(required=True, description="its last day")
    method = Choice(TAXONOMIES["survey_method"].codes, required=True)
    by = Choice(OBSERVER, required=True, description="who asked")
    asked_n = Count(at_least=1, required=True, description="workers asked anything")
    aware_asked_n = parts.count("of these, asked whether they can name a channel and how to use it")
    aware_n = parts.count("of these, could")
    trust_asked_n = parts.count("of asked_n, asked whether they would use it without fear")
    trust_n = parts.count("of these, would")


class AwarenessSurveyView(AwarenessSurveyBody, _Vouched):
    """A stored survey."""

    id = Identifier("svy")
    external_id = Text()
    source_system = Text()


class ReachabilityProbeQuery(PageQuery):
    """What to list, in the order of the last change; `limit` above 500 is clamped."""

    updated_since = Instant(description="changed here at or after this time")
    mechanism = Identifier("mec", attribute="mechanism_id")


class ReachabilityProbeBody(WireSchema):
    """One trial whether a channel of a mechanism answers."""

    mechanism = Identifier("mec", attribute="mechanism_id", required=True)
    channel = Choice(CHANNEL, required=True, description="one of the mechanism's channels")
    probed_at = Instant(required=True)
    reached = Flag(required=True, description="a person or a working form answered")
    answered_in_seconds = parts.count("only where reached", at_most=A_MONTH_S)
    language = Language(allow_none=True, load_default=None, description="it was tried in")
    by = Choice(OBSERVER, required=True, description="who tried")


class ReachabilityProbeView(ReachabilityProbeBody, _Vouched):
    """A stored trial."""

    id = Identifier("prb")
    external_id = Text()
    source_system = Text()
