"""@endpoint: guards, parses, dumps, and records the operation for the OpenAPI document."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass
from typing import Any

import orjson
from flask import Flask, Response, g, request
from marshmallow import Schema
from werkzeug.exceptions import ClientDisconnected

from openredress_api.foundation import audit, identifiers, made_up, reading
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.database import Context, Database, Transaction
from openredress_api.foundation.idempotency import Attempt, Stored
from openredress_api.foundation.problems import (
    DatabaseUnavailable,
    DigestMismatch,
    DigestMissing,
    IdempotencyInProgress,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    InsufficientScope,
    InternalFault,
    InvalidJson,
    MethodNotAllowed,
    Overloaded,
    PayloadTooLarge,
    PersonalDataDetected,
    PreconditionFailed,
    Problem,
    TokenExpired,
    TokenRevoked,
    TokenUnknown,
    Unauthenticated,
    UnknownField,
    UnsupportedMediaType,
    ValidationFailed,
)
from openredress_api.foundation.rendering import render
from openredress_openapi.operations import Idempotency, Operation

MAX_WAITING = 12
POLL_S = 0.25
LONGEST_POLL_S = 25
_BEARER = re.compile(r"Bearer ([\x21-\x7e]{20,200})", re.IGNORECASE)
Handler = Callable[[Any], Answer]


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call as its action sees it; parsed, in Python types."""

    transaction: Transaction
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    if_match: int | None
    raw: bytes = b""

    @property
    def context(self) -> Context:
        """Who asks."""
        return self.transaction.context

    def check_version(self, version: int) -> None:
        """Raise PreconditionFailed unless If-Match named this version."""
        if self.if_match is not None and self.if_match != version:
            raise PreconditionFailed


