"""The client: one object that joins transport and capabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import requests

from openredress.capabilities import Capabilities
from openredress.clock import SYSTEM, Clock
from openredress.discovery import checked_base_url
from openredress.proofs import Proof, SandboxSecret, SignedAssertion
from openredress.retries import Hook
from openredress.tokens import Tokens
from openredress.transport import Transport
from openredress.wire import Wire

if TYPE_CHECKING:
    from openredress.keys import PrivateKey


def _silent(_: str, __: Mapping[str, object]) -> None:
    """Tell nobody."""


class Client(Capabilities):
    """A client of one OpenRedress server; safe with threads, and after a fork.

    Args:
        base_url: the issuer, such as `https://api.example.org`; http on the loopback only.
        client_id: as registered with the server's operator.
        scopes: what to ask for; `openredress.scopes` has all that a role may ask for.
        key: the client's signing key; needs `openredress[keys]`.
        secret: instead of a key, in the sandbox only.
        deadline: seconds that one call may last with all its tries, pauses and reading.
        timeout: seconds of silence that one try bears.
        language: of what is explained: faults, findings, corrections. en, th, my, km, ne or es.
        on_event: told of each request, retry and token, never of a secret; see `retries.Hook`.
        session_factory: makes the requests session of each thread: adapters, certificates.
        clock: where time comes from; for tests.

    Raises:
        ValueError: an unsafe base_url, no scope, or not exactly one of key and secret.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        *,
        scopes: Iterable[str],
        key: PrivateKey | None = None,
        secret: str | None = None,
        deadline: float = 60.0,
        timeout: float = 15.0,
        language: str | None = None,
        on_event: Hook = _silent,
        session_factory: Callable[[], requests.Session] = requests.Session,
        clock: Clock = SYSTEM,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self.client_id = client_id
        proof = _proof(client_id, key, secret)
        wire = Wire(clock, timeout, session_factory)
        tokens = Tokens(wire, self.base_url, proof, _checked_scopes(scopes), on_event)
        transport = Transport(
            wire, tokens, self.base_url, deadline=deadline, tell=on_event, language=language
        )
        super().__init__(transport)

    def __repr__(self) -> str:
        return f"<Client {self.client_id} of {self.base_url}>"


def _proof(client_id: str, key: PrivateKey | None, secret: str | None) -> Proof:
    if key is not None and secret is None:
        return SignedAssertion(client_id, key)
    if secret is not None and key is None:
        return SandboxSecret(client_id, secret)
    raise ValueError("give a key, or in the sandbox a secret: exactly one of them")


def _checked_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    asked = tuple(scopes)
    if not asked or isinstance(scopes, str):
        raise ValueError("scopes: a list such as openredress.scopes.SUPPLIER is needed")
    return asked
