"""Cases: the institute's records of what workers told it; for the institute and assigned CSOs."""

from __future__ import annotations

from collections.abc import Sequence

from openredress.case_following import Following
from openredress.case_grading import Grading
from openredress.paging import Listing
from openredress.records import Record

_PATH = "cases"


class Case(Record):
    """A case; suppliers, agencies and brands never see one.

    Issues, indicators and contacts are those of the case and of what was merged into it. An
    assigned CSO gets no `received_at`, `received_at_basis`, `external_ref`, `created_at`,
    `contacts`, `merged_into`, `contact_erased_at` or `content_erased_at`.
    """

    id: str
    site: str
    supplier: str
    status: str
    severity: str
    severity_reasons: list[str]
    channel: str
    workers_affected: int | None
    is_test: bool
    issues: list[Record]
    indicators: list[str]
    contacts: int
    merged_into: str | None
    received_at: str
    received_at_basis: str
    external_ref: str | None
    voided_at: str | None
    void_reason: str | None
    contact_erased_at: str | None
    content_erased_at: str | None
    created_at: str
    updated_at: str


class Issue(Record):
    """One category of harm in a case."""

    id: str
    category: str


class Consent(Record):
    """What a worker answered to one scope; the last answer counts."""

    id: str
    scope: str
    state: str
    method: str
    language: str
    expires_at: str | None
    recorded_at: str


class CaseStatusChange(Record):
    """One step that a case took."""

    to: str
    withdrawal_reason: str | None
    out_of_scope_reason: str | None
    changed_at: str


class Assignment(Record):
    """Which CSO works on a case, and since when."""

    case: str
    organisation: str
    assigned_at: str


class Cases(Following, Grading):
    """`/v1/cases`; what is said with the worker and how grave it is stand in files of their own."""

    def open(self, *, idempotency_key: str | None = None, **body: object) -> Case:
        """Open a case with one issue per category."""
        return self._post(Case, _PATH, body=body, key=idempotency_key)

    def get(self, case_id: str) -> Case:
        """Return one case; the read is logged."""
        return self._get(Case, _PATH, case_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Case]:
        """Iterate over the cases the caller may see; the read is logged."""
        return self._list(Case, _PATH, cursor=cursor, updated_since=updated_since, **filters)

    def add_issue(
        self, case_id: str, category: str, *, idempotency_key: str | None = None
    ) -> Issue:
        """Add an issue of a category to a case."""
        body = {"category": category}
        return self._post(Issue, _PATH, case_id, "issues", body=body, key=idempotency_key)

    def record_consent(
        self, case_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> Consent:
        """Record what the worker allows, or no longer allows."""
        return self._post(Consent, _PATH, case_id, "consents", body=body, key=idempotency_key)

    def consents(
        self, case_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[Consent]:
        """Iterate over every answer of the worker, oldest first."""
        return self._list(Consent, _PATH, case_id, "consents", cursor=cursor, **filters)

    def change_status(
        self,
        case_id: str,
        to: str,
        *,
        etag: str,
        idempotency_key: str | None = None,
        **body: object,
    ) -> Case:
        """Move a case one step from where it was read: `etag` is that of the case.

        Raises:
            Stale: the case has changed since.
        """
        step = {"to": to, **body}
        segments = (_PATH, case_id, "status-changes")
        return self._post(Case, *segments, body=step, key=idempotency_key, etag=etag)

    def status_changes(
        self, case_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[CaseStatusChange]:
        """Iterate over the steps of a case, oldest first."""
        segments = (_PATH, case_id, "status-changes")
        return self._list(CaseStatusChange, *segments, cursor=cursor, **filters)

    def void(
        self,
        case_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Case:
        """Void a case that should never have been; a tombstone stays."""
        body = {"reason": reason}
        return self._post(Case, _PATH, case_id, "void", body=body, key=idempotency_key, etag=etag)

    def merge(
        self,
        case_id: str,
        into: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Case:
        """End a duplicate by naming the case that stays; consents are not carried over."""
        body = {"into": into}
        return self._post(Case, _PATH, case_id, "merge", body=body, key=idempotency_key, etag=etag)

    def change_severity(
        self,
        case_id: str,
        severity: str,
        reasons: Sequence[str],
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Case:
        """Raise or lower a severity, with reasons; s1 and s2 are lowered by a second person."""
        body = {"severity": severity, "reasons": reasons}
        segments = (_PATH, case_id, "severity")
        return self._post(Case, *segments, body=body, key=idempotency_key, etag=etag)

    def assign(
        self, case_id: str, organisation: str, *, idempotency_key: str | None = None
    ) -> Assignment:
        """Assign a case to a CSO, which reads it for as long as the worker allows."""
        body = {"organisation": organisation}
        return self._post(Assignment, _PATH, case_id, "assignments", body=body, key=idempotency_key)
