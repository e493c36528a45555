"""Safe contact on the wire."""

from __future__ import annotations

from openredress_api.cases.actions import safe_contact
from openredress_api.cases.actions.rows import CaseVoided
from openredress_api.cases.routes.showing import INSTITUTE, ONE, READERS, case_id, endpoint
from openredress_api.cases.schemas.safe_contact import (
    ContactNowView,
    SafeContactBody,
    SafeContactView,
)
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.problems import NotFound, PreconditionFailed


@endpoint(
    "GET",
    "/v1/cases/{id}/safe-contact",
    scope="cases:read",
    roles=READERS,
    ids=ONE,
    gives={200: SafeContactView},
    problems=(NotFound,),
    logs_read=True,
)
def get_safe_contact(call: Call) -> Answer:
    """What was agreed with the worker; nothing is allowed until something was. Logged."""
    agreed = safe_contact.safe_contact_of(call.transaction, call.path["id"])
    version = agreed.version if agreed else 0
    return Answer(
        agreed or safe_contact.NOTHING_ALLOWED, version=version, subjects=(case_id(call),)
    )


@endpoint(
    "PUT",
    "/v1/cases/{id}/safe-contact",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=SafeContactBody,
    gives={200: SafeContactView},
    problems=(NotFound, PreconditionFailed, CaseVoided),
)
def set_safe_contact(call: Call) -> Answer:
    """Put down when, how and whom one may contact; consent to contact_back is needed as well."""
    case, seen = call.path["id"], call.if_match
    agreed = safe_contact.set_safe_contact(call.transaction, case, call.body, seen)
    return Answer(agreed, version=agreed.version, subjects=(case_id(call),))


@endpoint(
    "GET",
    "/v1/cases/{id}/safe-contact/now",
    scope="cases:read",
    roles=READERS,
    ids=ONE,
    gives={200: ContactNowView},
    problems=(NotFound,),
    versioned=False,
    logs_read=True,
)
def get_contact_now(call: Call) -> Answer:
    """By which channels the worker may be contacted now, consent and hours weighed. Logged."""
    channels = safe_contact.channels_now(call.transaction, call.path["id"])
    return Answer({"channels": channels}, subjects=(case_id(call),))


ENDPOINTS = (get_safe_contact, set_safe_contact, get_contact_now)
