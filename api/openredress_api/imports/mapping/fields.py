"""The fields of a kind of record by dotted names, as its schema has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields

from openredress_api.foundation.fields import Count, Items, Nested, WireSchema

Path = tuple[str | int, ...]
# Of a list in a sheet; more entries than these have no columns of their own.
MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that a cell can fill; members of lists carry their number, counted from 1."""

    path: Path
    field: fields.Field[Any]
    is_required: bool

    @property
    def name(self) -> str:
        """Such as `agreed_remedy.amount` or `fee_lines.2.amount`."""
        return ".".join(map(str, self.path))


def fields_of(schema: type[WireSchema]) -> Mapping[str, Leaf]:
    """Every field of a record that one cell can fill, by its dotted name."""
    return {leaf.name: leaf for leaf in _of_schema((), schema(), is_required=True)}


def _of_schema(above: Path, schema: Schema, *, is_required: bool) -> Iterator[Leaf]:
    for name, field in schema.load_fields.items():
        path = (*above, field.data_key or name)
        yield from _of_field(path, field, is_required=is_required and field.required)


def _of_field(path: Path, field: fields.Field[Any], *, is_required: bool) -> Iterator[Leaf]:
    if isinstance(field, Nested):
        yield from _of_schema(path, field.schema, is_required=is_required)
    elif isinstance(field, Items):
        if not isinstance(field.inner, Nested):
            # One cell may hold the whole list.
            yield Leaf(path, field, is_required)
        for number in range(1, min(field.at_most, MOST_COLUMNS) + 1):
            yield from _of_field((*path, number), field.inner, is_required=False)
    else:
        yield from _of_shape(path, field, is_required=is_required)


def _of_shape(path: Path, field: fields.Field[Any], *, is_required: bool) -> Iterator[Leaf]:
    """The field, or the numbers in it if it describes its own members: workers by segment."""
    counts = list(_counts(path, field.metadata.get("openapi", {})))
    yield from counts or [Leaf(path, field, is_required)]


def _counts(path: Path, shape: Mapping[str, Any]) -> Iterator[Leaf]:
    members = shape.get("properties", {})
    if names := shape.get("propertyNames", {}).get("enum"):
        members = dict.fromkeys(names, shape["additionalProperties"])
    for name, member in members.items():
        if member.get("type") == "integer":
            count = Count(at_least=member.get("minimum", 0))
            yield Leaf((*path, name), count, is_required=False)
        else:
            yield from _counts((*path, name), member)
