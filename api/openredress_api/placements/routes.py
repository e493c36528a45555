"""URL table of placements: one short function per route."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.fields import Identifier, Instant, Text, WireSchema
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import Page, PageQuery, page
from openredress_api.foundation.problems import (
    NotFound,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.placements import actions
from openredress_api.placements.schemas import (
    PlacementBody,
    PlacementView,
    StatementBody,
    StatementView,
)
from openredress_api.placements.tables import Placement

endpoint = partial(doors.endpoint, room="placements")


class PlacementKey(WireSchema):
    """The agency's own identifier; never in the path."""

    external_id = Text(at_most=120, required=True)
    source_system = Text(at_most=60, required=True)


class PlacementList(PageQuery):
    """A page of placements."""

    updated_since = Instant()
    site = Identifier("site")


@endpoint(
    "PUT",
    "/v1/placements",
    scope="placements:write",
    roles=("agency",),
    query=PlacementKey,
    takes=PlacementBody,
    gives={201: PlacementView, 200: PlacementView, 204: None},
    problems=(ValidationFailed, StateTransitionNotAllowed),
    idempotency="accepted",
)
def put_placement(call: Call) -> Answer:
    """Store a placement by the agency's own identifier; the same body again changes nothing."""
    placement, done = actions.put_placement(call.transaction, call.query, call.body)
    placement_id = encode("plc", placement.id)
    return Answer(
        placement,
        204 if done is None else 201 if done.inserted else 200,
        version=placement.version,
        location=f"/v1/placements/{placement_id}",
        subjects=(placement_id,),
    )


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
    query = select(Placement)
    if since := call.query.get("updated_since"):
        query = query.where(Placement.updated_at >= since)
    if site := call.query.get("site"):
        query = query.where(Placement.site_id == site)
    keys = (Placement.updated_at, Placement.id)
    found = page(call.transaction, query, keys, "placements", call.query)
    return Answer(found, subjects=tuple(encode("plc", row.id) for row in found.data))


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
    placement = actions.get_placement(call.transaction, call.path["id"])
    subjects = (encode("plc", placement.id),)
    return Answer(placement, version=placement.version, subjects=subjects)


@endpoint(
    "GET",
    "/v1/worker-statements/{id}",
    scope="placements:state",
    ids={"id": "stm"},
    gives={200: StatementView},
    problems=(NotFound,),
    logs_read=True,
)
def get_worker_statement(call: Call) -> Answer:
    """One worker's statement beside the agency's."""
    statement = actions.get_statement(call.transaction, call.path["id"])
    subjects = (encode("stm", statement.id),)
    return Answer(actions.beside(call.transaction, statement), version=1, subjects=subjects)


@endpoint(
    "POST",
    "/v1/placements/{id}/worker-statements",
    scope="placements:state",
    roles=("institute",),
    ids={"id": "plc"},
    takes=StatementBody,
    gives={201: StatementView},
    problems=(NotFound, ValidationFailed),
    idempotency="required",
    reread=get_worker_statement,
)
def add_worker_statement(call: Call) -> Answer:
    """Record what the worker states; the agency does not see it."""
    statement = actions.add_statement(call.transaction, call.path["id"], call.body)
    statement_id = encode("stm", statement.id)
    return Answer(
        actions.beside(call.transaction, statement),
        201,
        version=1,
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
    actions.get_placement(call.transaction, call.path["id"])
    found = actions.statements_of(call.transaction, call.path["id"])
    shown = [actions.beside(call.transaction, one) for one in found]
    subjects = tuple(encode("stm", one.id) for one in found)
    return Answer(Page(shown, None, has_more=False), subjects=subjects)


ENDPOINTS = (
    put_placement,
    list_placements,
    get_placement,
    get_worker_statement,
    add_worker_statement,
    list_worker_statements,
)
