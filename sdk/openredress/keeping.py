"""What is kept how long, and what authorities asked for; for the institute."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class RetentionDue(Record):
    """What is due to be erased, and when: contact or content of a case, or a file of evidence."""

    subject: str
    what: str
    due_at: str


class ErasureRequest(Record):
    """A worker's wish to be erased, and what became of it."""

    id: str
    case: str
    status: str
    asked_by: str
    asked_at: str
    decided_by: str | None
    updated_at: str


class LegalRequestEntry(Record):
    """What an authority asked for, without its words; never changed."""

    id: str
    n: int
    received_on: str
    country: str
    authority: str
    legal_basis: str
    asked_for: list[str]
    recorded_by: str
    recorded_at: str
    decision: Record | None


class LegalRequest(LegalRequestEntry):
    """What an authority asked for."""

    description: str


class Retention(Capability):
    """`/v1/retention-dues`."""

    def dues(self, *, until: object = None) -> Listing[RetentionDue]:
        """Iterate over what the worker erases, or will have erased by a later moment."""
        return self._list(RetentionDue, "retention-dues", until=until)


class ErasureRequests(Capability):
    """`/v1/erasure-requests`."""

    def get(self, request_id: str) -> ErasureRequest:
        """Return a worker's wish, and what became of it."""
        return self._get(ErasureRequest, "erasure-requests", request_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[ErasureRequest]:
        """Iterate over the wishes of workers to be erased."""
        return self._list(ErasureRequest, "erasure-requests", cursor=cursor, **filters)

    def ask(self, case: str, *, idempotency_key: str | None = None) -> ErasureRequest:
        """Write down that a worker wants a case erased; another person decides."""
        return self._post(
            ErasureRequest, "erasure-requests", body={"case": case}, key=idempotency_key
        )

    def approve(self, request_id: str, *, idempotency_key: str | None = None) -> ErasureRequest:
        """Erase a case at once; for a custodian."""
        segments = ("erasure-requests", request_id, "approve")
        return self._post(ErasureRequest, *segments, key=idempotency_key)

    def refuse(self, request_id: str, *, idempotency_key: str | None = None) -> ErasureRequest:
        """Not erase a case; for a custodian."""
        segments = ("erasure-requests", request_id, "refuse")
        return self._post(ErasureRequest, *segments, key=idempotency_key)


class LegalRequests(Capability):
    """`/v1/legal-requests`."""

    def get(self, request_id: str) -> LegalRequest:
        """Return one request with its words, and what was decided."""
        return self._get(LegalRequest, "legal-requests", request_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[LegalRequestEntry]:
        """Iterate over the register, without its words."""
        return self._list(LegalRequestEntry, "legal-requests", cursor=cursor, **filters)

    def record(self, *, idempotency_key: str | None = None, **body: object) -> LegalRequest:
        """Write down what an authority asked for."""
        return self._post(LegalRequest, "legal-requests", body=body, key=idempotency_key)

    def decide(
        self,
        request_id: str,
        decision: str,
        workers_told: str,
        *,
        idempotency_key: str | None = None,
    ) -> LegalRequest:
        """Decide about a request, once, as another person than who wrote it down."""
        body = {"decision": decision, "workers_told": workers_told}
        segments = ("legal-requests", request_id, "decision")
        return self._post(LegalRequest, *segments, body=body, key=idempotency_key)
