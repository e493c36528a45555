"""What the routes of this room have in common: their door, and a request as its reader sees it."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.problems import (
    Gone,
    NotFound,
    PreconditionFailed,
    StateTransitionNotAllowed,
)
from openredress_api.remediation import views
from openredress_api.remediation.tables import RemediationRequest

endpoint = partial(doors.endpoint, room="remediation")
BASE = "/v1/remediation-requests"
MOVES = (NotFound, Gone, StateTransitionNotAllowed, PreconditionFailed)


def answer(call: Call, request: RemediationRequest, status: int = 200) -> Answer:
    """A request with its version, place and id for the log."""
    request_id = encode("rem", request.id)
    return Answer(
        views.shown(call.transaction, [request])[request.id],
        status,
        version=request.version,
        location=f"{BASE}/{request_id}",
        subjects=(request_id,),
    )
