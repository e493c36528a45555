"""The wire shapes of placements and workers' statements."""

from __future__ import annotations

import re
from typing import Any

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
    Pseudonym,
    Text,
    WireSchema,
    refuse,
    refuse_year,
)
from openredress_api.vocabulary import TAXONOMIES

COUNTRY = TAXONOMIES["country"].codes
_PAID_AT = re.compile(r"(\d{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


class PaidAt(Field):
    """When something was paid, as exactly as it is known: a year, a month or a day."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """2024, 2024-05 or 2024-05-31."""
        super().__init__(
            openapi={"type": "string", "pattern": f"^{_PAID_AT.pattern}$", "example": "2024-05"},
            **options,
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        match = _PAID_AT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise refuse("not_a_partial_date")
        refuse_year(int(match[1]))
        return match[0]


class FeeLine(WireSchema):
    """One fee or cost by ILO type; amounts that are unknown are not sent as 0."""

    fee_type = Choice(TAXONOMIES["fee_type"].codes, required=True)
    amount = Amount(required=True)
    currency = Choice(TAXONOMIES["currency"].codes, required=True)
    paid_by = Choice(TAXONOMIES["fee_payer"].codes, required=True)
    stage = Choice(TAXONOMIES["fee_stage"].codes, required=True)
    paid_at = PaidAt(allow_none=True, load_default=None)
    paid_to_hop = Count(at_least=1, at_most=30, allow_none=True, load_default=None)


class Hop(WireSchema):
    """One link of the agent chain, numbered from the worker's first contact."""

    seq = Count(at_least=1, at_most=30, required=True)
    role = Choice(TAXONOMIES["hop_role"].codes, required=True)
    country = Choice(COUNTRY, required=True)
    organisation_name = Text(allow_none=True, load_default=None, description="never a person's")
    pseudonym = Pseudonym(allow_none=True, load_default=None)
    licence_no = Text(at_most=60, allow_none=True, load_default=None)
    registered = Choice(TAXONOMIES["hop_registration"].codes, load_default="unknown")


class PlacementBody(WireSchema):
    """A placement as the agency states it; no fees must be stated, silence is not zero."""

    worker_pseudonym = Pseudonym(required=True)
    origin = Choice(COUNTRY, required=True)
    destination = Choice(COUNTRY, required=True)
    site = Identifier("site", allow_none=True, load_default=None)
    job_order_ref = Text(at_most=120, allow_none=True, load_default=None)
    status = Choice(TAXONOMIES["placement_status"].codes, load_default="worker_registered")
    end_reason = Choice(TAXONOMIES["early_end_reason"].codes, allow_none=True, load_default=None)
    arrived_on = Day(allow_none=True, load_default=None)
    no_fees_stated = Flag(load_default=False, description="the sender states: no fees at all")
    fee_lines = Items(Nested(FeeLine), at_most=60, load_default=list)
    agent_chain = Items(Nested(Hop), at_most=30, load_default=list)
    is_test = Flag(load_default=False)


class PlacementView(PlacementBody):
    """A stored placement."""

    id = Identifier("plc")
    organisation = Identifier("org", attribute="organisation_id", description="the agency")
    site = Identifier("site", attribute="site_id", allow_none=True)
    external_id = Text()
    source_system = Text()
    updated_at = Instant()


class StatementBody(WireSchema):
    """What a worker states of a placement, as the institute recorded it."""

    stated_on = Day(required=True)
    method = Choice(TAXONOMIES["validation_method"].codes, required=True)
    no_fees_stated = Flag(load_default=False, description="the worker states: no fees at all")
    fee_lines = Items(Nested(FeeLine), at_most=60, load_default=list)
    no_intermediary_stated = Flag(load_default=False)
    agent_chain = Items(Nested(Hop), at_most=30, load_default=list)
    share_in_aggregates = Flag(required=True, description="the worker's consent to be counted")


class StatementView(StatementBody):
    """A stored statement with what it says beside the agency's own."""

    id = Identifier("stm")
    placement = Identifier("plc", attribute="placement_id")
    first_mile_known = Flag()
    chain_mismatch = Items(Text(), description="role@country stated by the worker alone")
    created_at = Instant()
