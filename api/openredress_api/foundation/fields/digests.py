"""Digests of files."""

from __future__ import annotations

import re
from typing import Any

from openredress_api.foundation.compiled import Names
from openredress_api.foundation.fields.base import Field, refuse

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Sha256(Field):
    """The SHA-256 of a file as 64 hexadecimal digits; loaded as the 32 bytes behind them."""

    def __init__(self, **options: Any) -> None:
        """No options of its own."""
        super().__init__(openapi={"type": "string", "pattern": f"^{_SHA256.pattern}$"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bytes:
        if not isinstance(value, str) or not _SHA256.fullmatch(value):
            raise refuse("not_a_sha256")
        return bytes.fromhex(value)

    def fast(self, value: str, names: Names) -> list[str]:
        """As above; a pattern takes nothing but text."""
        return [
            f"if not {names.of(_SHA256.fullmatch)}({value}): raise Slow",
            f"{value} = {names.of(bytes.fromhex)}({value})",
        ]

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.hex()
