"""Replays: events sent once more."""

from __future__ import annotations

from typing import Any

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery
from openredress_api.foundation.problems import (
    CursorInvalid,
    NotFound,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.subscriptions.actions import replays
from openredress_api.subscriptions.routes.doors import ID, managed
from openredress_api.subscriptions.schemas.sending import ReplayBody, ReplayView
from openredress_api.subscriptions.tables import Replay

REPLAY = {"id": "rpl"}


@managed(
    "POST",
    "/v1/webhook-endpoints/{id}/replays",
    ids=ID,
    takes=ReplayBody,
    gives={200: ReplayView, 202: ReplayView},
    problems=(NotFound, ValidationFailed, replays.TooManyReplays),
    idempotency="required",
    versioned=False,
)
def replay_webhook_events(call: Call) -> Answer:
    """Send one event, or all that fit a choice, once more; a dry run only counts them."""
    made = replays.replay(call.transaction, call.path["id"], call.body)
    endpoint_id = encode("whe", call.path["id"])
    if not isinstance(made, Replay):
        return Answer(made, subjects=(endpoint_id,))
    replay_id = encode("rpl", made.id)
    return Answer(
        _view(made),
        202,
        location=f"/v1/webhook-replays/{replay_id}",
        subjects=(replay_id, endpoint_id),
    )


@managed(
    "GET",
    "/v1/webhook-endpoints/{id}/replays",
    ids=ID,
    query=PageQuery,
    gives={200: ReplayView},
    problems=(NotFound, CursorInvalid),
    listing=True,
)
def list_webhook_replays(call: Call) -> Answer:
    """An endpoint's replays, newest first."""
    found = replays.list_replays(call.transaction, call.path["id"], call.query)
    return Answer(found.showing(_view))


@managed(
    "GET",
    "/v1/webhook-replays/{id}",
    ids=REPLAY,
    gives={200: ReplayView},
    problems=(NotFound,),
    versioned=False,
)
def get_webhook_replay(call: Call) -> Answer:
    """One replay and how far it has come."""
    return Answer(_view(replays.get_replay(call.transaction, call.path["id"])))


@managed(
    "POST",
    "/v1/webhook-replays/{id}/cancel",
    ids=REPLAY,
    gives={200: ReplayView},
    problems=(NotFound, StateTransitionNotAllowed),
    idempotency="accepted",
    versioned=False,
)
def cancel_webhook_replay(call: Call) -> Answer:
    """Make no more deliveries for a replay; those that were made are sent."""
    found = replays.cancel(call.transaction, call.path["id"])
    subjects = (encode("rpl", found.id), encode("whe", found.endpoint_id))
    return Answer(_view(found), subjects=subjects)


def _view(found: Replay) -> dict[str, Any]:
    return found.members() | {"only": "undelivered" if found.only_undelivered else "all"}


ENDPOINTS = (
    replay_webhook_events,
    list_webhook_replays,
    get_webhook_replay,
    cancel_webhook_replay,
)
