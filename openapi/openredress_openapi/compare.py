"""What in a new document would break a client of the old one.

Callers' side: what they may send must stay allowed, what they read must stay there. New
operations, optional fields, statuses of refusal and longer lists of codes are no break.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openredress_openapi.references import Document, escape, lookup
from openredress_openapi.shapes import Node, SchemaComparison, Side

METHODS = ("get", "put", "post", "delete", "patch")


def breaking_changes(old: Document, new: Document) -> list[str]:
    """Return one sentence per breaking change, each with its JSON Pointer, in document order."""
    return list(dict.fromkeys(_Comparison(old, new).changes()))


class _Comparison:
    """Two documents side by side."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.schemas = SchemaComparison(old, new)

    def changes(self) -> Iterator[str]:
        yield from self._removed("Path", "#/paths", self.old["paths"], self.new["paths"])
        for path, old_item in self.old["paths"].items():
            new_item = self.new["paths"].get(path)
            if new_item is not None:
                yield from self._item(f"#/paths/{escape(path)}", old_item, new_item)
        yield from self._scopes()
        yield from self._events()

    def _item(self, at: str, old: Document, new: Document) -> Iterator[str]:
        yield from self._removed("Operation", at, _operations(old), _operations(new))
        for method, operation in _operations(old).items():
            if method in new:
                yield from self._operation(f"{at}/{method}", operation, new[method])

    def _operation(self, at: str, old: Document, new: Document) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            change = f"from {old['operationId']} to {new['operationId']}"
            yield f"operationId at {at}/operationId changed {change}."
        yield from self._parameters(at, old, new)
        yield from self._request(at, old, new)
        successes = {s: r for s, r in old["responses"].items() if s.startswith("2")}
        yield from self._removed("Success status", f"{at}/responses", successes, new["responses"])
        for status in successes:
            if status in new["responses"]:
                answer = f"{at}/responses/{status}"
                yield from self._content(
                    answer, old["responses"][status], new["responses"][status], "response"
                )

    def _parameters(self, at: str, old: Document, new: Document) -> Iterator[str]:
        before, after = _parameters(self.old, old), _parameters(self.new, new)
        yield from (
            f"Parameter {name} ({place}) was removed at {at}/parameters."
            for place, name in before
            if (place, name) not in after
        )
        for key, parameter in after.items():
            place, name = key
            where = f"{at}/parameters/{list(after).index(key)}"
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"Parameter {name} ({place}) became required at {where}."
            if key in before:
                schemas = (before[key]["schema"], parameter["schema"])
                yield from self._schemas("request", f"{where}/schema", *schemas)

    def _request(self, at: str, old: Document, new: Document) -> Iterator[str]:
        before, after = old.get("requestBody"), new.get("requestBody")
        if before is not None and after is not None:
            yield from self._content(f"{at}/requestBody", before, after, "request")
        elif before is not None:
            yield f"Request body was removed at {at}/requestBody."
        elif after is not None:
            yield f"Request body became required at {at}/requestBody."

    def _content(self, at: str, old: Document, new: Document, side: Side) -> Iterator[str]:
        before, after = old.get("content", {}), new.get("content", {})
        yield from self._removed("Media type", f"{at}/content", before, after)
        for kind in before:
            if kind in after:
                where = f"{at}/content/{escape(kind)}/schema"
                yield from self._schemas(side, where, before[kind]["schema"], after[kind]["schema"])

    def _schemas(self, side: Side, at: str, old: Document, new: Document) -> Iterator[str]:
        yield from self.schemas.changes(side, Node(at, old), Node(at, new))

    def _scopes(self) -> Iterator[str]:
        before, after = _flow(self.old), _flow(self.new)
        at = "#/components/securitySchemes/oauth2/flows/clientCredentials/scopes"
        yield from self._removed("Scope", at, before["scopes"], after["scopes"])

    def _events(self) -> Iterator[str]:
        before, after = self.old.get("webhooks", {}), self.new.get("webhooks", {})
        yield from self._removed("Event type", "#/webhooks", before, after)
        for name in before:
            if name in after:
                at = f"#/webhooks/{escape(name)}/post/requestBody"
                bodies = [item[name]["post"]["requestBody"] for item in (before, after)]
                yield from self._content(at, bodies[0], bodies[1], "response")

    @staticmethod
    def _removed(
        what: str, at: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[str]:
        for name in old:
            if name not in new:
                yield f"{what} {name} was removed at {at}/{escape(name)}."


def _operations(item: Document) -> Document:
    return {method: item[method] for method in METHODS if method in item}


def _flow(document: Document) -> Document:
    flow: Document = document["components"]["securitySchemes"]["oauth2"]["flows"]
    return flow["clientCredentials"]  # type: ignore[no-any-return]  # any JSON


def _parameters(document: Document, operation: Document) -> dict[tuple[str, str], Document]:
    """Return an operation's parameters by (place, name), references followed."""
    parameters = [
        lookup(document, item["$ref"]) if "$ref" in item else item
        for item in operation.get("parameters", [])
    ]
    return {(parameter["in"], parameter["name"]): parameter for parameter in parameters}
