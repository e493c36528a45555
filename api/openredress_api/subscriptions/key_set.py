"""The public halves of the keys that sign webhooks, for whoever wants to look one up.

https://www.rfc-editor.org/rfc/rfc8037#section-2
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask, Response, jsonify, request
from sqlalchemy import text

from openredress_api.foundation.database import Database
from openredress_api.foundation.identifiers import encode

PATH = "/.well-known/webhook-keys.json"
FRESH_S = 300
_KEYS = text("SELECT id, public_text, created_at, not_after FROM gate.webhook_public_keys()")


def install(app: Flask, database: Database) -> None:
    """Serve the keys that are in force; it needs no token and tells of no organisation."""

    @app.get(PATH)
    def webhook_keys() -> Response:
        with database.engine("app").connect() as connection:
            rows = connection.execute(_KEYS).all()
        response = jsonify(keys=[_jwk(*row) for row in rows])
        response.headers["Cache-Control"] = f"public, max-age={FRESH_S}"
        response.add_etag()
        response.make_conditional(request)
        return response


def _jwk(key_id: UUID, public: str, since: datetime, until: datetime | None) -> dict[str, Any]:
    material = base64.b64decode(public.removeprefix("whpk_"))
    ending = {} if until is None else {"exp": int(until.timestamp())}
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(material).rstrip(b"=").decode("ascii"),
        "kid": encode("whk", key_id),
        "use": "sig",
        "alg": "EdDSA",
        "nbf": int(since.timestamp()),
        **ending,
    }
