"""Rules of referrals in plain Python: their life, what must be granted, what may leave."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from openredress_api.foundation.checks import ahead
from openredress_api.foundation.lifecycle import steps
from openredress_api.foundation.problems import Fault, FieldError

# draft and consent_checked are passed within the request that offers.
LIFECYCLE = (
    *steps("offered", "delivered", "system", "the recipient's system took the notice"),
    *steps("offered delivered", "opened", "recipient", "it was read"),
    *steps("offered delivered opened", "accepted", "recipient"),
    *steps("offered delivered opened", "declined", "recipient", "with reason"),
    *steps("offered delivered opened", "expired", "system", "30 days after due_at"),
    *steps("accepted returned", "in_progress", "recipient"),
    *steps("in_progress", "response_submitted", "recipient", "with outcomes"),
    *steps("response_submitted", "returned completed", "sender"),
    *steps("completed", "closed", "sender"),
    *steps(
        "offered delivered opened accepted in_progress response_submitted returned",
        "revoked",
        "sender",
        "with reason; or consent no longer stands",
    ),
)
UNREAD = tuple(step.source for step in LIFECYCLE if step.target == "opened")
REVOCABLE = tuple(step.source for step in LIFECYCLE if step.target == "revoked")
# R1: what the worker must have granted before anything of a case goes to such an organisation.
CONSENT_FOR = {
    "supplier": "share_deidentified_employer",
    "agency": "share_agency",
    "cso": "share_cso",
    "government": "share_authority",
}
EMPLOYERS = ("supplier", "agency")
# `recalled` is also said when a worker took consent back: R16 hides that from the recipient.
RECALLED = "recalled"
REVOKE_REASONS = (RECALLED, "sent_in_error", "duplicate", "safety_concern")
FEWEST_WORKERS = 3
RECALL = timedelta(hours=24)


def check_recipient(
    recipient: UUID, recipient_type: str | None, supplier: UUID
) -> list[FieldError]:
    """Somebody who can act; a supplier only for its own site."""
    if recipient_type not in CONSENT_FOR:
        return [FieldError("/to", Fault("not_an_addressee"))]
    if recipient_type == "supplier" and recipient != supplier:
        return [FieldError("/to", Fault("not_its_site"))]
    return []


def check_summary(
    summary: Mapping[str, Any],
    recipient_type: str | None,
    case_categories: Collection[str],
    now: datetime,
) -> Iterator[FieldError]:
    """What leaves is true of the case and points at nobody (R5, R6)."""
    categories = summary["categories"]
    for place, category in enumerate(categories):
        at = f"/summary/categories/{place}"
        if category not in case_categories:
            yield FieldError(at, Fault("not_in_case"), category)
        elif category in categories[:place]:
            yield FieldError(at, Fault("repeated"), category)
    yield from ahead("/summary/event_month", summary["event_month"], now, "%Y-%m")
    if recipient_type in EMPLOYERS and points_at_somebody(summary["workers"]):
        fault = Fault("too_few_workers", fewest=FEWEST_WORKERS)
        yield FieldError("/summary/workers", fault, summary["workers"])


def points_at_somebody(workers: int | None) -> bool:
    """R6: an employer told of fewer than three workers knows whom to ask; null is everybody."""
    return workers is not None and workers < FEWEST_WORKERS


def due(released_at: datetime, days: int) -> datetime:
    """Outward dates start at the release, never at the case."""
    return released_at + timedelta(days=days)
