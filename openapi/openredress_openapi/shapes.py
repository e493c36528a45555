"""Comparing two JSON Schemas from the side of whoever sends or reads the body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from openredress_openapi.references import Document, escape, lookup

Side = Literal["request", "response"]


class Node(NamedTuple):
    """A schema and where it stands in its document, as a JSON Pointer."""

    at: str
    schema: Document


@dataclass
class Shape:
    """What a schema says once its references and alternatives are gathered; None: anything.

    `required` maps each name to the place that asks for it.
    """

    types: set[str] | None = None
    values: list[Any] | None = None
    properties: dict[str, Node] = field(default_factory=dict)
    required: dict[str, str] = field(default_factory=dict)
    items: Node | None = None


class SchemaComparison:
    """Compares schemas of two documents; each pair of places once."""

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, Side]] = set()

    def changes(self, side: Side, old: Node, new: Node) -> Iterator[str]:
        """Yield one sentence per breaking change of a body that callers send or read."""
        # A place has one name however it is reached, so that its changes are told once.
        while old.schema.keys() == new.schema.keys() == {"$ref"}:
            old, new = _target(self._old, old), _target(self._new, new)
        if (old.at, new.at, side) in self._seen:
            return
        self._seen.add((old.at, new.at, side))
        before, after = _gather(self._old, old), _gather(self._new, new)
        yield from _type_changes(side, new.at, before, after)
        if side == "request":
            yield from _value_changes(new.at, before, after)
            for name, at in after.required.items():
                if name not in before.required:
                    yield f"Request property {name} became required at {at}."
        for name, node in before.properties.items():
            if name in after.properties:
                yield from self.changes(side, node, after.properties[name])
            else:
                yield f"{side.capitalize()} property {name} was removed at {node.at}."
        if before.items is not None and after.items is not None:
            yield from self.changes(side, before.items, after.items)


def _type_changes(side: Side, at: str, old: Shape, new: Shape) -> Iterator[str]:
    """A request must take all it took; a response must give nothing it did not."""
    needed, given = (old, new) if side == "request" else (new, old)
    if given.types is not None and (needed.types is None or not needed.types <= given.types):
        change = f"from {_named(old.types)} to {_named(new.types)}"
        yield f"{side.capitalize()} type at {at} changed {change}."


def _value_changes(at: str, old: Shape, new: Shape) -> Iterator[str]:
    if new.values is None:
        return
    if old.values is None:
        yield f"Request values at {at} became a closed list."
        return
    for value in old.values:
        if value not in new.values:
            yield f"Request value {value!r} was removed at {at}."


def _named(types: set[str] | None) -> str:
    return "anything" if types is None else " or ".join(sorted(types))


def _target(document: Document, node: Node) -> Node:
    """Return what a schema's reference leads to."""
    pointer = node.schema["$ref"]
    return Node(pointer, lookup(document, pointer))


def _gather(document: Document, node: Node) -> Shape:
    """Return the shape of a schema: what stands beside a reference or in allOf is added to it."""
    shape = _own(node)
    schema = node.schema
    if "$ref" in schema:
        _add(shape, _gather(document, _target(document, node)))
    for index, part in enumerate(schema.get("allOf", ())):
        _add(shape, _gather(document, Node(f"{node.at}/allOf/{index}", part)))
    for word in ("anyOf", "oneOf"):
        parts = [
            _gather(document, Node(f"{node.at}/{word}/{index}", part))
            for index, part in enumerate(schema.get(word, ()))
        ]
        if parts:
            _add(shape, _either(parts))
    return shape


def _own(node: Node) -> Shape:
    at, schema = node
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    required = dict.fromkeys(schema.get("required", ()), at)
    shape = Shape(types=_types(schema), values=values, required=required)
    for name, part in schema.get("properties", {}).items():
        shape.properties[name] = Node(f"{at}/properties/{escape(name)}", part)
    if "items" in schema:
        shape.items = Node(f"{at}/items", schema["items"])
    return shape


def _types(schema: Document) -> set[str] | None:
    if "type" not in schema:
        return None
    said = schema["type"]
    types = {said} if isinstance(said, str) else set(said)
    return types | {"integer"} if "number" in types else types


def _add(shape: Shape, more: Shape) -> None:
    """Make `shape` say what `more` says too; where both name a property, `shape` wins."""
    if more.types is not None:
        shape.types = more.types if shape.types is None else shape.types & more.types
    if shape.values is None:
        shape.values = more.values
    shape.properties = {**more.properties, **shape.properties}
    shape.required = {**more.required, **shape.required}
    shape.items = shape.items or more.items


def _either(parts: list[Shape]) -> Shape:
    """Return what may hold for a value that fits any of the parts; null asks for no property."""
    objects = [part for part in parts if part.types != {"null"}]
    either = Shape()
    if objects:
        common = set.intersection(*(set(part.required) for part in objects))
        either.required = {n: at for n, at in objects[0].required.items() if n in common}
    if all(part.types is not None for part in parts):
        either.types = set().union(*(part.types or () for part in parts))
    if all(part.values is not None for part in parts):
        either.values = [value for part in parts for value in part.values or ()]
    for part in parts:
        either.properties |= part.properties
        either.items = either.items or part.items
    return either
