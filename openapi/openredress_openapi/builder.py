"""The published document: OpenAPI 3.1.1 from recorded operations and event types.

https://spec.openapis.org/oas/v3.1.1.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apispec import APISpec
from apispec.core import Components
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import make_schema_key, resolve_schema_instance
from marshmallow import Schema

from openredress_openapi import answers, events
from openredress_openapi.gaps import close_gaps
from openredress_openapi.operations import BadOperation, Operation
from openredress_openapi.parameters import SHARED_PARAMETERS, parameters
from openredress_openapi.references import reachable_schemas
from openredress_webhooks.events import EventType

Document = dict[str, Any]


def build(
    operations: Sequence[Operation],
    event_types: Mapping[str, EventType],
    *,
    title: str,
    version: str,
    public_url: str,
) -> Document:
    """Return the document; `public_url` is the address that stands for the installation's own.

    The order of `operations` does not matter. Bodies of requests refuse unknown fields; bodies
    that only we send may grow fields.

    Raises:
        BadOperation: two operations share a name or an address, or two schemas a name.
    """
    _refuse_twins(operations)
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_namer())
    spec = APISpec(title, version, "3.1.1", plugins=[plugin], servers=[{"url": public_url}])
    close_gaps(plugin)
    _add_shared_parts(spec.components, operations, public_url)
    for operation in sorted(operations, key=lambda o: (o.path, o.method.lower())):
        spec.path(operation.path, operations={operation.method.lower(): _describe(operation)})
    for room in sorted({operation.room for operation in operations}):
        spec.tag({"name": room})
    # apispec has no call for webhooks; options are merged into the document's top level.
    spec.options["webhooks"] = events.webhooks(spec.components, event_types)
    return _ordered(_settle_unknown_fields(spec.to_dict()))


def dump(document: Document) -> str:
    """Return the document as the text of openapi.json: the same document, the same bytes."""
    return json.dumps(document, indent=1, sort_keys=False, ensure_ascii=False) + "\n"


def _refuse_twins(operations: Sequence[Operation]) -> None:
    seen: set[object] = set()
    for operation in operations:
        address = (operation.method.lower(), operation.path)
        for mark in (operation.name, address):
            if mark in seen:
                raise BadOperation(f"{operation.name}: {mark} is taken")
            seen.add(mark)


def _schema_namer() -> Callable[[type[Schema] | Schema], str]:
    """Name components by class, `…Patch` where all is optional; refuse a name's second meaning."""
    taken: dict[str, object] = {}

    def name_of(schema: type[Schema] | Schema) -> str:
        instance = resolve_schema_instance(schema)
        name = type(instance).__name__ + ("Patch" if instance.partial is True else "")
        key = make_schema_key(instance)
        if taken.setdefault(name, key) != key:
            raise BadOperation(f"two schemas, or two views of one, are called {name}")
        return name

    return name_of


def _add_shared_parts(
    components: Components, operations: Sequence[Operation], public_url: str
) -> None:
    answers.add_shared_answers(components)
    problems = {problem for operation in operations for problem in operation.problems}
    answers.add_problem_examples(components, problems)
    for name, parameter in SHARED_PARAMETERS.items():
        components.parameter(name, parameter["in"], parameter)
    flow = {"tokenUrl": f"{public_url}/oauth2/token", "scopes": _scopes(operations)}
    components.security_scheme("oauth2", {"type": "oauth2", "flows": {"clientCredentials": flow}})


def _scopes(operations: Sequence[Operation]) -> dict[str, str]:
    """Return each scope with the roles that may hold it."""
    holders: dict[str, set[str]] = {}
    for operation in operations:
        if operation.scope is not None:
            holders.setdefault(operation.scope, set()).update(operation.roles)
    return {scope: ", ".join(sorted(holders[scope])) for scope in sorted(holders)}


def _describe(operation: Operation) -> Document:
    roles = f"For: {', '.join(operation.roles)}." if operation.roles else ""
    described: Document = {
        "operationId": operation.name,
        "tags": [operation.room],
        "summary": operation.summary,
        "description": "\n\n".join(filter(None, (operation.description, roles))),
        "security": _security(operation),
        "parameters": parameters(operation),
    }
    if operation.takes is not None:
        content = {"application/json": {"schema": operation.takes}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.takes_bytes:
        described["requestBody"] = {
            "required": True,
            "description": f"At most {operation.takes_bytes} octets.",
            "content": {"application/octet-stream": {}},
        }
    described["responses"] = answers.responses(operation)
    return described


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if not operation.authenticated:
        return []
    return [{"oauth2": [] if operation.scope is None else [operation.scope]}]


def _settle_unknown_fields(document: Document) -> Document:
    """Close the schemas that requests reach and open those that only we send."""
    requests = [
        operation["requestBody"]
        for path in document["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    closed = reachable_schemas(document, requests)
    for name, schema in document["components"]["schemas"].items():
        if name in closed:
            schema.setdefault("additionalProperties", False)
        elif schema.get("additionalProperties") is False:
            del schema["additionalProperties"]
    return document


def _ordered(document: Document) -> Document:
    """Return the document with its top level and its components in an order of their own."""
    keys = ("openapi", "info", "servers", "tags", "paths", "webhooks", "components")
    ordered = {key: document[key] for key in keys if key in document}
    ordered["components"] = {
        section: dict(sorted(parts.items())) for section, parts in document["components"].items()
    }
    return ordered
