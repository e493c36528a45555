"""What a channel's client does for a worker who comes back with a receipt code."""

from __future__ import annotations

from functools import partial

from openredress_api.cases.actions import follow_ups
from openredress_api.cases.actions.messages import words_of
from openredress_api.cases.routes import showing
from openredress_api.cases.schemas.follow_ups import (
    FollowUpBody,
    FollowUpMessageBody,
    FollowUpReceived,
    FollowUpView,
)
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode

endpoint = partial(
    showing.endpoint,
    scope="followups:act",
    roles=showing.INSTITUTE,
    problems=(follow_ups.ReceiptCodeUnknown, follow_ups.TooManyTries),
    versioned=False,
)


@endpoint("POST", "/v1/follow-ups/open", takes=FollowUpBody, gives={200: FollowUpView})
def open_follow_up(call: Call) -> Answer:
    """How it stands, and what the case team wrote; no case, no place, no name. Logged.

    A message comes again until a later call sends its n in read_until.
    """
    code, read_until = call.body["code"], call.body["read_until"]
    case, status, found, has_more = follow_ups.open_follow_up(call.transaction, code, read_until)
    messages = [{"n": one.n, "text": words_of(call.transaction, one)} for one in found]
    body = {"status": status, "messages": messages, "has_more": has_more}
    return Answer(body, subjects=(encode("case", case.id),))


@endpoint(
    "POST",
    "/v1/follow-ups/messages",
    takes=FollowUpMessageBody,
    gives={201: FollowUpReceived},
    idempotency="required",
)
def send_follow_up(call: Call) -> Answer:
    """Leave the worker's message for the case team, sealed; somebody is asked to look at it."""
    body = call.body
    message = follow_ups.receive(
        call.transaction, body["code"], body["text"], wants_reopen=body["wants_reopen"]
    )
    return Answer(message, 201, subjects=(encode("case", message.case_id),))


ENDPOINTS = (open_follow_up, send_follow_up)
