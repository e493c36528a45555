"""Remediation: what is asked of a supplier, what it claims, and what workers confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.remedies import CompletionClaim, ProgressReport, RemediationRequest, Validation

_PATH = "remediation-requests"


class Remediation(Capability):
    """`/v1/remediation-requests`."""

    def request(self, *, idempotency_key: str | None = None, **body: object) -> RemediationRequest:
        """Ask a supplier for remedy; for the institute."""
        return self._post(RemediationRequest, _PATH, body=body, key=idempotency_key)

    def get(self, request_id: str) -> RemediationRequest:
        """Return one request with its latest plan and the results of its rounds."""
        return self._get(RemediationRequest, _PATH, request_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[RemediationRequest]:
        """Iterate over the requests the caller made, must answer or is to validate."""
        return self._list(
            RemediationRequest, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )

    def acknowledge(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Say that the request has arrived and is understood."""
        return self._act(request_id, "acknowledge", etag=etag, key=idempotency_key)

    def contest(
        self,
        request_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> RemediationRequest:
        """Object to the request."""
        body = {"reason": reason}
        return self._act(request_id, "contest", etag=etag, key=idempotency_key, body=body)

    def reissue(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Hold to a contested request; for the institute."""
        return self._act(request_id, "reissue", etag=etag, key=idempotency_key)

    def submit_plan(
        self,
        request_id: str,
        actions: Sequence[Mapping[str, object]],
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> RemediationRequest:
        """Propose what will be done until when: each action `{outcome, due_on}`."""
        body = {"actions": actions}
        return self._act(request_id, "plan", etag=etag, key=idempotency_key, body=body)

    def agree_plan(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Agree to the proposed plan; for the institute."""
        return self._act(request_id, "plan", "agree", etag=etag, key=idempotency_key)

    def return_plan(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Ask for a better plan; for the institute."""
        return self._act(request_id, "plan", "return", etag=etag, key=idempotency_key)

    def start(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Say that the work has begun."""
        return self._act(request_id, "start", etag=etag, key=idempotency_key)

    def report_progress(
        self,
        request_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        **body: object,
    ) -> ProgressReport:
        """Say how one outcome of the plan stands, with files that show it."""
        segments = (_PATH, request_id, "progress-reports")
        return self._post(ProgressReport, *segments, body=body, key=idempotency_key, etag=etag)

    def progress_reports(
        self, request_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[ProgressReport]:
        """Iterate over the reports of a request, oldest first."""
        segments = (_PATH, request_id, "progress-reports")
        return self._list(ProgressReport, *segments, cursor=cursor, **filters)

    def request_evidence(
        self,
        request_id: str,
        purposes: Sequence[str],
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> RemediationRequest:
        """Ask the supplier to show what it says; for the institute."""
        body = {"purposes": purposes}
        return self._act(request_id, "request-evidence", etag=etag, key=idempotency_key, body=body)

    def escalate(
        self,
        request_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> RemediationRequest:
        """Go one level further, of three; for the institute."""
        body = {"reason": reason}
        return self._act(request_id, "escalate", etag=etag, key=idempotency_key, body=body)

    def claim_completion(
        self,
        request_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        **body: object,
    ) -> CompletionClaim:
        """Claim that the remedy is done; workers are asked next."""
        segments = (_PATH, request_id, "completion-claims")
        return self._post(CompletionClaim, *segments, body=body, key=idempotency_key, etag=etag)

    def claims(
        self, request_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[CompletionClaim]:
        """Iterate over the claims of a request, oldest first."""
        segments = (_PATH, request_id, "completion-claims")
        return self._list(CompletionClaim, *segments, cursor=cursor, **filters)

    def get_claim(self, request_id: str, claim_id: str) -> CompletionClaim:
        """Return one claim of a request."""
        return self._get(CompletionClaim, _PATH, request_id, "completion-claims", claim_id)

    def review(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Say that the claim and its evidence are being read; for the institute."""
        return self._act(request_id, "review", etag=etag, key=idempotency_key)

    def await_validation(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Have workers asked; for the institute."""
        return self._act(request_id, "await-validation", etag=etag, key=idempotency_key)

    def validate(
        self,
        request_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        **body: object,
    ) -> Validation:
        """Record what workers said of the claim; for institute and CSO."""
        segments = (_PATH, request_id, "validations")
        return self._post(Validation, *segments, body=body, key=idempotency_key, etag=etag)

    def validations(
        self, request_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[Validation]:
        """Iterate over what workers said of the claims; for institute and CSO."""
        segments = (_PATH, request_id, "validations")
        return self._list(Validation, *segments, cursor=cursor, **filters)

    def next_round(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Open the next round after a partial or disputed result; for the institute."""
        return self._act(request_id, "next-round", etag=etag, key=idempotency_key)

    def close(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RemediationRequest:
        """Close the request, and its case where workers confirmed in full; for the institute."""
        return self._act(request_id, "close", etag=etag, key=idempotency_key)

    def cancel(
        self,
        request_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> RemediationRequest:
        """Take an open request back; for the institute, which alone sees the reason."""
        body = {"reason": reason}
        return self._act(request_id, "cancel", etag=etag, key=idempotency_key, body=body)

    def _act(
        self,
        request_id: str,
        *verb: str,
        etag: str | None,
        key: str | None,
        body: Mapping[str, object] | None = None,
    ) -> RemediationRequest:
        segments = (_PATH, request_id, *verb)
        return self._post(RemediationRequest, *segments, body=body, key=key, etag=etag)
