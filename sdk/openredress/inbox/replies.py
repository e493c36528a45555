"""What is answered to a request, before a framework gives it its form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

MOST_BYTES = 65_536
"""Largest body that is read; the server sends less."""


@dataclass(frozen=True)
class Reply:
    """Status, headers and body of an answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


TAKEN = Reply(HTTPStatus.NO_CONTENT)
"""The event is stored, and dealt with."""


def said(members: Mapping[str, str], status: int = HTTPStatus.OK, **headers: str) -> Reply:
    """An answer with a JSON object."""
    body = json.dumps(members).encode("ascii")
    return Reply(status, {"Content-Type": "application/json", **headers}, body)


def refused(status: int, reason: str, **headers: str) -> Reply:
    """An answer that takes nothing; the reason helps whoever looks at the sender's log."""
    return said({"reason": reason}, status, **headers)


def not_allowed() -> Reply:
    """The answer to another method than POST."""
    return refused(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", Allow="POST")


def too_large() -> Reply:
    """The answer to a body over the limit."""
    return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large")
