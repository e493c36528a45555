"""Routes of referrals that were sent: reading, and each party's steps."""

from __future__ import annotations

from functools import partial
from typing import Any

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import (
    CursorInvalid,
    Gone,
    NotFound,
    PreconditionFailed,
    StateTransitionNotAllowed,
)
from openredress_api.referrals.actions import recalls, steps
from openredress_api.referrals.actions.rows import referrals_where
from openredress_api.referrals.routes.doors import ONE, RECIPIENTS, answer, endpoint
from openredress_api.referrals.schemas import (
    DeletionReceiptView,
    ReferralDeclineBody,
    ReferralEntry,
    ReferralQuery,
    ReferralResponseBody,
    ReferralRevokeBody,
    ReferralView,
)
from openredress_api.referrals.tables import Referral


@endpoint(
    "GET",
    "/v1/referrals/{id}",
    scope="referrals:read",
    ids=ONE,
    gives={200: ReferralView},
    problems=(NotFound, Gone),
    logs_read=True,
)
def get_referral(call: Call) -> Answer:
    """One referral; its recipient's first reading opens it. The read is logged."""
    return answer(call.transaction, steps.read_referral(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    "/v1/referrals",
    scope="referrals:read",
    query=ReferralQuery,
    gives={200: ReferralEntry},
    problems=(CursorInvalid,),
    listing=True,
    logs_read=True,
)
def list_referrals(call: Call) -> Answer:
    """The referrals sent or received, without what they say. The read is logged."""
    keys = (Referral.updated_at, Referral.id)
    statement = referrals_where(call.query)
    found = page(call.transaction, statement, keys, "referrals", call.query)
    return Answer(found, subjects=tuple(encode("ref", one.id) for one in found.data))


recipient_act = partial(
    endpoint,
    "POST",
    scope="referrals:act",
    roles=RECIPIENTS,
    ids=ONE,
    gives={200: ReferralView},
    problems=(NotFound, Gone, PreconditionFailed, StateTransitionNotAllowed),
    idempotency="required",
    reread=get_referral,
)
sender_act = partial(
    endpoint,
    "POST",
    scope="referrals:write",
    roles=("institute",),
    ids=ONE,
    gives={200: ReferralView},
    problems=(NotFound, PreconditionFailed, StateTransitionNotAllowed),
    idempotency="required",
    reread=get_referral,
)


@recipient_act("/v1/referrals/{id}/accept")
def accept_referral(call: Call) -> Answer:
    """Take a referral on."""
    return _act(call, "accepted")


@recipient_act("/v1/referrals/{id}/decline", takes=ReferralDeclineBody)
def decline_referral(call: Call) -> Answer:
    """Refuse a referral, with a reason."""
    return _act(call, "declined", reason=call.body["reason"])


@recipient_act("/v1/referrals/{id}/start")
def start_referral(call: Call) -> Answer:
    """Say that the work has begun, or begins again after a return."""
    return _act(call, "in_progress")


@recipient_act("/v1/referrals/{id}/respond", takes=ReferralResponseBody)
def respond_to_referral(call: Call) -> Answer:
    """Answer a referral with what came of it."""
    return _act(call, "response_submitted", outcomes=call.body["outcomes"])


@sender_act("/v1/referrals/{id}/return")
def return_referral(call: Call) -> Answer:
    """Say that the answer needs more."""
    return _act(call, "returned")


@sender_act("/v1/referrals/{id}/complete")
def complete_referral(call: Call) -> Answer:
    """Say that the answer suffices."""
    return _act(call, "completed")


@sender_act("/v1/referrals/{id}/close")
def close_referral(call: Call) -> Answer:
    """Close a completed referral."""
    return _act(call, "closed")


@sender_act("/v1/referrals/{id}/revoke", takes=ReferralRevokeBody)
def revoke_referral(call: Call) -> Answer:
    """Discard a draft, or take a referral back; its recipient deletes all copies in 24 hours."""
    reason, seen = call.body["reason"], call.if_match
    revoked = recalls.revoke(call.transaction, call.path["id"], reason, seen)
    return answer(call.transaction, revoked)


@endpoint(
    "POST",
    "/v1/referrals/{id}/confirm-deletion",
    scope="referrals:act",
    roles=RECIPIENTS,
    ids=ONE,
    gives={200: DeletionReceiptView},
    problems=(NotFound, StateTransitionNotAllowed),
    idempotency="required",
    versioned=False,
)
def confirm_referral_deletion(call: Call) -> Answer:
    """Say that all copies of a referral that was taken back are deleted."""
    receipt = recalls.confirm_deletion(call.transaction, call.path["id"])
    return Answer(receipt, subjects=(encode("ref", receipt.referral_id),))


def _act(call: Call, target: str, **said: Any) -> Answer:  # noqa: ANN401 - reason or outcomes
    moved = steps.act(call.transaction, call.path["id"], target, call.if_match, **said)
    return answer(call.transaction, moved)


ENDPOINTS = (
    get_referral,
    list_referrals,
    accept_referral,
    decline_referral,
    start_referral,
    respond_to_referral,
    return_referral,
    complete_referral,
    close_referral,
    revoke_referral,
    confirm_referral_deletion,
)
