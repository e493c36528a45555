"""Placements: how one worker, known by a pseudonym, came to a job, and what it cost whom."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Placement(Record):
    """A placement; money is `{amount: "1520.50", currency: "THB"}`."""

    id: str
    external_id: str
    source_system: str
    status: str
    updated_at: str


class WorkerStatement(Record):
    """What a worker says of the own placement, beside what the agency says."""

    id: str


class Placements(Capability):
    """`/v1/placements`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> Placement:
        """Store a placement by the agency's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(Placement, "placements", identity, body)

    def get(self, placement_id: str) -> Placement:
        """Return one placement."""
        return self._get(Placement, "placements", placement_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Placement]:
        """Iterate over placements; `updated_since` is RFC 3339 or an aware datetime."""
        filters = {"updated_since": updated_since, **filters}
        return self._list(Placement, "placements", filters, cursor)

    def add_worker_statement(
        self, placement_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> WorkerStatement:
        """Add what the worker states; fees, hops and terms that an agency may not know."""
        return self._post(
            WorkerStatement,
            "placements",
            placement_id,
            "worker-statements",
            body=body,
            key=idempotency_key,
        )
