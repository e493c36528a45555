"""Releases: how the figures of a quarter come out, by two people; for the institute."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "metric-releases"


class Release(Record):
    """The figures of one period: draft, preview, approved, published; then never changed."""

    id: str
    period: str
    cut_off_at: str
    status: str
    drafted_at: str
    preview_at: str | None
    published_at: str | None


class Releases(Capability):
    """`/v1/metric-releases`."""

    def create(self, period: str, *, idempotency_key: str | None = None) -> Release:
        """Draft the release of a closed period such as 2026-Q3."""
        return self._post(Release, _PATH, body={"period": period}, key=idempotency_key)

    def get(self, release_id: str) -> Release:
        """Return one release."""
        return self._get(Release, _PATH, release_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Release]:
        """Iterate over the releases, least recently changed first."""
        return self._list(Release, _PATH, cursor=cursor, **filters)

    def preview(self, release_id: str, *, idempotency_key: str | None = None) -> Release:
        """Open the ten working days of preview."""
        return self._post(Release, _PATH, release_id, "preview", key=idempotency_key)

    def approve(self, release_id: str, *, idempotency_key: str | None = None) -> Release:
        """Approve a release; must be another person than the one who drafted it."""
        return self._post(Release, _PATH, release_id, "approve", key=idempotency_key)

    def publish(self, release_id: str, *, idempotency_key: str | None = None) -> Release:
        """Publish an approved release to its parties, after its preview."""
        return self._post(Release, _PATH, release_id, "publish", key=idempotency_key)
