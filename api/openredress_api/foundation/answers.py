"""Answers on the wire: success bodies, and the one place that renders a problem (RFC 9457)."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psycopg
import structlog
from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from openredress_api.foundation import messages
from openredress_api.foundation.problems import (
    DatabaseUnavailable,
    FieldError,
    Gone,
    InternalFault,
    InvalidJson,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    Problem,
)
from openredress_webhooks.personal_data import found

log = structlog.get_logger("openredress.http")
READ_LENGTH = 80
# Whoever reads the rest of such a path opens the file: problems are written into others' logs.
_WITH_TOKEN = re.compile(r"(/evidence-links/).*", re.DOTALL)
# SQLSTATE classes that say nothing of our code: connection, resources, operator, lock timeout.
PASSING = ("08", "40", "53", "57", "55P03", "25006")
FROM_WERKZEUG: Mapping[int, type[Problem]] = {
    400: InvalidJson,
    404: NotFound,
    405: MethodNotAllowed,
    410: Gone,
    413: PayloadTooLarge,
}


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is a file to be saved."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers; `subjects` are the ids the audit entry names.

    `secrets` are body fields shown this once: a replay leaves them out.
    """

    body: Any = None
    status: int = 200
    version: int | None = None
    location: str | None = None
    subjects: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    file: File | None = None


def problem_body(problem: Problem, language: str) -> dict[str, Any]:
    """The RFC 9457 members of `problem`, its errors in `language`."""
    body: dict[str, Any] = {
        "type": f"/docs/problems#{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or problem.default_detail(),
        "instance": _WITH_TOKEN.sub(r"\1***", request.path),
        "code": problem.code,
        "request_id": g.request_id,
    }
    if problem.errors:
        body["errors"] = [_error(error, language) for error in problem.errors]
    return body


def _error(error: FieldError, language: str) -> dict[str, Any]:
    shown = {"pointer": error.pointer, "code": str(error.fault)}
    shown["detail"] = messages.say(error.fault, language)
    if error.read is not None and (read := _excerpt(error.read)) is not None:
        shown["read"] = read
    return shown


def _excerpt(value: object) -> str | None:
    """What was read, short and printable: it may be hostile. None if it holds personal data."""
    text = value if isinstance(value, str) else _dumped(value)
    if found(text[: 2 * READ_LENGTH]):  # also what the cut would leave the half of
        return None
    clean = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
    return clean if len(clean) <= READ_LENGTH else clean[: READ_LENGTH - 1] + "…"


def _dumped(value: object) -> str:
    try:
        return orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):
        return type(value).__name__


def spoken_language() -> str:
    """The language in which the caller of this request reads messages."""
    return messages.choose(list(request.accept_languages.values()))


def problem_response(problem: Problem) -> Response:
    """`problem` as a response in the caller's language."""
    language = spoken_language()
    response = Response(
        orjson.dumps(problem_body(problem, language)),
        status=problem.status,
        content_type="application/problem+json",
    )
    response.headers.update(problem.headers)
    g.problem = problem.code
    return response


def install_error_handlers(app: Flask) -> None:
    """Every way out of the application is a problem document."""
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _from_werkzeug)
    app.register_error_handler(PoolTimeout, _pool_timeout)
    app.register_error_handler(DBAPIError, _from_database)
    app.register_error_handler(psycopg.Error, _from_database)
    # The WSGI edge: whatever else happened, the caller gets an id and the log the place.
    app.register_error_handler(Exception, _unforeseen)


def _from_werkzeug(fault: HTTPException) -> Response:
    kind = FROM_WERKZEUG.get(fault.code or 500, InternalFault)
    response = problem_response(kind())
    if fault.code == MethodNotAllowed.status and fault.get_response().headers.get("Allow"):
        response.headers["Allow"] = fault.get_response().headers["Allow"]
    return response


def _pool_timeout(_fault: PoolTimeout) -> Response:
    return problem_response(Overloaded(headers={"Retry-After": "2"}))


def _from_database(fault: DBAPIError | psycopg.Error) -> Response:
    """Also of the strings that go past SQLAlchemy: the opening, hot verbs and the commit."""
    driver = fault.orig if isinstance(fault, DBAPIError) else fault
    state = getattr(driver, "sqlstate", None)
    lost = state is None and isinstance(driver, psycopg.OperationalError)
    if lost or (state or "").startswith(PASSING):
        return problem_response(DatabaseUnavailable(headers={"Retry-After": "1"}))
    return _unforeseen(fault)


def _unforeseen(fault: Exception) -> Response:
    # Frames only, and ours first: a message or a local may hold what a worker said.
    places = [
        f"{Path(frame.filename).parent.name}/{Path(frame.filename).stem}:{frame.lineno}"
        for frame in traceback.extract_tb(fault.__traceback__)
        if "openredress" in frame.filename
    ]
    log.error(
        "unforeseen",
        request_id=g.request_id,
        fault=type(fault).__name__,
        sqlstate=getattr(getattr(fault, "orig", fault), "sqlstate", None),
        frames=places[-8:],
    )
    return problem_response(InternalFault())
