"""Routes of claims and of what workers say of them."""

from __future__ import annotations

from sqlalchemy import select

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import Gone, NotFound, NotPermitted, ValidationFailed
from openredress_api.remediation import actions, schemas, validations, views
from openredress_api.remediation.routes.doors import BASE, MOVES, endpoint
from openredress_api.remediation.tables import CompletionClaim, WorkerValidation


@endpoint(
    "POST",
    BASE + "/{id}/completion-claims",
    scope="remediation:report",
    ids={"id": "rem"},
    takes=schemas.ClaimBody,
    gives={201: schemas.ClaimView},
    problems=MOVES,
    idempotency="required",
)
def claim_completion(call: Call) -> Answer:
    """The supplier says that the remedy is done; workers are asked next."""
    made = validations.claim(call.transaction, call.path["id"], call.body, call.if_match)
    return _claim(made, 201)


@endpoint(
    "GET",
    BASE + "/{id}/completion-claims",
    scope="remediation:read",
    ids={"id": "rem"},
    query=PageQuery,
    gives={200: schemas.ClaimView},
    problems=(NotFound, Gone),
    listing=True,
    logs_read=True,
)
def list_completion_claims(call: Call) -> Answer:
    """The claims of one request, oldest first."""
    request = actions.get_request(call.transaction, call.path["id"])
    query = select(CompletionClaim).where(CompletionClaim.request_id == request.id)
    keys = (CompletionClaim.claimed_at, CompletionClaim.id)
    found = page(call.transaction, query, keys, f"claims:{request.id}", call.query)
    subjects = tuple(encode("clm", one.id) for one in found.data)
    return Answer(found.showing(views.columns), subjects=subjects)


@endpoint(
    "GET",
    BASE + "/{id}/completion-claims/{claim}",
    scope="remediation:read",
    ids={"id": "rem", "claim": "clm"},
    gives={200: schemas.ClaimView},
    problems=(NotFound, Gone),
    logs_read=True,
)
def get_completion_claim(call: Call) -> Answer:
    """One claim."""
    actions.get_request(call.transaction, call.path["id"])
    return _claim(validations.get_claim(call.transaction, call.path["id"], call.path["claim"]))


@endpoint(
    "POST",
    BASE + "/{id}/validations",
    scope="validations:write",
    roles=("institute", "cso"),
    ids={"id": "rem"},
    takes=schemas.ValidationBody,
    gives={201: schemas.ValidationView},
    problems=(*MOVES, NotPermitted, ValidationFailed),
    idempotency="required",
)
def record_validation(call: Call) -> Answer:
    """Record what workers said of the claim; the published rule gives the result."""
    said = validations.validate(call.transaction, call.path["id"], call.body, call.if_match)
    return Answer(said, 201, version=1, subjects=(encode("val", said.id),))


@endpoint(
    "GET",
    BASE + "/{id}/validations",
    scope="remediation:read",
    roles=("institute", "cso"),
    ids={"id": "rem"},
    query=PageQuery,
    gives={200: schemas.ValidationView},
    problems=(NotFound, Gone),
    listing=True,
    logs_read=True,
)
def list_validations(call: Call) -> Answer:
    """What workers said of the claims of one request; a CSO sees what it recorded itself."""
    request = actions.get_request(call.transaction, call.path["id"])
    query = select(WorkerValidation).where(WorkerValidation.request_id == request.id)
    keys = (WorkerValidation.recorded_at, WorkerValidation.id)
    found = page(call.transaction, query, keys, f"validations:{request.id}", call.query)
    return Answer(found, subjects=tuple(encode("val", one.id) for one in found.data))


def _claim(claim: CompletionClaim, status: int = 200) -> Answer:
    request_id, claim_id = encode("rem", claim.request_id), encode("clm", claim.id)
    return Answer(
        views.columns(claim),
        status,
        version=1,
        location=f"{BASE}/{request_id}/completion-claims/{claim_id}",
        subjects=(claim_id,),
    )


ENDPOINTS = (
    claim_completion,
    list_completion_claims,
    get_completion_claim,
    record_validation,
    list_validations,
)
