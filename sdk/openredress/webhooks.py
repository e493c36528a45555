"""Receive a webhook: verify the bytes as they came, then read the event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from openredress_webhooks import events
from openredress_webhooks.events import Event
from openredress_webhooks.signing import Secret, VerifyKey

__all__ = ["Event", "receive", "trusted"]


def receive(headers: Mapping[str, str], raw_body: bytes, keys: Iterable[str]) -> Event:
    """Return the event of one received request; `openredress.Inbox` does the rest as well.

    Args:
        headers: the request's headers, names in any case.
        raw_body: the bytes before any parsing.
        keys: every key in force for this endpoint, as it was shown: `whsec_...` or, for Ed25519,
            `whpk_...`; two while it is being rotated.

    Raises:
        ForgedWebhook: not signed with one of the keys, or older than 5 minutes: answer 401.
        UnreadableWebhook: rightly signed, but no event this version can read: answer 400.
        ValueError: a key is not what the server showed, or none is given.
        ModuleNotFoundError: a `whpk_...` needs the extra `openredress[keys]`.
    """
    return events.read(headers, raw_body, trusted(keys))


def trusted(keys: Iterable[str]) -> tuple[Secret | VerifyKey, ...]:
    """Read keys as the server showed them.

    Raises:
        ValueError: a text is no such key; says which mistake is seen, never the text.
    """
    return tuple(
        VerifyKey.parse(key) if key.startswith("whpk_") else Secret.parse(key) for key in keys
    )
