"""The one verb that moves a record along its lifecycle.

A step is checked twice: by the room's rules.py for its guard, and by gate.move for transition
and party, so that no route can move a record that its caller may not.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import (
    NotFound,
    PreconditionFailed,
    StateTransitionNotAllowed,
)

MOVE = text(
    "SELECT outcome, status, version FROM gate.move(:kind, :record, :target, :seen, :moment)"
)


def move(
    transaction: Transaction, kind: str, record: UUID, target: str, seen: int | None = None
) -> int:
    """Move a record to `target` and return its new version.

    NotFound for a foreign one, StateTransitionNotAllowed where there is no such step for the
    caller, PreconditionFailed where `seen` is not the present version.
    """
    transaction.session.flush()
    moved = transaction.session.execute(
        MOVE,
        {
            "kind": kind,
            "record": record,
            "target": target,
            "seen": seen,
            "moment": transaction.context.now,
        },
    ).one()
    if moved.outcome == "absent":
        raise NotFound
    if moved.outcome == "stale":
        raise PreconditionFailed
    if moved.outcome == "refused":
        raise StateTransitionNotAllowed(
            f"The status is {moved.status}; from there this party cannot move it to {target}."
        )
    version: int = moved.version
    return version
