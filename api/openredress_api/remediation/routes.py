"""URL table of remediation: one short function per route."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from openredress_api import cases
from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import (
    Gone,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.protection import SafeguardHold, SafetyAssessmentMissing
from openredress_api.remediation import actions, schemas, validations, views
from openredress_api.remediation.tables import (
    CompletionClaim,
    RemediationRequest,
    WorkerValidation,
)

endpoint = partial(doors.endpoint, room="remediation")
BASE = "/v1/remediation-requests"
MOVES = (NotFound, Gone, StateTransitionNotAllowed, PreconditionFailed)


@endpoint(
    "GET",
    BASE,
    scope="remediation:read",
    query=schemas.RequestQuery,
    gives={200: schemas.RequestView},
    listing=True,
    logs_read=True,
)
def list_remediation_requests(call: Call) -> Answer:
    """The requests one made, must answer, or is assigned to validate."""
    keys = (RemediationRequest.updated_at, RemediationRequest.id)
    found = page(
        call.transaction,
        actions.requests_where(call.transaction, call.query),
        keys,
        "remediation_requests",
        call.query,
    )
    shown = views.shown(call.transaction, found.data)
    subjects = tuple(encode("rem", one.id) for one in found.data)
    return Answer(found.showing(lambda one: shown[one.id]), subjects=subjects)


@endpoint(
    "GET",
    BASE + "/{id}",
    scope="remediation:read",
    ids={"id": "rem"},
    gives={200: schemas.RequestView},
    problems=(NotFound, Gone),
    logs_read=True,
)
def get_remediation_request(call: Call) -> Answer:
    """One request with its latest plan and the results of its rounds."""
    return _answer(call, actions.get_request(call.transaction, call.path["id"]))


@endpoint(
    "POST",
    BASE,
    scope="remediation:request",
    takes=schemas.RequestBody,
    gives={201: schemas.RequestView},
    problems=(
        NotFound,
        SafetyAssessmentMissing,
        SafeguardHold,
        cases.ConsentMissing,
        cases.CaseVoided,
    ),
    idempotency="required",
    reread=get_remediation_request,
)
def request_remediation(call: Call) -> Answer:
    """Ask the supplier of a case's site for a remedy."""
    return _answer(call, actions.ask(call.transaction, call.body), 201)


# One step of a request: what every such operation has in common.
act = partial(
    endpoint,
    "POST",
    ids={"id": "rem"},
    gives={200: schemas.RequestView},
    problems=MOVES,
    idempotency="required",
    reread=get_remediation_request,
)
report = partial(act, scope="remediation:report")
decide = partial(act, scope="remediation:request")


@report(BASE + "/{id}/acknowledge")
def acknowledge_remediation(call: Call) -> Answer:
    """The supplier says that the request has arrived and is understood."""
    return _step(call, "acknowledged")


@report(BASE + "/{id}/contest", takes=schemas.ContestBody)
def contest_remediation(call: Call) -> Answer:
    """The supplier objects to the request."""
    request_id, reason = call.path["id"], call.body["reason"]
    return _answer(call, actions.contest(call.transaction, request_id, reason, call.if_match))


@decide(BASE + "/{id}/reissue")
def reissue_remediation(call: Call) -> Answer:
    """The institute holds to a contested request."""
    return _answer(call, actions.ask_again(call.transaction, call.path["id"], call.if_match))


@report(BASE + "/{id}/plan", takes=schemas.PlanBody)
def submit_remediation_plan(call: Call) -> Answer:
    """The supplier says what it will do until when."""
    request_id, plan = call.path["id"], call.body["actions"]
    return _answer(call, actions.submit_plan(call.transaction, request_id, plan, call.if_match))


@decide(BASE + "/{id}/plan/agree")
def agree_remediation_plan(call: Call) -> Answer:
    """The institute agrees to the plan."""
    return _step(call, "plan_agreed")


@decide(BASE + "/{id}/plan/return")
def return_remediation_plan(call: Call) -> Answer:
    """The institute asks for a better plan."""
    return _answer(call, actions.return_plan(call.transaction, call.path["id"], call.if_match))


@report(BASE + "/{id}/start")
def start_remediation(call: Call) -> Answer:
    """The supplier says that the work has begun."""
    return _step(call, "in_progress")


@decide(BASE + "/{id}/review")
def review_remediation(call: Call) -> Answer:
    """The institute reads the claim and its evidence."""
    return _step(call, "evidence_review")


@decide(BASE + "/{id}/await-validation")
def await_remediation_validation(call: Call) -> Answer:
    """The institute has workers asked."""
    return _step(call, "worker_validation")


@decide(BASE + "/{id}/next-round")
def begin_next_remediation_round(call: Call) -> Answer:
    """The institute opens the next round after a partial or disputed result."""
    return _step(call, "in_progress")


@decide(BASE + "/{id}/close")
def close_remediation(call: Call) -> Answer:
    """Close the request; a case whose requests workers all confirmed in full closes with it."""
    return _answer(call, actions.close(call.transaction, call.path["id"], call.if_match))


@decide(BASE + "/{id}/cancel", takes=schemas.CancelBody)
def cancel_remediation(call: Call) -> Answer:
    """Take an open request back; the supplier does not learn why."""
    request_id, reason = call.path["id"], call.body["reason"]
    return _answer(call, actions.cancel(call.transaction, request_id, reason, call.if_match))


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
    problems=(NotFound,),
    logs_read=True,
)
def get_completion_claim(call: Call) -> Answer:
    """One claim."""
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


def _step(call: Call, target: str) -> Answer:
    return _answer(call, actions.step(call.transaction, call.path["id"], target, call.if_match))


def _answer(call: Call, request: RemediationRequest, status: int = 200) -> Answer:
    request_id = encode("rem", request.id)
    return Answer(
        views.shown(call.transaction, [request])[request.id],
        status,
        version=request.version,
        location=f"{BASE}/{request_id}",
        subjects=(request_id,),
    )


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
    list_remediation_requests,
    get_remediation_request,
    request_remediation,
    acknowledge_remediation,
    contest_remediation,
    reissue_remediation,
    submit_remediation_plan,
    agree_remediation_plan,
    return_remediation_plan,
    start_remediation,
    claim_completion,
    list_completion_claims,
    get_completion_claim,
    review_remediation,
    await_remediation_validation,
    record_validation,
    list_validations,
    begin_next_remediation_round,
    close_remediation,
    cancel_remediation,
)
