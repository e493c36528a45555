"""What imports tell the world: that one has ended, and nothing of its rows."""

from __future__ import annotations

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.imports.tables import BulkImport


def completed(transaction: Transaction, ended: BulkImport) -> None:
    """The sender and the institute learn that an import has ended, and with how many rows."""
    counts = ended.counts
    announce(
        transaction,
        Announcement(
            type="import.completed",
            kind="bulk_import",
            prefix="imp",
            subject_id=ended.id,
            version=ended.version,
            recipients=tuple({ended.organisation_id, transaction.context.institute_id}),
            occurred_at=transaction.context.now,
            path="imports",
            data={
                "status": ended.state,
                "created": counts["new"],
                "updated": counts["changed"],
                "unchanged": counts["unchanged"] + counts["outdated"],
                "refused": counts["refused"],
            },
        ),
    )
