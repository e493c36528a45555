"""Webhook endpoints: where the server sends events to."""

from __future__ import annotations

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "webhook-endpoints"


class WebhookEndpoint(Record):
    """A receiver of events: active, paused, disabled or deleted."""

    id: str
    url: str
    description: str
    event_patterns: list[str]
    state: str
    state_reason: str | None
    state_since: str
    max_in_flight: int
    created_at: str


class NewWebhookEndpoint(WebhookEndpoint):
    """A new receiver with its `secret`, shown this once: store it at once."""

    secret: str


class NewSecret(Record):
    """A second `secret`, shown this once, and when the old one ends."""

    secret: str
    old_key_ends_at: str


class WebhookEndpoints(Capability):
    """`/v1/webhook-endpoints`."""

    def create(
        self, url: str, *, idempotency_key: str | None = None, **body: object
    ) -> NewWebhookEndpoint:
        """Register an https URL; a repeated answer (`replayed`) comes without the secret."""
        endpoint = {"url": url, **body}
        return self._post(NewWebhookEndpoint, _PATH, body=endpoint, key=idempotency_key)

    def get(self, endpoint_id: str) -> WebhookEndpoint:
        """Return one endpoint, without its secret."""
        return self._get(WebhookEndpoint, _PATH, endpoint_id)

    def list(self) -> Listing[WebhookEndpoint]:
        """Iterate over the own endpoints, oldest first, without their secrets."""
        return self._list(WebhookEndpoint, _PATH)

    def pause(
        self, endpoint_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> WebhookEndpoint:
        """Stop deliveries; events wait."""
        segments = (_PATH, endpoint_id, "pause")
        return self._post(WebhookEndpoint, *segments, etag=etag, key=idempotency_key)

    def resume(
        self, endpoint_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> WebhookEndpoint:
        """Deliver again, waiting events first."""
        segments = (_PATH, endpoint_id, "resume")
        return self._post(WebhookEndpoint, *segments, etag=etag, key=idempotency_key)

    def rotate_secret(
        self, endpoint_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> NewSecret:
        """Get a second secret; the old one signs beside it until it ends."""
        segments = (_PATH, endpoint_id, "rotate-secret")
        return self._post(NewSecret, *segments, body=body, key=idempotency_key)

    def delete(self, endpoint_id: str, *, etag: str) -> None:
        """Delete an endpoint as it was read: `etag` is that of `get`; its events stay in the feed.

        Raises:
            Stale: it has changed since.
        """
        self._transport.send("DELETE", path(_PATH, endpoint_id), etag=etag)
