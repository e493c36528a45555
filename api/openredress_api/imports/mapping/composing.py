"""Values by dotted names as one record: objects within objects, and lists without gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openredress_api.imports.mapping.fields import Leaf, Path

Record = dict[str, Any]
# The names of an amount's units, and of the other members of its object.
Units = tuple[list[str], list[str]]
# A currency alone is no amount, and the period of a wage is no wage.
_UNITS = frozenset(("currency", "period"))


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that no cell says, for an object of which a cell of `beside` says something."""

    name: str
    value: object
    beside: tuple[str, ...]


def fixed_of(
    constants: Mapping[str, object], columns: Sequence[str], leaves: Mapping[str, Leaf]
) -> list[Fixed]:
    """The constants within objects, and the place of each entry of a list where no cell says it.

    An object that no cell fills is left out.
    """
    numbered = {
        name: leaves[name].path[1]
        for name in _places(columns)
        if name in leaves and name not in columns
    }
    return [
        Fixed(name, value, tuple(_beside(name, columns)))
        for name, value in {**numbered, **constants}.items()
        if len(leaves[name].path) > 1
    ]


def units_of(filled: Iterable[str], leaves: Mapping[str, Leaf]) -> list[Units]:
    """For each object that has an amount, its units, as far as a row may fill them."""
    found: dict[str, Units] = {}
    for name in filled:
        within, _, member = name.rpartition(".")
        if f"{within}.amount" in leaves:
            units, others = found.setdefault(within, ([], []))
            (units if member in _UNITS else others).append(name)
    return [units for units in found.values() if units[0]]


def drop_units(values: dict[str, Any], units: Iterable[Units]) -> None:
    """Take out of a row what is only the unit of an amount that it does not say."""
    for names, others in units:
        if not any(name in values for name in others):
            for name in names:
                values.pop(name, None)


def _places(columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        head, _, rest = name.partition(".")
        number = rest.partition(".")[0]
        if number.isdigit():
            yield f"{head}.{number}.seq"


def _beside(name: str, columns: Sequence[str]) -> Iterator[str]:
    within = name.rpartition(".")[0] + "."
    return (column for column in columns if column.startswith(within))


def compose(values: Mapping[str, object], within: Mapping[str, Path]) -> Record:
    """The record of these values, those of `within` in their objects and lists.

    Entries of a list close ranks where a sheet has gaps.
    """
    record: Record = {**values}
    touched = set()
    for name, path in within.items():
        if name not in values:
            continue
        inner: dict[str | int, Any] = record  # type: ignore[assignment]  # numbers become places below
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = record.pop(name)
        touched.add(str(path[0]))
    for head in touched:
        if all(isinstance(number, int) for number in record[head]):
            record[head] = [record[head][number] for number in sorted(record[head])]
    return record


def pointer_of(path: Path, values: Mapping[str, object], paths: Mapping[str, Path]) -> str:
    """Where the value of a path stands in the record of these values, as a JSON pointer."""
    parts = list(path)
    for place, part in enumerate(path):
        if isinstance(part, int):
            numbers = {paths[name][place] for name in values if paths[name][:place] == path[:place]}
            parts[place] = sorted(numbers, key=int).index(part)
    return "/" + "/".join(map(str, parts))
