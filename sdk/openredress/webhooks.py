"""Receive a webhook: verify the bytes as they came, then read the event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from openredress_webhooks import events
from openredress_webhooks.events import Event
from openredress_webhooks.signing import Secret

__all__ = ["Event", "receive"]


def receive(headers: Mapping[str, str], raw_body: bytes, secrets: Iterable[str]) -> Event:
    """Return the event of one received request.

    Args:
        headers: the request's headers, names in any case.
        raw_body: the bytes before any parsing.
        secrets: every `whsec_...` in force for this endpoint; two while it is being rotated.

    Raises:
        ForgedWebhook: not signed with one of the secrets, or older than 5 minutes: answer 400.
        UnreadableWebhook: rightly signed, but no event this version can read.
        ValueError: a secret is not what the server showed, or none is given.
    """
    return events.read(headers, raw_body, [Secret.parse(secret) for secret in secrets])
