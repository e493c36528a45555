"""Remediation: what is asked of a supplier, what it claims, and what workers confirm."""

from __future__ import annotations

from collections.abc import Mapping

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "remediation-requests"


class RemediationRequest(Record):
    """A request for one or more issues; overdue is past `due_at` while open."""

    id: str
    status: str
    site: str
    due_at: str


class Remediation(Capability):
    """`/v1/remediation-requests`."""

    def request(self, *, idempotency_key: str | None = None, **body: object) -> RemediationRequest:
        """Ask a supplier for remedy; for the institute."""
        return self._post(RemediationRequest, _PATH, body=body, key=idempotency_key)

    def get(self, request_id: str) -> RemediationRequest:
        """Return one request."""
        return self._get(RemediationRequest, _PATH, request_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[RemediationRequest]:
        """Iterate over the requests the caller made, must answer or sponsors."""
        return self._list(RemediationRequest, _PATH, filters, cursor)

    def acknowledge(
        self, request_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> RemediationRequest:
        """Say that the request has arrived and is understood."""
        return self._act(request_id, "acknowledge", body, idempotency_key)

    def submit_plan(
        self, request_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> RemediationRequest:
        """Propose what will be done until when."""
        return self._act(request_id, "submit-plan", body, idempotency_key)

    def agree_plan(
        self, request_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> RemediationRequest:
        """Agree to the proposed plan; for the institute."""
        return self._act(request_id, "agree-plan", body, idempotency_key)

    def return_plan(
        self, request_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> RemediationRequest:
        """Send the proposed plan back with reasons; for the institute."""
        return self._act(request_id, "return-plan", body, idempotency_key)

    def start(
        self, request_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> RemediationRequest:
        """Say that the work has begun."""
        return self._act(request_id, "start", body, idempotency_key)

    def claim_completion(
        self, request_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> RemediationRequest:
        """Claim that the remedy is done; workers are asked next."""
        return self._act(request_id, "completion-claims", body, idempotency_key)

    def validate(
        self, request_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> RemediationRequest:
        """Record what workers said of the claim; for institute and CSO."""
        return self._act(request_id, "validations", body, idempotency_key)

    def close(
        self, request_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> RemediationRequest:
        """Close the request; for the institute."""
        return self._act(request_id, "close", body, idempotency_key)

    def _act(
        self, request_id: str, verb: str, body: Mapping[str, object], key: str | None
    ) -> RemediationRequest:
        return self._post(RemediationRequest, _PATH, request_id, verb, body=body, key=key)
