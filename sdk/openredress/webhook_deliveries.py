"""Webhook deliveries: what is on its way to an endpoint, and what came of each attempt."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class WebhookDelivery(Record):
    """An event on its way: due, leased, waiting, succeeded, failed, cancelled or held."""

    id: str
    endpoint_id: str
    event_id: str
    type: str
    state: str
    reason: str | None
    cause: str
    attempt_count: int
    due_at: str
    created_at: str


class TriedWebhookDelivery(WebhookDelivery):
    """A delivery with its `attempts`: status, error_code, what the receiver answered."""

    attempts: list[Record]


class WebhookDeliveries(Capability):
    """`/v1/webhook-deliveries`."""

    def get(self, delivery_id: str) -> TriedWebhookDelivery:
        """Return one delivery with all its attempts."""
        return self._get(TriedWebhookDelivery, "webhook-deliveries", delivery_id)

    def list(
        self, endpoint_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[WebhookDelivery]:
        """Iterate over an endpoint's deliveries, newest first; filters: state, type, since."""
        segments = ("webhook-endpoints", endpoint_id, "deliveries")
        return self._list(WebhookDelivery, *segments, cursor=cursor, **filters)
