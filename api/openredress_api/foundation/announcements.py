"""News goes up: a room announces a fact, higher rooms listen within the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from openredress_api.foundation.database import Transaction


@dataclass(frozen=True, slots=True)
class Announcement:
    """A fact about one record: `type` such as `referral.offered`, its subject and recipients.

    `recipients` are organisations other than the author; `data` is thin: ids, status, deadlines;
    `notes` stay inside the server (task weights, deadlines of fallbacks).
    """

    type: str
    kind: str
    prefix: str
    subject_id: uuid.UUID
    version: int
    recipients: tuple[uuid.UUID, ...]
    occurred_at: datetime
    path: str
    data: Mapping[str, object] = field(default_factory=dict)
    notes: Mapping[str, object] = field(default_factory=dict)


Listener = Callable[[Transaction, Announcement], None]


def announce(transaction: Transaction, announcement: Announcement) -> None:
    """Tell every listener now; what they write commits with the fact."""
    for listener in transaction.services.listeners:
        listener(transaction, announcement)
