"""Rules of referrals in plain Python: their life, what must be granted, what may leave."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from openredress_api.foundation.checks import ahead
from openredress_api.foundation.lifecycle import steps
from openredress_api.foundation.problems import Fault, FieldError

# Until it is offered nobody but the sender knows of it: consent_checked waits for its moment.
LIFECYCLE = (
    *steps("draft", "consent_checked", "sender", "another person than its author; consent holds"),
    *steps("consent_checked", "offered", "sender system", "when its moment has come"),
    *steps("draft consent_checked", "revoked", "sender", "with reason"),
    *steps("consent_checked", "revoked", "system", "consent ran out before its moment"),
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
WAITING = "consent_checked"
UNREAD = tuple(step.source for step in LIFECYCLE if step.target == "opened")
REVOCABLE = tuple({step.source: None for step in LIFECYCLE if step.target == "revoked"})
# From where a CSO may ask that a case goes on to another one: it has read the referral.
HELD = ("opened", "accepted", "in_progress", "response_submitted", "returned", "completed")
# R1: what the worker must have granted before anything of a case goes to such an organisation.
CONSENT_FOR = {
    "supplier": "share_deidentified_employer",
    "agency": "share_agency",
    "cso": "share_cso",
    "government": "share_authority",
}
CONSENT_TO_NAME = "identify_to_employer"
EMPLOYERS = ("supplier", "agency")
# `recalled` is also said when a worker took consent back: R16 hides that from the recipient.
RECALLED = "recalled"
REVOKE_REASONS = (RECALLED, "sent_in_error", "duplicate", "safety_concern")
FEWEST_WORKERS = 3
RECALL = timedelta(hours=24)
# R5: nobody is to guess from the moment who was seen telephoning.
SOONEST, LATEST = timedelta(hours=1), timedelta(hours=72)
AT_ONCE = "s1_critical"


def may_wait(recipient_type: str, severity: str) -> bool:
    """R5: what goes to an employer goes at a moment that tells nothing, but for a critical case."""
    return recipient_type in EMPLOYERS and severity != AT_ONCE


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
    *,
    may_name: bool,
) -> Iterator[FieldError]:
    """What leaves is true of the case and points at nobody who did not agree to it (R5, R6)."""
    categories = summary["categories"]
    for place, category in enumerate(categories):
        at = f"/summary/categories/{place}"
        if category not in case_categories:
            yield FieldError(at, Fault("not_in_case"), category)
        elif category in categories[:place]:
            yield FieldError(at, Fault("repeated"), category)
    yield from ahead("/summary/event_month", summary["event_month"], now, "%Y-%m")
    if names_somebody(recipient_type, summary["workers"]) and not may_name:
        fault = Fault("too_few_workers", fewest=FEWEST_WORKERS)
        yield FieldError("/summary/workers", fault, summary["workers"])


def names_somebody(recipient_type: str | None, workers: int | None) -> bool:
    """R6: an employer told of fewer than three workers knows whom to ask; null is everybody."""
    return recipient_type in EMPLOYERS and workers is not None and workers < FEWEST_WORKERS


# A worker's side of the world may lie in another country; the institute chooses who is there.
ONWARD_LIFECYCLE = steps("asked", "referred declined", "recipient")
