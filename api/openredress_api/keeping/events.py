"""What this room tells the rooms above it: somebody has to decide."""

from __future__ import annotations

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.keeping.tables import ErasureRequest, LegalRequest


def erasure_asked(transaction: Transaction, asked: ErasureRequest) -> None:
    """Inside: another person looks at a worker's wish."""
    _inside(transaction, "erasure.asked", asked, "ers", "erasure-requests")


def legal_request_recorded(transaction: Transaction, asked: LegalRequest) -> None:
    """Inside: another person decides about it."""
    _inside(transaction, "legal_request.recorded", asked, "lgl", "legal-requests")


def _inside(
    transaction: Transaction,
    fact: str,
    asked: ErasureRequest | LegalRequest,
    prefix: str,
    path: str,
) -> None:
    announce(
        transaction,
        Announcement(
            type=fact,
            kind=asked.__tablename__,
            prefix=prefix,
            subject_id=asked.id,
            version=1,
            recipients=(),
            occurred_at=transaction.context.now,
            path=path,
        ),
    )
