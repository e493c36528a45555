"""Figures: released values with their proof and their caveats, and the releases themselves."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record
from openredress.transport import Transport

_PATH = "metric-releases"


class Figure(Record):
    """One released value.

    `value` is None for one of three `reason`s that must not be confused: suppressed (too few
    people), no_exposure (nothing to divide by), or another that the server names. `provenance`:
    verified, supplier_reported, agency_reported or mixed. `coverage_band`: the share of eligible
    cases whose workers agreed to be counted.
    """

    code: str
    period: str
    value: str | float | None
    numerator: int | None
    denominator: int | None
    unit: str
    suppressed: bool
    reason: str | None
    provenance: str
    coverage_band: str | None


class Release(Record):
    """The figures of one period: draft, preview, approved, published; then never changed."""

    id: str
    period: str
    status: str


class Releases(Capability):
    """`/v1/metric-releases`; for the institute."""

    def create(self, period: str, *, idempotency_key: str | None = None, **body: object) -> Release:
        """Draft the release of a closed period such as 2026-Q3."""
        draft = {"period": period, **body}
        return self._post(Release, _PATH, body=draft, key=idempotency_key)

    def get(self, release_id: str) -> Release:
        """Return one release."""
        return self._get(Release, _PATH, release_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Release]:
        """Iterate over the releases."""
        return self._list(Release, _PATH, filters, cursor)

    def approve(self, release_id: str, *, idempotency_key: str | None = None) -> Release:
        """Approve a release; must be another person than the one who drafted it."""
        return self._post(Release, _PATH, release_id, "approve", body={}, key=idempotency_key)

    def publish(self, release_id: str, *, idempotency_key: str | None = None) -> Release:
        """Publish an approved release to its parties."""
        return self._post(Release, _PATH, release_id, "publish", body={}, key=idempotency_key)


class Metrics(Capability):
    """`/v1/metrics`."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.releases = Releases(transport)

    def get(
        self, code: str, *, period: str, include: list[str] | None = None, **filters: object
    ) -> Figure:
        """Return a figure; `include` admits other provenances than verified."""
        return self._get(Figure, "metrics", code, period=period, include=include, **filters)
