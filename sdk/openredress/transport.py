"""One call of the API: token, idempotency key, tries, deadline; a 2xx answer comes out."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from openredress.answers import Answer
from openredress.bodies import encoded, query
from openredress.clock import Deadline
from openredress.errors import Unauthenticated
from openredress.retries import Hook, persist
from openredress.tokens import Token, Tokens
from openredress.wire import Wire

_KEYED = frozenset({"PATCH", "POST", "PUT"})


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    headers: Mapping[str, str]
    params: Mapping[str, str]
    data: bytes | None
    silence: float


class Transport:
    """Sends the calls of all capabilities; safe with threads.

    `deadline` is the seconds one call may last, whatever happens on the way; `language` that in
    which the server explains what it refuses.
    """

    def __init__(
        self,
        wire: Wire,
        tokens: Tokens,
        base_url: str,
        *,
        deadline: float,
        tell: Hook,
        language: str | None = None,
    ) -> None:
        self.clock = wire.clock
        self._wire = wire
        self._tokens = tokens
        self._base_url = base_url
        self._deadline = deadline
        self._language = language
        self._tell = tell

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        octets: bytes | None = None,
        idempotency_key: str | None = None,
        etag: str | None = None,
        silence: float = 0.0,
    ) -> Answer:
        """Send one call, all its tries under one key, and return its 2xx answer.

        `body` becomes JSON; `octets` go as they are, a part of a file, with their digest.
        `silence` is the seconds that the server was asked to wait before it answers.

        Raises:
            ApiError: the server refuses or keeps failing.
            TransportError: no usable answer within the deadline.
        """
        headers = _headers(method, idempotency_key, etag)
        if self._language is not None:
            headers["Accept-Language"] = self._language
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", encoded(body)
        if octets is not None:
            headers["Content-Type"], data = "application/octet-stream", octets
            headers["Content-Digest"] = _digest(octets)
        call = _Call(method, path, headers, query(params or {}), data, silence)
        deadline = Deadline(self.clock, self._deadline + silence)
        token = self._tokens.current(deadline)
        try:
            return self._persist(call, token, deadline)
        except Unauthenticated:
            # Expired or revoked under way: one new token, then the answer stands.
            token = self._tokens.current(deadline, rejected=token)
            return self._persist(call, token, deadline)

    def _persist(self, call: _Call, token: Token, deadline: Deadline) -> Answer:
        return persist(
            lambda: self._try(call, token, deadline),
            clock=self.clock,
            deadline=deadline,
            tell=self._tell,
        )

    def _try(self, call: _Call, token: Token, deadline: Deadline) -> Answer:
        begun = self.clock.monotonic()
        answer = self._wire.exchange(
            call.method,
            self._base_url + call.path,
            deadline=deadline,
            credential=token.credential,
            headers=call.headers,
            params=call.params,
            data=call.data,
            silence=call.silence,
        )
        facts = {"method": call.method, "path": call.path, "status": answer.status}
        seconds = self.clock.monotonic() - begun
        self._tell("request", {**facts, "request_id": answer.request_id, "seconds": seconds})
        return answer.accepted(self.clock.wall())


def _digest(octets: bytes) -> str:
    # RFC 9530, section 2.
    return f"sha-256=:{base64.b64encode(hashlib.sha256(octets).digest()).decode()}:"


def _headers(method: str, idempotency_key: str | None, etag: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    if method in _KEYED:
        # GET and DELETE may be repeated as they are; under one key these may be, too.
        headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
    if etag is not None:
        headers["If-Match"] = etag
    return headers
