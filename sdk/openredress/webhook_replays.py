"""Webhook replays: events that an endpoint is sent once more."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class WebhookReplay(Record):
    """A replay: running, done or cancelled; a dry run has `matched` alone."""

    id: str
    endpoint_id: str
    cause: str
    event_id: str | None
    types: list[str]
    since: str | None
    until: str | None
    only: str
    state: str
    matched: int
    made: int
    created_at: str
    updated_at: str


class WebhookReplays(Capability):
    """`/v1/webhook-replays`."""

    def create(
        self, endpoint_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> WebhookReplay:
        """Send one `event` once more, or those of `types`, `since`, `until`; `dry_run` counts."""
        segments = ("webhook-endpoints", endpoint_id, "replays")
        return self._post(WebhookReplay, *segments, body=body, key=idempotency_key)

    def get(self, replay_id: str) -> WebhookReplay:
        """Return one replay and how far it has come."""
        return self._get(WebhookReplay, "webhook-replays", replay_id)

    def list(
        self, endpoint_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[WebhookReplay]:
        """Iterate over an endpoint's replays, newest first."""
        segments = ("webhook-endpoints", endpoint_id, "replays")
        return self._list(WebhookReplay, *segments, cursor=cursor, **filters)

    def cancel(self, replay_id: str, *, idempotency_key: str | None = None) -> WebhookReplay:
        """Make no more deliveries; those that were made are sent."""
        return self._post(
            WebhookReplay, "webhook-replays", replay_id, "cancel", key=idempotency_key
        )
