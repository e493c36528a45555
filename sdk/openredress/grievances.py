"""Grievances: rows of the register a supplier keeps in its own mechanism."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "grievances"


class Grievance(Record):
    """A row of the register; times are RFC 3339, codes those of the taxonomies."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    site: str
    category: str
    channel: str
    severity: str | None
    status: str
    received_at: str
    received_at_basis: str
    acknowledged_at: str | None
    resolved_at: str | None
    closed_at: str | None
    workers_affected: int | None
    is_anonymous: bool
    withdrawal_reason: str | None
    out_of_scope_reason: str | None
    agreed_remedy: Record | None
    source_updated_at: str | None
    is_test: bool
    merged_into: str | None
    is_restricted: bool
    missing_from_source_since: str | None
    reopened_at: str | None
    voided_at: str | None
    void_reason: str | None
    created_at: str
    updated_at: str


class StatusChange(Record):
    """One step of a grievance, never changed again; its `etag` is the grievance's."""

    id: str
    grievance: str
    to: str
    at: str | None
    by: str
    source: str
    recorded_at: str


class Clocks(Record):
    """By when a grievance is acknowledged, acted on and passed up, beside what was done."""

    grievance: str
    severity: str | None
    time_zone: str
    acknowledge_due_at: str | None
    acknowledged_at: str | None
    first_action_due_at: str | None
    first_action_at: str | None
    escalation_due_at: str | None
    ended_at: str | None


class Grievances(Capability):
    """`/v1/grievances`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> Grievance:
        """Store a grievance by the supplier's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(Grievance, _PATH, identity, body)

    def get(self, grievance_id: str) -> Grievance:
        """Return one grievance."""
        return self._get(Grievance, _PATH, grievance_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Grievance]:
        """Iterate over the register; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(Grievance, _PATH, cursor=cursor, updated_since=updated_since, **filters)

    def change_status(
        self,
        grievance_id: str,
        to: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        **body: object,
    ) -> StatusChange:
        """Add a step of the grievance's life."""
        step = {"to": to, **body}
        segments = (_PATH, grievance_id, "status-changes")
        return self._post(StatusChange, *segments, body=step, key=idempotency_key, etag=etag)

    def status_changes(
        self, grievance_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[StatusChange]:
        """Iterate over the steps of a grievance in the order they were recorded."""
        segments = (_PATH, grievance_id, "status-changes")
        return self._list(StatusChange, *segments, cursor=cursor, **filters)

    def clocks(self, grievance_id: str) -> Clocks:
        """Return by when a grievance is acknowledged, acted on and passed up."""
        return self._get(Clocks, _PATH, grievance_id, "clocks")

    def merge(
        self,
        grievance_id: str,
        into: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Grievance:
        """End a duplicate by naming the grievance that it repeats."""
        segments, body = (_PATH, grievance_id, "merge"), {"into": into}
        return self._post(Grievance, *segments, body=body, key=idempotency_key, etag=etag)

    def reopen(
        self, grievance_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> Grievance:
        """Take an ended grievance up again for the worker side; for the institute."""
        segments = (_PATH, grievance_id, "reopen")
        return self._post(Grievance, *segments, key=idempotency_key, etag=etag)

    def void(
        self,
        grievance_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Grievance:
        """Void a row that should not be there; it stays in every total."""
        segments, body = (_PATH, grievance_id, "void"), {"reason": reason}
        return self._post(Grievance, *segments, body=body, key=idempotency_key, etag=etag)
