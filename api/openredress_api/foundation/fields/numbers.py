"""Counts of people and amounts of money."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from openredress_api.foundation.compiled import Names
from openredress_api.foundation.fields.base import Field, refuse

MAX_COUNT = 10_000_000
_AMOUNT = re.compile(r"(0|[1-9]\d{0,13})(\.\d{1,3})?", re.ASCII)


class Count(Field):
    """A whole number of people or things; 2.0, "7" and true are refused."""

    def __init__(self, *, at_least: int = 0, at_most: int = MAX_COUNT, **options: Any) -> None:
        """Bounds are inclusive."""
        super().__init__(
            openapi={"type": "integer", "minimum": at_least, "maximum": at_most}, **options
        )
        self.at_least, self.at_most = at_least, at_most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if type(value) is not int:
            raise refuse("not_a_whole_number")
        if not self.at_least <= value <= self.at_most:
            raise refuse("range", at_least=self.at_least, at_most=self.at_most)
        return value

    def fast(self, value: str, _: Names) -> list[str]:
        """As above, in one line."""
        bounds = f"{self.at_least} <= {value} <= {self.at_most}"
        return [f"if type({value}) is not int or not {bounds}: raise Slow"]


class Amount(Field):
    """A plain decimal string such as "1520.50": no sign, no exponent, at most 3 decimals."""

    def __init__(self, **options: Any) -> None:
        """numeric(20,3) behind it."""
        super().__init__(openapi={"type": "string", "pattern": f"^{_AMOUNT.pattern}$"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
            raise refuse("not_an_amount")
        return Decimal(value)

    def fast(self, value: str, names: Names) -> list[str]:
        """As above; a pattern takes nothing but text."""
        return [
            f"if not {names.of(_AMOUNT.fullmatch)}({value}): raise Slow",
            f"{value} = {names.of(Decimal)}({value})",
        ]

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else plain(Decimal(value))


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros beyond two places."""
    text = f"{value.quantize(Decimal('0.001')):f}"
    return text.removesuffix("0")
