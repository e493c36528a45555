"""JSON logs by allow-list: a field that is not named here never reaches a log."""

from __future__ import annotations

import logging
import sys
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request

ALLOWED = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "request_id",
        "operation",
        "status",
        "duration_ms",
        "organisation_id",
        "client_id",
        "problem",
        "fault",
        "frames",
        "sqlstate",
        "worker",
        "event_id",
        "endpoint_id",
        "delivery_id",
        "attempt",
        "code",
        "count",
        "role",
        "state",
        "job",
        "size",
        "type",
    ]
)
_REQUEST_ID_LENGTH = 64


def only_allowed(_logger: object, _name: str, fields: MutableMapping[str, Any]) -> dict[str, Any]:
    """Drop every field that is not on the allow-list."""
    return {name: value for name, value in fields.items() if name in ALLOWED}


def configure_logs() -> None:
    """Log JSON lines to standard error; silence libraries that log tokens at debug level."""
    logging.getLogger("authlib").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def install_request_log(app: Flask) -> None:
    """A request id on every answer, and one log line per request: the route, not the query."""
    log = structlog.get_logger("openredress.http")

    @app.before_request
    def _start() -> None:
        given = request.headers.get("X-Request-Id", "")
        usable = given.isascii() and given.replace("-", "").isalnum()
        short = len(given) <= _REQUEST_ID_LENGTH
        g.request_id = given if usable and short else str(uuid.uuid4())
        g.started = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        # A path may be the secret of a link: no page is told where its reader came from.
        response.headers["Referrer-Policy"] = "no-referrer"
        context = g.get("context")
        log.info(
            "request",
            request_id=g.request_id,
            operation=g.get("operation"),
            status=response.status_code,
            duration_ms=round((time.perf_counter() - g.started) * 1000, 1),
            organisation_id=str(context.organisation_id) if context else None,
            client_id=str(context.client_id) if context else None,
            problem=g.get("problem"),
        )
        return response
