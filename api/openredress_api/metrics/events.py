"""What this room tells the world."""

from __future__ import annotations

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.metrics.tables import MetricReport


def published(transaction: Transaction, report: MetricReport) -> None:
    """A brand's figures of a period can be read."""
    announce(
        transaction,
        Announcement(
            type="metrics.published",
            kind="metric_report",
            prefix="mrp",
            subject_id=report.id,
            version=1,
            recipients=(report.recipient_id,),
            occurred_at=transaction.context.now,
            path="metric-reports",
            data={"period": report.period},
        ),
    )
