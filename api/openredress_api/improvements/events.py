"""What this room tells the rooms above it."""

from __future__ import annotations

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.improvements.tables import SystemicAction


def stated(transaction: Transaction, action: SystemicAction) -> None:
    """Inside: somebody has to look whether it is so."""
    announce(
        transaction,
        Announcement(
            type="systemic_action.stated",
            kind="systemic_action",
            prefix="sys",
            subject_id=action.id,
            version=1,
            recipients=(),
            occurred_at=transaction.context.now,
            path="systemic-actions",
        ),
    )
