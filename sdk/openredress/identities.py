"""Identities: the vault of who workers are, and the names that stand for them elsewhere."""

from __future__ import annotations

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Worker(Record):
    """That a worker is in a case; who it is stays in the vault."""

    id: str
    case: str
    linked_by: str | None
    linked_at: str


class AddedWorker(Record):
    """A worker that was put into the vault."""

    id: str
    case: str
    linked_by: str | None
    linked_at: str
    was_known: bool


class Pseudonym(Record):
    """What one recipient may call a worker."""

    worker: str
    recipient: str
    within: str
    pseudonym: str


class IdentityRequest(Record):
    """A request for a worker's identity; granted, it can be read once until `expires_at`."""

    id: str
    worker: str
    case: str
    purpose: str
    break_glass: bool
    status: str
    asked_by: str
    asked_at: str
    decided_by: str | None
    decided_at: str | None
    expires_at: str | None
    read_at: str | None


class Identity(Record):
    """Who a worker is."""

    worker: str
    name: str | None
    phone: str | None
    safe_contact: str | None


class Workers(Capability):
    """`/v1/cases/{id}/workers`."""

    def add(
        self, case_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> AddedWorker:
        """Put a worker into the vault and link it to a case."""
        segments = ("cases", case_id, "workers")
        return self._post(AddedWorker, *segments, body=body, key=idempotency_key)

    def list(
        self, case_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[Worker]:
        """Iterate over the workers of a case, by their ids alone."""
        return self._list(Worker, "cases", case_id, "workers", cursor=cursor, **filters)

    def pseudonym(
        self,
        case_id: str,
        worker_id: str,
        *,
        recipient: str | None = None,
        within: str | None = None,
    ) -> Pseudonym:
        """Return what a recipient (left out: the supplier of the case) may call a worker."""
        segments = path("cases", case_id, "workers", worker_id, "pseudonyms")
        params = {"recipient": recipient, "within": within}
        answer = self._transport.send("GET", segments, params=params)
        return Pseudonym(answer.members(), answer)


class IdentityRequests(Capability):
    """`/v1/identity-requests`."""

    def ask(self, *, idempotency_key: str | None = None, **body: object) -> IdentityRequest:
        """Ask for a worker's identity; with `break_glass` at once, in a critical case."""
        return self._post(IdentityRequest, "identity-requests", body=body, key=idempotency_key)

    def get(self, request_id: str) -> IdentityRequest:
        """Return one request."""
        return self._get(IdentityRequest, "identity-requests", request_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[IdentityRequest]:
        """Iterate over all requests, by their last change."""
        return self._list(IdentityRequest, "identity-requests", cursor=cursor, **filters)

    def grant(self, request_id: str, *, idempotency_key: str | None = None) -> IdentityRequest:
        """Let the asker read the identity once within a day; by another person, a custodian."""
        segments = ("identity-requests", request_id, "grant")
        return self._post(IdentityRequest, *segments, key=idempotency_key)

    def refuse(self, request_id: str, *, idempotency_key: str | None = None) -> IdentityRequest:
        """Say no; by another person, a custodian."""
        segments = ("identity-requests", request_id, "refuse")
        return self._post(IdentityRequest, *segments, key=idempotency_key)

    def identity(self, request_id: str) -> Identity:
        """Return who the worker is: once, for the asker.

        Raises:
            ApiError: 410, it was read before or its day is over.
        """
        return self._get(Identity, "identity-requests", request_id, "identity")
