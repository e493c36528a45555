"""What the register tells the world."""

from __future__ import annotations

from uuid import UUID

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode
from openredress_api.grievances.tables import Grievance


def received(transaction: Transaction, grievance_id: UUID, status: str, weight: str | None) -> None:
    """The institute learns of a grievance that a supplier sent for the first time."""
    institute = transaction.context.institute_id
    _tell(transaction, "received", grievance_id, 1, status, institute, weight)


def regraded(
    transaction: Transaction, grievance_id: UUID, version: int, status: str, weight: str
) -> None:
    """A grievance became grave, or is so no longer: work for the institute, no event."""
    institute = transaction.context.institute_id
    _tell(transaction, "regraded", grievance_id, version, status, institute, weight)


def reopened_by_worker(transaction: Transaction, grievance: Grievance) -> None:
    """The supplier learns that the worker side takes its grievance up again."""
    _tell(
        transaction,
        "reopened_by_worker",
        grievance.id,
        grievance.version,
        grievance.status,
        grievance.organisation_id,
    )


def _tell(
    transaction: Transaction,
    fact: str,
    grievance_id: UUID,
    version: int,
    status: str,
    recipient: UUID,
    weight: str | None = None,
) -> None:
    announce(
        transaction,
        Announcement(
            type=f"grievance.{fact}",
            kind="grievance",
            prefix="grv",
            subject_id=grievance_id,
            version=version,
            recipients=(recipient,),
            occurred_at=transaction.context.now,
            path="grievances",
            data={"id": encode("grv", grievance_id), "status": status},
            notes={"severity": weight},
        ),
    )
