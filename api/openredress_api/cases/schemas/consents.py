"""The wire shapes of consent and assignments."""

from __future__ import annotations

from openredress_api.cases.rules import CONSENT_METHODS
from openredress_api.foundation.fields import Choice, Identifier, Instant, Text, WireSchema
from openredress_api.foundation.languages import Language
from openredress_api.vocabulary import TAXONOMIES


class ConsentBody(WireSchema):
    """What a worker answered to one scope; it takes the place of the answer before."""

    scope = Choice(TAXONOMIES["consent_scope"].codes, required=True)
    state = Choice(TAXONOMIES["consent_state"].codes, required=True)
    method = Choice(CONSENT_METHODS, required=True, description="how the worker said so")
    language = Language(required=True, description="the language it was asked and answered in")
    expires_at = Instant(allow_none=True, load_default=None)


class ConsentView(WireSchema):
    """A stored answer."""

    id = Identifier("con")
    scope = Text()
    state = Text()
    method = Text()
    language = Text()
    expires_at = Instant(allow_none=True)
    recorded_at = Instant()


class AssignmentBody(WireSchema):
    """The CSO that is to work on the case."""

    organisation = Identifier("org", required=True)


class AssignmentView(WireSchema):
    """Who works on the case, and since when."""

    case = Identifier("case", attribute="case_id")
    organisation = Identifier("org", attribute="recipient_id")
    assigned_at = Instant()
