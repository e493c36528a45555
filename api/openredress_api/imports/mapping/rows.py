"""Rows of a sheet as records, faults and notices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.imports.mapping import asking
from openredress_api.imports.mapping.cells import Sites, Sum
from openredress_api.imports.mapping.composing import (
    Record,
    compose,
    drop_units,
    fixed_of,
    pointer_of,
    units_of,
)
from openredress_api.imports.mapping.fields import Leaf
from openredress_api.imports.mapping.moments import Local, came_twice
from openredress_api.imports.mapping.sources import Constants, Source

_SPECIAL = frozenset((Fault, Local, Sum))
# A record, its faults, its notices, and the heading of each pointer.
Row = tuple[Record, list[FieldError], list[FieldError], Mapping[str, str]]


class Rows:
    """What reads the rows of one sheet, all that is the same for each of them worked out before."""

    def __init__(
        self,
        sources: Sequence[Source],
        constants: Constants,
        leaves: Mapping[str, Leaf],
        sites: Sites,
        zone: str | None,
    ) -> None:
        """`zone` is that of times which name none; without it they are by their row's site."""
        both = [*sources, *constants.templates]
        filled = [source.name for source in both]
        fixed = fixed_of({**_nulls(both), **constants.values}, filled, leaves)
        self.known = dict.fromkeys([*filled, *constants.values, *(one.name for one in fixed)])
        self._sources = [(source.text, source.name, source.read) for source in both]
        self._fixed, self._constants = fixed, constants.values
        self._base = {name: value for name, value in constants.values.items() if "." not in name}
        self._currencies = {name: _currency_of(name, leaves) for name in self.known}
        # A cell may name the currency of its amount, where no other does.
        own = (field for field, is_own in self._currencies.values() if is_own)
        self._paths = {name: leaves[name].path for name in (*self.known, *own)}
        self._within = {name: path for name, path in self._paths.items() if len(path) > 1}
        self._units = units_of(filled, leaves)
        self._listed = [source for source in both if any(map(_is_number, source.leaf.path))]
        self._headings = {
            _pointer(source.leaf): source.heading for source in reversed(both) if source.heading
        }
        self._pointers = {name: _pointer(leaves[name]) for name in self.known}
        self._sites, self._zone = sites, ZoneInfo(zone) if zone else None
        self._site = next((name for name in self.known if asking.is_site(leaves[name])), None)
        self._untold = [source for source in both if source.calendar]

    @property
    def has_zone(self) -> bool:
        """Whether every time has a zone, its own or that of its row."""
        return self._zone is not None or self._site is not None

    def read(self, cells: Sequence[str]) -> Row:
        """A row as its kind's schema loads it; a cell that says nothing is left out."""
        values: dict[str, Any] = {}
        special: dict[str, tuple[Any, str]] = {}
        for text_of, name, read in self._sources:
            text = text_of(cells)
            value = read(text)
            # A template fills what its column leaves open.
            if value is not None and name not in values and name not in special:
                if value.__class__ in _SPECIAL:
                    special[name] = value, text
                else:
                    values[name] = value
        values = {**self._base, **values}
        notices = self._notices() if self._untold else []
        faults = self._settle(special, values, notices) if special else []
        if not self._within:
            return values, faults, notices, self._headings
        return self._composed(values, faults, notices)

    def _composed(
        self, values: dict[str, Any], faults: list[FieldError], notices: list[FieldError]
    ) -> Row:
        drop_units(values, self._units)
        for one in self._fixed:
            if not one.beside or any(name in values for name in one.beside):
                values.setdefault(one.name, one.value)
        headings = self._headings
        if self._listed and not faults:
            moved = {
                pointer_of(source.leaf.path, values, self._paths): source.heading
                for source in self._listed
                if source.name in values
            }
            headings = {**headings, **moved}
        return compose(values, self._within), faults, notices, headings

    def _settle(
        self,
        special: Mapping[str, tuple[Any, str]],
        values: dict[str, Any],
        notices: list[FieldError],
    ) -> list[FieldError]:
        """Put in what other cells of the row decide; give back what remains a fault."""
        faults: list[FieldError] = []
        # Faults first: a site that could not be read leaves times without a zone.
        ordered = sorted(special.items(), key=lambda one: not isinstance(one[1][0], Fault))
        for name, (value, cell) in ordered:
            if isinstance(value, Local):
                settled: Any = self._moment(value, values, faults)
                if isinstance(settled, datetime):
                    notices += self._of_two(settled, name, cell)
                    settled = settled.isoformat()
            elif isinstance(value, Sum):
                settled = self._amount(name, value, values)
            else:
                settled = value
            if settled is None:
                continue
            if isinstance(settled, Fault):
                faults.append(FieldError(self._pointers[name], settled, cell))
            else:
                values[name] = settled
        return faults

    def _moment(
        self, local: Local, values: Mapping[str, Any], faults: list[FieldError]
    ) -> datetime | Fault | None:
        """The time in its zone; None where its row lacks the site whose zone it is."""
        zone = self._zone or self._zone_of(values.get(self._site or ""))
        if zone is not None:
            return local.within(zone)
        if self._site is None:
            return Fault("no_time_zone")
        place = self._pointers[self._site]
        if place not in {fault.pointer for fault in faults}:
            faults.append(FieldError(place, Fault("required")))
        return None

    def _of_two(self, moment: datetime, name: str, cell: str) -> Iterator[FieldError]:
        """A notice where the clocks showed a time twice: which one was taken."""
        if came_twice(moment):
            fault = Fault("time_came_twice", taken=moment.isoformat())
            yield FieldError(self._pointers[name], fault, cell)

    def _zone_of(self, site: str | None) -> ZoneInfo | None:
        found = self._sites.get(site) if site else None
        return ZoneInfo(found[0].time_zone) if found else None

    def _amount(self, name: str, read: Sum, values: dict[str, Any]) -> str | Fault:
        field, is_own = self._currencies[name]
        currency: Any = values.get(field) or self._constants.get(field)
        if currency is None and is_own and len(read.currencies) == 1:
            currency = read.currencies[0]
        amount = read.amount(currency)
        if not isinstance(amount, Fault) and read.currencies:
            values[field] = currency
        return amount

    def _notices(self) -> list[FieldError]:
        """For each column once, on the row of its first such date: what it was converted to."""
        told = []
        for source in self._untold:
            if source.calendar and source.calendar.converted:
                text, day = source.calendar.converted
                fault = Fault("era_converted", era=day.era, day=day.iso)
                told.append(FieldError(_pointer(source.leaf), fault, text))
        if told:
            self._untold = [
                source
                for source in self._untold
                if source.calendar and not source.calendar.converted
            ]
        return told


def _nulls(sources: Iterable[Source]) -> dict[str, None]:
    """Members that a record has to name, and may name as unknown: an empty cell does."""
    return {
        source.name: None
        for source in sources
        if source.leaf.field.required and source.leaf.field.allow_none
    }


def _is_number(part: object) -> bool:
    return isinstance(part, int)


def _pointer(leaf: Leaf) -> str:
    parts = (part - 1 if isinstance(part, int) else part for part in leaf.path)
    return "/" + "/".join(map(str, parts))


def _currency_of(name: str, leaves: Mapping[str, Leaf]) -> tuple[str, bool]:
    """The field of an amount's currency, and whether it is that amount's own."""
    within = name.rpartition(".")[0]
    own = f"{within}.currency" if within else "currency"
    if own in leaves:
        return own, True
    return (f"{within}.wage.currency" if within else "wage.currency"), False
