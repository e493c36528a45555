"""Sign and verify requests exactly as Standard Webhooks 1.0.0 says, with v1 and v1a keys.

Signed bytes: `id.timestamp.body`. Rotation needs no word of its own: the sender signs with every
valid key, the receiver trusts every key it has not yet thrown away.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openredress_webhooks import headers as names
from openredress_webhooks.keys import Secret, SigningKey, VerifyKey
from openredress_webhooks.problems import ForgedWebhook

__all__ = ["Secret", "SigningKey", "Verified", "VerifyKey", "sign", "verify"]

MESSAGE_ID = re.compile(r"[A-Za-z0-9_]{1,128}")
"""Ids without a full stop: with one, two (id, timestamp) pairs could share a signature."""

_TIMESTAMP = re.compile(r"0|[1-9][0-9]{0,11}")
# A sender has at most three valid keys; each Ed25519 item costs the receiver some 130 µs.
_MOST_ITEMS = 16


@dataclass(frozen=True)
class Verified:
    """What a rightly signed request says: its event id and the Unix second of the attempt."""

    id: str
    timestamp: int


def sign(
    keys: Iterable[Secret | SigningKey], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the three signed headers of one attempt, one signature item per key.

    Args:
        keys: every valid key of the endpoint, at least one.
        message_id: the event's id, `[A-Za-z0-9_]` only.
        timestamp: whole Unix seconds of this attempt.
        body: the bytes that will be sent, unchanged.

    Raises:
        ValueError: no key, or an id or timestamp that cannot be signed safely.
    """
    seconds = str(timestamp)
    if not MESSAGE_ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(seconds):
        raise ValueError("message id needs [A-Za-z0-9_], timestamp whole seconds from 0")
    message = _message(message_id, seconds, body)
    items = [key.sign(message) for key in keys]
    if not items:
        raise ValueError("nothing to sign with: no key given")
    return {names.ID: message_id, names.TIMESTAMP: seconds, names.SIGNATURE: " ".join(items)}


def verify(
    headers: Mapping[str, str],
    raw_body: bytes,
    keys: Iterable[Secret | VerifyKey],
    *,
    tolerance: int = 300,
    now: float | None = None,
) -> Verified:
    """Check one received request; names of headers may have any case.

    Args:
        headers: the request's headers.
        raw_body: the bytes as they came, before any parsing.
        keys: the trust list of this endpoint, at least one; all are tried.
        tolerance: seconds the attempt may lie in the past or in the future.
        now: Unix time to judge by; the system clock when left out.

    Raises:
        ForgedWebhook: whatever is wrong with the request.
        ValueError: no key given: a fault of the receiver's settings, not of the request.
    """
    trusted = tuple(keys)
    if not trusted:
        raise ValueError("nothing to verify with: no key given")
    message_id, seconds = _one(headers, names.ID), _one(headers, names.TIMESTAMP)
    items = _items(_one(headers, names.SIGNATURE))
    if not MESSAGE_ID.fullmatch(message_id):
        raise ForgedWebhook("id_malformed")
    timestamp = _fresh(seconds, tolerance, time.time() if now is None else now)
    message = _message(message_id, seconds, raw_body)
    if not any(key.matches(message, items) for key in trusted):
        raise ForgedWebhook("no_matching_signature")
    return Verified(message_id, timestamp)


def _message(message_id: str, seconds: str, body: bytes) -> bytes:
    return b".".join((message_id.encode("ascii"), seconds.encode("ascii"), body))


def _one(headers: Mapping[str, str], name: str) -> str:
    found = [value for key, value in headers.items() if key.lower() == name]
    if not found:
        raise ForgedWebhook("header_missing")
    if len(found) > 1:
        raise ForgedWebhook("header_repeated")
    return found[0]


def _items(header: str) -> list[str]:
    items = header.split(" ", _MOST_ITEMS)
    if len(items) > _MOST_ITEMS:
        raise ForgedWebhook("too_many_signatures")
    return [item for item in items if item.isascii()]


def _fresh(seconds: str, tolerance: int, now: float) -> int:
    if not _TIMESTAMP.fullmatch(seconds):
        raise ForgedWebhook("timestamp_malformed")
    timestamp = int(seconds)
    if timestamp < now - tolerance:
        raise ForgedWebhook("too_old")
    if timestamp > now + tolerance:
        raise ForgedWebhook("too_new")
    return timestamp
