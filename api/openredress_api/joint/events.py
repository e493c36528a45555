"""What this room tells brands: that they are asked, and how the request goes on."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.joint.tables import Sponsorship


def invited(transaction: Transaction, asked: Sponsorship) -> None:
    """A brand is asked to stand behind a request."""
    _tell(transaction, "invited", (asked.id, asked.recipient_id), asked.version, {})


def answered(transaction: Transaction, answer: Sponsorship) -> None:
    """Inside: a brand has answered, or has ended its part."""
    announce(
        transaction,
        Announcement(
            type=f"sponsorship.{answer.status}",
            kind="sponsorship",
            prefix="spn",
            subject_id=answer.id,
            version=answer.version,
            recipients=(),
            occurred_at=transaction.context.now,
            path="sponsorships",
        ),
    )


def updated(
    transaction: Transaction, sponsor: tuple[UUID, UUID], version: int, data: Mapping[str, object]
) -> None:
    """The request that a brand sponsors has gone on."""
    _tell(transaction, "updated", sponsor, version, data)


def _tell(
    transaction: Transaction,
    what: str,
    sponsor: tuple[UUID, UUID],
    version: int,
    data: Mapping[str, object],
) -> None:
    sponsorship_id, brand = sponsor
    announce(
        transaction,
        Announcement(
            type=f"sponsorship.{what}",
            kind="sponsorship",
            prefix="spn",
            subject_id=sponsorship_id,
            version=version,
            recipients=(brand,),
            occurred_at=transaction.context.now,
            path="sponsorships",
            data=data,
        ),
    )
