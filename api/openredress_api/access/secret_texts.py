"""Random texts that are shown once and stored as their SHA-256."""

from __future__ import annotations

import base64
import hashlib
import secrets

RANDOM_BYTES = 32


def new_secret_text(prefix: str) -> str:
    """`<prefix>_` and 52 letters of base32: 256 random bits, found by secret scanners."""
    letters = base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode("ascii")
    return f"{prefix}_{letters.rstrip('=').lower()}"


def digest(text: str) -> bytes:
    """The stored form, 32 bytes.

    One round of SHA-256 is right here, a password hash would be wrong: the input has 256 random
    bits, so there is nothing to guess that stretching or a salt could make dearer, and the token
    is looked up at every request.
    """
    return hashlib.sha256(text.encode()).digest()
