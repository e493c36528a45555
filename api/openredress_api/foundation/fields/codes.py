"""Codes of fixed lists, flags and typed ids."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from openredress_api.foundation import identifiers
from openredress_api.foundation.compiled import Names
from openredress_api.foundation.fields.base import Field, refuse

# To look for what is near a longer text takes long, and finds nothing.
LONGEST_WORD = 200


class Choice(Field):
    """One code of a fixed list; the fault names the nearest one."""

    def __init__(self, codes: Mapping[str, object] | tuple[str, ...], **options: Any) -> None:
        """`codes` in the order the documents show them."""
        super().__init__(openapi={"type": "string", "enum": list(codes)}, **options)
        self.codes = tuple(codes)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and value in self.codes:
            return value
        is_word = isinstance(value, str) and len(value) <= LONGEST_WORD
        near = get_close_matches(value, self.codes, 1, 0.5) if is_word else []
        raise refuse("not_in_list", nearest=(near or self.codes)[0])

    def fast(self, value: str, names: Names) -> list[str]:
        """As above, by a set instead of one by one."""
        return [f"if {value} not in {names.of(frozenset(self.codes))}: raise Slow"]


class Flag(Field):
    """true or false, nothing that looks like it."""

    def __init__(self, **options: Any) -> None:
        """No options of its own."""
        super().__init__(openapi={"type": "boolean"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("not_a_flag")
        return value

    def fast(self, value: str, _: Names) -> list[str]:
        """As above."""
        return [f"if type({value}) is not bool: raise Slow"]


class Identifier(Field):
    """A typed id such as `site_01j…`; loaded as the UUID behind it."""

    def __init__(self, prefix: str, **options: Any) -> None:
        """`prefix` is the kind."""
        super().__init__(
            openapi={"type": "string", "pattern": f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"},
            **options,
        )
        self.prefix = prefix

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> uuid.UUID:
        try:
            return identifiers.decode(self.prefix, value)
        except (identifiers.BadIdentifier, AttributeError):
            raise refuse("not_an_id", prefix=self.prefix) from None

    def fast(self, value: str, names: Names) -> list[str]:
        """As above."""
        decode, prefix = names.of(identifiers.decode), names.of(self.prefix)
        return [
            f"if type({value}) is not str: raise Slow",
            f"{value} = {decode}({prefix}, {value})",
        ]

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else identifiers.encode(self.prefix, value)
