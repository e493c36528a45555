"""Finding referrals and moving them, and the trail that their steps leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.moves import move
from openredress_api.foundation.problems import Gone, NotFound
from openredress_api.referrals.tables import Referral, ReferralCase, ReferralStatusChange


def referrals_where(query: Mapping[str, Any]) -> Select[Referral]:
    """The referrals that fit the filters of a list."""
    statement = select(Referral)
    if "status" in query:
        statement = statement.where(Referral.status == query["status"])
    if "updated_since" in query:
        statement = statement.where(Referral.updated_at >= query["updated_since"])
    return statement


def found(transaction: Transaction, referral_id: UUID) -> Referral:
    """A referral as it stands now, whatever its recipient may still read of it."""
    statement = select(Referral).where(Referral.id == referral_id)
    return transaction.one(statement.execution_options(populate_existing=True))


def get_referral(transaction: Transaction, referral_id: UUID) -> Referral:
    """A referral sent, or received once it was released.

    NotFound for anybody else; for the recipient Gone once it was taken back or its consent no
    longer stands: what has left is asked for anew with every read (R23).
    """
    referral = found(transaction, referral_id)
    if referral.recipient_id == transaction.context.organisation_id and (
        referral.status == "revoked"
        or not transaction.session.scalar(select(func.gate.referral_stands(referral_id)))
    ):
        raise Gone("The referral was taken back; delete your copies.")
    return referral


def link_of(transaction: Transaction, referral_id: UUID) -> ReferralCase:
    """Where a referral comes from; only in the institute's transactions."""
    return transaction.one(select(ReferralCase).where(ReferralCase.referral_id == referral_id))


def case_of(transaction: Transaction, referral_id: UUID) -> UUID:
    """Which case a referral comes from; only in the institute's transactions."""
    return link_of(transaction, referral_id).case_id


def was_shown(transaction: Transaction, referral_id: UUID, organisation_id: UUID) -> bool:
    """Whether this organisation has been shown a referral, and it still stands."""
    try:
        referral = found(transaction, referral_id)
    except NotFound:
        return False
    shown = referral.released_at is not None and referral.recipient_id == organisation_id
    stands = transaction.session.scalar(select(func.gate.referral_stands(referral_id)))
    return shown and referral.status != "revoked" and bool(stands)


def move_on(
    transaction: Transaction,
    referral_id: UUID,
    target: str,
    seen: int | None = None,
    **answer: Any,  # noqa: ANN401 - reason and outcomes of the step
) -> Referral:
    """Take one step as the caller's party, and note it in the trail."""
    move(transaction, "referral", referral_id, target, seen)
    referral = found(transaction, referral_id)
    note(transaction, referral, **answer)
    return referral


def note(transaction: Transaction, referral: Referral, **answer: Any) -> None:  # noqa: ANN401 - as above
    """Write the present step into the trail, for whoever may know of it."""
    me = transaction.context.organisation_id
    others = {referral.organisation_id, referral.recipient_id} - {me}
    transaction.session.add(
        ReferralStatusChange(
            organisation_id=me,
            referral_id=referral.id,
            version=referral.version,
            recipient_id=others.pop() if referral.released_at else me,
            sender_id=referral.organisation_id,
            to_status=referral.status,
            changed_at=referral.updated_at,
            **answer,
        )
    )
    transaction.session.flush()


def changes_of(transaction: Transaction, referral_id: UUID) -> Sequence[ReferralStatusChange]:
    """The steps a referral took, oldest first."""
    mine = ReferralStatusChange.referral_id == referral_id
    return transaction.all(
        select(ReferralStatusChange).where(mine).order_by(ReferralStatusChange.version)
    )