@dataclass(frozen=True, slots=True)
class PublicCall:
    """A call of a public operation: no token, no transaction; path values as they came."""

    path: Mapping[str, str]
    query: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A recorded operation with its function and how the server treats it."""

    operation: Operation
    handler: Handler
    logs_read: bool
    reread: Endpoint | None
    polls: bool
    by_link: bool


@dataclass(frozen=True)
class endpoint:  # noqa: N801 - it stands as a decorator above each operation
    """Record a function as one operation of the interface.

    `ids` maps path parameters to id prefixes; `versioned` False: the answer has no ETag; `roles`
    narrows to organisation types beyond the scope; `logs_read` writes an audit entry for a read;
    `reread` answers replays afresh; `polls` repeats an empty answer for as long as `?wait=` says;
    `public` needs no token and no database; `by_link`: no token but the one in the path, which
    stands for whoever made the link; `takes_bytes` and `gives_file` are Operation's.
    """

    method: str
    path: str
    _: KW_ONLY
    room: str
    scope: str | None
    gives: Mapping[int, type[Schema] | None]
    takes: type[Schema] | None = None
    query: type[Schema] | None = None
    problems: Iterable[type[Problem]] = ()
    roles: tuple[str, ...] = ()
    ids: Mapping[str, str] | None = None
    idempotency: Idempotency = "none"
    if_match: bool = False
    versioned: bool = True
    listing: bool = False
    logs_read: bool = False
    reread: Endpoint | None = None
    polls: bool = False
    public: bool = False
    takes_bytes: int = 0
    gives_file: tuple[str, ...] = ()
    by_link: bool = False

    def __call__(self, handler: Handler) -> Endpoint:
        """The function with all that is recorded of it."""
        operation = Operation(
            method=self.method,
            path=self.path,
            room=self.room,
            **_told(handler),
            scope=self.scope,
            roles=self.roles,
            path_parameters=dict(self.ids or {}),
            query=self.query() if self.query else None,
            takes=self.takes() if self.takes else None,
            gives={status: schema() if schema else None for status, schema in self.gives.items()},
            problems=(*self._common(), *self.problems),
            idempotency=self.idempotency,
            if_match=self.if_match,
            etag=self.versioned and bool({200, 201} & {*self.gives}) and not self.listing,
            listing=self.listing,
            authenticated=not (self.public or self.by_link),
            takes_bytes=self.takes_bytes,
            gives_file=self.gives_file,
        )
        return Endpoint(operation, handler, self.logs_read, self.reread, self.polls, self.by_link)

    def _common(self) -> tuple[type[Problem], ...]:
        """The problems that every operation of this shape may answer with."""
        found: tuple[type[Problem], ...] = (InternalFault, MethodNotAllowed, UnknownField)
        if not (self.public or self.by_link):
            found += (Unauthenticated, TokenUnknown, TokenExpired, TokenRevoked, InsufficientScope)
        if not self.public:
            found += (Overloaded, DatabaseUnavailable)
        if self.takes:
            found += (InvalidJson, UnsupportedMediaType, ValidationFailed, PayloadTooLarge)
            found += (PersonalDataDetected,)
        if self.takes_bytes:
            found += (DigestMissing, DigestMismatch, PayloadTooLarge, UnsupportedMediaType)
        if self.idempotency != "none":
            found += (IdempotencyKeyMissing, IdempotencyKeyReused, IdempotencyInProgress)
        return found


def _told(handler: Handler) -> dict[str, str]:
    """What a function says of itself."""
    text = (handler.__doc__ or "").strip()
    return {
        "name": handler.__name__,
        "summary": text.splitlines()[0],
        "description": " ".join(text.split()),
    }


class Doors:
    """Serves recorded endpoints from one database; one per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)

    def mount(self, app: Flask, endpoints: Iterable[Endpoint]) -> None:
        """Add each endpoint's URL rule."""
        for found in endpoints:
            rule = re.sub(r"\{(\w+)\}", r"<\1>", found.operation.path)
            app.add_url_rule(
                rule,
                endpoint=found.operation.name,
                view_func=self._view(found),
                methods=[found.operation.method],
            )

    def _view(self, found: Endpoint) -> Callable[..., Response]:
        def view(**path: str) -> Response:
            g.operation = found.operation.name
            if found.operation.takes_bytes:
                request.max_content_length = found.operation.takes_bytes
            # The body is read before a database place is taken: a slow sender holds none.
            raw = request.get_data(cache=False)
            if request.content_length is None:
                # A body in chunks ends at the limit in silence; to ask for more of it is refused.
                request.stream.read(1)
            elif len(raw) < request.content_length:
                raise ClientDisconnected
            if not found.operation.authenticated and not found.by_link:
                return _public(found, path)
            if not found.polls:
                return self._once(found, path, raw)
            return self._poll(found, path, raw)

        return view

    def _poll(self, found: Endpoint, path: Mapping[str, str], raw: bytes) -> Response:
        """Repeat until there is something or the wait is over; no place is held in between."""
        wait = reading.seconds("wait", LONGEST_POLL_S)
        until = time.monotonic() + wait
        response = self._once(found, path, raw)
        empty = response.headers.pop("openredress-empty", None)
        if not wait or not empty:
            return response
        if not self._waiting.acquire(blocking=False):
            return response
        try:
            while time.monotonic() < until:
                time.sleep(POLL_S)
                response = self._once(found, path, raw)
                if not response.headers.pop("openredress-empty", None):
                    break
        finally:
            self._waiting.release()
        return response

    def _opened(
        self, found: Endpoint, path: Mapping[str, str], recall: str | None
    ) -> AbstractContextManager[Transaction]:
        if found.by_link:
            token = hashlib.sha256(path["token"].encode()).hexdigest()
            return self._database.transaction(token, by="begin_link")
        return self._database.transaction(_token_hash(), recall)

    def _once(self, found: Endpoint, path: Mapping[str, str], raw: bytes) -> Response:
        operation = found.operation
        attempt = _attempt(operation, raw)
        recall = attempt.digest.hex() if attempt else None
        with self._opened(found, path, recall) as transaction:
            g.context = transaction.context
            _check_scope(operation, transaction.context)
            call = _call(operation, transaction, path, raw)
            stored = attempt.recalled(transaction) if attempt else None
            if stored:
                response = _replay(found, call, stored)
                if found.reread and stored.subject:
                    _note(transaction, found.reread.operation.name, (stored.subject,))
                    transaction.commit()
                return response
            answer = _handled(found, call)
            response = render(operation, answer, transaction.context)
            if attempt:
                attempt.remember(transaction, _stored(found, answer, response))
            # A read that showed nothing of a case read nothing.
            if operation.method != "GET" or (found.logs_read and answer.subjects):
                _note(transaction, operation.name, answer.subjects)
            transaction.commit()
            return response


