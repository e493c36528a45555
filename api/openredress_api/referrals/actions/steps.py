"""The steps of a referral after its release, each by its own party."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import StateTransitionNotAllowed
from openredress_api.referrals import events, rules
from openredress_api.referrals.actions.rows import get_referral, move_on
from openredress_api.referrals.tables import Referral


def read_referral(transaction: Transaction, referral_id: UUID) -> Referral:
    """As `get_referral`; the recipient's first reading opens it."""
    referral = get_referral(transaction, referral_id)
    received = referral.recipient_id == transaction.context.organisation_id
    if received and referral.status in rules.UNREAD:
        # Two readings at once: the other one opened it, and this one reads what there is.
        with suppress(StateTransitionNotAllowed):
            return act(transaction, referral_id, "opened")
    return get_referral(transaction, referral_id)


def act(
    transaction: Transaction,
    referral_id: UUID,
    target: str,
    seen: int | None = None,
    *,
    reason: str | None = None,
    outcomes: list[str] | None = None,
) -> Referral:
    """Take one step as the caller's party and tell the other one."""
    get_referral(transaction, referral_id)
    referral = move_on(transaction, referral_id, target, seen, reason=reason, outcomes=outcomes)
    events.updated(transaction, referral)
    return referral
