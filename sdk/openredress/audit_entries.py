"""Audit entries: who read what, and what one's own clients did."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class AuditEntry(Record):
    """Somebody read or acted.

    `organisation` is None for another party that may read the record; `person` is told within
    one's own organisation alone.
    """

    id: str
    at: str
    operation: str
    organisation: str | None
    person: str | None
    records: list[str]


class AuditEntries(Capability):
    """`/v1/audit-entries`."""

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[AuditEntry]:
        """Iterate over what one's own clients did; with `record`, over who read that record."""
        return self._list(AuditEntry, "audit-entries", cursor=cursor, **filters)
