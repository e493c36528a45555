"""Following `$ref` inside one document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
SCHEMAS = "#/components/schemas/"


def escape(part: str) -> str:
    """Return one part of a JSON Pointer: https://www.rfc-editor.org/rfc/rfc6901#section-3."""
    return part.replace("~", "~0").replace("/", "~1")


def lookup(document: Document, pointer: str) -> Any:  # noqa: ANN401  a document holds any JSON
    """Return what the local reference `pointer` ("#/a/b") names; KeyError if nothing does."""
    found: Any = document
    for part in pointer.removeprefix("#/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        found = found[int(key)] if isinstance(found, list) else found[key]
    return found


def reachable_schemas(document: Document, start: object) -> set[str]:
    """Return the names of component schemas that `start` refers to, directly or not."""
    reached: set[str] = set()
    waiting = list(_schema_names(start))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _schema_names(lookup(document, SCHEMAS + name))
    return reached


def _schema_names(part: object) -> Iterator[str]:
    """Yield the component schemas that `part` itself refers to."""
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(SCHEMAS):
            yield reference.removeprefix(SCHEMAS)
        for value in part.values():
            yield from _schema_names(value)
    elif isinstance(part, list):
        for value in part:
            yield from _schema_names(value)
