"""What this room tells the world."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction


def created(transaction: Transaction, task_id: UUID, kind: str, due_at: datetime) -> None:
    """The institute has something to do because of what another organisation did."""
    announce(
        transaction,
        Announcement(
            type="task.created",
            kind="task",
            prefix="tsk",
            subject_id=task_id,
            version=1,
            recipients=(transaction.context.institute_id,),
            occurred_at=transaction.context.now,
            path="tasks",
            data={"kind": kind, "due_at": due_at},
        ),
    )
