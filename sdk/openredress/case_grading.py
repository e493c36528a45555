"""How grave a case is, and what was observed in it; for the institute."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "cases"


class SeverityChange(Record):
    """How grave a case was held to be from a moment on, by whom and why."""

    n: int
    severity: str
    reasons: list[str]
    cause: str
    changed_by: str | None
    changed_at: str


class Observation(Record):
    """An indicator of forced labour as it shows in a case; it labels no site."""

    id: str
    case: str
    indicator: str
    observed_at: str
    basis: str
    current_harm: bool
    recorded_at: str
    voided_at: str | None
    void_reason: str | None


class Grading(Capability):
    """The part of `/v1/cases` about severity, and `/v1/observations`."""

    def severity_changes(
        self, case_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[SeverityChange]:
        """Iterate over how grave a case was held to be, oldest first."""
        segments = (_PATH, case_id, "severity-changes")
        return self._list(SeverityChange, *segments, cursor=cursor, **filters)

    def observe(
        self, case_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> Observation:
        """Record an indicator; the severity rises to what all of them demand."""
        segments = (_PATH, case_id, "observations")
        return self._post(Observation, *segments, body=body, key=idempotency_key)

    def observations(
        self, case_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[Observation]:
        """Iterate over what was observed in a case and its duplicates, oldest first."""
        segments = (_PATH, case_id, "observations")
        return self._list(Observation, *segments, cursor=cursor, **filters)

    def void_observation(
        self,
        observation_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Observation:
        """Void an observation that should never have been; the severity stays as it is."""
        body, segments = {"reason": reason}, ("observations", observation_id, "void")
        return self._post(Observation, *segments, body=body, key=idempotency_key, etag=etag)
