"""What other rooms ask of evidence."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from openredress_api.evidence.tables import Evidence
from openredress_api.foundation.database import Transaction


def evidence_among(transaction: Transaction, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of some files that the caller sees: a sender its own, the institute all."""
    if not ids:
        return frozenset()
    return frozenset(transaction.all(select(Evidence.id).where(Evidence.id.in_(ids))))
