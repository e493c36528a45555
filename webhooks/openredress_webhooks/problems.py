"""What can go wrong with a received webhook.

WebhookError
|- ForgedWebhook      answer 400 or 401: nothing in the request can be trusted
`- UnreadableWebhook  rightly signed, but not an event this version can read
"""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "header_missing",
    "header_repeated",
    "id_malformed",
    "timestamp_malformed",
    "too_old",
    "too_new",
    "too_many_signatures",
    "no_matching_signature",
]
"""Why a request counts as forged; safe to log, holds nothing of the request."""


class WebhookError(Exception):
    """Base of every error that a received request can cause."""


class ForgedWebhook(WebhookError):
    """The request is malformed, stale, unsigned or wrongly signed; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class UnreadableWebhook(WebhookError):
    """The signature is right, the body is no readable event; the text names the field only."""
