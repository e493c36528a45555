"""The kinds of value an event's `data` may hold; none of them can carry a sentence or a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from openredress_webhooks import instants

Kind = Literal["id", "code", "count", "instant", "day", "period", "position", "digest", "challenge"]

_TEXTS: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        # kind: (pattern of the whole text, example); a count is a number and not listed
        "id": (r"[a-z][a-z_]{0,15}_[0-9a-hjkmnp-tv-z]{26}", "ref_01j8z3k5v7n9q2r4s6t8w0x1y3"),
        "code": (r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?", "offered"),
        "instant": (instants.PATTERN, "2026-03-02T09:30:00.000000Z"),
        "day": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "2026-03-02"),
        "period": (r"[0-9]{4}(-Q[1-4])?", "2026-Q1"),
        "position": (r"0|[1-9][0-9]{0,18}", "1024"),
        "digest": (
            r"[0-9a-f]{64}",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
        "challenge": (r"[A-Za-z0-9_-]{22,86}", "Zm9yLXRoaXMtZW5kcG9pbnQtb25seQ"),
    }
)
_LARGEST = 2**53 - 1
"""Largest whole number that every JSON reader keeps exact."""


@dataclass(frozen=True)
class Field:
    """One member of `data`: its kind, what it means, and whether it may be absent."""

    kind: Kind
    description: str
    optional: bool = False

    def accepts(self, value: object) -> bool:
        """Say whether a value is of this kind."""
        if self.kind == "count":
            return type(value) is int and 0 <= value <= _LARGEST
        return isinstance(value, str) and re.fullmatch(_TEXTS[self.kind][0], value) is not None

    def schema(self) -> dict[str, object]:
        """Return the JSON Schema (2020-12) of this member, with an example."""
        if self.kind == "count":
            shape: dict[str, object] = {"type": "integer", "minimum": 0, "maximum": _LARGEST}
            example: object = 1
        else:
            pattern, example = _TEXTS[self.kind]
            shape = {"type": "string", "pattern": f"^({pattern})$"}
        return {**shape, "description": self.description, "examples": [example]}
