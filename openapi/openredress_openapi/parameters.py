"""What a call carries beside its body: path, query and header parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openredress_openapi.operations import Operation

#: Path parameters that are no ids: kind -> JSON Schema.
KINDS: Mapping[str, Mapping[str, object]] = {
    "code": {"type": "string", "pattern": r"^[a-z0-9_]+(\.[a-z0-9_]+)?$"},
    "number": {"type": "integer", "minimum": 1},
    "text": {"type": "string", "minLength": 1},
}

SHARED_PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "1 to 255 visible ASCII characters; the same key gives the same answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "ETag of the version that the change starts from.",
        "schema": {"type": "string"},
    },
    "ContentDigest": {
        "name": "Content-Digest",
        "in": "header",
        "required": True,
        "description": "SHA-256 of the octets in the body (RFC 9530): `sha-256=:…:` in base 64.",
        "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
    },
}
SHARED_PARAMETERS["IdempotencyKeyRequired"] = SHARED_PARAMETERS["IdempotencyKey"] | {
    "required": True
}


def parameters(operation: Operation) -> list[object]:
    """Return an operation's parameters as apispec takes them; shared ones by component name."""
    inline: list[object] = [
        {"name": name, "in": "path", "schema": _path_schema(kind)}
        for name, kind in operation.path_parameters.items()
    ]
    if operation.query is not None:
        inline.append({"in": "query", "schema": operation.query})
    due = {
        "IdempotencyKey": operation.idempotency == "accepted",
        "IdempotencyKeyRequired": operation.idempotency == "required",
        "IfMatch": operation.if_match,
        "ContentDigest": bool(operation.takes_bytes),
    }
    return inline + [name for name, is_due in due.items() if is_due]


def _path_schema(kind: str) -> dict[str, object]:
    """Return the JSON Schema of a path parameter: of one of `KINDS`, else of ids `<kind>_…`."""
    if kind in KINDS:
        return dict(KINDS[kind])
    # 128 bits in Crockford's base 32, lower case: the first of 26 letters holds three bits.
    return {"type": "string", "pattern": f"^{kind}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"}
