"""How a client proves to the token endpoint who it is."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote_plus

from openredress.wire import Credential

if TYPE_CHECKING:
    from openredress.keys import PrivateKey

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Proof(Protocol):
    """Makes one proof for one token request to `issuer` at `now` (Unix time)."""

    def __call__(self, issuer: str, now: int) -> tuple[Credential, dict[str, str]]:
        """Return the Authorization header and the form fields that carry the proof."""


class SandboxSecret:
    """`client_secret_basic`: taken in the sandbox only (RFC 6749, section 2.3.1)."""

    def __init__(self, client_id: str, secret: str) -> None:
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode("ascii")
        self._credential = Credential("Basic " + base64.b64encode(pair).decode("ascii"))

    def __call__(self, issuer: str, now: int) -> tuple[Credential, dict[str, str]]:  # noqa: ARG002 - a secret is the same for all
        """Return the secret as a header."""
        return self._credential, {}


class SignedAssertion:
    """`private_key_jwt`: a fresh assertion each time (RFC 7523, section 2.2)."""

    def __init__(self, client_id: str, key: PrivateKey) -> None:
        self._client_id = client_id
        self._key = key

    def __call__(self, issuer: str, now: int) -> tuple[Credential, dict[str, str]]:
        """Return an assertion as form fields."""
        assertion = self._key.assertion(self._client_id, issuer, now)
        return Credential(), {"client_assertion_type": _ASSERTION, "client_assertion": assertion}
