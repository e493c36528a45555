"""The same answer in the words of each framework: the body as it came, and never too much of it.

Each framework is loaded when its adapter is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from openredress.inbox.replies import MOST_BYTES, Reply, refused

if TYPE_CHECKING:
    from fastapi import APIRouter
    from flask import Blueprint

Respond = Callable[[str, Mapping[str, str], bytes], Reply]
"""`Inbox.respond`."""

WsgiApplication = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]
"""A WSGI application (PEP 3333)."""

# One byte more than is allowed tells that there was too much.
_ENOUGH = MOST_BYTES + 1
_LENGTH = re.compile(r"[0-9]{1,18}")


def flask(respond: Respond, path: str) -> Blueprint:
    """A blueprint with one rule."""
    from flask import Blueprint, Response, request  # noqa: PLC0415 - needed by who asks for it
    from werkzeug.exceptions import HTTPException  # noqa: PLC0415 - as above

    def receive() -> Response:
        request.max_content_length = _ENOUGH
        try:
            raw_body = request.get_data()
        except HTTPException as fault:
            reply = _unread(fault.code)
        else:
            reply = respond(request.method, dict(request.headers.items()), raw_body)
        return Response(reply.body, reply.status, dict(reply.headers))

    blueprint = Blueprint(re.sub(r"\W", "_", f"openredress{path}"), __name__)
    blueprint.add_url_rule(
        path, view_func=receive, methods=["POST"], provide_automatic_options=False
    )
    return blueprint


def django(respond: Respond) -> Callable[..., Any]:
    """A view."""
    from django.http import HttpResponse  # noqa: PLC0415 - needed by who asks for it
    from django.views.decorators.csrf import csrf_exempt  # noqa: PLC0415 - as above

    def receive(request: Any) -> Any:  # noqa: ANN401 - Django ships no types
        try:
            raw_body = request.read(_ENOUGH)
        except OSError:
            reply = _unread()
        else:
            reply = respond(request.method, request.headers, raw_body)
        return HttpResponse(reply.body, status=reply.status, headers=reply.headers)

    view: Callable[..., Any] = csrf_exempt(receive)
    return view


def fastapi(respond: Respond, path: str) -> APIRouter:
    """A router with one route."""
    from fastapi import APIRouter, Request, Response  # noqa: PLC0415 - needed by who asks for it
    from fastapi.concurrency import run_in_threadpool  # noqa: PLC0415 - as above

    async def receive(request: Request) -> Response:
        raw_body, more = b"", True
        while more and len(raw_body) < _ENOUGH:
            message = await request.receive()
            raw_body += message.get("body", b"")
            more = message.get("more_body", False)
            if message["type"] == "http.disconnect":
                return _answer(_unread())
        method, headers = request.method, request.headers
        return _answer(await run_in_threadpool(respond, method, headers, raw_body))

    def _answer(reply: Reply) -> Response:
        return Response(reply.body, reply.status, dict(reply.headers))

    router = APIRouter()
    router.add_route(path, receive, methods=["POST"])
    return router


def wsgi(respond: Respond) -> WsgiApplication:
    """An application."""

    def application(
        environ: dict[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        try:
            raw_body = _read(environ)
        except (OSError, ValueError):
            reply = _unread()
        else:
            reply = respond(environ["REQUEST_METHOD"], _headers(environ), raw_body)
        line = f"{int(reply.status)} {HTTPStatus(reply.status).phrase}"
        start_response(line, [*reply.headers.items()])
        return [reply.body]

    return application


def _unread(status: int | None = None) -> Reply:
    """The answer to a body that is too large, or whose sender hung up."""
    return refused(status or HTTPStatus.BAD_REQUEST, "body_not_read")


def _read(environ: Mapping[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    if environ.get("wsgi.input_terminated"):
        length = str(_ENOUGH)
    if not _LENGTH.fullmatch(length):
        raise ValueError("Content-Length is no number")
    body: bytes = environ["wsgi.input"].read(min(int(length), _ENOUGH))
    return body


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    return {
        name[5:].replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
