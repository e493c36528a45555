"""Keys that sign and check one endpoint's webhooks: `Secret` (v1) and the Ed25519 pair (v1a).

Formats: Standard Webhooks 1.0.0, "Signature scheme". A key's text never stands in a repr or in
an error.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

SHORTEST, LONGEST = 24, 64
"""Bytes that a symmetric secret may have."""

_SEED = _PUBLIC = 32
_PRIVATE = _SEED + _PUBLIC


@dataclass(frozen=True, eq=False)
class Secret:
    """A symmetric secret shared by sender and receiver: HMAC-SHA256, version `v1`."""

    _material: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Secret:
        """Return a new random secret of 32 bytes."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def parse(cls, text: str) -> Secret:
        """Read `whsec_` + standard base64 of 24 to 64 bytes, exactly as it was shown.

        Raises:
            ValueError: names the mistake that is seen, never the text.
        """
        material = _material(text, "whsec_")
        if len(material) < SHORTEST:
            raise ValueError(f"secret too short: {len(material)} bytes, at least {SHORTEST} needed")
        if len(material) > LONGEST:
            raise ValueError(f"secret too long: {len(material)} bytes, at most {LONGEST} allowed")
        return cls(material)

    @property
    def text(self) -> str:
        """The secret as `whsec_...`: show it once, store it sealed."""
        return "whsec_" + _base64(self._material)

    def sign(self, message: bytes) -> str:
        """Return the signature item `v1,<base64>` of a message."""
        return "v1," + _base64(hmac.digest(self._material, message, hashlib.sha256))

    def matches(self, message: bytes, items: Iterable[str]) -> bool:
        """Say whether one of the ASCII items is this secret's signature, in constant time each."""
        expected = self.sign(message)
        return any(hmac.compare_digest(expected, item) for item in items)


@dataclass(frozen=True, eq=False)
class SigningKey:
    """The sender's Ed25519 key, version `v1a`; needs the extra `ed25519`."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> SigningKey:
        """Return a new random key."""
        return cls._of(secrets.token_bytes(_SEED))

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read `whsk_` + base64 of 64 bytes: the seed, then the public key.

        Raises:
            ValueError: names the mistake that is seen, never the text.
            ModuleNotFoundError: the extra `ed25519` is not installed.
        """
        material = _material(text, "whsk_")
        if len(material) != _PRIVATE:
            raise ValueError(f"signing key has {len(material)} bytes, not {_PRIVATE}")
        key = cls._of(material[:_SEED])
        if not hmac.compare_digest(key.text, text):
            raise ValueError("signing key: its public half does not belong to its seed")
        return key

    @classmethod
    def _of(cls, seed: bytes) -> SigningKey:
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra

        return cls(ed25519.Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def text(self) -> str:
        """The key as `whsk_...`: store it sealed, never show it."""
        halves = self._key.private_bytes_raw() + self._key.public_key().public_bytes_raw()
        return "whsk_" + _base64(halves)

    @property
    def public(self) -> VerifyKey:
        """The key that receivers put on their trust list."""
        return VerifyKey(self._key.public_key())

    def sign(self, message: bytes) -> str:
        """Return the signature item `v1a,<base64>` of a message."""
        return "v1a," + _base64(self._key.sign(message))


@dataclass(frozen=True, eq=False)
class VerifyKey:
    """The receiver's half of a `SigningKey`; needs the extra `ed25519`."""

    _key: Ed25519PublicKey = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> VerifyKey:
        """Read `whpk_` + base64 of 32 bytes.

        Raises:
            ValueError: names the mistake that is seen.
            ModuleNotFoundError: the extra `ed25519` is not installed.
        """
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra

        material = _material(text, "whpk_")
        if len(material) != _PUBLIC:
            raise ValueError(f"verify key has {len(material)} bytes, not {_PUBLIC}")
        return cls(ed25519.Ed25519PublicKey.from_public_bytes(material))

    @property
    def text(self) -> str:
        """The key as `whpk_...`: may be published."""
        return "whpk_" + _base64(self._key.public_bytes_raw())

    def matches(self, message: bytes, items: Iterable[str]) -> bool:
        """Say whether one of the ASCII items is a signature by this key's owner."""
        return any(self._signed(message, item) for item in items)

    def _signed(self, message: bytes, item: str) -> bool:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra

        version, _, encoded = item.partition(",")
        if version != "v1a":
            return False
        try:
            signature = base64.b64decode(encoded, validate=True)
            self._key.verify(signature, message)
        except (ValueError, InvalidSignature):
            return False
        # A second spelling of the same bytes is nothing that `sign` writes.
        return _base64(signature) == encoded


def _base64(material: bytes) -> str:
    return base64.b64encode(material).decode("ascii")


def _material(text: str, prefix: str) -> bytes:
    if text.strip() != text:
        raise ValueError("key with spaces or a line end around it: cut them off")
    if not text.startswith(prefix):
        raise ValueError(_wrong_start(text, prefix))
    encoded = text[len(prefix) :]
    try:
        material = base64.b64decode(encoded, validate=True)
    except ValueError:
        material = b""
    # A second spelling of the same bytes would survive here, and fail at a stricter peer.
    if not material or _base64(material) != encoded:
        raise ValueError(f"what follows {prefix} is not standard base64 with its padding")
    return material


def _wrong_start(text: str, prefix: str) -> str:
    if text[:1] in {"'", '"'}:
        return "key in quotation marks: take them off"
    if text.startswith(f"v1,{prefix}"):
        return f"key starts with v1,{prefix}: drop the v1,"
    if text.startswith(("v1,", "v1a,")):
        return f"this is a signature, not a key: keys start with {prefix}"
    for other in ("whsec_", "whsk_", "whpk_"):
        if text.startswith(other):
            return f"another kind of key: starts with {other}, here {prefix} is needed"
    return f"raw key without its prefix: give it exactly as shown, starting with {prefix}"
