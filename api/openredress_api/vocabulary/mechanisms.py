"""Words about grievance mechanisms: who runs them, for whom, and how one learns whether they work.

Channels stand in channels.py; what workers talk about is told in families of grievances.
"""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_OPERATORS = (
    ("employer", "The site's own management"),
    ("group_company", "Another company of the employer's group"),
    ("external_provider", "A provider hired for it, such as an ombudsperson"),
    ("institute", "The institute"),
    ("trade_union", "Trade union"),
    ("cso", "Civil-society organisation"),
    ("agency", "Recruitment agency"),
    ("brand", "A buyer"),
    ("shared_mechanism", "A mechanism that several buyers share"),
    ("industry_body", "Industry association or multi-stakeholder initiative"),
    ("government", "Public authority"),
)
_USERS = (
    ("direct", "Workers employed by the site's operator"),
    ("agency", "Workers employed through an agency"),
    ("contractor", "Workers of contractors at the site"),
    ("former", "Workers who have left"),
    ("community", "People who live near the site"),
)
_CHECKS = (
    ("register_analysis", "Numbers, time per step and endings of the mechanism's own register"),
    ("case_review", "Single cases read again"),
    ("complainant_feedback", "Those who complained were asked"),
    ("worker_survey", "Workers were asked, whether they complained or not"),
    ("worker_representatives", "Workers' representatives were asked"),
    ("internal_audit", "Audit by the company itself"),
    ("external_audit", "Audit by somebody else"),
)
_WAYS = (
    ("general_meeting", "Meeting open to all workers"),
    ("committee_meeting", "Meeting with workers' representatives"),
    ("focus_group", "Talk with a chosen group"),
    ("interviews", "Talks with single workers"),
    ("training", "Training"),
    ("outreach_visit", "Visit where workers live or meet"),
    ("calls_and_messages", "Calls and messages to workers"),
    ("online_meeting", "Meeting over the internet"),
)
_SURVEYS = (
    ("in_person", "Asked face to face"),
    ("phone", "Asked by telephone"),
    ("sms", "Asked by text message"),
    ("app", "Asked in an app"),
    ("paper", "Asked on paper"),
)
_OBSERVERS = (
    ("supplier", "The supplier itself"),
    ("institute", "The institute"),
    ("cso", "A civil-society organisation"),
    ("third_party", "Somebody else, such as an auditor"),
)

OPERATOR_KIND = code_list_of(
    "operator_kind",
    (code(word, meaning) for word, meaning in _OPERATORS),
    description="Who runs a grievance mechanism, or holds a talk with workers.",
    source="OpenRedress",
)
MECHANISM_USER = code_list_of(
    "mechanism_user",
    (code(word, meaning) for word, meaning in _USERS),
    description="Whom a grievance mechanism is open to.",
    source="OpenRedress",
)
EFFECTIVENESS_CHECK = code_list_of(
    "effectiveness_check",
    (code(word, meaning) for word, meaning in _CHECKS),
    description="How it was found out whether a mechanism works.",
    source="OpenRedress",
)
ENGAGEMENT_METHOD = code_list_of(
    "engagement_method",
    (code(word, meaning) for word, meaning in _WAYS),
    description="How workers were talked with.",
    source="OpenRedress",
)
SURVEY_METHOD = code_list_of(
    "survey_method",
    (code(word, meaning) for word, meaning in _SURVEYS),
    description="How workers were asked whether they know and trust a channel.",
    source="OpenRedress",
)
OBSERVER = code_list_of(
    "observer",
    (code(word, meaning) for word, meaning in _OBSERVERS),
    description="Who asked workers, or tried a channel.",
    source="OpenRedress",
)
