"""Referrals: a case, in a reviewed summary, handed to one organisation that can act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "referrals"


class ReferralEntry(Record):
    """A referral in a list: that it is there, not what it says."""

    id: str
    sender: str
    to: str
    purpose: str
    status: str
    due_at: str
    released_at: str
    updated_at: str


class Referral(ReferralEntry):
    """A referral as its reader may see it; `case` is there for the institute only."""

    case: str
    site: str | None
    summary: Record
    decline_reason: str | None
    deletion_confirmed_at: str | None
    revoke_reason: str | None
    outcomes: list[str] | None


class DeletionReceipt(Record):
    """The recipient's word that its copies of a revoked referral are gone."""

    referral: str
    confirmed_at: str


class Referrals(Capability):
    """`/v1/referrals`."""

    def offer(self, *, idempotency_key: str | None = None, **body: object) -> Referral:
        """Offer a case to an organisation; for the institute."""
        return self._post(Referral, _PATH, body=body, key=idempotency_key)

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
        """Take a referral back; for the institute."""
        return self._act(referral_id, "revoke", etag, idempotency_key, {"reason": reason})

    def _act(
        self,
        referral_id: str,
        verb: str,
        etag: str | None,
        key: str | None,
        body: Mapping[str, object] | None = None,
    ) -> Referral:
        return self._post(Referral, _PATH, referral_id, verb, body=body, key=key, etag=etag)
