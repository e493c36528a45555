"""Encryption of fields: one data key per organisation, wrapped by the master key.

AES-256-GCM; the associated data is organisation and place, so a sealed value moved to another
row is refused. Blind indexes are HMAC-SHA-256 under the organisation's own lookup key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = b"\x01"
# What the name of a key file ends with until it is whole.
PARTIAL = ".partial"
_AUDIT = "audit "


class MasterKeyMissing(Exception):
    """The master key file is absent or malformed; without it nothing can be unsealed."""


class Unsealable(Exception):
    """The sealed value is damaged, was moved from its place, or belongs to another key."""


def write_names(folder: Path) -> None:
    """Have the names of a folder's files on the disk; without this a power cut undoes a rename."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class MasterKey:
    """The installation's one secret; every other key is derived from it or wrapped by it.

    Of the keys before it only the public halves of their audit keys are left: what they signed
    can still be verified, and nothing be opened or signed by them.
    """

    __slots__ = ("_former", "_key")

    def __init__(self, key: bytes, former: Sequence[Ed25519PublicKey] = ()) -> None:
        if len(key) != KEY_BYTES:
            raise MasterKeyMissing(f"the master key has {len(key)} bytes; expected {KEY_BYTES}")
        self._key = key
        self._former = tuple(former)

    @classmethod
    def load(cls, path: Path) -> MasterKey:
        """Read the key file: 64 hexadecimal digits, then a line `audit <64 digits>` per old key."""
        try:
            first, *others = path.read_text(encoding="ascii").split("\n")
            former = [
                Ed25519PublicKey.from_public_bytes(bytes.fromhex(line.removeprefix(_AUDIT)))
                for line in filter(None, others)
            ]
            return cls(bytes.fromhex(first.strip()), former)
        except (OSError, ValueError) as fault:
            raise MasterKeyMissing(
                f"cannot read the master key from {path}: {fault}; "
                "`openredress-server init` makes one, a restore needs the old one"
            ) from fault

    @classmethod
    def create(cls, path: Path) -> MasterKey:
        """Make a key file that only its owner can read; an existing one is kept."""
        return cls(os.urandom(KEY_BYTES)).save(path)

    def save(self, path: Path) -> MasterKey:
        """Write this key to a file that only its owner can read; an existing one is kept.

        Returns the key that the file holds then.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        # The name comes last, and the folder is on the disk before anybody relies on the key: a
        # process that is killed leaves a whole key of this name, or none.
        handle, partial = mkstemp(prefix=f"{path.name}.", suffix=PARTIAL, dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                former = (f"{_AUDIT}{one.public_bytes_raw().hex()}" for one in self._former)
                file.write("".join(f"{line}\n" for line in (self._key.hex(), *former)))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(partial, path)
        finally:
            Path(partial).unlink(missing_ok=True)
        write_names(path.parent)
        return self.load(path)

    def successor(self) -> MasterKey:
        """A fresh key that knows what this one and those before it signed."""
        return MasterKey(os.urandom(KEY_BYTES), self.verifying_keys())

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one named purpose (HKDF-SHA-256)."""
        return HKDF(
            algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()
        ).derive(self._key)

    def password(self, role: str) -> str:
        """The database password of `role`: derived, so API and worker machines need no file."""
        return self.derive(f"database role {role}").hex()

    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs audit checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.derive("audit checkpoints"))

    def verifying_keys(self) -> tuple[Ed25519PublicKey, ...]:
        """The keys by which audit checkpoints are verified: this key's, and those before it."""
        return (self.signing_key().public_key(), *self._former)


class Sealer:
    """Seals and unseals fields with the data key of their organisation."""

    def __init__(self, master: MasterKey) -> None:
        self._wrapping = AESGCM(master.derive("data keys"))
        self._open: dict[uuid.UUID, bytes] = {}

    def new_data_key(self, organisation_id: uuid.UUID) -> bytes:
        """A fresh data key, wrapped: what the organisation's `data_key` row stores."""
        key = os.urandom(KEY_BYTES)
        self._open[organisation_id] = key
        return self._wrap(organisation_id, key)

    def rewrap(self, organisation_id: uuid.UUID, wrapped: bytes, successor: Sealer) -> bytes:
        """The same data key as the sealer of another master key wraps it."""
        key = self._decrypt(self._wrapping, wrapped, organisation_id.bytes)
        return successor._wrap(organisation_id, key)

    def _wrap(self, organisation_id: uuid.UUID, key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._wrapping.encrypt(nonce, key, organisation_id.bytes)

    def open_data_key(
        self, organisation_id: uuid.UUID, fetch_wrapped: Callable[[], bytes]
    ) -> bytes:
        """The organisation's data key, unwrapped once per process."""
        key = self._open.get(organisation_id)
        if key is None:
            wrapped = fetch_wrapped()
            key = self._decrypt(self._wrapping, wrapped, organisation_id.bytes)
            self._open[organisation_id] = key
        return key

    @staticmethod
    def seal(key: bytes, organisation_id: uuid.UUID, place: str, value: bytes) -> bytes:
        """Encrypt `value` for one `place` such as `webhook_key:<uuid>`."""
        nonce = os.urandom(NONCE_BYTES)
        bound = organisation_id.bytes + place.encode()
        return FORMAT + nonce + AESGCM(key).encrypt(nonce, value, bound)

    @classmethod
    def unseal(cls, key: bytes, organisation_id: uuid.UUID, place: str, sealed: bytes) -> bytes:
        """Decrypt what `seal` made for the same organisation and place."""
        return cls._decrypt(AESGCM(key), sealed, organisation_id.bytes + place.encode())

    @classmethod
    def seal_alike(cls, key: bytes, organisation_id: uuid.UUID, place: str, value: bytes) -> bytes:
        """Encrypt so that equal values of one organisation and place are equal (RFC 5297)."""
        return FORMAT + cls._siv(key).encrypt(value, [organisation_id.bytes + place.encode()])

    @classmethod
    def unseal_alike(
        cls, key: bytes, organisation_id: uuid.UUID, place: str, sealed: bytes
    ) -> bytes:
        """Decrypt what `seal_alike` made for the same organisation and place."""
        if sealed[:1] != FORMAT:
            raise Unsealable("the sealed value has an unknown format")
        try:
            bound = [organisation_id.bytes + place.encode()]
            return cls._siv(key).decrypt(sealed[len(FORMAT) :], bound)
        except InvalidTag as fault:
            raise Unsealable("the sealed value does not belong to this key and place") from fault

    @staticmethod
    def _siv(key: bytes) -> AESSIV:
        return AESSIV(hmac.digest(key, b"alike", hashlib.sha512))

    @staticmethod
    def blind_index(key: bytes, field: str, value: str) -> bytes:
        """A lookup value for a sealed field: equal values of one organisation are equal."""
        lookup_key = hmac.digest(key, b"lookup:" + field.encode(), hashlib.sha256)
        return hmac.digest(lookup_key, value.encode(), hashlib.sha256)

    @staticmethod
    def _decrypt(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
        if sealed[:1] != FORMAT:
            raise Unsealable("the sealed value has an unknown format")
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, bound)
        except InvalidTag as fault:
            raise Unsealable("the sealed value does not belong to this key and place") from fault
