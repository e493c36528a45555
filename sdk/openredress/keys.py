"""The client's own signing key; only its public half ever leaves the machine.

Needs the extra: `openredress[keys]`.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

Algorithm = Literal["ES256", "PS256", "Ed25519"]
"""The signatures that the server takes (FAPI 2.0, section 5.4.1)."""

_LIFE = 60
_RSA_BITS = 2048


class PrivateKey:
    """An ES256, PS256 or Ed25519 key; its repr shows the public thumbprint only."""

    def __init__(self, key: ECKey | RSAKey | OKPKey, algorithm: Algorithm) -> None:
        self._key = key
        self.algorithm: Algorithm = algorithm

    def __repr__(self) -> str:
        return f"<PrivateKey {self.algorithm} {self._key.thumbprint()}>"

    @classmethod
    def generate(cls, algorithm: Algorithm = "ES256") -> PrivateKey:
        """Return a new random key."""
        if algorithm == "ES256":
            return cls(ECKey.generate_key("P-256"), algorithm)
        if algorithm == "PS256":
            return cls(RSAKey.generate_key(_RSA_BITS), algorithm)
        return cls(OKPKey.generate_key("Ed25519"), algorithm)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], password: str | None = None) -> PrivateKey:
        """Read a PEM file, as `to_file` and openssl write it; `password` if it is encrypted.

        Raises:
            OSError: the file cannot be read.
            ValueError: no P-256, RSA (2,048 bits or more) or Ed25519 key, or a wrong password.
            TypeError: a password is missing, or given for a file that has none.
        """
        secret = password.encode() if password is not None else None
        key = serialization.load_pem_private_key(Path(path).read_bytes(), secret)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(ECKey.import_key(key), "ES256")
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _RSA_BITS:
            return cls(RSAKey.import_key(key), "PS256")
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return cls(OKPKey.import_key(key), "Ed25519")
        raise ValueError("the key must be P-256, RSA of at least 2,048 bits, or Ed25519")

    def to_file(self, path: str | os.PathLike[str], password: str | None = None) -> None:
        """Write a new PEM file that only its owner may read; an existing one stays as it is.

        Raises:
            FileExistsError: the path is taken.
        """
        pem = self._key.as_pem(private=True, password=password)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)

    def public_jwk(self) -> dict[str, object]:
        """Return the public half as a JWK, to be registered with the server's operator."""
        named = {"kid": self._key.thumbprint(), "alg": self.algorithm, "use": "sig"}
        return {**self._key.as_dict(private=False), **named}

    def assertion(self, client_id: str, issuer: str, now: int) -> str:
        """Return a signed client assertion for `issuer`, good once and for 60 seconds.

        `now` is the server's Unix time. Source: RFC 7523, section 3.
        """
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": issuer,
            "iat": now,
            "exp": now + _LIFE,
            "jti": secrets.token_urlsafe(16),
        }
        header = {"alg": self.algorithm, "kid": self._key.thumbprint()}
        return jwt.encode(header, claims, self._key, algorithms=[self.algorithm])
