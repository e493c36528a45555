"""URL table of headcounts."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import ValidationFailed
from openredress_api.workforce import actions
from openredress_api.workforce.schemas import (
    HeadcountBody,
    HeadcountView,
    ListQuery,
    UpsertQuery,
)
from openredress_api.workforce.tables import Headcount

endpoint = partial(doors.endpoint, room="workforce")


@endpoint(
    "PUT",
    "/v1/headcounts",
    scope="workforce:write",
    roles=("supplier",),
    query=UpsertQuery,
    takes=HeadcountBody,
    gives={201: HeadcountView, 200: HeadcountView, 204: None},
    problems=(ValidationFailed,),
    idempotency="accepted",
)
def put_headcount(call: Call) -> Answer:
    """Store how many workers a site had at the end of a month; a later number replaces it."""
    headcount, done = actions.put_headcount(call.transaction, call.query, call.body)
    status = 204 if done is None else 201 if done.inserted else 200
    return Answer(
        headcount, status, version=headcount.version, subjects=(encode("hc", headcount.id),)
    )


@endpoint(
    "GET",
    "/v1/headcounts",
    scope="workforce:read",
    query=ListQuery,
    gives={200: HeadcountView},
    listing=True,
)
def list_headcounts(call: Call) -> Answer:
    """The supplier's own headcounts, or for the institute all of them, by last change."""
    keys = (Headcount.updated_at, Headcount.id)
    return Answer(
        page(call.transaction, actions.listed(call.query), keys, "headcounts", call.query)
    )


ENDPOINTS = (put_headcount, list_headcounts)
