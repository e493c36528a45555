"""The room's addresses; each OAuth request is one transaction that commits before its answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from authlib.common.security import is_secure_transport
from flask import Flask, Response, g, jsonify, request

from openredress_api.access.guard import in_oauth_words, read_form
from openredress_api.access.metadata import resource_metadata, server_metadata
from openredress_api.access.server import FormRequest, Server
from openredress_api.foundation.database import Database
from openredress_api.settings import BadSetting

Answer = Callable[[Server, FormRequest], Response]


def install(app: Flask, database: Database, issuer: str) -> None:
    """Mount the token, revocation, introspection and metadata addresses on `app`.

    `issuer` is OPENREDRESS_PUBLIC_URL, never the Host header; BadSetting unless it is https or
    loopback. The application's error handlers must be installed.
    """
    if not is_secure_transport(issuer):
        raise BadSetting(
            f"OPENREDRESS_PUBLIC_URL is {issuer!r}; tokens need https, or http on this machine only"
        )
    # Authlib writes whole tokens to its debug log; no configuration may turn that on by chance.
    logging.getLogger("authlib").setLevel(logging.WARNING)
    answers: dict[str, Answer] = {
        "token": lambda server, asked: server.create_token_response(asked),
        "revoke": lambda server, asked: server.create_endpoint_response("revocation", asked),
        "introspect": lambda server, asked: server.create_endpoint_response("introspection", asked),
    }
    for name, answer in answers.items():
        view = in_oauth_words(_view(database, issuer, name, answer))
        app.add_url_rule(f"/oauth2/{name}", f"oauth_{name}", view, methods=["POST"])
    _describe(app, "oauth-authorization-server", server_metadata(issuer), issuer)
    _describe(app, "oauth-protected-resource", resource_metadata(issuer), issuer)


def _view(database: Database, issuer: str, name: str, answer: Answer) -> Callable[[], Response]:
    def view() -> Response:
        g.operation = f"oauth_{name}"
        # Body and headers are read and checked before a database connection is taken.
        asked = FormRequest(f"{issuer}/oauth2/{name}", request.headers, read_form())
        engine = database.engine("access").execution_options(isolation_level="READ COMMITTED")
        # A refusal commits as well: an assertion that was shown once stays used.
        with engine.begin() as connection:
            return answer(Server(connection, issuer), asked)

    return view


def _describe(app: Flask, name: str, document: dict[str, Any], issuer: str) -> None:
    """Serve `document`; an issuer with a path has it after the name (RFC 8414 section 3.1)."""
    for path in {"", urlsplit(issuer).path}:
        app.add_url_rule(f"/.well-known/{name}{path}", f"{name}{path}", lambda: jsonify(document))
