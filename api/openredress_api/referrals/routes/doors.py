"""What the routes of this room have in common: their door, and a referral as its reader sees it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode
from openredress_api.organisations import country_of_organisation
from openredress_api.referrals.actions.recalls import deletion_of
from openredress_api.referrals.actions.rows import changes_of, link_of
from openredress_api.referrals.tables import Referral

endpoint = partial(doors.endpoint, room="referrals")
ONE = {"id": "ref"}
RECIPIENTS = ("supplier", "agency", "cso")


def answer(transaction: Transaction, referral: Referral, status: int = 200) -> Answer:
    """A referral with its version, place and id for the log."""
    referral_id = encode("ref", referral.id)
    return Answer(
        _shown(transaction, referral),
        status,
        version=referral.version,
        location=f"/v1/referrals/{referral_id}",
        subjects=(referral_id,),
    )


def _shown(transaction: Transaction, referral: Referral) -> Mapping[str, Any]:
    """The referral with the last answers to it; the institute also sees where it comes from."""
    last = {step.to_status: step for step in changes_of(transaction, referral.id)}
    responded = last.get("response_submitted")
    return {
        **referral.members(),
        "summary": referral,
        "to_country": country_of_organisation(transaction, referral.recipient_id),
        "decline_reason": last["declined"].reason if "declined" in last else None,
        "revoke_reason": last["revoked"].reason if "revoked" in last else None,
        "outcomes": responded.outcomes if responded else None,
        **(_inside(transaction, referral) if transaction.context.is_institute else {}),
    }


def _inside(transaction: Transaction, referral: Referral) -> Mapping[str, Any]:
    link = link_of(transaction, referral.id)
    receipt = deletion_of(transaction, referral.id)
    names = (
        "case_id",
        "author_id",
        "released_by",
        "release_at",
        "respond_in_days",
        "onward_request_id",
    )
    return {name: getattr(link, name) for name in names} | {
        "deletion_confirmed_at": receipt.confirmed_at if receipt else None
    }
