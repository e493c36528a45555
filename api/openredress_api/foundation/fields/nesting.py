"""Lists and objects within an object."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from openredress_api.foundation.compiled import Names, inside, load_of, taking
from openredress_api.foundation.fields.base import Field, refuse
from openredress_api.foundation.problems import Fault


class Items(fields.List[Any]):
    """A list of at most `at_most` entries."""

    default_error_messages = {**Field.default_error_messages, "invalid": Fault("not_a_list")}

    def __init__(
        self, inner: Any, *, at_most: int = 100, at_least: int = 0, **options: Any
    ) -> None:
        """`inner` is the field of one entry."""
        bounds = {"maxItems": at_most, **({"minItems": at_least} if at_least else {})}
        if description := options.pop("description", None):
            bounds["description"] = description
        super().__init__(inner, metadata={"openapi": bounds}, **options)
        self.at_least, self.at_most = at_least, at_most

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> list[Any]:
        if isinstance(value, list) and not self.at_least <= len(value) <= self.at_most:
            raise refuse("list_length", at_least=self.at_least, at_most=self.at_most)
        return super()._deserialize(value, *rest, **options)

    def fast(self, value: str, names: Names) -> list[str]:
        """Each entry in its turn, into a list of its own."""
        each, taken = f"{value}_each", f"{value}_taken"
        bounds = f"{self.at_least} <= len({value}) <= {self.at_most}"
        return [
            f"if type({value}) is not list or not {bounds}: raise Slow",
            f"{taken} = []",
            f"for {each} in {value}:",
            *inside([*taking(self.inner, each, names), f"{taken}.append({each})"]),
            f"{value} = {taken}",
        ]


class Nested(fields.Nested):
    """An object within an object, with our faults."""

    default_error_messages = {**Field.default_error_messages, "type": Fault("not_an_object")}

    def __init__(self, nested: Any, *, description: str | None = None, **options: Any) -> None:
        """`nested` is the schema of the inner object."""
        shown = {"description": description} if description else {}
        super().__init__(nested, metadata={"openapi": shown}, **options)

    def fast(self, value: str, names: Names) -> list[str]:
        """By the function of the inner schema."""
        return [
            f"if type({value}) is not dict: raise Slow",
            f"{value} = {names.of(load_of(self.schema))}({value})",
        ]
