"""Cases: the institute's records of what workers told it; for the institute and assigned CSOs."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Case(Record):
    """A case; suppliers, agencies and brands never see one."""

    id: str
    site: str | None
    status: str
    severity: str
    updated_at: str


class Consent(Record):
    """What a worker allows to be done with a case."""

    id: str


class Issue(Record):
    """One category of harm in a case."""

    id: str
    category: str


class Cases(Capability):
    """`/v1/cases`."""

    def open(self, *, idempotency_key: str | None = None, **body: object) -> Case:
        """Open a case."""
        return self._post(Case, "cases", body=body, key=idempotency_key)

    def get(self, case_id: str) -> Case:
        """Return one case; the read is logged."""
        return self._get(Case, "cases", case_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Case]:
        """Iterate over the cases the caller may see; the read is logged."""
        filters = {"updated_since": updated_since, **filters}
        return self._list(Case, "cases", filters, cursor)

    def record_consent(
        self, case_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> Consent:
        """Record what the worker allows, or no longer allows."""
        return self._post(Consent, "cases", case_id, "consents", body=body, key=idempotency_key)

    def add_issue(
        self, case_id: str, category: str, *, idempotency_key: str | None = None, **body: object
    ) -> Issue:
        """Add an issue of a category to a case."""
        issue = {"category": category, **body}
        return self._post(Issue, "cases", case_id, "issues", body=issue, key=idempotency_key)