def _handled(found: Endpoint, call: Call) -> Answer:
    """What the operation answers; what it did before some refusals stays."""
    try:
        return found.handler(call)
    except Problem as problem:
        if problem.keeps:
            kinds = found.operation.path_parameters
            ids = [identifiers.encode(kinds[name], value) for name, value in call.path.items()]
            _note(call.transaction, found.operation.name, ids)
            call.transaction.commit()
        raise


def _note(transaction: Transaction, operation: str, subjects: Iterable[str]) -> None:
    """Leave an audit entry, as part of the commit."""
    entry = audit.entry(transaction.context, operation, g.request_id, subjects)
    transaction.defer(audit.INSERT, entry)


def _public(found: Endpoint, path: Mapping[str, str]) -> Response:
    call = PublicCall(path, reading.read_query(found.operation.query))
    return render(found.operation, found.handler(call), None)


def _token_hash() -> str:
    header = request.headers.getlist("Authorization")
    match = _BEARER.fullmatch(header[0]) if len(header) == 1 else None
    if match is None:
        raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})
    return hashlib.sha256(match[1].encode("ascii")).hexdigest()


def _check_scope(operation: Operation, context: Context) -> None:
    if operation.roles and context.organisation_type not in operation.roles:
        allowed = False
    else:
        allowed = operation.scope is None or operation.scope in context.scopes
    if not allowed:
        challenge = f'Bearer error="insufficient_scope", scope="{operation.scope or ""}"'
        raise InsufficientScope(headers={"WWW-Authenticate": challenge})


def _attempt(operation: Operation, raw: bytes) -> Attempt | None:
    header = request.headers.get("Idempotency-Key")
    if operation.idempotency == "none" or (header is None and operation.idempotency != "required"):
        return None
    if header is None:
        raise IdempotencyKeyMissing
    return Attempt.read(header, operation.name, request.full_path, raw)


def _call(
    operation: Operation, transaction: Transaction, path: Mapping[str, str], raw: bytes
) -> Call:
    body = reading.load(operation.takes, reading.read_json(raw)) if operation.takes else {}
    if operation.takes and transaction.context.is_sandbox:
        made_up.check(operation.takes, body)
    return Call(
        transaction=transaction,
        path={name: reading.path_id(operation, name, value) for name, value in path.items()},
        query=reading.read_query(operation.query),
        body=body,
        if_match=_seen(operation),
        raw=reading.read_bytes(raw) if operation.takes_bytes else b"",
    )


def _seen(operation: Operation) -> int | None:
    """The version that the caller has read; a GET needs none."""
    if operation.method == "GET":
        return None
    return reading.seen_version(required=operation.if_match)


def _stored(found: Endpoint, answer: Answer, response: Response) -> Stored:
    kept = ("ETag", "Location")
    headers = {name: response.headers[name] for name in kept if name in response.headers}
    body: str | None = response.get_data(as_text=True) or None
    if found.reread:
        body = None
    elif answer.secrets and body:
        shown = orjson.loads(body)
        body = orjson.dumps({k: v for k, v in shown.items() if k not in answer.secrets}).decode()
    return Stored(answer.status, headers, body, answer.subjects[0] if answer.subjects else None)


def _replay(found: Endpoint, call: Call, stored: Stored) -> Response:
    if found.reread and stored.subject:
        again = found.reread
        prefix = again.operation.path_parameters["id"]
        target = Call(
            call.transaction, {"id": identifiers.decode(prefix, stored.subject)}, {}, {}, None
        )
        response = render(again.operation, again.handler(target), call.context)
        if found.operation.gives[stored.status] is None:
            response.set_data(b"")
            del response.headers["Content-Type"]
        response.status_code = stored.status
    else:
        response = Response(stored.body or b"", status=stored.status)
        response.content_type = "application/json" if stored.body else None  # type: ignore[assignment] # None removes it
        response.headers.update(stored.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response
