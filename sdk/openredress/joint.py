"""One remedy for several: sponsors, duplicates, answers to workers, what changes for good."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class SponsorshipEntry(Record):
    """That a brand stands behind a request, as a list holds it."""

    id: str
    brand: str
    status: str
    updated_at: str


class Sponsorship(SponsorshipEntry):
    """A sponsorship, and where its request stands; `request` is there for the institute only."""

    site: str
    asked_outcome: str
    request_status: str
    round: int
    due_at: str
    result: str | None
    request: str


class Candidate(Record):
    """Two open requests of one site that may ask for the same."""

    request: str
    other: str
    site: str
    families: list[str]
    days_apart: int


class DuplicateDecision(Record):
    """What a person found about two requests; never changed."""

    request: str
    other: str
    decision: str
    decided_at: str


class WorkerResponseEntry(Record):
    """That a recipient wants to tell the workers something, as a list holds it."""

    id: str
    sender: str
    referral: str | None
    request: str | None
    status: str
    submitted_at: str
    updated_at: str


class WorkerResponse(WorkerResponseEntry):
    """What a recipient wants to tell the workers, and why it was returned, if it was."""

    text: str | None
    returned_for: str | None


class SystemicAction(Record):
    """What a supplier says it changed, and apart from it the institute's `verdict`."""

    id: str
    stated_by: str
    site: str
    kind: str
    categories: list[str]
    requests: list[str]
    evidence: list[str]
    effective_on: str
    stated_at: str
    verdict: Record | None


class Recurrence(Record):
    """Cases of the same site and categories in the 180 days before and after an action."""

    action: str
    cases_before: int
    cases_after: int
    is_complete: bool


class Sponsorships(Capability):
    """`/v1/sponsorships`."""

    def get(self, sponsorship_id: str) -> Sponsorship:
        """Return one sponsorship, and where its request stands."""
        return self._get(Sponsorship, "sponsorships", sponsorship_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[SponsorshipEntry]:
        """Iterate over the sponsorships the caller offered or was offered."""
        return self._list(SponsorshipEntry, "sponsorships", cursor=cursor, **filters)

    def invite(
        self, request_id: str, brand: str, *, idempotency_key: str | None = None
    ) -> Sponsorship:
        """Ask a brand of the site to stand behind a request; for the institute."""
        segments = ("remediation-requests", request_id, "sponsors")
        return self._post(Sponsorship, *segments, body={"brand": brand}, key=idempotency_key)

    def accept(
        self, sponsorship_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> SponsorshipEntry:
        """Stand behind a request."""
        return self._act(sponsorship_id, "accept", etag, idempotency_key)

    def decline(
        self, sponsorship_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> SponsorshipEntry:
        """Not stand behind a request."""
        return self._act(sponsorship_id, "decline", etag, idempotency_key)

    def end(
        self, sponsorship_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> SponsorshipEntry:
        """Stop standing behind a request, or stop asking for it."""
        return self._act(sponsorship_id, "end", etag, idempotency_key)

    def _act(
        self, sponsorship_id: str, verb: str, etag: str | None, key: str | None
    ) -> SponsorshipEntry:
        return self._post(
            SponsorshipEntry, "sponsorships", sponsorship_id, verb, key=key, etag=etag
        )


class Duplicates(Capability):
    """`/v1/duplicate-candidates` and `/v1/duplicate-decisions`; for the institute."""

    def candidates(self, *, site: str | None = None) -> Listing[Candidate]:
        """Iterate over pairs of open requests that may ask for the same, at most 200."""
        return self._list(Candidate, "duplicate-candidates", site=site)

    def decide(
        self, request: str, other: str, decision: str, *, idempotency_key: str | None = None
    ) -> DuplicateDecision:
        """Say that two requests are `joined`, so that `other` ends, or `different`."""
        body = {"request": request, "other": other, "decision": decision}
        return self._post(DuplicateDecision, "duplicate-decisions", body=body, key=idempotency_key)


class WorkerResponses(Capability):
    """`/v1/worker-responses`."""

    def get(self, response_id: str) -> WorkerResponse:
        """Return one answer with its words and, if it was returned, why."""
        return self._get(WorkerResponse, "worker-responses", response_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[WorkerResponseEntry]:
        """Iterate over the answers the caller wrote, or reviews."""
        return self._list(WorkerResponseEntry, "worker-responses", cursor=cursor, **filters)

    def to_request(
        self, request_id: str, text: str, *, idempotency_key: str | None = None
    ) -> WorkerResponse:
        """Write to the workers behind a request; the institute reads it first."""
        segments = ("remediation-requests", request_id, "worker-responses")
        return self._post(WorkerResponse, *segments, body={"text": text}, key=idempotency_key)

    def to_referral(
        self, referral_id: str, text: str, *, idempotency_key: str | None = None
    ) -> WorkerResponse:
        """Write to the workers behind a referral; the institute reads it first."""
        segments = ("referrals", referral_id, "worker-responses")
        return self._post(WorkerResponse, *segments, body={"text": text}, key=idempotency_key)

    def approve(
        self, response_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> WorkerResponse:
        """Let an answer pass; for a reviewer of the institute."""
        segments = ("worker-responses", response_id, "approve")
        return self._post(WorkerResponse, *segments, key=idempotency_key, etag=etag)

    def send_back(
        self,
        response_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> WorkerResponse:
        """Do not let an answer pass; for a reviewer of the institute."""
        segments, body = ("worker-responses", response_id, "return"), {"reason": reason}
        return self._post(WorkerResponse, *segments, body=body, key=idempotency_key, etag=etag)

    def deliver(
        self, response_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> WorkerResponse:
        """Leave an approved answer for the worker; for the institute."""
        segments = ("worker-responses", response_id, "deliver")
        return self._post(WorkerResponse, *segments, key=idempotency_key, etag=etag)


class SystemicActions(Capability):
    """`/v1/systemic-actions`."""

    def get(self, action_id: str) -> SystemicAction:
        """Return one action with the institute's last word."""
        return self._get(SystemicAction, "systemic-actions", action_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[SystemicAction]:
        """Iterate over the actions the caller stated, or judges."""
        return self._list(SystemicAction, "systemic-actions", cursor=cursor, **filters)

    def state(self, *, idempotency_key: str | None = None, **body: object) -> SystemicAction:
        """Say what was changed for all workers of a site."""
        return self._post(SystemicAction, "systemic-actions", body=body, key=idempotency_key)

    def judge(
        self, action_id: str, verdict: str, method: str, *, idempotency_key: str | None = None
    ) -> SystemicAction:
        """Write what was found of an action; for the institute."""
        segments, body = ("systemic-actions", action_id, "verdicts"), {"verdict": verdict}
        return self._post(
            SystemicAction, *segments, body={**body, "method": method}, key=idempotency_key
        )

    def recurrence(self, action_id: str) -> Recurrence:
        """Return how many cases there were before and after; for the institute."""
        return self._get(Recurrence, "systemic-actions", action_id, "recurrence")
