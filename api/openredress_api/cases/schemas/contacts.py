"""The wire shapes of contacts."""

from __future__ import annotations

from openredress_api.cases.rules import CONTACT_OUTCOMES
from openredress_api.cases.schemas.life import Arrival, CaseOfContactBody
from openredress_api.foundation.fields import (
    Choice,
    Identifier,
    Instant,
    Nested,
    Text,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery


class ContactQuery(PageQuery):
    """A page of contacts, narrowed: `limit` above 500 is clamped."""

    case = Identifier("case")
    recorded_since = Instant(description="contacts recorded at this moment or later")


class ContactBody(Arrival):
    """One call or message. Never who it was, the number, the language or what was said."""

    case = Identifier(
        "case", allow_none=True, load_default=None, description="the case it belongs to"
    )
    contact_outcome = Choice(
        CONTACT_OUTCOMES,
        allow_none=True,
        load_default=None,
        description="may be left out with case (added_to_case) and with open_case (opened_case)",
    )
    open_case = Nested(
        CaseOfContactBody,
        allow_none=True,
        load_default=None,
        description="opens the case in the same call",
    )


class ContactView(WireSchema):
    """A counted contact."""

    id = Identifier("ctc")
    channel = Text()
    received_at = Instant()
    received_at_basis = Text()
    contact_outcome = Text(attribute="outcome")
    case = Identifier("case", attribute="case_id", allow_none=True)
    recorded_at = Instant()
