"""What the demo reads from its input files, in its own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter; `end` is the first day after it."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter of a day."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def name(self) -> str:
        """As the interface writes it: 2026-Q1."""
        return f"{self.year}-Q{self.number}"

    @property
    def months(self) -> list[str]:
        """Its months: 2026-01, 2026-02, 2026-03."""
        return [f"{self.year}-{3 * self.number - more:02}" for more in (2, 1, 0)]

    @property
    def next(self) -> Quarter:
        """The quarter after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def day(self, number: int) -> datetime:
        """Noon UTC of the day that comes `number` days after the quarter's last one."""
        first = date(self.next.year, 3 * self.next.number - 2, 1)
        noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
        return noon + timedelta(days=number - 1)


@dataclass(frozen=True, slots=True)
class Site:
    """A workplace of a supplier; `brand` is whose confirmed relation it stands in."""

    supplier: str
    name: str
    city: str
    country: str
    time_zone: str
    brand: str

    @property
    def external_id(self) -> str:
        """The supplier's own identifier."""
        return f"{self.name} / {self.city}"


@dataclass(frozen=True, slots=True)
class Grievance:
    """One row of a register. `workers` None: not known; `owed` 0: no remedy was agreed."""

    line: int
    external_id: str
    site: Site
    category: str
    channel: str
    received_at: datetime
    received_at_basis: str
    workers: int | None
    owed: Decimal
    currency: str

    @property
    def quarter(self) -> Quarter:
        """When it was received, by the site's own calendar."""
        return Quarter.of(self.received_at.date())


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be read, or that the interface did not take."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Placement:
    """One placement of an agency, and what its worker states of it (None: was not asked)."""

    external_id: str
    site: Site
    quarter: Quarter
    body: dict[str, Any]
    statement: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """All input of one run; `mapping` and `synthetic` are printed before it begins."""

    source_system: str
    mapping: Sequence[str]
    synthetic: Sequence[str]
    grievances: Sequence[Grievance]
    refused: Sequence[Refused]
    placements: Sequence[Placement]

    @property
    def sites(self) -> list[Site]:
        """Every site once, in the order of the file."""
        return list(dict.fromkeys(site for site, _ in self._seen()))

    def active(self, quarter: Quarter) -> list[Site]:
        """The sites of which the file says something in a quarter."""
        return list(dict.fromkeys(site for site, seen in self._seen() if seen == quarter))

    def _seen(self) -> Iterator[tuple[Site, Quarter]]:
        yield from ((one.site, one.quarter) for one in self.grievances)
        yield from ((one.site, one.quarter) for one in self.placements)

    @property
    def suppliers(self) -> list[str]:
        """Every supplier once."""
        return list(dict.fromkeys(site.supplier for site in self.sites))

    @property
    def brands(self) -> list[str]:
        """Every brand once."""
        return sorted({site.brand for site in self.sites})

    @property
    def quarters(self) -> list[Quarter]:
        """Every quarter in which something was received or somebody arrived, in order."""
        return sorted({quarter for _, quarter in self._seen()}, key=lambda quarter: quarter.name)
