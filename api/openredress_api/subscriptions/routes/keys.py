"""The keys of an endpoint: rotated, revoked, listed."""

from __future__ import annotations

from datetime import timedelta

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery
from openredress_api.foundation.problems import Conflict, CursorInvalid, NotFound
from openredress_api.subscriptions.actions import keys
from openredress_api.subscriptions.routes.doors import ID, managed
from openredress_api.subscriptions.schemas.endpoints import (
    KeyView,
    Revoked,
    Rotated,
    RotationBody,
)


@managed(
    "POST",
    "/v1/webhook-endpoints/{id}/rotate-secret",
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
    secret, ends = keys.rotate(call.transaction, call.path["id"], overlap)
    return Answer(
        {"secret": secret, "old_key_ends_at": ends},
        subjects=(encode("whe", call.path["id"]),),
        secrets=("secret",),
    )


@managed(
    "POST",
    "/v1/webhook-endpoints/{id}/revoke-secret",
    ids=ID,
    gives={200: Revoked},
    problems=(NotFound,),
    idempotency="required",
    versioned=False,
)
def revoke_webhook_secret(call: Call) -> Answer:
    """End every key but the newest now; the only one ends for a new one, shown this once."""
    secret = keys.revoke(call.transaction, call.path["id"])
    subjects = (encode("whe", call.path["id"]),)
    return Answer({"secret": secret}, subjects=subjects, secrets=("secret",))


@managed(
    "GET",
    "/v1/webhook-endpoints/{id}/keys",
    ids=ID,
    query=PageQuery,
    gives={200: KeyView},
    problems=(NotFound, CursorInvalid),
    listing=True,
)
def list_webhook_keys(call: Call) -> Answer:
    """An endpoint's keys, newest first: when each one signs, and what verifies an ed25519 one."""
    return Answer(keys.list_keys(call.transaction, call.path["id"], call.query))


ENDPOINTS = (rotate_webhook_secret, revoke_webhook_secret, list_webhook_keys)
