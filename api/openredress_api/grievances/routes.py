"""URL table of the supplier's register: one short function per route."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.keys import ExternalKey
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import (
    NotFound,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.grievances import actions
from openredress_api.grievances.schemas import (
    ClocksView,
    GrievanceBody,
    GrievanceView,
    ListQuery,
    MergeBody,
    StatusChangeBody,
    StatusChangeView,
    VoidBody,
)
from openredress_api.grievances.tables import Grievance, StatusChange

endpoint = partial(doors.endpoint, room="grievances")


@endpoint(
    "GET",
    "/v1/grievances/{id}",
    scope="grievances:read",
    ids={"id": "grv"},
    gives={200: GrievanceView},
    problems=(NotFound,),
    logs_read=True,
)
def get_grievance(call: Call) -> Answer:
    """One grievance of a supplier's register."""
    grievance = actions.get_grievance(call.transaction, call.path["id"])
    return _answer(grievance, grievance.id, grievance.version)


@endpoint(
    "GET",
    "/v1/grievances",
    scope="grievances:read",
    query=ListQuery,
    gives={200: GrievanceView},
    listing=True,
    logs_read=True,
)
def list_grievances(call: Call) -> Answer:
    """The supplier's own register, or for the institute all of them, by last change."""
    keys = (Grievance.updated_at, Grievance.id)
    found = page(
        call.transaction,
        actions.listed(call.query, call.context.now),
        keys,
        "grievances",
        call.query,
    )
    return Answer(found, subjects=tuple(encode("grv", row.id) for row in found.data))


@endpoint(
    "PUT",
    "/v1/grievances",
    scope="grievances:write",
    roles=("supplier",),
    query=ExternalKey,
    takes=GrievanceBody,
    gives={201: GrievanceView, 200: GrievanceView, 204: None},
    problems=(ValidationFailed, StateTransitionNotAllowed, actions.Voided),
    idempotency="accepted",
    reread=get_grievance,
)
def put_grievance(call: Call) -> Answer:
    """Store a grievance by the supplier's own identifier; its status is a proposal.

    204: nothing changed, because the body says what is stored or is older than it.
    """
    put = actions.put_grievance(call.transaction, call.query, call.body)
    status = {"new": 201, "changed": 200, "unchanged": 204}[put.outcome]
    return _answer(put.body, put.id, put.version, status)


@endpoint(
    "GET",
    "/v1/grievances/{id}/status-changes",
    scope="grievances:read",
    ids={"id": "grv"},
    query=PageQuery,
    gives={200: StatusChangeView},
    problems=(NotFound,),
    listing=True,
    logs_read=True,
)
def list_grievance_status_changes(call: Call) -> Answer:
    """The steps of one grievance in the order they were recorded."""
    grievance = actions.get_grievance(call.transaction, call.path["id"])
    steps = select(StatusChange).where(
        StatusChange.recipient_id == grievance.organisation_id,
        StatusChange.grievance_id == grievance.id,
    )
    keys = (StatusChange.recorded_at, StatusChange.id)
    found = page(call.transaction, steps, keys, f"steps of {grievance.id}", call.query)
    return Answer(found, subjects=(encode("grv", grievance.id),))


@endpoint(
    "POST",
    "/v1/grievances/{id}/status-changes",
    scope="grievances:write",
    roles=("supplier",),
    ids={"id": "grv"},
    takes=StatusChangeBody,
    gives={201: StatusChangeView},
    problems=(
        *(NotFound, PreconditionFailed, ValidationFailed),
        *(StateTransitionNotAllowed, actions.Voided),
    ),
    idempotency="required",
)
def change_grievance_status(call: Call) -> Answer:
    """Take one step of a grievance's life; the ETag is the grievance's."""
    change, version = actions.change_status(
        call.transaction, call.path["id"], call.body, call.if_match
    )
    return _answer(change, change.grievance_id, version, 201)


@endpoint(
    "GET",
    "/v1/grievances/{id}/clocks",
    scope="grievances:read",
    ids={"id": "grv"},
    gives={200: ClocksView},
    problems=(NotFound,),
    logs_read=True,
)
def get_grievance_clocks(call: Call) -> Answer:
    """By when a grievance is acknowledged, acted on and passed up, by its severity."""
    grievance = actions.get_grievance(call.transaction, call.path["id"])
    shown = actions.clocks_of(call.transaction, grievance)
    return _answer(shown, grievance.id, grievance.version)


@endpoint(
    "POST",
    "/v1/grievances/{id}/merge",
    scope="grievances:write",
    roles=("supplier",),
    ids={"id": "grv"},
    takes=MergeBody,
    gives={200: GrievanceView},
    problems=(
        *(NotFound, PreconditionFailed, ValidationFailed),
        *(StateTransitionNotAllowed, actions.Voided),
    ),
    idempotency="required",
    reread=get_grievance,
)
def merge_grievance(call: Call) -> Answer:
    """End a duplicate: it names the grievance that it repeats and counts in no rate."""
    into = call.body["into"]
    grievance = actions.merge(call.transaction, call.path["id"], into, call.if_match)
    return _answer(grievance, grievance.id, grievance.version)


@endpoint(
    "POST",
    "/v1/grievances/{id}/reopen",
    scope="cases:write",
    roles=("institute",),
    ids={"id": "grv"},
    gives={200: GrievanceView},
    problems=(NotFound, PreconditionFailed, StateTransitionNotAllowed),
    idempotency="required",
    reread=get_grievance,
)
def reopen_grievance(call: Call) -> Answer:
    """Take an ended grievance up again because the worker side asks for it, at any time."""
    grievance = actions.reopen(call.transaction, call.path["id"], call.if_match)
    return _answer(grievance, grievance.id, grievance.version)


@endpoint(
    "POST",
    "/v1/grievances/{id}/void",
    scope="grievances:write",
    roles=("supplier",),
    ids={"id": "grv"},
    takes=VoidBody,
    gives={200: GrievanceView},
    problems=(
        *(NotFound, PreconditionFailed, ValidationFailed),
        *(StateTransitionNotAllowed, actions.Voided),
    ),
    idempotency="required",
    reread=get_grievance,
)
def void_grievance(call: Call) -> Answer:
    """Leave a tombstone for a row that should not be there; it stays in every total."""
    grievance = actions.void(call.transaction, call.path["id"], call.body["reason"], call.if_match)
    return _answer(grievance, grievance.id, grievance.version)


def _answer(
    body: Grievance | StatusChange | Mapping[str, Any], of: UUID, version: int, status: int = 200
) -> Answer:
    grievance_id = encode("grv", of)
    return Answer(
        body,
        status,
        version=version,
        location=f"/v1/grievances/{grievance_id}",
        subjects=(grievance_id,),
    )


ENDPOINTS = (
    put_grievance,
    list_grievances,
    get_grievance,
    list_grievance_status_changes,
    change_grievance_status,
    get_grievance_clocks,
    merge_grievance,
    reopen_grievance,
    void_grievance,
)
