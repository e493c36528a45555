"""Grievances: rows of the register a supplier keeps in its own mechanism."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Grievance(Record):
    """A row of the register; times are RFC 3339, codes those of the taxonomies."""

    id: str
    external_id: str
    source_system: str
    site: str
    category: str
    status: str
    received_at: str
    updated_at: str


class StatusChange(Record):
    """One step of a grievance, never changed again."""

    id: str
    to: str
    at: str


class Grievances(Capability):
    """`/v1/grievances`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> Grievance:
        """Store a grievance by the supplier's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(Grievance, "grievances", identity, body)

    def get(self, grievance_id: str) -> Grievance:
        """Return one grievance."""
        return self._get(Grievance, "grievances", grievance_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Grievance]:
        """Iterate over the register; `updated_since` is RFC 3339 or an aware datetime."""
        filters = {"updated_since": updated_since, **filters}
        return self._list(Grievance, "grievances", filters, cursor)

    def change_status(
        self, grievance_id: str, to: str, *, idempotency_key: str | None = None, **body: object
    ) -> StatusChange:
        """Add a step of the grievance's life."""
        return self._post(
            StatusChange,
            "grievances",
            grievance_id,
            "status-changes",
            body={"to": to, **body},
            key=idempotency_key,
        )
