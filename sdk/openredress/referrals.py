"""Referrals: a case, in a summary that two people answer for, handed to one organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "referrals"
_ONWARD = "onward-requests"


class ReferralEntry(Record):
    """A referral in a list: that it is there, not what it says.

    `due_at` and `released_at` are None until its recipient has been shown it.
    """

    id: str
    sender: str
    to: str
    purpose: str
    status: str
    due_at: str | None
    released_at: str | None
    updated_at: str


class Referral(ReferralEntry):
    """A referral as its reader may see it; what begins with `case` is the institute's only."""

    to_country: str
    site: str | None
    summary: Record
    decline_reason: str | None
    revoke_reason: str | None
    outcomes: list[str] | None
    case: str
    author: str | None
    released_by: str | None
    release_at: str | None
    respond_in_days: int
    onward_request: str | None
    deletion_confirmed_at: str | None


class DeletionReceipt(Record):
    """A recipient's word that all copies of a referral are gone."""

    referral: str
    confirmed_at: str


class OnwardRequest(Record):
    """A CSO's question whether a case may go on; `referral` is the one that the asker holds."""

    id: str
    referral: str
    asked_by: str
    to_country: str | None
    purpose: str
    reason: str
    status: str
    asked_at: str
    updated_at: str


class Referrals(Capability):
    """`/v1/referrals`."""

    def draft(self, *, idempotency_key: str | None = None, **body: object) -> Referral:
        """Draft a case's referral to an organisation; for the institute."""
        return self._post(Referral, _PATH, body=body, key=idempotency_key)

    def replace_draft(self, referral_id: str, *, etag: str, **body: object) -> Referral:
        """Write a draft anew, as its author, from what was read.

        Raises:
            Stale: it has changed since.
        """
        place = path(_PATH, referral_id)
        answer = self._transport.send("PUT", place, body=body, etag=etag)
        return Referral(answer.members(), answer)

    def release(
        self, referral_id: str, *, etag: str, idempotency_key: str | None = None
    ) -> Referral:
        """Release a draft, as another person than its author who has read it: `etag` says which.

        An employer is shown it 1 to 72 hours later, but for a critical case.
        """
        return self._act(referral_id, "release", etag, idempotency_key)

    def get(self, referral_id: str) -> Referral:
        """Return one referral; for its addressee this counts as opened."""
        return self._get(Referral, _PATH, referral_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[ReferralEntry]:
        """Iterate over the referrals sent or received; `get` tells what one says."""
        return self._list(
            ReferralEntry, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )

    def accept(
        self, referral_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> Referral:
        """Take the referral on."""
        return self._act(referral_id, "accept", etag, idempotency_key)

    def decline(
        self,
        referral_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Referral:
        """Refuse the referral."""
        return self._act(referral_id, "decline", etag, idempotency_key, {"reason": reason})

    def confirm_deletion(
        self, referral_id: str, *, idempotency_key: str | None = None
    ) -> DeletionReceipt:
        """Say that all copies of a referral that was taken back are deleted."""
        segments = (_PATH, referral_id, "confirm-deletion")
        return self._post(DeletionReceipt, *segments, key=idempotency_key)

    def start(
        self, referral_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> Referral:
        """Say that the work has begun, or begins again after a return."""
        return self._act(referral_id, "start", etag, idempotency_key)

    def respond(
        self,
        referral_id: str,
        outcomes: Sequence[str],
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Referral:
        """Answer the referral with what came of it."""
        return self._act(referral_id, "respond", etag, idempotency_key, {"outcomes": outcomes})

    def return_response(
        self, referral_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> Referral:
        """Say that the answer needs more; for the institute."""
        return self._act(referral_id, "return", etag, idempotency_key)

    def complete(
        self, referral_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> Referral:
        """Say that the answer suffices; for the institute."""
        return self._act(referral_id, "complete", etag, idempotency_key)

    def close(
        self, referral_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> Referral:
        """Close a completed referral; for the institute."""
        return self._act(referral_id, "close", etag, idempotency_key)

    def revoke(
        self,
        referral_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Referral:
        """Discard a draft, or take a referral back; for the institute."""
        return self._act(referral_id, "revoke", etag, idempotency_key, {"reason": reason})

    def ask_onward(
        self, referral_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> OnwardRequest:
        """Ask that the case of a referral goes on to another CSO; for a CSO."""
        segments = (_PATH, referral_id, "onward-requests")
        return self._post(OnwardRequest, *segments, body=body, key=idempotency_key)

    def _act(
        self,
        referral_id: str,
        verb: str,
        etag: str | None,
        key: str | None,
        body: Mapping[str, object] | None = None,
    ) -> Referral:
        return self._post(Referral, _PATH, referral_id, verb, body=body, key=key, etag=etag)


class OnwardRequests(Capability):
    """`/v1/onward-requests`."""

    def get(self, request_id: str) -> OnwardRequest:
        """Return one onward request."""
        return self._get(OnwardRequest, _ONWARD, request_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[OnwardRequest]:
        """Iterate over the onward requests that one made or must answer."""
        return self._list(OnwardRequest, _ONWARD, cursor=cursor, **filters)

    def decline(
        self, request_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> OnwardRequest:
        """Refer the case to nobody else; for the institute."""
        segments = (_ONWARD, request_id, "decline")
        return self._post(OnwardRequest, *segments, key=idempotency_key, etag=etag)
