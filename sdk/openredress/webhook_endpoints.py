"""Webhook endpoints: where the server sends events to, their keys and their log."""

from __future__ import annotations

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record
from openredress.webhook_deliveries import WebhookDelivery

_PATH = "webhook-endpoints"


class WebhookEndpoint(Record):
    """A receiver of events: pending_verification, active, paused, held, disabled or deleted."""

    id: str
    url: str
    description: str
    event_patterns: list[str]
    state: str
    state_reason: str | None
    state_since: str
    max_in_flight: int
    rate_per_min: int | None
    ordered: bool
    header_names: list[str]
    oauth: Record | None
    failing_since: str | None
    will_disable_at: str | None
    breaker_open_until: str | None
    created_at: str


class NewWebhookEndpoint(WebhookEndpoint):
    """A new receiver with its `secret`, shown this once: store it at once."""

    secret: str


class NewSecret(Record):
    """A second `secret`, shown this once, and when the old one ends."""

    secret: str
    old_key_ends_at: str


class RevokedSecret(Record):
    """A new `secret`, shown this once, where the old one was the only one; otherwise None."""

    secret: str | None


class WebhookKey(Record):
    """When a key signs; `public_key` (`whpk_...`) of an Ed25519 one verifies."""

    id: str
    kind: str
    created_at: str
    not_after: str | None
    revoked_at: str | None
    public_key: str | None


class WebhookLogEntry(Record):
    """A state that an endpoint came into, or what `client` did to it; None: the server did."""

    id: str
    at: str
    what: str
    detail: str | None
    client: str | None


class WebhookEndpoints(Capability):
    """`/v1/webhook-endpoints`."""

    def create(
        self, url: str, *, idempotency_key: str | None = None, **body: object
    ) -> NewWebhookEndpoint:
        """Register an https URL; a repeated answer (`replayed`) comes without the secret.

        The receiver is sent a challenge at once, and events when it has sent that back.
        """
        endpoint = {"url": url, **body}
        return self._post(NewWebhookEndpoint, _PATH, body=endpoint, key=idempotency_key)

    def get(self, endpoint_id: str) -> WebhookEndpoint:
        """Return one endpoint, without its secret."""
        return self._get(WebhookEndpoint, _PATH, endpoint_id)

    def list(self) -> Listing[WebhookEndpoint]:
        """Iterate over the own endpoints, oldest first, without their secrets."""
        return self._list(WebhookEndpoint, _PATH)

    def update(self, endpoint_id: str, *, etag: str, **body: object) -> WebhookEndpoint:
        """Change what is named of an endpoint as it was read; a new `url` is challenged anew.

        Raises:
            Stale: it has changed since.
        """
        answer = self._transport.send("PATCH", path(_PATH, endpoint_id), body=body, etag=etag)
        return WebhookEndpoint(answer.members(), answer)

    def verify(self, endpoint_id: str, *, idempotency_key: str | None = None) -> WebhookDelivery:
        """Send a challenge now, as a proof or as a test; returns its delivery."""
        segments = (_PATH, endpoint_id, "verify")
        return self._post(WebhookDelivery, *segments, key=idempotency_key)

    def pause(
        self, endpoint_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> WebhookEndpoint:
        """Stop deliveries; events wait."""
        segments = (_PATH, endpoint_id, "pause")
        return self._post(WebhookEndpoint, *segments, etag=etag, key=idempotency_key)

    def resume(
        self,
        endpoint_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        **body: object,
    ) -> WebhookEndpoint:
        """Deliver again; `events` says what of the meantime: all (default), none or since."""
        segments = (_PATH, endpoint_id, "resume")
        return self._post(WebhookEndpoint, *segments, body=body, etag=etag, key=idempotency_key)

    def rotate_secret(
        self, endpoint_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> NewSecret:
        """Get a second secret; the old one signs beside it until it ends."""
        segments = (_PATH, endpoint_id, "rotate-secret")
        return self._post(NewSecret, *segments, body=body, key=idempotency_key)

    def revoke_secret(
        self, endpoint_id: str, *, idempotency_key: str | None = None
    ) -> RevokedSecret:
        """End every secret but the newest now; the only one ends for a new one."""
        segments = (_PATH, endpoint_id, "revoke-secret")
        return self._post(RevokedSecret, *segments, key=idempotency_key)

    def keys(
        self, endpoint_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[WebhookKey]:
        """Iterate over an endpoint's keys, newest first."""
        return self._list(WebhookKey, _PATH, endpoint_id, "keys", cursor=cursor, **filters)

    def log(
        self, endpoint_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[WebhookLogEntry]:
        """Iterate over what was done to an endpoint and by whom, newest first."""
        return self._list(WebhookLogEntry, _PATH, endpoint_id, "log", cursor=cursor, **filters)

    def delete(self, endpoint_id: str, *, etag: str) -> None:
        """Delete an endpoint as it was read: `etag` is that of `get`; its events stay in the feed.

        Raises:
            Stale: it has changed since.
        """
        self._transport.send("DELETE", path(_PATH, endpoint_id), etag=etag)
