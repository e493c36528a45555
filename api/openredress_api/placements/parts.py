"""Wire shapes within others: fee lines, hops of the agent chain, wages and contract terms."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from openredress_api.foundation.fields import (
    BUDDHIST_OFFSET,
    FIRST_YEAR,
    Amount,
    Choice,
    Count,
    Day,
    Field,
    Flag,
    Identifier,
    Items,
    Nested,
    Pseudonym,
    Sha256,
    Text,
    WireSchema,
    refuse,
    refuse_year,
)
from openredress_api.vocabulary import TAXONOMIES

COUNTRY = TAXONOMIES["country"].codes
HOP_ROLE = TAXONOMIES["hop_role"].codes
REGISTRATION = TAXONOMIES["hop_registration"].codes
CURRENCY = TAXONOMIES["currency"].codes
MOST_HOPS, MOST_FEES, MOST_EVIDENCE = 30, 60, 5
# Far enough for any licence, and short of the years of Bikram Sambat.
YEARS_AHEAD = 30
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


class PartialDate(Field):
    """A date as exactly as it is known: a year, a month or a day."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """2024, 2024-05 or 2024-05-31."""
        super().__init__(
            openapi={"type": "string", "pattern": f"^{_PARTIAL.pattern}$", "example": "2024-05"},
            **options,
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        match = _PARTIAL.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise refuse("not_a_partial_date")
        refuse_year(int(match[1]))
        try:
            date.fromisoformat(f"{match[0]}-01-01"[:10])
        except ValueError:
            raise refuse("not_a_partial_date") from None
        return match[0]


class EndDay(Day):
    """A day on which a contract or licence ends: as a `Day`, but up to 30 years ahead."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:  # noqa: ANN401 - any JSON
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise refuse("not_a_day")
        year, latest = int(value[:4]), datetime.now(UTC).year + YEARS_AHEAD
        if latest < year < FIRST_YEAR + BUDDHIST_OFFSET:
            raise refuse("year_out_of_window", year=year, first=FIRST_YEAR, latest=latest)
        if not FIRST_YEAR <= year <= latest:
            refuse_year(year)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise refuse("not_a_day") from None


class FeeLine(WireSchema):
    """One fee or cost by ILO type; 0 states that this one cost nothing, and says no more."""

    fee_type = Choice(TAXONOMIES["fee_type"].codes, required=True)
    amount = Amount(required=True)
    currency = Choice(CURRENCY, required=True)
    paid_by = Choice(TAXONOMIES["fee_payer"].codes, required=True)
    stage = Choice(TAXONOMIES["fee_stage"].codes, required=True)
    paid_at = PartialDate(allow_none=True, load_default=None)
    paid_to_hop = Count(at_least=1, at_most=MOST_HOPS, allow_none=True, load_default=None)
    repaid_amount = Amount(
        allow_none=True, load_default=None, description="so far, at most the amount"
    )
    repaid_at = PartialDate(allow_none=True, load_default=None, description="the last of it")
    evidence = Items(
        Identifier("evd"),
        at_most=MOST_EVIDENCE,
        load_default=list,
        description="files that show it; a sender's own, or any that the institute sees",
    )


class StatedFeeLine(FeeLine):
    """A fee line as a worker states it, with what the institute found out about a repayment."""

    repayment_validated = Flag(
        load_default=False, description="the institute's word alone: the worker has the money back"
    )


class Hop(WireSchema):
    """One link of the agent chain, numbered from the worker's first contact."""

    seq = Count(at_least=1, at_most=MOST_HOPS, required=True)
    role = Choice(HOP_ROLE, required=True)
    country = Choice(COUNTRY, required=True)
    organisation_name = Text(allow_none=True, load_default=None, description="never a person's")
    pseudonym = Pseudonym(allow_none=True, load_default=None)
    admin1 = Text(
        at_most=120, allow_none=True, load_default=None, description="state, province or the like"
    )
    licence_no = Text(at_most=60, reference=True, allow_none=True, load_default=None)
    authority = Text(
        at_most=120, allow_none=True, load_default=None, description="who gave the licence"
    )
    valid_on = Day(
        allow_none=True, load_default=None, description="a day on which the licence was valid"
    )
    registered = Choice(REGISTRATION, load_default="unknown")
    checked_at = PartialDate(
        allow_none=True, load_default=None, description="when the register was looked at"
    )


class DisclosedHop(Hop):
    """A hop beside what the other side states; no sender says who named it."""

    disclosed_by = Choice(TAXONOMIES["hop_disclosed_by"].codes)


class Wage(WireSchema):
    """A wage for a period; a period that the source does not name is null, never guessed."""

    amount = Amount(required=True, description="more than 0; no more decimals than the currency")
    currency = Choice(CURRENCY, required=True)
    period = Choice(TAXONOMIES["wage_period"].codes, required=True, allow_none=True)


class ContractTerms(WireSchema):
    """What a contract says; null is unknown, never zero."""

    signed_on = Day(allow_none=True, load_default=None)
    job_title = Text(at_most=120, required=True)
    occupation_code = Text(
        allow_none=True, load_default=None, description="of the list isco_08: four digits"
    )
    employer_name = Text(
        allow_none=True, load_default=None, description="an organisation's, never a person's"
    )
    wage = Nested(Wage, required=True)
    hours_per_week = Amount(allow_none=True, load_default=None, description="1 to 168")
    overtime_wage = Amount(
        allow_none=True, load_default=None, description="per hour, in the wage's currency"
    )
    deductions = Amount(
        allow_none=True, load_default=None, description="per wage period, in the wage's currency"
    )
    housing = Choice(TAXONOMIES["housing"].codes, load_default="unknown")
    document_sha256 = Sha256(
        allow_none=True,
        load_default=None,
        description="of the signed document, in lower-case hexadecimal; the file is not sent",
    )


class FeeTotal(WireSchema):
    """What the worker bore in one currency as each side states it; null: it does not say."""

    currency = Choice(CURRENCY)
    worker_stated = Amount(allow_none=True)
    agency_stated = Amount(allow_none=True)


class ListedHop(WireSchema):
    """One recruiter of a job order as a list names it."""

    seq = Count(at_least=1, description="its place in the list, counted from 1")
    role = Choice(HOP_ROLE)
    country = Choice(COUNTRY)
    city = Text(allow_none=True)
    admin1 = Text(allow_none=True)
    organisation_name = Text(allow_none=True)
    persons_named = Count(allow_none=True)
    registered = Choice(REGISTRATION)
