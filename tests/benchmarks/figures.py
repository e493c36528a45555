"""What a benchmark finds, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import operator
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

COLUMNS = ("name", "value", "unit", "floor", "ratio", "target", "met")
COMPARE = {">=": operator.ge, "<=": operator.le, "<": operator.lt}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `floor` is what it is compared with, `target` the promise, if any.

    The promise is about the ratio where there is one, else about the value.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    target: str | None = None

    @property
    def met(self) -> bool | None:
        """Whether the promise was kept; None where nothing was promised."""
        if self.target is None:
            return None
        sign, number = self.target.split()
        measured = self.value if self.ratio is None else self.ratio
        return bool(COMPARE[sign](measured, float(number)))


def show(figures: Sequence[Figure]) -> None:
    """Print `figures` as a table."""
    table = Table(*COLUMNS, title="make bench")
    for one in figures:
        told = {None: "", True: "yes", False: "NO"}[one.met]
        cells = (one.value, one.unit, one.floor, one.ratio, one.target)
        table.add_row(one.name, *map(_cell, cells), told)
    Console(width=130).print(table)


def store(figures: Sequence[Figure], path: Path) -> None:
    """Write `figures` as a list of objects."""
    path.parent.mkdir(exist_ok=True)
    rows = [{**asdict(one), "met": one.met} for one in figures]
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _cell(value: float | str | None) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return "" if value is None else str(value)
