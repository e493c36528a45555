"""Referrals: a case, in a reviewed summary, handed to one organisation that can act."""

from __future__ import annotations

from collections.abc import Mapping

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Referral(Record):
    """A referral as its reader may see it."""

    id: str
    status: str
    purpose: str
    due_at: str | None


class Referrals(Capability):
    """`/v1/referrals`."""

    def offer(self, *, idempotency_key: str | None = None, **body: object) -> Referral:
        """Offer a case to an organisation; for the institute."""
        return self._post(Referral, "referrals", body=body, key=idempotency_key)

    def get(self, referral_id: str) -> Referral:
        """Return one referral; for its addressee this counts as opened."""
        return self._get(Referral, "referrals", referral_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Referral]:
        """Iterate over the referrals sent or received."""
        return self._list(Referral, "referrals", filters, cursor)

    def accept(
        self, referral_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> Referral:
        """Take the referral on."""
        return self._act(referral_id, "accept", body, idempotency_key)

    def decline(
        self, referral_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> Referral:
        """Refuse the referral; the body gives the `reason`."""
        return self._act(referral_id, "decline", body, idempotency_key)

    def revoke(
        self, referral_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> Referral:
        """Take an offered referral back; for its sender."""
        return self._act(referral_id, "revoke", body, idempotency_key)

    def _act(
        self, referral_id: str, verb: str, body: Mapping[str, object], key: str | None
    ) -> Referral:
        return self._post(Referral, "referrals", referral_id, verb, body=body, key=key)
