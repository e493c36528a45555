"""Contacts: calls and messages to the institute, counted; nothing of who it was."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "contacts"


class Contact(Record):
    """One call or message."""

    id: str
    channel: str
    received_at: str
    received_at_basis: str
    contact_outcome: str
    case: str | None
    recorded_at: str


class Contacts(Capability):
    """`/v1/contacts`."""

    def record(self, *, idempotency_key: str | None = None, **body: object) -> Contact:
        """Count a contact; `open_case` opens a case in the same call."""
        return self._post(Contact, _PATH, body=body, key=idempotency_key)

    def get(self, contact_id: str) -> Contact:
        """Return one contact; the read is logged."""
        return self._get(Contact, _PATH, contact_id)

    def list(
        self, *, recorded_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Contact]:
        """Iterate over contacts in the order in which they were recorded."""
        return self._list(Contact, _PATH, cursor=cursor, recorded_since=recorded_since, **filters)
