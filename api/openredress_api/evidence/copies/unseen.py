"""Rows and columns of a sheet that its reader does not see, and formulas without a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl.utils.cell import coordinate_to_tuple

_OFF = {"0", "false"}


@dataclass(slots=True)
class Unseen:
    """What a sheet hides, by number, and where it computes what it never computed."""

    rows: set[int] = field(default_factory=set)
    not_computed: set[tuple[int, int]] = field(default_factory=set)
    _spans: list[tuple[range, bool]] = field(default_factory=list)
    _all_narrow: bool = False
    _columns: dict[int, bool] = field(default_factory=dict)
    _at: tuple[int, int] = (0, 0)

    def hides(self, column: int) -> bool:
        """Whether nobody sees a column."""
        if column not in self._columns:
            said = [hidden for span, hidden in self._spans if column in span]
            # A column of which nothing is said is as wide as the sheet says of all.
            self._columns[column] = any(said) if said else self._all_narrow
        return self._columns[column]

    def add(self, event: str, element: Element) -> None:
        """Take in what an element says: of a row as it begins, of all others as they end."""
        name = element.tag.rpartition("}")[2]
        if name == "row" and event == "start":
            self._at = (int(element.get("r", self._at[0] + 1)), 0)
            if _is_set(element, "hidden") or _is_nothing(element.get("ht")):
                self.rows.add(self._at[0])
        elif event == "start":
            return
        elif name == "c":
            said = element.get("r")
            self._at = coordinate_to_tuple(said) if said else (self._at[0], self._at[1] + 1)
            if _lacks_value(element):
                self.not_computed.add(self._at)
        elif name == "col":
            span = range(int(element.get("min", 1)), int(element.get("max", 1)) + 1)
            hidden = _is_set(element, "hidden") or _is_nothing(element.get("width"))
            self._spans.append((span, hidden))
        elif name == "sheetFormatPr":
            self._all_narrow = _is_nothing(element.get("defaultColWidth"))


def unseen(sheet: IO[bytes]) -> Unseen:
    """What the XML of a sheet says of this."""
    found = Unseen()
    for event, element in iterparse(sheet, ("start", "end"), forbid_dtd=True):
        found.add(event, element)
        if event == "end" and element.tag.endswith("}row"):
            element.clear()
    return found


def _lacks_value(cell: Element) -> bool:
    """Whether it is a formula whose value the sheet does not hold; an empty text is a value."""
    formula, value = cell.find("{*}f"), cell.find("{*}v")
    if formula is None:
        return False
    return value is None or (not value.text and cell.get("t") != "str")


def _is_set(element: Element, name: str) -> bool:
    return element.get(name, "0") not in _OFF


def _is_nothing(measure: str | None) -> bool:
    return measure is not None and float(measure) == 0
