"""URL table of placements: one short function per route."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.keys import ExternalKey
from openredress_api.foundation.paging import Page, PageQuery, page
from openredress_api.foundation.problems import (
    NotFound,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.placements import actions, listing_routes, views
from openredress_api.placements.schemas import (
    InterviewBody,
    InterviewView,
    PlacementBody,
    PlacementList,
    PlacementView,
    PlacementVoidBody,
    StatementBody,
    StatementView,
)
from openredress_api.placements.tables import Interview, Placement

endpoint = partial(doors.endpoint, room="placements")


@endpoint(
    "GET",
    "/v1/placements/{id}",
    scope="placements:read",
    ids={"id": "plc"},
    gives={200: PlacementView},
    problems=(NotFound,),
    logs_read=True,
)
def get_placement(call: Call) -> Answer:
    """One placement as the agency states it."""
    return _answer(call, actions.get_placement(call.transaction, call.path["id"]))


@endpoint(
    "PUT",
    "/v1/placements",
    scope="placements:write",
    roles=("agency",),
    query=ExternalKey,
    takes=PlacementBody,
    gives={201: PlacementView, 200: PlacementView, 204: None},
    problems=(ValidationFailed, StateTransitionNotAllowed, actions.PlacementVoided),
    idempotency="accepted",
    reread=get_placement,
)
def put_placement(call: Call) -> Answer:
    """Store a placement by the agency's own identifier; the same body again changes nothing."""
    placement, done = actions.put_placement(call.transaction, call.query, call.body)
    status = 204 if done is None else 201 if done.inserted else 200
    return _answer(call, placement, status)


@endpoint(
    "GET",
    "/v1/placements",
    scope="placements:read",
    query=PlacementList,
    gives={200: PlacementView},
    listing=True,
    logs_read=True,
)
def list_placements(call: Call) -> Answer:
    """The placements the caller may see, least recently changed first."""
    query = actions.listed(Placement, call.query)
    keys = (Placement.updated_at, Placement.id)
    found = page(call.transaction, query, keys, "placements", call.query)
    subjects = tuple(encode("plc", row.id) for row in found.data)
    show = partial(views.placement, call.transaction)
    return Answer(found.showing(show), subjects=subjects)


@endpoint(
    "POST",
    "/v1/placements/{id}/void",
    scope="placements:write",
    roles=("agency",),
    ids={"id": "plc"},
    takes=PlacementVoidBody,
    gives={200: PlacementView},
    problems=(NotFound, PreconditionFailed, ValidationFailed, actions.PlacementVoided),
    idempotency="required",
    reread=get_placement,
)
def void_placement(call: Call) -> Answer:
    """Leave a tombstone for a row that should not be there; it stays in every total."""
    reason = call.body["reason"]
    return _answer(call, actions.void(call.transaction, call.path["id"], reason, call.if_match))


@endpoint(
    "GET",
    "/v1/worker-statements/{id}",
    scope="placements:state",
    ids={"id": "stm"},
    gives={200: StatementView},
    problems=(NotFound,),
    versioned=False,
    logs_read=True,
)
def get_worker_statement(call: Call) -> Answer:
    """One worker's statement beside what the agency states today."""
    statement, placement = actions.get_statement(call.transaction, call.path["id"])
    subjects = (encode("stm", statement.id),)
    return Answer(views.statement(statement, placement), subjects=subjects)


@endpoint(
    "POST",
    "/v1/placements/{id}/worker-statements",
    scope="placements:state",
    roles=("institute",),
    ids={"id": "plc"},
    takes=StatementBody,
    gives={201: StatementView},
    problems=(NotFound, ValidationFailed),
    versioned=False,
    idempotency="required",
    reread=get_worker_statement,
)
def add_worker_statement(call: Call) -> Answer:
    """Record what the worker states; the agency does not see it."""
    statement, placement = actions.add_statement(call.transaction, call.path["id"], call.body)
    statement_id = encode("stm", statement.id)
    return Answer(
        views.statement(statement, placement),
        201,
        location=f"/v1/worker-statements/{statement_id}",
        subjects=(statement_id,),
    )


@endpoint(
    "GET",
    "/v1/placements/{id}/worker-statements",
    scope="placements:state",
    ids={"id": "plc"},
    gives={200: StatementView},
    problems=(NotFound,),
    listing=True,
    logs_read=True,
)
def list_worker_statements(call: Call) -> Answer:
    """What workers stated of a placement, oldest first."""
    placement = actions.get_placement(call.transaction, call.path["id"])
    found = actions.statements_of(call.transaction, placement.id)
    shown = [views.statement(one, placement) for one in found]
    subjects = tuple(encode("stm", one.id) for one in found)
    return Answer(Page(shown, None, has_more=False), subjects=subjects)


@endpoint(
    "GET",
    "/v1/interviews/{id}",
    scope="placements:state",
    ids={"id": "itv"},
    gives={200: InterviewView},
    problems=(NotFound,),
    logs_read=True,
)
def get_interview(call: Call) -> Answer:
    """One post-arrival interview."""
    interview = actions.get_interview(call.transaction, call.path["id"])
    return Answer(interview, version=1, subjects=(encode("itv", interview.id),))


@endpoint(
    "POST",
    "/v1/placements/{id}/interviews",
    scope="placements:state",
    roles=("institute",),
    ids={"id": "plc"},
    takes=InterviewBody,
    gives={201: InterviewView},
    problems=(NotFound, ValidationFailed),
    idempotency="required",
    reread=get_interview,
)
def add_interview(call: Call) -> Answer:
    """Record an interview some time after arrival; the agency does not see it."""
    interview = actions.add_interview(call.transaction, call.path["id"], call.body)
    interview_id = encode("itv", interview.id)
    return Answer(
        interview,
        201,
        version=1,
        location=f"/v1/interviews/{interview_id}",
        subjects=(interview_id,),
    )


@endpoint(
    "GET",
    "/v1/placements/{id}/interviews",
    scope="placements:state",
    ids={"id": "plc"},
    query=PageQuery,
    gives={200: InterviewView},
    problems=(NotFound,),
    listing=True,
    logs_read=True,
)
def list_interviews(call: Call) -> Answer:
    """The interviews about a placement in the order they were recorded."""
    placement = actions.get_placement(call.transaction, call.path["id"])
    query = select(Interview).where(Interview.placement_id == placement.id)
    keys = (Interview.created_at, Interview.id)
    found = page(call.transaction, query, keys, f"interviews of {placement.id}", call.query)
    return Answer(found, subjects=tuple(encode("itv", row.id) for row in found.data))


def _answer(call: Call, placement: Placement, status: int = 200) -> Answer:
    placement_id = encode("plc", placement.id)
    return Answer(
        views.placement(call.transaction, placement),
        status,
        version=placement.version,
        location=f"/v1/placements/{placement_id}",
        subjects=(placement_id,),
    )


ENDPOINTS = (
    put_placement,
    list_placements,
    get_placement,
    void_placement,
    get_worker_statement,
    add_worker_statement,
    list_worker_statements,
    get_interview,
    add_interview,
    list_interviews,
    *listing_routes.ENDPOINTS,
)
