"""How an action's answer becomes the response of its operation."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from marshmallow import Schema

from openredress_api.foundation.answers import Answer, File
from openredress_api.foundation.database import Context
from openredress_openapi.operations import Operation


def render(operation: Operation, answer: Answer, context: Context | None) -> Response:
    """The response to a call: its body by schema, or a file; version, place and headers."""
    schema = operation.gives[answer.status]
    response = (
        _file(answer.file, answer.status) if answer.file else _document(operation, schema, answer)
    )
    if answer.version is not None:
        view = context.organisation_type if context else "public"
        response.headers["ETag"] = f'"v{answer.version}-{view}"'
    if answer.location:
        response.headers["Location"] = answer.location
    response.headers.update(answer.headers)
    return response


def _file(file: File, status: int) -> Response:
    """A file to be saved, never shown: what it holds came from outside."""
    response = Response(file.content, status=status, content_type=file.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _document(operation: Operation, schema: Schema | None, answer: Answer) -> Response:
    if schema is None:
        response = Response(b"", status=answer.status)
        del response.headers["Content-Type"]
        return response
    body = orjson.dumps(_body(operation, schema, answer.body))
    return Response(body, status=answer.status, content_type="application/json")


def _body(operation: Operation, schema: Schema, body: Any) -> Any:  # noqa: ANN401 - any record
    if not operation.listing:
        return schema.dump(body)
    return {
        "data": schema.dump(body.data, many=True),
        "next_cursor": body.next_cursor,
        "has_more": body.has_more,
    }
