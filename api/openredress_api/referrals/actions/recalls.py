"""Taking back: by the sender, or because a worker took consent back; and the receipts for it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from openredress_api import cases, protection
from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import StateTransitionNotAllowed
from openredress_api.referrals import events, rules
from openredress_api.referrals.actions.rows import found, link_of, move_on
from openredress_api.referrals.tables import DeletionReceipt, Referral, ReferralCase


def revoke(
    transaction: Transaction, referral_id: UUID, reason: str, seen: int | None = None
) -> Referral:
    """Take a referral back, or discard a draft.

    Whoever has been shown it is to delete all copies; whoever has not is told nothing.
    """
    referral = move_on(transaction, referral_id, "revoked", seen, reason=reason)
    _recall(transaction, referral, reason)
    return referral


def _recall(transaction: Transaction, referral: Referral, reason: str) -> None:
    """Ask a recipient that knows of a referral to delete its copies."""
    if referral.released_at is None:
        return
    link_of(transaction, referral.id).recalled_at = transaction.context.now
    transaction.session.flush()
    events.revoked(transaction, referral, reason)


def on_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Take back what rests on a consent that is no longer granted, or on a voided case (R1).

    An ended referral stays as it ended; its copies are to go all the same. What waits is held back
    when its case has become too grave for it (R2).
    """
    if announcement.type in protection.REJUDGED:
        _hold_back(transaction, announcement)
    elif announcement.type in {"case.consent_withdrawn", "case.voided"}:
        _take_back(transaction, announcement)


def _hold_back(transaction: Transaction, announcement: Announcement) -> None:
    case = cases.get_case(transaction, UUID(str(announcement.notes["case_id"])))
    # What rests on a duplicate of the case is judged by the case.
    about = ReferralCase.case_id.in_(cases.with_duplicates(transaction, case.id))
    for waiting in _resting(transaction, about):
        if waiting.status != rules.WAITING:
            continue
        if protection.may_reach(transaction, case, waiting.recipient_type):
            until = protection.assessed_until(transaction, case, waiting.recipient_type)
            link_of(transaction, waiting.id).release_before = until
        else:
            held = move_on(transaction, waiting.id, "revoked", reason="safety_concern")
            events.held_back(transaction, held)


def _take_back(transaction: Transaction, announcement: Announcement) -> None:
    notes = announcement.notes
    about = ReferralCase.case_id == notes["case_id"]
    if "scope" in notes:
        about = and_(about, _rests_on(str(notes["scope"])))
    for resting in _resting(transaction, about):
        if resting.status in rules.REVOCABLE:
            # It may have ended a moment ago.
            with suppress(StateTransitionNotAllowed):
                move_on(transaction, resting.id, "revoked", reason=rules.RECALLED)
        referral = found(transaction, resting.id)
        _recall(transaction, referral, rules.RECALLED)
        if announcement.type == "case.consent_withdrawn":
            events.consent_withdrawn(transaction, referral, announcement.subject_id)


def _resting(transaction: Transaction, about: ColumnElement[bool]) -> Sequence[Referral]:
    """The referrals for which `about` holds and which were not taken back before."""
    linked = and_(
        ReferralCase.organisation_id == Referral.organisation_id,
        ReferralCase.referral_id == Referral.id,
    )
    mine = (about, ReferralCase.recalled_at.is_(None))
    statement = select(Referral).join(ReferralCase, linked).where(*mine)
    return transaction.all(statement.where(Referral.status != "revoked"))


def _rests_on(scope: str) -> ColumnElement[bool]:
    if scope != rules.CONSENT_TO_NAME:
        return ReferralCase.consent_scope == scope
    return and_(
        Referral.recipient_type.in_(rules.EMPLOYERS), Referral.workers < rules.FEWEST_WORKERS
    )


def confirm_deletion(transaction: Transaction, referral_id: UUID) -> DeletionReceipt:
    """The recipient's receipt: all copies of what was taken back are gone; once is enough."""
    referral = found(transaction, referral_id)
    if receipt := deletion_of(transaction, referral_id):
        return receipt
    if not transaction.session.scalar(select(func.gate.referral_is_recalled(referral_id))):
        raise StateTransitionNotAllowed("The referral stands; nothing is to be deleted.")
    receipt = DeletionReceipt(
        organisation_id=transaction.context.organisation_id,
        referral_id=referral_id,
        recipient_id=referral.organisation_id,
        confirmed_at=transaction.context.now,
    )
    transaction.session.add(receipt)
    transaction.session.flush()
    return receipt


def deletion_of(transaction: Transaction, referral_id: UUID) -> DeletionReceipt | None:
    """The recipient's receipt, if there is one."""
    mine = DeletionReceipt.referral_id == referral_id
    return transaction.first(select(DeletionReceipt).where(mine))
