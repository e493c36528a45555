"""Placements: how one worker, known by a pseudonym, came to a job, and what it cost whom."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "placements"


class Placement(Record):
    """A placement as its agency states it; an amount is text: `amount` "1520.50" in `currency`."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    worker_pseudonym: str
    origin: str
    destination: str
    site: str | None
    job_order_ref: str | None
    status: str
    end_reason: str | None
    arrived_on: str | None
    no_fees_stated: bool
    fee_lines: list[Record]
    agent_chain: list[Record]
    is_test: bool
    updated_at: str


class WorkerStatement(Record):
    """What a worker says of the own placement, beside what the agency says."""

    id: str
    placement: str
    stated_on: str
    method: str
    no_fees_stated: bool
    fee_lines: list[Record]
    no_intermediary_stated: bool
    agent_chain: list[Record]
    share_in_aggregates: bool
    first_mile_known: bool
    chain_mismatch: list[str]
    created_at: str


class Placements(Capability):
    """`/v1/placements` and `/v1/worker-statements`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> Placement:
        """Store a placement by the agency's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(Placement, _PATH, identity, body)

    def get(self, placement_id: str) -> Placement:
        """Return one placement."""
        return self._get(Placement, _PATH, placement_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Placement]:
        """Iterate over placements; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(Placement, _PATH, cursor=cursor, updated_since=updated_since, **filters)

    def add_worker_statement(
        self, placement_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> WorkerStatement:
        """Add what the worker states; fees, hops and terms that an agency may not know."""
        segments = (_PATH, placement_id, "worker-statements")
        return self._post(WorkerStatement, *segments, body=body, key=idempotency_key)

    def statements(self, placement_id: str) -> Listing[WorkerStatement]:
        """Iterate over what workers stated of a placement, oldest first."""
        return self._list(WorkerStatement, _PATH, placement_id, "worker-statements")

    def get_statement(self, statement_id: str) -> WorkerStatement:
        """Return one worker's statement."""
        return self._get(WorkerStatement, "worker-statements", statement_id)
