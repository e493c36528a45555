"""Texts made of the cells of a row, such as an id of two columns: `{Case}/{Employer}`.

A place in braces names a column by its heading. `{A|B}` is the first of several that says
something; `{A before ':'}` and `{A after ','}` are parts of it; `{#}` numbers the rows for which
the rest of the text is the same, in the order of the sheet.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openredress_api.imports.mapping import lexicon
from openredress_api.imports.mapping.texts import key

_PLACE = re.compile(r"\{([^{}]+)\}")
_CUT = re.compile(r"(?P<columns>.+?) (?P<side>before|after) '(?P<sign>[^']+)'")
_NUMBER = "#"
# Of a digest: enough that no two ids of one sender are ever the same.
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Place:
    """One place in braces: the columns that it names, and which part of their cell it is."""

    name: str
    indexes: tuple[int, ...]
    side: str = ""
    sign: str = ""

    def text(self, cells: Sequence[str]) -> str:
        """What it says in a row; a column that is not there is an empty cell."""
        said = ""
        for index in self.indexes:
            said = cells[index].strip()
            if said and not lexicon.says_nothing(said):
                break
        if not self.side:
            return said
        before, _, after = said.partition(self.sign)
        return (before if self.side == "before" else after).strip()


class Template:
    """A text with places in it, for the rows of one sheet."""

    def __init__(self, text: str, headings: Sequence[str], at_most: int | None = None) -> None:
        """`at_most` is the length of an identifier: no two rows with other cells share one.

        One that is longer, or that other cells could make too, ends in a digest of its cells.
        """
        self._at_most = at_most
        text = text.strip()
        self._literals = _PLACE.split(text)[::2]
        self._cells = re.compile(_pattern(self._literals), re.DOTALL)
        names = _PLACE.findall(text)
        indexes = {key(heading): index for index, heading in reversed(list(enumerate(headings)))}
        self._places = [None if name == _NUMBER else _place(name, indexes) for name in names]
        self._numbers: dict[int, int] | None = {} if _NUMBER in names else None
        self.places = [place for place in self._places if place]
        self.is_varied = bool(names)

    @property
    def missing(self) -> list[str]:
        """Places of which the sheet has no column."""
        return [place.name for place in self.places if not place.indexes]

    def text(self, cells: Sequence[str]) -> str:
        """The text of the next row; nothing where no cell of it says anything."""
        if self._numbers is None:
            return self.sample(cells)
        same = hash(self.sample(cells))
        self._numbers[same] = number = self._numbers.get(same, 0) + 1
        return self.sample(cells, str(number))

    def sample(self, cells: Sequence[str], number: str = "1") -> str:
        """The text of a row that is only looked at."""
        said = [place.text(cells) if place else number for place in self._places]
        if self.places and not any(
            text for text, place in zip(said, self._places, strict=True) if place
        ):
            return ""
        parts = [part for pair in zip(self._literals, [*said, ""], strict=True) for part in pair]
        whole = "".join(parts)
        made = whole.strip()
        if self._at_most is None:
            return made
        # Taken apart again, the text gives these cells: then no others make it.
        if len(whole) <= self._at_most and whole == made:
            match = self._cells.fullmatch(made)
            if match and list(match.groups()) == said:
                return made
        digest = hashlib.sha256(json.dumps([made, *said]).encode()).hexdigest()[:_DIGITS]
        return f"{made[: self._at_most - _DIGITS - 1]}~{digest}"


def _pattern(literals: Sequence[str]) -> str:
    """How a text is taken apart: each cell ends where what follows it first appears.

    A word for nothing, such as N/A, is whole though it has a separator in it.
    """
    first, *others = literals
    words = [word for word in lexicon.MISSING if any(sign and sign in word for sign in others)]
    cell = "|".join([*(f"(?i:{re.escape(word)})" for word in sorted(words)), ".*?"])
    return re.escape(first) + "".join(f"({cell}){re.escape(sign)}" for sign in others)


def _place(name: str, indexes: Mapping[str, int]) -> Place:
    """A place by its words: a heading that reads like one of ours is a heading."""
    match = None if key(name) in indexes else _CUT.fullmatch(name)
    columns = match["columns"] if match else name
    whole = [columns] if key(columns) in indexes else columns.split("|")
    found = tuple(indexes[key(column)] for column in whole if key(column) in indexes)
    return Place(name, found, match["side"] if match else "", match["sign"] if match else "")
