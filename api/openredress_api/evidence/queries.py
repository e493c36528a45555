"""What other rooms ask of evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from openredress_api.evidence.tables import Evidence
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.problems import Fault, FieldError


def evidence_among(transaction: Transaction, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of some files that the caller sees: a sender its own, the institute all."""
    if not ids:
        return frozenset()
    return frozenset(transaction.all(select(Evidence.id).where(Evidence.id.in_(ids))))


def check_evidence(transaction: Transaction, ids: Sequence[UUID]) -> list[FieldError]:
    """What is wrong with a field `evidence` of a body: each file that the caller does not see."""
    known = evidence_among(transaction, ids)
    return [
        FieldError(f"/evidence/{place}", Fault("not_evidence"), encode("evd", one))
        for place, one in enumerate(ids)
        if one not in known
    ]
