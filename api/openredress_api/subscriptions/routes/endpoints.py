"""Endpoints: made, read, changed, asked for proof, paused, resumed, deleted; their log."""

from __future__ import annotations

from typing import Any

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import Page, PageQuery
from openredress_api.foundation.problems import (
    CursorInvalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.subscriptions import rules
from openredress_api.subscriptions.actions import endpoints as actions
from openredress_api.subscriptions.actions.rows import endpoint_of
from openredress_api.subscriptions.routes.doors import ID, managed
from openredress_api.subscriptions.schemas.endpoints import (
    EndpointBody,
    EndpointChange,
    EndpointCreated,
    EndpointView,
    LogView,
    ResumeBody,
)
from openredress_api.subscriptions.schemas.sending import DeliveryView
from openredress_api.subscriptions.tables import Endpoint
from openredress_delivery.retries import FAILING_DAYS


@managed("GET", "/v1/webhook-endpoints", gives={200: EndpointView}, listing=True)
def list_webhook_endpoints(call: Call) -> Answer:
    """The organisation's endpoints, oldest first."""
    found = actions.list_endpoints(call.transaction)
    return Answer(Page([_view(one) for one in found], None, has_more=False))


@managed(
    "POST",
    "/v1/webhook-endpoints",
    takes=EndpointBody,
    gives={201: EndpointCreated},
    problems=(ValidationFailed, actions.TooManyEndpoints),
    idempotency="required",
)
def create_webhook_endpoint(call: Call) -> Answer:
    """Add a receiver; the answer shows the key that verifies its deliveries, this once.

    It is asked at once to send a challenge back, and is sent events when it has.
    """
    made, secret = actions.create_endpoint(call.transaction, call.body)
    return _shown(made, 201, secret=secret)


@managed(
    "GET", "/v1/webhook-endpoints/{id}", ids=ID, gives={200: EndpointView}, problems=(NotFound,)
)
def get_webhook_endpoint(call: Call) -> Answer:
    """One endpoint and its state."""
    return _shown(endpoint_of(call.transaction, call.path["id"]))


@managed(
    "PATCH",
    "/v1/webhook-endpoints/{id}",
    ids=ID,
    takes=EndpointChange,
    gives={200: EndpointView},
    problems=(
        NotFound,
        ValidationFailed,
        PreconditionFailed,
        PreconditionRequired,
        StateTransitionNotAllowed,
    ),
    if_match=True,
    idempotency="accepted",
)
def update_webhook_endpoint(call: Call) -> Answer:
    """Change what is named and leave the rest; a new address has to prove itself anew."""
    seen, endpoint_id = call.if_match, call.path["id"]
    return _shown(actions.change(call.transaction, endpoint_id, call.body, seen))


@managed(
    "DELETE",
    "/v1/webhook-endpoints/{id}",
    ids=ID,
    gives={204: None},
    problems=(NotFound, PreconditionFailed, PreconditionRequired),
    if_match=True,
)
def delete_webhook_endpoint(call: Call) -> Answer:
    """Remove an endpoint; its events stay in the feed."""
    actions.delete(call.transaction, call.path["id"], call.if_match)
    return Answer(status=204, subjects=(encode("whe", call.path["id"]),))


@managed(
    "POST",
    "/v1/webhook-endpoints/{id}/verify",
    ids=ID,
    gives={202: DeliveryView},
    problems=(NotFound, StateTransitionNotAllowed),
    idempotency="required",
    versioned=False,
)
def verify_webhook_endpoint(call: Call) -> Answer:
    """Send a challenge now, as a proof or as a test; the answer is its delivery."""
    found = actions.verify(call.transaction, call.path["id"])
    delivery_id = encode("dlv", found.id)
    return Answer(
        found,
        202,
        location=f"/v1/webhook-deliveries/{delivery_id}",
        subjects=(encode("whe", call.path["id"]), delivery_id),
    )


@managed(
    "POST",
    "/v1/webhook-endpoints/{id}/pause",
    ids=ID,
    gives={200: EndpointView},
    problems=(NotFound, PreconditionFailed, StateTransitionNotAllowed),
    idempotency="accepted",
)
def pause_webhook_endpoint(call: Call) -> Answer:
    """Stop deliveries; events wait."""
    return _shown(actions.pause(call.transaction, call.path["id"], call.if_match))


@managed(
    "POST",
    "/v1/webhook-endpoints/{id}/resume",
    ids=ID,
    takes=ResumeBody,
    gives={200: EndpointView},
    problems=(NotFound, PreconditionFailed, StateTransitionNotAllowed, ValidationFailed),
    idempotency="accepted",
)
def resume_webhook_endpoint(call: Call) -> Answer:
    """Deliver again: everything that came meanwhile, or none of it, or what came since a moment."""
    seen, endpoint_id = call.if_match, call.path["id"]
    return _shown(actions.resume(call.transaction, endpoint_id, call.body, seen))


@managed(
    "GET",
    "/v1/webhook-endpoints/{id}/log",
    ids=ID,
    query=PageQuery,
    gives={200: LogView},
    problems=(NotFound, CursorInvalid),
    listing=True,
)
def list_webhook_endpoint_log(call: Call) -> Answer:
    """What was done to an endpoint and by whom, newest first."""
    return Answer(actions.list_log(call.transaction, call.path["id"], call.query))


def _view(endpoint: Endpoint) -> dict[str, Any]:
    oauth = {
        "token_url": endpoint.token_url,
        "client_id": endpoint.token_client_id,
        "scope": endpoint.token_scope,
    }
    return endpoint.members() | {
        "oauth": oauth if endpoint.token_url else None,
        "will_disable_at": rules.will_disable_at(
            endpoint.state, endpoint.failing_since, FAILING_DAYS
        ),
        "breaker_open_until": endpoint.probe_at,
    }


def _shown(endpoint: Endpoint, status: int = 200, **secret: str) -> Answer:
    endpoint_id = encode("whe", endpoint.id)
    return Answer(
        _view(endpoint) | secret,
        status,
        version=endpoint.version,
        location=f"/v1/webhook-endpoints/{endpoint_id}",
        subjects=(endpoint_id,),
        secrets=tuple(secret),
    )


ENDPOINTS = (
    list_webhook_endpoints,
    create_webhook_endpoint,
    get_webhook_endpoint,
    update_webhook_endpoint,
    delete_webhook_endpoint,
    verify_webhook_endpoint,
    pause_webhook_endpoint,
    resume_webhook_endpoint,
    list_webhook_endpoint_log,
)
