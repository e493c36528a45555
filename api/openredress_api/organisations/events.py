"""What this room tells the world."""

from __future__ import annotations

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.organisations.tables import Site


def os_id_contested(transaction: Transaction, site: Site) -> None:
    """The institute has to decide: an OS ID is claimed that another organisation holds."""
    announce(
        transaction,
        Announcement(
            type="site.os_id_contested",
            kind="site",
            prefix="site",
            subject_id=site.id,
            version=site.version,
            recipients=(),
            occurred_at=transaction.context.now,
            path="sites",
        ),
    )
