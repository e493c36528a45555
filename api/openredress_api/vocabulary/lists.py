"""Every code list by name, and the few questions other rooms ask of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from openredress_api.vocabulary import (
    agents,
    cases,
    categories,
    channels,
    classifications,
    consent,
    countries,
    currencies,
    evidence,
    fees,
    instruments,
    lifecycles,
    mechanisms,
    outcomes,
    parties,
    protection,
    reasons,
    recruitment,
    referrals,
    segments,
    severity,
    validation,
)
from openredress_api.vocabulary.classifications import likely
from openredress_api.vocabulary.codes import (
    Code,
    CodeList,
    UnknownCode,
    as_json,
    code,
    code_list_of,
    nearest,
)

__all__ = [
    "TAXONOMIES",
    "Code",
    "CodeList",
    "UnknownCode",
    "as_json",
    "channel_class",
    "code_list",
    "exponent",
    "fee_group",
    "is_restricted",
    "likely",
    "nearest",
]

_LISTS = (
    instruments.ILO_FL_INDICATOR,
    instruments.ILO_CORE,
    instruments.ILO_OTHER,
    instruments.LKSG_RISK,
    categories.GRIEVANCE_FAMILY,
    categories.GRIEVANCE_CATEGORY,
    channels.CHANNEL_CLASS,
    channels.CHANNEL,
    severity.SEVERITY,
    cases.CONTACT_OUTCOME,
    cases.SEVERITY_REASON,
    cases.FOLLOW_UP_STATUS,
    lifecycles.GRIEVANCE_STATUS,
    lifecycles.REFERRAL_STATUS,
    lifecycles.REMEDIATION_STATUS,
    lifecycles.REPAYMENT_STATUS,
    lifecycles.PLACEMENT_STATUS,
    reasons.WITHDRAWAL_REASON,
    reasons.OUT_OF_SCOPE_REASON,
    reasons.EARLY_END_REASON,
    referrals.REFERRAL_PURPOSE,
    referrals.DECLINE_REASON,
    referrals.ONWARD_REASON,
    validation.VALIDATION_METHOD,
    validation.VALIDATOR_TYPE,
    validation.VALIDATION_RESULT,
    outcomes.OUTCOME_FAMILY,
    outcomes.OUTCOME,
    evidence.EVIDENCE_PURPOSE,
    fees.FEE_GROUP,
    fees.FEE_TYPE,
    fees.FEE_PAYER,
    fees.FEE_STAGE,
    fees.FEE_STATED_BY,
    fees.REPAYMENT_METHOD,
    fees.DATE_PRECISION,
    agents.HOP_ROLE,
    agents.HOP_REGISTRATION,
    agents.HOP_DISCLOSED_BY,
    agents.CONTRACT_MATCH,
    recruitment.JOB_ORDER_STATUS,
    recruitment.OCCUPATION_SYSTEM,
    recruitment.SECTOR_SYSTEM,
    classifications.ISCO_08,
    classifications.ISIC_4,
    recruitment.WAGE_PERIOD,
    recruitment.HOUSING,
    recruitment.REGISTER_ENTRY_KIND,
    recruitment.INTERVIEW_ANSWER,
    segments.WORKER_SEGMENT,
    segments.SEX,
    segments.MIGRANT_STATUS,
    segments.EMPLOYMENT_TYPE,
    segments.TENURE_BAND,
    segments.AGE_BAND,
    segments.RECRUITED_VIA,
    segments.HEADCOUNT_BAND,
    mechanisms.OPERATOR_KIND,
    mechanisms.MECHANISM_USER,
    mechanisms.EFFECTIVENESS_CHECK,
    mechanisms.ENGAGEMENT_METHOD,
    mechanisms.SURVEY_METHOD,
    mechanisms.OBSERVER,
    consent.CONSENT_SCOPE,
    consent.CONSENT_STATE,
    protection.SAFETY_RISK,
    protection.SAFETY_MEASURE,
    protection.CHECK_BACK_RESULT,
    protection.HOLD_CLEAR_REASON,
    protection.IDENTITY_PURPOSE,
    parties.ORGANISATION_TYPE,
    parties.RELATION_PARTY,
    parties.LEGAL_BASIS,
    countries.COUNTRY,
    currencies.CURRENCY,
    currencies.RATE_KIND,
)

TAXONOMIES: Mapping[str, CodeList] = MappingProxyType({each.name: each for each in _LISTS})
"""Every list by the name under which /v1/taxonomies/{name} serves it."""


_NAMES = code_list_of(
    "taxonomy",
    (code(each.name, each.description) for each in _LISTS),
    description="The lists themselves.",
    source="OpenRedress",
)


def code_list(name: str) -> CodeList:
    """The list called `name`; UnknownCode otherwise, whose `nearest` is a name."""
    return TAXONOMIES[_NAMES.find(name).code]


def is_restricted(category: str) -> bool:
    """Whether a person must release every grievance of this category; UnknownCode if none."""
    return categories.GRIEVANCE_CATEGORY.find(category).attributes["restricted"] is True


def channel_class(channel: str) -> str:
    """The code of `channel_class` that a channel belongs to; UnknownCode if there is none."""
    return str(channels.CHANNEL.find(channel).attributes["channel_class"])


def exponent(currency: str) -> int:
    """Decimals of an ISO 4217 currency: 0, 2 or 3; UnknownCode if it is not in the list."""
    return int(str(currencies.CURRENCY.find(currency).attributes["exponent"]))


def fee_group(fee_type: str) -> str:
    """The code of `fee_group` that a fee type belongs to; UnknownCode if there is none."""
    return str(fees.FEE_TYPE.find(fee_type).attributes["fee_group"])
