"""Protection: what the institute does so that nobody pays for having complained."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class SafetyAssessment(Record):
    """Whether a grave case may reach a kind of recipient; the last word counts."""

    id: str
    case: str
    recipient_type: str
    n: int
    decision: str
    risks: list[str]
    measures: list[str]
    severity: str
    categories: list[str]
    expires_at: str
    assessed_by: str
    assessed_at: str


class RetaliationWatch(Record):
    """The time in which a worker is asked whether there was a reprisal."""

    id: str
    case: str
    began_at: str
    ends_at: str
    check_backs: list[Record]


class SiteHold(Record):
    """Why nothing new goes to a site's employer or agencies; `cleared_at` None: it stands."""

    id: str
    site: str
    cases: list[str]
    reported_by: list[str]
    placed_at: str
    cleared_at: str | None
    cleared_by: str | None
    clear_reason: str | None


class SafetyAssessments(Capability):
    """`/v1/cases/{id}/safety-assessments`."""

    def add(
        self, case_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> SafetyAssessment:
        """Say whether a grave case may reach its supplier or an agency."""
        segments = ("cases", case_id, "safety-assessments")
        return self._post(SafetyAssessment, *segments, body=body, key=idempotency_key)

    def list(
        self, case_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[SafetyAssessment]:
        """Iterate over the assessments of a case, oldest first."""
        segments = ("cases", case_id, "safety-assessments")
        return self._list(SafetyAssessment, *segments, cursor=cursor, **filters)


class RetaliationWatches(Capability):
    """`/v1/retaliation-watches`."""

    def get(self, watch_id: str) -> RetaliationWatch:
        """Return one watch with its check-backs, planned and made."""
        return self._get(RetaliationWatch, "retaliation-watches", watch_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[RetaliationWatch]:
        """Iterate over the watches, by their last change."""
        return self._list(RetaliationWatch, "retaliation-watches", cursor=cursor, **filters)

    def check_back(
        self, watch_id: str, result: str, at: object, *, idempotency_key: str | None = None
    ) -> RetaliationWatch:
        """Record what a worker said at a moment; `retaliation` holds the site."""
        segments, body = (
            ("retaliation-watches", watch_id, "check-backs"),
            {"result": result, "at": at},
        )
        return self._post(RetaliationWatch, *segments, body=body, key=idempotency_key)


class SiteHolds(Capability):
    """`/v1/site-holds`."""

    def get(self, hold_id: str) -> SiteHold:
        """Return one hold with the cases it is for."""
        return self._get(SiteHold, "site-holds", hold_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[SiteHold]:
        """Iterate over the holds, standing and cleared."""
        return self._list(SiteHold, "site-holds", cursor=cursor, **filters)

    def clear(
        self,
        hold_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> SiteHold:
        """Open a site again; by a releaser who reported nothing of what it is held for."""
        segments, body = ("site-holds", hold_id, "clear"), {"reason": reason}
        return self._post(SiteHold, *segments, body=body, key=idempotency_key, etag=etag)
