"""The access token: got once, kept, renewed before it ends, by one thread for all."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from openredress.answers import Answer
from openredress.clock import Deadline
from openredress.discovery import AuthorizationServer, discover
from openredress.errors import DeadlineExceeded, UnexpectedAnswer
from openredress.processes import PerProcess
from openredress.proofs import Proof
from openredress.retries import Hook, persist
from openredress.wire import Credential, Wire

_LONGEST_MARGIN = 60.0
_JSON = {"Accept": "application/json"}
_FORM = {**_JSON, "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Token:
    """A bearer credential, to be used before `stale_at` (monotonic seconds)."""

    credential: Credential
    stale_at: float


class _Held:
    """What one process holds: the token, if any, and the lock of those who want another."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.token: Token | None = None


class Tokens:
    """Gives the current token of one client (RFC 6749, section 4.4)."""

    def __init__(
        self, wire: Wire, base_url: str, proof: Proof, scopes: Iterable[str], tell: Hook
    ) -> None:
        self._wire = wire
        self._base_url = base_url
        self._proof = proof
        self._grant = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        self._tell = tell
        self._held = PerProcess(_Held)

    def current(self, deadline: Deadline, *, rejected: Token | None = None) -> Token:
        """Return a token that is fresh and not the one the server rejected.

        Raises:
            ApiError: the token endpoint refuses: unknown key, scope outside the role, suspended.
            TransportError: no token could be had in time, or another issuer answered.
        """
        held = self._held.get()
        if not held.lock.acquire(timeout=deadline.left()):
            raise DeadlineExceeded("another thread is still waiting for a token")
        try:
            token = held.token
            if token is None or token is rejected or self._stale(token):
                token = held.token = self._new_token(deadline)
            return token
        finally:
            held.lock.release()

    def _stale(self, token: Token) -> bool:
        return self._wire.clock.monotonic() >= token.stale_at

    def _new_token(self, deadline: Deadline) -> Token:
        clock = self._wire.clock
        # Discovered each time: it tells the server's present time, which a proof must carry.
        server = discover(self._base_url, lambda url: self._metadata(url, deadline), clock)
        asked_at = clock.monotonic()
        answer = persist(
            lambda: self._ask(server, deadline), clock=clock, deadline=deadline, tell=self._tell
        )
        credential, life = _granted(answer)
        self._tell("token", {"expires_in": life})
        return Token(credential, asked_at + life - min(_LONGEST_MARGIN, life / 4))

    def _metadata(self, url: str, deadline: Deadline) -> Answer:
        def attempt() -> Answer:
            answer = self._wire.exchange(
                "GET", url, deadline=deadline, credential=Credential(), headers=_JSON
            )
            return answer.accepted(self._wire.clock.wall())

        return persist(attempt, clock=self._wire.clock, deadline=deadline, tell=self._tell)

    def _ask(self, server: AuthorizationServer, deadline: Deadline) -> Answer:
        now = self._wire.clock.wall()
        credential, fields = self._proof(self._base_url, int(now + server.skew))
        answer = self._wire.exchange(
            "POST",
            server.token_endpoint,
            deadline=deadline,
            credential=credential,
            headers=_FORM,
            data=urlencode({**self._grant, **fields}).encode("ascii"),
        )
        return answer.accepted(now)


def _granted(answer: Answer) -> tuple[Credential, int]:
    members = answer.members()
    token, life = members.get("access_token"), members.get("expires_in")
    bearer = str(members.get("token_type")).lower() == "bearer"
    if not isinstance(token, str) or not isinstance(life, int) or life <= 0 or not bearer:
        raise UnexpectedAnswer("the token endpoint gave no bearer token with a life")
    return Credential(f"Bearer {token}"), life
