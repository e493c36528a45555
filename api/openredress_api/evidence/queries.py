"""What other rooms ask of evidence."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from openredress_api.foundation.database import Transaction

_SEEN = text("SELECT id FROM evidence WHERE id = ANY (:ids)")


def evidence_among(transaction: Transaction, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of some files that the caller sees: a sender its own, the institute all."""
    if not ids:
        return frozenset()
    return frozenset(transaction.session.scalars(_SEEN, {"ids": list(ids)}))
