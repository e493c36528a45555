"""What a request brings: ids of its path, query, body and If-Match, read or refused by place."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import orjson
from flask import request
from marshmallow import Schema, ValidationError

from openredress_api.foundation import identifiers
from openredress_api.foundation.fields import MAX_COUNT
from openredress_api.foundation.problems import (
    DigestMismatch,
    DigestMissing,
    Fault,
    FieldError,
    InvalidJson,
    NotFound,
    PersonalDataDetected,
    PreconditionFailed,
    PreconditionRequired,
    UnknownField,
    UnsupportedMediaType,
    ValidationFailed,
)
from openredress_openapi.operations import Operation

SHORT = 18  # digits: below int64, and far below what Python refuses to read
MAX_ERRORS = 100  # more than anybody reads; the next ones come when these are mended
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
_ETAG = re.compile(r'"v(\d{1,9})-[a-z]+"')


def is_count(name: str) -> bool:
    """Whether a query parameter is written in digits."""
    value = request.args.get(name, "")
    return value.isascii() and value.isdigit()


def seconds(name: str, at_most: int) -> int:
    """A query parameter in seconds, clamped; 0 without one."""
    return min(int(request.args[name][:SHORT]), at_most) if is_count(name) else 0


def path_id(operation: Operation, name: str, value: str) -> Any:  # noqa: ANN401 - UUID or code
    """A value of the path as its UUID, or as it is where it is a code; NotFound if malformed."""
    if operation.path_parameters[name] == "code":
        return value
    try:
        return identifiers.decode(operation.path_parameters[name], value)
    except identifiers.BadIdentifier:
        # A malformed id and an absent one look the same from outside.
        raise NotFound from None


def read_json(raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The body as JSON; UnsupportedMediaType or InvalidJson if it is none."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise InvalidJson(f"{fault.msg} at line {fault.lineno}, column {fault.colno}") from None


def read_bytes(raw: bytes) -> bytes:
    """The body as the octets whose digest the caller sent; refused if they are others."""
    if request.mimetype != "application/octet-stream":
        raise UnsupportedMediaType("The octets of a file are sent as application/octet-stream.")
    match = _DIGEST.fullmatch(request.headers.get("Content-Digest", ""))
    if match is None:
        raise DigestMissing
    if base64.b64decode(match[1]) != hashlib.sha256(raw).digest():
        raise DigestMismatch
    return raw


def read_query(schema: Schema | None) -> dict[str, Any]:
    """The query as `schema` loads it; whatever it does not know is refused by name."""
    known = schema.fields if schema else {}
    given: dict[str, Any] = {}
    errors = []
    for name in request.args:
        values = request.args.getlist(name)
        if len(values) > 1:
            errors.append(FieldError(f"?{name}", Fault("repeated"), values[1]))
        numeric = name in known and _is_count(known[name]) and is_count(name)
        given[name] = _number(name, values[0]) if numeric else values[0]
    if errors:
        raise ValidationFailed(errors=errors)
    if schema is None:
        if given:
            raise _unknown([FieldError(f"?{name}", Fault("unknown")) for name in given])
        return {}
    return load(schema, given, pointer="?")


def _number(name: str, digits: str) -> int | str:
    """Digits of a query as a number; a `limit` without end is clamped, as its pages are."""
    if name == "limit":
        return min(int(digits[:SHORT]), MAX_COUNT)
    return int(digits) if len(digits) <= SHORT else digits


def _is_count(field: object) -> bool:
    openapi = getattr(field, "metadata", {}).get("openapi", {})
    return bool(openapi.get("type") == "integer")


def load(schema: Schema, data: Any, pointer: str = "/") -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Load `data`, or raise one problem that names each place, what was read and what is wrong."""
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as fault:
        every = flatten(fault.messages, data, "" if pointer == "/" else pointer)
        errors = list(islice(every, MAX_ERRORS))
        if errors and all(error.fault == "unknown" for error in errors):
            raise _unknown(errors) from None
        if errors and all(error.fault == PersonalDataDetected.code for error in errors):
            raise PersonalDataDetected(errors=errors) from None
        raise ValidationFailed(errors=errors) from None
    return loaded


def _unknown(errors: list[FieldError]) -> UnknownField:
    return UnknownField(errors=errors)


def flatten(messages: Any, data: Any, pointer: str) -> Iterable[FieldError]:  # noqa: ANN401 - any JSON
    """Nested messages of marshmallow as one FieldError per fault, with the value that was read."""
    if isinstance(messages, list):
        for fault in messages:
            if isinstance(fault, Fault):
                yield FieldError(pointer or "/", fault, data)
            else:
                yield from flatten(fault, data, pointer)
        return
    if isinstance(messages, Fault):
        yield FieldError(pointer or "/", messages, data)
        return
    for key, inner in messages.items():
        place = pointer if key == "_schema" else _join(pointer, key)
        yield from flatten(inner, data if key == "_schema" else _inside(data, key), place)


def _join(pointer: str, key: object) -> str:
    if pointer == "?":
        return f"?{key}"
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _inside(data: Any, key: Any) -> Any:  # noqa: ANN401 - walks any JSON
    if isinstance(data, Mapping):
        return data.get(key)
    if isinstance(data, list) and isinstance(key, int) and key < len(data):
        return data[key]
    return None


def seen_version(*, required: bool) -> int | None:
    """The version in If-Match; None without one, or where any will do."""
    header = request.headers.get("If-Match")
    if header is None:
        if required:
            raise PreconditionRequired
        return None
    if header.strip() == "*":
        # Any version will do; an absent record is a 404 in any case (RFC 9110, section 13.1.1).
        return None
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise PreconditionFailed
    return int(match[1])
