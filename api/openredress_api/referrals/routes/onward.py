"""Routes of onward requests: a CSO asks, the institute answers."""

from __future__ import annotations

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import (
    CursorInvalid,
    Gone,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    StateTransitionNotAllowed,
)
from openredress_api.referrals.actions import onward
from openredress_api.referrals.routes.doors import ONE, endpoint
from openredress_api.referrals.schemas import OnwardBody, OnwardQuery, OnwardView
from openredress_api.referrals.tables import OnwardRequest

BASE = "/v1/onward-requests"
ASKED = {"id": "onw"}
PARTIES = ("institute", "cso")


@endpoint(
    "GET",
    BASE + "/{id}",
    scope="referrals:read",
    roles=PARTIES,
    ids=ASKED,
    gives={200: OnwardView},
    problems=(NotFound,),
    logs_read=True,
)
def get_onward_request(call: Call) -> Answer:
    """One onward request; whoever asked reads whether a referral was made, not to whom."""
    return _asked(onward.get_request(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    BASE,
    scope="referrals:read",
    roles=PARTIES,
    query=OnwardQuery,
    gives={200: OnwardView},
    problems=(CursorInvalid,),
    listing=True,
    logs_read=True,
)
def list_onward_requests(call: Call) -> Answer:
    """The onward requests that one made or must answer."""
    keys = (OnwardRequest.updated_at, OnwardRequest.id)
    statement = onward.requests_where(call.query)
    found = page(call.transaction, statement, keys, "onward_requests", call.query)
    return Answer(found, subjects=tuple(encode("onw", one.id) for one in found.data))


@endpoint(
    "POST",
    "/v1/referrals/{id}/onward-requests",
    scope="referrals:act",
    roles=("cso",),
    ids=ONE,
    takes=OnwardBody,
    gives={201: OnwardView},
    problems=(NotFound, Gone, StateTransitionNotAllowed),
    idempotency="required",
    reread=get_onward_request,
)
def ask_onward_referral(call: Call) -> Answer:
    """Ask that the case of a referral in hand goes on to another CSO."""
    return _asked(onward.ask(call.transaction, call.path["id"], call.body), 201)


@endpoint(
    "POST",
    BASE + "/{id}/decline",
    scope="referrals:write",
    roles=("institute",),
    ids=ASKED,
    gives={200: OnwardView},
    problems=(NotFound, NotPermitted, PreconditionFailed, StateTransitionNotAllowed),
    idempotency="required",
    reread=get_onward_request,
)
def decline_onward_request(call: Call) -> Answer:
    """Refer the case to nobody else; a draft that names the request is the other answer."""
    declined = onward.decline(call.transaction, call.path["id"], call.if_match)
    return _asked(declined)


def _asked(request: OnwardRequest, status: int = 200) -> Answer:
    request_id = encode("onw", request.id)
    return Answer(
        request,
        status,
        version=request.version,
        location=f"{BASE}/{request_id}",
        subjects=(request_id,),
    )


ENDPOINTS = (get_onward_request, list_onward_requests, ask_onward_referral, decline_onward_request)
