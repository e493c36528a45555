"""Synthetic events, in sandboxes."""

from __future__ import annotations

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.problems import ValidationFailed
from openredress_api.subscriptions.actions import sandbox
from openredress_api.subscriptions.routes.doors import managed
from openredress_api.subscriptions.schemas.feed import Synthetic, SyntheticBody


@managed(
    "POST",
    "/v1/sandbox/events",
    takes=SyntheticBody,
    gives={201: Synthetic},
    problems=(sandbox.SandboxOnly, ValidationFailed),
    idempotency="required",
    versioned=False,
)
def trigger_sandbox_event(call: Call) -> Answer:
    """Put an event about nothing into the own feed, to try out a receiver."""
    made = sandbox.trigger(call.transaction, call.body["type"])
    return Answer(made, 201, subjects=(encode("evt", made["id"]),))


ENDPOINTS = (trigger_sandbox_event,)
