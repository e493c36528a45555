"""Webhook endpoints: where the server sends events to."""

from __future__ import annotations

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "webhook-endpoints"


class WebhookEndpoint(Record):
    """An endpoint; `secret` is there once, after `create` and `rotate`: store it at once."""

    id: str
    url: str
    status: str
    secret: str


class WebhookEndpoints(Capability):
    """`/v1/webhook-endpoints`."""

    def create(
        self, url: str, *, idempotency_key: str | None = None, **body: object
    ) -> WebhookEndpoint:
        """Register an https URL; a repeated answer (`replayed`) comes without the secret."""
        endpoint = {"url": url, **body}
        return self._post(WebhookEndpoint, _PATH, body=endpoint, key=idempotency_key)

    def get(self, endpoint_id: str) -> WebhookEndpoint:
        """Return one endpoint, without its secret."""
        return self._get(WebhookEndpoint, _PATH, endpoint_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[WebhookEndpoint]:
        """Iterate over the own endpoints, without their secrets."""
        return self._list(WebhookEndpoint, _PATH, filters, cursor)

    def rotate(
        self, endpoint_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> WebhookEndpoint:
        """Get a second secret; the old one signs beside it until it ends."""
        return self._post(
            WebhookEndpoint, _PATH, endpoint_id, "rotate-secret", body=body, key=idempotency_key
        )

    def delete(self, endpoint_id: str, *, etag: str) -> None:
        """Delete an endpoint as it was read: `etag` is that of `get`.

        Raises:
            Stale: it has changed since.
        """
        self._transport.send("DELETE", path(_PATH, endpoint_id), etag=etag)
