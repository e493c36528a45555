"""URL table of subscriptions: one short function per route."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import Page
from openredress_api.foundation.problems import (
    Conflict,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    ValidationFailed,
)
from openredress_api.subscriptions import actions
from openredress_api.subscriptions.schemas import (
    EndpointBody,
    EndpointCreated,
    EndpointView,
    Feed,
    FeedQuery,
    Rotated,
    RotationBody,
)

endpoint = partial(doors.endpoint, room="subscriptions")
MANAGE = "webhooks:manage"
ID = {"id": "whe"}
EMPTY = {"openredress-empty": "1"}


@endpoint("GET", "/v1/webhook-endpoints", scope=MANAGE, gives={200: EndpointView}, listing=True)
def list_webhook_endpoints(call: Call) -> Answer:
    """The organisation's endpoints, oldest first."""
    return Answer(Page(actions.list_endpoints(call.transaction), None, has_more=False))


@endpoint(
    "POST",
    "/v1/webhook-endpoints",
    scope=MANAGE,
    takes=EndpointBody,
    gives={201: EndpointCreated},
    problems=(ValidationFailed, actions.TooManyEndpoints),
    idempotency="required",
)
def create_webhook_endpoint(call: Call) -> Answer:
    """Add a receiver; the answer shows the key that verifies its deliveries, this once."""
    row, secret = actions.create_endpoint(call.transaction, call.body)
    return _shown(row | {"secret": secret}, 201, secrets=("secret",))


@endpoint(
    "GET",
    "/v1/webhook-endpoints/{id}",
    scope=MANAGE,
    ids=ID,
    gives={200: EndpointView},
    problems=(NotFound,),
)
def get_webhook_endpoint(call: Call) -> Answer:
    """One endpoint and its state."""
    return _shown(actions.get_endpoint(call.transaction, call.path["id"]))


@endpoint(
    "DELETE",
    "/v1/webhook-endpoints/{id}",
    scope=MANAGE,
    ids=ID,
    gives={204: None},
    problems=(NotFound, PreconditionFailed, PreconditionRequired),
    if_match=True,
)
def delete_webhook_endpoint(call: Call) -> Answer:
    """Remove an endpoint; its events stay in the feed."""
    actions.set_state(call.transaction, call.path["id"], "deleted", "by owner", call.if_match)
    return Answer(status=204, subjects=(encode("whe", call.path["id"]),))


@endpoint(
    "POST",
    "/v1/webhook-endpoints/{id}/pause",
    scope=MANAGE,
    ids=ID,
    gives={200: EndpointView},
    problems=(NotFound, PreconditionFailed),
    idempotency="accepted",
)
def pause_webhook_endpoint(call: Call) -> Answer:
    """Stop deliveries; events wait."""
    actions.set_state(call.transaction, call.path["id"], "paused", "by owner", call.if_match)
    return _shown(actions.get_endpoint(call.transaction, call.path["id"]))


@endpoint(
    "POST",
    "/v1/webhook-endpoints/{id}/resume",
    scope=MANAGE,
    ids=ID,
    gives={200: EndpointView},
    problems=(NotFound, PreconditionFailed),
    idempotency="accepted",
)
def resume_webhook_endpoint(call: Call) -> Answer:
    """Deliver again, waiting events first."""
    actions.set_state(call.transaction, call.path["id"], "active", "by owner", call.if_match)
    return _shown(actions.get_endpoint(call.transaction, call.path["id"]))


@endpoint(
    "POST",
    "/v1/webhook-endpoints/{id}/rotate-secret",
    scope=MANAGE,
    ids=ID,
    takes=RotationBody,
    gives={200: Rotated},
    problems=(NotFound, Conflict),
    idempotency="required",
    versioned=False,
)
def rotate_webhook_secret(call: Call) -> Answer:
    """Add a new key; both sign until the overlap ends. The key is shown this once."""
    overlap = timedelta(hours=call.body["overlap_hours"])
    secret, ends = actions.rotate(call.transaction, call.path["id"], overlap)
    return Answer(
        {"secret": secret, "old_key_ends_at": ends},
        subjects=(encode("whe", call.path["id"]),),
        secrets=("secret",),
    )


@endpoint(
    "GET",
    "/v1/events",
    scope="events:read",
    query=FeedQuery,
    gives={200: Feed},
    problems=(ValidationFailed, actions.CursorExpired),
    polls=True,
    versioned=False,
)
def read_events(call: Call) -> Answer:
    """The organisation's events after a position, the same that its webhooks carry."""
    feed = actions.read_feed(call.transaction, call.query)
    return Answer(feed, headers={} if feed["data"] else EMPTY)


def _shown(row: dict[str, Any], status: int = 200, secrets: tuple[str, ...] = ()) -> Answer:
    endpoint_id = encode("whe", row["id"])
    return Answer(
        row,
        status,
        version=row["version"],
        location=f"/v1/webhook-endpoints/{endpoint_id}",
        subjects=(endpoint_id,),
        secrets=secrets,
    )


ENDPOINTS = (
    list_webhook_endpoints,
    create_webhook_endpoint,
    get_webhook_endpoint,
    delete_webhook_endpoint,
    pause_webhook_endpoint,
    resume_webhook_endpoint,
    rotate_webhook_secret,
    read_events,
)
