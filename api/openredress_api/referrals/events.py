"""What this room tells the world; ids, status and deadlines only (R23)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode
from openredress_api.referrals import rules
from openredress_api.referrals.tables import OnwardRequest, Referral


def offered(transaction: Transaction, referral: Referral) -> None:
    """To the recipient: there is something to accept or decline."""
    data = {"purpose": referral.purpose, "due_at": referral.due_at}
    _announce(transaction, referral, "referral.offered", _recipient(referral), data)


def updated(transaction: Transaction, referral: Referral) -> None:
    """To the other party: the referral moved on."""
    acted = referral.organisation_id == transaction.context.organisation_id
    others = _recipient(referral) if acted else (referral.organisation_id,)
    _announce(transaction, referral, "referral.updated", others, {"due_at": referral.due_at})


def revoked(transaction: Transaction, referral: Referral, reason: str) -> None:
    """To the recipient: it was taken back; copies are to be deleted within a day (R1)."""
    data = {"reason": reason, "delete_by": transaction.context.now + rules.RECALL}
    _announce(transaction, referral, "referral.revoked", _recipient(referral), data)


def consent_withdrawn(transaction: Transaction, referral: Referral, consent: UUID) -> None:
    """To a CSO that holds a referral: why it was taken back. No employer learns that (R16)."""
    if referral.released_at is None or referral.recipient_type != "cso":
        return
    data = {
        "id": encode("con", consent),
        "concerns": encode("ref", referral.id),
        "delete_by": transaction.context.now + rules.RECALL,
    }
    _tell(transaction, referral, "consent.withdrawn", _recipient(referral), data)


def held_back(transaction: Transaction, referral: Referral) -> None:
    """Inside: what was released did not reach its recipient; it has to be drafted anew."""
    _tell(transaction, referral, "referral.held_back", (), {})


def onward_asked(transaction: Transaction, asked: OnwardRequest) -> None:
    """Inside: a CSO asks that a case goes on to another one."""
    announce(
        transaction,
        Announcement(
            type="onward_request.asked",
            kind="onward_request",
            prefix="onw",
            subject_id=asked.id,
            version=asked.version,
            recipients=(),
            occurred_at=asked.asked_at,
            path="onward-requests",
        ),
    )


def _recipient(referral: Referral) -> tuple[UUID, ...]:
    """The recipient, unless it is an authority: those have no clients and no feed."""
    return () if referral.recipient_type == "government" else (referral.recipient_id,)


def _announce(
    transaction: Transaction,
    referral: Referral,
    fact: str,
    recipients: tuple[UUID, ...],
    data: Mapping[str, object],
) -> None:
    _tell(transaction, referral, fact, recipients, {"status": referral.status, **data})


def _tell(
    transaction: Transaction,
    referral: Referral,
    fact: str,
    recipients: tuple[UUID, ...],
    data: Mapping[str, object],
) -> None:
    announce(
        transaction,
        Announcement(
            type=fact,
            kind="referral",
            prefix="ref",
            subject_id=referral.id,
            version=referral.version,
            recipients=recipients,
            occurred_at=transaction.context.now,
            path="referrals",
            data=data,
        ),
    )
