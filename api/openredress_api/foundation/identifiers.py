"""Typed ids: `<prefix>_<26 characters>`, Crockford base32 of a UUID, in lower case.

Random (v4) for what another party must not date; v7 (RFC 9562) for what the reader wrote itself.
"""

from __future__ import annotations

import os
import time
import uuid

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
# Each byte as the digit that Python's own base 32 has for it; "!", which it refuses, for the rest.
_DIGIT = dict(zip(ALPHABET.encode(), b"0123456789abcdefghijklmnopqrstuv", strict=True))
_DIGITS = bytes(_DIGIT.get(byte, ord("!")) for byte in range(256))


class BadIdentifier(ValueError):
    """The text is no id of the expected kind."""


def random_id() -> uuid.UUID:
    """A version 4 UUID: tells nothing of when it was made."""
    return uuid.uuid4()


def dated_id() -> uuid.UUID:
    """A version 7 UUID: the first 48 bits are Unix milliseconds, so neighbours lie together."""
    raw = bytearray((time.time_ns() // 1_000_000).to_bytes(6) + os.urandom(10))
    raw[6] = 0x70 | (raw[6] & 0x0F)
    raw[8] = 0x80 | (raw[8] & 0x3F)
    return uuid.UUID(bytes=bytes(raw))


def encode(prefix: str, value: uuid.UUID) -> str:
    """Write `value` as `<prefix>_<26 letters>`."""
    number = value.int
    letters = [ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def decode(prefix: str, text: str) -> uuid.UUID:
    """Read an id of kind `prefix`; BadIdentifier for anything `encode` would not write."""
    head, _, letters = text.partition("_")
    if head != prefix or len(letters) != LENGTH or letters[0] > "7":
        raise BadIdentifier(text)
    try:
        return uuid.UUID(int=int(letters.encode().translate(_DIGITS), 32))
    except ValueError:
        raise BadIdentifier(text) from None
