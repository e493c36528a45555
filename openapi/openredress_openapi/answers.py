"""How answers look: successes, problems and the parts that all of them share."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from apispec.core import Components

from openredress_openapi.operations import Operation, ProblemType

Part = dict[str, Any]

PROBLEM: Part = {
    "type": "object",
    "description": "Why a request was refused: https://www.rfc-editor.org/rfc/rfc9457",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "description": "What a program branches on; never reworded."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON Pointer into the body, or `?name`.",
                    },
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "read": {"description": "The value as it was read."},
                    "expected": {"description": "What would have been accepted."},
                },
            },
        },
    },
}

HEADERS: dict[str, Part] = {
    "ETag": {"description": "Version of the record in the reader's view; send it as If-Match."},
    "Location": {"description": "Where the new record or job is read."},
    "X-Request-Id": {"description": "Name of this call in problems, logs and the audit."},
    "Idempotency-Replayed": {"description": "`true` if this answer was given before."},
    "Retry-After": {"description": "Seconds to wait before the next try."},
}


def add_shared_answers(components: Components) -> None:
    """Add the Problem schema and every header."""
    components.schema("Problem", PROBLEM)
    for name, header in HEADERS.items():
        kind = "integer" if name == "Retry-After" else "string"
        components.header(name, {**header, "schema": {"type": kind}})


def add_problem_examples(components: Components, problems: Iterable[type[ProblemType]]) -> None:
    """Add one example per problem, named by its code."""
    for problem in sorted(problems, key=lambda problem: problem.code):
        value = {
            "type": f"/docs/problems#{problem.code}",
            "title": problem.title,
            "status": problem.status,
            "detail": _detail(problem),
            "code": problem.code,
            "request_id": "made-up-for-this-example",
        }
        components.example(problem.code, {"summary": problem.title, "value": value})


def responses(operation: Operation) -> dict[str, Part]:
    """Return the responses of an operation: successes first, then problems by status."""
    by_status: dict[int, list[type[ProblemType]]] = defaultdict(list)
    for problem in sorted(operation.problems, key=lambda problem: problem.code):
        by_status[problem.status].append(problem)
    successes = {str(status): _success(operation, status) for status in sorted(operation.gives)}
    refusals = {str(status): _refusal(operation, by_status[status]) for status in sorted(by_status)}
    return successes | refusals


def _success(operation: Operation, status: int) -> Part:
    answer: Part = {
        "description": HTTPStatus(status).phrase,
        "headers": _headers(
            {
                "ETag": operation.etag,
                "Location": status in (HTTPStatus.CREATED, HTTPStatus.ACCEPTED),
                "Idempotency-Replayed": operation.idempotency != "none",
            }
        ),
    }
    body = operation.gives[status]
    if body is not None:
        schema = _page(body) if operation.listing else body
        answer["content"] = {"application/json": {"schema": schema}}
    if operation.gives_file and status == HTTPStatus.OK:
        answer["content"] = {media_type: {} for media_type in operation.gives_file}
    return answer


def _page(item: object) -> Part:
    return {
        "type": "object",
        "required": ["data", "next_cursor", "has_more"],
        "properties": {
            "data": {"type": "array", "items": item},
            "next_cursor": {"type": ["string", "null"]},
            "has_more": {"type": "boolean"},
        },
    }


def _refusal(operation: Operation, problems: list[type[ProblemType]]) -> Part:
    status = problems[0].status
    waits = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    running = status == HTTPStatus.CONFLICT and operation.idempotency != "none"
    codes = [problem.code for problem in problems]
    return {
        "description": "\n".join(f"- `{p.code}`: {_detail(p)}" for p in problems),
        "headers": _headers({"Retry-After": status in waits or running}),
        "content": {
            "application/problem+json": {
                "schema": {
                    "$ref": "#/components/schemas/Problem",
                    "properties": {"code": {"enum": codes}},
                },
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        },
    }


def _headers(due: dict[str, bool]) -> Part:
    names = ["X-Request-Id", *(name for name, is_due in due.items() if is_due)]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _detail(problem: type[ProblemType]) -> str:
    return " ".join((inspect.getdoc(problem) or problem.title).split())
