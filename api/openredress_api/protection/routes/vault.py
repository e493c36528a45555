"""Workers of a case, requests for their identity, and pseudonyms."""

from __future__ import annotations

from functools import partial

from openredress_api import cases
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import (
    CursorInvalid,
    Gone,
    NotFound,
    NotPermitted,
    StateTransitionNotAllowed,
)
from openredress_api.protection.actions import vault as actions
from openredress_api.protection.actions.pseudonyms import pseudonym_for
from openredress_api.protection.routes.doors import CASE, acting, reading
from openredress_api.protection.schemas import (
    AddedWorkerView,
    IdentityRequestBody,
    IdentityRequestView,
    IdentityView,
    PseudonymQuery,
    PseudonymView,
    WorkerBody,
    WorkerView,
)
from openredress_api.protection.tables import IdentityRequest, WorkerInCase

reading = partial(reading, scope="identity:read")
ONE = {"id": "idr"}


@acting(
    "POST",
    "/v1/cases/{id}/workers",
    scope="identity:write",
    ids=CASE,
    takes=WorkerBody,
    gives={201: AddedWorkerView},
    problems=(NotFound, NotPermitted, cases.CaseVoided),
)
def add_case_worker(call: Call) -> Answer:
    """Put a worker into the vault and link it to a case; nothing of it is read back here."""
    link, was_known = actions.add_worker(call.transaction, call.path["id"], call.body)
    subjects = (encode("wrk", link.id), encode("case", link.case_id))
    shown = link.members() | {"was_known": was_known}
    return Answer(shown, 201, version=1, subjects=subjects)


@reading(
    "GET",
    "/v1/cases/{id}/workers",
    ids=CASE,
    query=PageQuery,
    gives={200: WorkerView},
    problems=(NotFound, CursorInvalid),
    listing=True,
)
def list_case_workers(call: Call) -> Answer:
    """The workers of a case by their ids. The read is logged."""
    case_id = call.path["id"]
    statement = actions.workers_of(call.transaction, case_id)
    keys = (WorkerInCase.linked_at, WorkerInCase.id)
    found = page(call.transaction, statement, keys, f"workers of {case_id}", call.query)
    return Answer(found, subjects=(encode("case", case_id),))


@reading(
    "GET",
    "/v1/cases/{id}/workers/{worker}/pseudonyms",
    ids={**CASE, "worker": "wrk"},
    query=PseudonymQuery,
    gives={200: PseudonymView},
    problems=(NotFound, NotPermitted),
    versioned=False,
)
def get_pseudonym(call: Call) -> Answer:
    """What one recipient may call a worker; brands have no pseudonyms. The read is logged."""
    case = cases.get_case(call.transaction, call.path["id"])
    worker = actions.get_worker(call.transaction, case.id, call.path["worker"]).id
    recipient, within = call.query.get("recipient", case.supplier_id), call.query["within"]
    told = pseudonym_for(
        call.transaction, worker, recipient, within=case.id if within == "case" else None
    )
    shown = {"worker": worker, "recipient": recipient, "within": within, "pseudonym": told}
    return Answer(shown, subjects=(encode("wrk", worker), encode("org", recipient)))


@reading(
    "GET",
    "/v1/identity-requests/{id}",
    ids=ONE,
    gives={200: IdentityRequestView},
    problems=(NotFound,),
)
def get_identity_request(call: Call) -> Answer:
    """One request: who asked, for whom and for what, and who decided. The read is logged."""
    return _request(actions.get_request(call.transaction, call.path["id"]))


@reading(
    "GET",
    "/v1/identity-requests",
    query=PageQuery,
    gives={200: IdentityRequestView},
    problems=(CursorInvalid,),
    listing=True,
)
def list_identity_requests(call: Call) -> Answer:
    """All requests by their last change: nobody asks unseen. The read is logged."""
    keys = (IdentityRequest.updated_at, IdentityRequest.id)
    found = page(call.transaction, actions.requests_where(), keys, "identity_requests", call.query)
    return Answer(found, subjects=tuple(encode("idr", one.id) for one in found.data))


@acting(
    "POST",
    "/v1/identity-requests",
    scope="identity:read",
    takes=IdentityRequestBody,
    gives={201: IdentityRequestView},
    problems=(NotPermitted,),
    reread=get_identity_request,
)
def request_identity(call: Call) -> Answer:
    """Ask for a worker's identity; a custodian decides, or in a critical case nobody at first."""
    return _request(actions.ask(call.transaction, call.body), 201)


deciding = partial(
    acting,
    "POST",
    scope="identity:read",
    ids=ONE,
    gives={200: IdentityRequestView},
    problems=(NotFound, NotPermitted, StateTransitionNotAllowed),
    reread=get_identity_request,
)


@deciding("/v1/identity-requests/{id}/grant")
def grant_identity_request(call: Call) -> Answer:
    """Let the asker read the identity once within a day; by a custodian who is another person."""
    return _request(actions.decide(call.transaction, call.path["id"], "granted"))


@deciding("/v1/identity-requests/{id}/refuse")
def refuse_identity_request(call: Call) -> Answer:
    """Say no; by a custodian who is another person."""
    return _request(actions.decide(call.transaction, call.path["id"], "refused"))


@reading(
    "GET",
    "/v1/identity-requests/{id}/identity",
    ids=ONE,
    gives={200: IdentityView},
    problems=(NotFound, NotPermitted, Gone, actions.IdentityNotGranted),
    versioned=False,
)
def get_identity(call: Call) -> Answer:
    """Who the worker is: for the asker, once. The read is logged, and made known to two people."""
    found = actions.read_identity(call.transaction, call.path["id"])
    subjects = (encode("idr", call.path["id"]), encode("wrk", found["worker"]))
    return Answer(found, subjects=subjects)


def _request(request: IdentityRequest, status: int = 200) -> Answer:
    wire_id, worker = encode("idr", request.id), encode("wrk", request.worker_id)
    return Answer(
        request,
        status,
        version=request.version,
        location=f"/v1/identity-requests/{wire_id}",
        subjects=(wire_id, worker),
    )


ENDPOINTS = (
    add_case_worker,
    list_case_workers,
    get_pseudonym,
    request_identity,
    list_identity_requests,
    get_identity_request,
    grant_identity_request,
    refuse_identity_request,
    get_identity,
)
