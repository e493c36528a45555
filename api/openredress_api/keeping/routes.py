"""URL table of keeping: one short function per route. All of it is the institute's alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import (
    NotFound,
    NotPermitted,
    SecondPersonNeeded,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.keeping import actions, schemas
from openredress_api.keeping.tables import ErasureRequest, LegalDecision, LegalRequest

endpoint = partial(doors.endpoint, room="keeping", roles=("institute",))
manage = partial(endpoint, scope="organisations:manage")
ERASURES, REGISTER = "/v1/erasure-requests", "/v1/legal-requests"
ERASURE, LEGAL = {"id": "ers"}, {"id": "lgl"}


@manage(
    "GET",
    "/v1/retention-dues",
    query=schemas.DueQuery,
    gives={200: schemas.DuesView},
    problems=(NotPermitted,),
    versioned=False,
    logs_read=True,
)
def list_retention_dues(call: Call) -> Answer:
    """What the worker erases, or will have erased by a later moment; nothing is changed."""
    until = call.query.get("until", call.context.now)
    found = actions.due(call.transaction, until)
    subjects = {row["subject"] for row in found}
    return Answer({"data": found}, subjects=tuple(sorted(subjects)))


@endpoint(
    "GET",
    ERASURES + "/{id}",
    scope="cases:read",
    ids=ERASURE,
    gives={200: schemas.ErasureView},
    problems=(NotFound,),
    logs_read=True,
)
def get_erasure_request(call: Call) -> Answer:
    """A worker's wish to be erased, and what became of it."""
    return _erasure(actions.get_erasure(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    ERASURES,
    scope="cases:read",
    query=PageQuery,
    gives={200: schemas.ErasureView},
    listing=True,
    logs_read=True,
)
def list_erasure_requests(call: Call) -> Answer:
    """The wishes of workers to be erased."""
    keys = (ErasureRequest.updated_at, ErasureRequest.id)
    found = page(call.transaction, actions.erasures(), keys, "erasure_requests", call.query)
    return Answer(found, subjects=tuple(encode("ers", one.id) for one in found.data))


@endpoint(
    "POST",
    ERASURES,
    scope="cases:write",
    takes=schemas.ErasureBody,
    gives={201: schemas.ErasureView},
    problems=(NotPermitted, ValidationFailed),
    idempotency="required",
    reread=get_erasure_request,
)
def request_erasure(call: Call) -> Answer:
    """Write down that a worker wants a case erased; another person decides."""
    return _erasure(actions.ask_erasure(call.transaction, call.body["case"]), 201)


decide = partial(
    endpoint,
    "POST",
    scope="cases:write",
    ids=ERASURE,
    gives={200: schemas.ErasureView},
    problems=(NotFound, NotPermitted, StateTransitionNotAllowed),
    idempotency="required",
    reread=get_erasure_request,
)


@decide(ERASURES + "/{id}/approve")
def approve_erasure(call: Call) -> Answer:
    """Erase a case at once, as a custodian; it stays in denominators as voided."""
    return _erasure(actions.decide_erasure(call.transaction, call.path["id"], "approved"))


@decide(ERASURES + "/{id}/refuse")
def refuse_erasure(call: Call) -> Answer:
    """Not erase a case, as a custodian."""
    return _erasure(actions.decide_erasure(call.transaction, call.path["id"], "refused"))


@manage(
    "GET",
    REGISTER + "/{id}",
    ids=LEGAL,
    gives={200: schemas.LegalView},
    problems=(NotFound,),
    versioned=False,
    logs_read=True,
)
def get_legal_request(call: Call) -> Answer:
    """One request of an authority with its words, and what was decided."""
    return _legal(call, actions.get_legal_request(call.transaction, call.path["id"]))


@manage(
    "GET",
    REGISTER,
    query=PageQuery,
    gives={200: schemas.LegalEntry},
    listing=True,
    logs_read=True,
)
def list_legal_requests(call: Call) -> Answer:
    """The register of what authorities asked for, without its words."""
    keys = (LegalRequest.recorded_at, LegalRequest.id)
    found = page(call.transaction, actions.legal_requests(), keys, "legal_requests", call.query)
    decided = actions.decisions_on(call.transaction, [one.id for one in found.data])
    subjects = tuple(encode("lgl", one.id) for one in found.data)
    return Answer(found.showing(lambda one: _entry(one, decided.get(one.id))), subjects=subjects)


@manage(
    "POST",
    REGISTER,
    takes=schemas.LegalBody,
    gives={201: schemas.LegalView},
    problems=(NotPermitted, ValidationFailed),
    idempotency="required",
    reread=get_legal_request,
    versioned=False,
)
def record_legal_request(call: Call) -> Answer:
    """Write down what an authority asked for."""
    return _legal(call, actions.record_legal_request(call.transaction, call.body), 201)


@manage(
    "POST",
    REGISTER + "/{id}/decision",
    ids=LEGAL,
    takes=schemas.LegalDecisionBody,
    gives={201: schemas.LegalView},
    problems=(NotFound, NotPermitted, SecondPersonNeeded, StateTransitionNotAllowed),
    idempotency="required",
    reread=get_legal_request,
    versioned=False,
)
def decide_legal_request(call: Call) -> Answer:
    """Decide about a request, once, as another person than who wrote it down."""
    decided = actions.decide_legal_request(call.transaction, call.path["id"], call.body)
    return _legal(call, decided, 201)


def _erasure(asked: ErasureRequest, status: int = 200) -> Answer:
    request_id = encode("ers", asked.id)
    return Answer(
        asked,
        status,
        version=asked.version,
        location=f"{ERASURES}/{request_id}",
        subjects=(request_id, encode("case", asked.case_id)),
    )


def _legal(call: Call, request: LegalRequest, status: int = 200) -> Answer:
    request_id = encode("lgl", request.id)
    decision = actions.decisions_on(call.transaction, [request.id]).get(request.id)
    shown = _entry(request, decision) | {"description": actions.words_of(call.transaction, request)}
    return Answer(shown, status, location=f"{REGISTER}/{request_id}", subjects=(request_id,))


def _entry(request: LegalRequest, decision: LegalDecision | None) -> dict[str, Any]:
    return request.members() | {"decision": decision}


ENDPOINTS = (
    list_retention_dues,
    get_erasure_request,
    list_erasure_requests,
    request_erasure,
    approve_erasure,
    refuse_erasure,
    get_legal_request,
    list_legal_requests,
    record_legal_request,
    decide_legal_request,
)
