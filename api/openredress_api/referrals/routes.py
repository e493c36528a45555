"""URL table of referrals: one short function per route."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from openredress_api.cases import CaseVoided, ConsentMissing
from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.database import Transaction
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
from openredress_api.protection import SafeguardHold, SafetyAssessmentMissing
from openredress_api.referrals import actions
from openredress_api.referrals.schemas import (
    DeletionReceiptView,
    ReferralBody,
    ReferralDeclineBody,
    ReferralEntry,
    ReferralQuery,
    ReferralResponseBody,
    ReferralRevokeBody,
    ReferralView,
)
from openredress_api.referrals.tables import Referral

endpoint = partial(doors.endpoint, room="referrals")
ONE = {"id": "ref"}
RECIPIENTS = ("supplier", "agency", "cso")


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
    found = actions.read_referral(call.transaction, call.path["id"])
    return _referral(call.transaction, found)


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
    statement = actions.referrals_where(call.query)
    found = page(call.transaction, statement, keys, "referrals", call.query)
    return Answer(found, subjects=tuple(encode("ref", one.id) for one in found.data))


@endpoint(
    "POST",
    "/v1/referrals",
    scope="referrals:write",
    roles=("institute",),
    takes=ReferralBody,
    gives={201: ReferralView},
    problems=(ConsentMissing, CaseVoided, SafetyAssessmentMissing, SafeguardHold),
    idempotency="required",
    reread=get_referral,
)
def offer_referral(call: Call) -> Answer:
    """Offer a case, in a summary, to an organisation; the worker's consent must stand."""
    return _referral(call.transaction, actions.offer(call.transaction, call.body), 201)


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


@endpoint(
    "POST",
    "/v1/referrals/{id}/confirm-deletion",
    scope="referrals:act",
    roles=RECIPIENTS,
    ids=ONE,
    gives={200: DeletionReceiptView},
    problems=(NotFound, StateTransitionNotAllowed),
    idempotency="required",
)
def confirm_referral_deletion(call: Call) -> Answer:
    """Say that all copies of a referral that was taken back are deleted."""
    receipt = actions.confirm_deletion(call.transaction, call.path["id"])
    return Answer(receipt, version=1, subjects=(encode("ref", receipt.referral_id),))


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
    """Take a referral back; its recipient is to delete all copies within 24 hours."""
    reason, seen = call.body["reason"], call.if_match
    revoked = actions.revoke(call.transaction, call.path["id"], reason, seen)
    return _referral(call.transaction, revoked)


def _act(call: Call, target: str, **answer: Any) -> Answer:  # noqa: ANN401 - reason or outcomes
    moved = actions.act(call.transaction, call.path["id"], target, call.if_match, **answer)
    return _referral(call.transaction, moved)


def _referral(transaction: Transaction, referral: Referral, status: int = 200) -> Answer:
    referral_id = encode("ref", referral.id)
    return Answer(
        _shown(transaction, referral),
        status,
        version=referral.version,
        location=f"/v1/referrals/{referral_id}",
        subjects=(referral_id,),
    )


def _shown(transaction: Transaction, referral: Referral) -> Mapping[str, Any]:
    """The referral with the last answers to it; the institute also sees the case."""
    shown = referral.members()
    shown["summary"] = referral
    if transaction.context.is_institute:
        shown["case_id"] = actions.case_of(transaction, referral.id)
    last = {step.to_status: step for step in actions.changes_of(transaction, referral.id)}
    shown["decline_reason"] = last["declined"].reason if "declined" in last else None
    shown["revoke_reason"] = last["revoked"].reason if "revoked" in last else None
    receipt = actions.receipt_of(transaction, referral.id)
    shown["deletion_confirmed_at"] = receipt.confirmed_at if receipt else None
    responded = last.get("response_submitted")
    shown["outcomes"] = responded.outcomes if responded else None
    return shown


ENDPOINTS = (
    get_referral,
    list_referrals,
    offer_referral,
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
