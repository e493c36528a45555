"""Routes of what a recipient tells the workers; nothing reaches them unread."""

from __future__ import annotations

from functools import partial

from openredress_api.cases import ReceiptCodeMissing
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import (
    Gone,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    StateTransitionNotAllowed,
)
from openredress_api.remediation import responses, schemas
from openredress_api.remediation.routes.doors import BASE as REQUESTS
from openredress_api.remediation.routes.doors import endpoint
from openredress_api.remediation.tables import WorkerResponse

BASE = "/v1/worker-responses"
PARTIES = ("institute", "supplier", "agency")
ONE = {"id": "rsp"}


@endpoint(
    "GET",
    BASE + "/{id}",
    scope="remediation:read",
    roles=PARTIES,
    ids=ONE,
    gives={200: schemas.ResponseView},
    problems=(NotFound,),
    logs_read=True,
)
def get_response(call: Call) -> Answer:
    """One answer with its words and, if it was returned, why."""
    return _answer(call, responses.get_response(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    BASE,
    scope="remediation:read",
    roles=PARTIES,
    query=schemas.ResponseQuery,
    gives={200: schemas.ResponseEntry},
    listing=True,
    logs_read=True,
)
def list_responses(call: Call) -> Answer:
    """The answers one wrote, or reviews, without their words."""
    keys = (WorkerResponse.updated_at, WorkerResponse.id)
    statement = responses.responses_where(call.query)
    found = page(call.transaction, statement, keys, "worker_responses", call.query)
    return Answer(found, subjects=tuple(encode("rsp", one.id) for one in found.data))


write = partial(
    endpoint,
    "POST",
    roles=("supplier", "agency"),
    takes=schemas.ResponseBody,
    gives={201: schemas.ResponseView},
    problems=(NotFound, Gone),
    idempotency="required",
    reread=get_response,
)


@write(REQUESTS + "/{id}/worker-responses", scope="remediation:report", ids={"id": "rem"})
def respond_to_workers(call: Call) -> Answer:
    """Write to the workers behind a request; the institute reads it first."""
    request_id, words = call.path["id"], call.body["text"]
    made = responses.to_workers_of_request(call.transaction, request_id, words)
    return _answer(call, made, 201)


@write("/v1/referrals/{id}/worker-responses", scope="referrals:act", ids={"id": "ref"})
def respond_to_referred_workers(call: Call) -> Answer:
    """Write to the workers behind a referral; the institute reads it first."""
    referral_id, words = call.path["id"], call.body["text"]
    made = responses.to_workers_of_referral(call.transaction, referral_id, words)
    return _answer(call, made, 201)


review = partial(
    endpoint,
    "POST",
    scope="remediation:request",
    roles=("institute",),
    ids=ONE,
    gives={200: schemas.ResponseView},
    idempotency="required",
    reread=get_response,
)
MOVES = (NotFound, NotPermitted, StateTransitionNotAllowed, PreconditionFailed)


@review(BASE + "/{id}/approve", problems=MOVES)
def approve_response(call: Call) -> Answer:
    """Let an answer pass, as a reviewer."""
    approved = responses.approve(call.transaction, call.path["id"], call.if_match)
    return _answer(call, approved)


@review(BASE + "/{id}/return", takes=schemas.ReturnBody, problems=MOVES)
def return_response(call: Call) -> Answer:
    """Do not let an answer pass, as a reviewer; its sender learns why."""
    response_id, reason = call.path["id"], call.body["reason"]
    return _answer(call, responses.send_back(call.transaction, response_id, reason, call.if_match))


@review(BASE + "/{id}/deliver", problems=(*MOVES, Gone, ReceiptCodeMissing))
def deliver_response(call: Call) -> Answer:
    """Leave an approved answer for the worker, who reads it with the receipt code."""
    delivered = responses.deliver(call.transaction, call.path["id"], call.if_match)
    return _answer(call, delivered)


def _answer(call: Call, response: WorkerResponse, status: int = 200) -> Answer:
    response_id = encode("rsp", response.id)
    verdict = responses.verdict_on(call.transaction, response.id)
    shown = response.members() | {
        "text": responses.words_of(call.transaction, response),
        "returned_for": verdict.reason if verdict else None,
    }
    return Answer(
        shown,
        status,
        version=response.version,
        location=f"{BASE}/{response_id}",
        subjects=(response_id,),
    )


ENDPOINTS = (
    get_response,
    list_responses,
    respond_to_workers,
    respond_to_referred_workers,
    approve_response,
    return_response,
    deliver_response,
)
