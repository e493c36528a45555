"""Routes of referrals before they are sent: one person writes, another one releases."""

from __future__ import annotations

from functools import partial

from openredress_api.cases import CaseMerged, CaseVoided, ConsentMissing
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.problems import (
    NotFound,
    NotPermitted,
    PreconditionFailed,
    PreconditionRequired,
    SecondPersonNeeded,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.protection import SafeguardHold, SafetyAssessmentMissing
from openredress_api.referrals.actions import drafting
from openredress_api.referrals.routes.doors import ONE, answer, endpoint
from openredress_api.referrals.routes.referrals import get_referral
from openredress_api.referrals.schemas import ReferralBody, ReferralDraftBody, ReferralView

writing = partial(endpoint, scope="referrals:write", roles=("institute",))


@writing(
    "POST",
    "/v1/referrals",
    takes=ReferralBody,
    gives={201: ReferralView},
    problems=(NotPermitted, CaseMerged, CaseVoided),
    idempotency="required",
    reread=get_referral,
)
def draft_referral(call: Call) -> Answer:
    """Draft a referral; its recipient sees nothing until another person releases it."""
    return answer(call.transaction, drafting.draft(call.transaction, call.body), 201)


@writing(
    "PUT",
    "/v1/referrals/{id}",
    ids=ONE,
    takes=ReferralDraftBody,
    gives={200: ReferralView},
    problems=(
        NotFound,
        NotPermitted,
        CaseMerged,
        CaseVoided,
        StateTransitionNotAllowed,
        PreconditionFailed,
        PreconditionRequired,
    ),
    if_match=True,
)
def replace_referral_draft(call: Call) -> Answer:
    """Write a draft anew, as its author."""
    seen, referral_id = call.if_match, call.path["id"]
    return answer(
        call.transaction, drafting.replace(call.transaction, referral_id, call.body, seen)
    )


@writing(
    "POST",
    "/v1/referrals/{id}/release",
    ids=ONE,
    gives={200: ReferralView},
    problems=(
        NotFound,
        NotPermitted,
        SecondPersonNeeded,
        ConsentMissing,
        CaseMerged,
        CaseVoided,
        SafetyAssessmentMissing,
        SafeguardHold,
        StateTransitionNotAllowed,
        PreconditionFailed,
        PreconditionRequired,
        ValidationFailed,
    ),
    if_match=True,
    idempotency="required",
    reread=get_referral,
)
def release_referral(call: Call) -> Answer:
    """Release a draft as another person than its author has read it; consent must stand.

    An employer is shown it 1 to 72 hours later, but for a critical case.
    """
    return answer(
        call.transaction, drafting.release(call.transaction, call.path["id"], call.if_match)
    )


ENDPOINTS = (draft_referral, replace_referral_draft, release_referral)
