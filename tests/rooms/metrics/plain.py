"""A small world whose figures can be told by heart, for parties that speak HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from openredress_api import organisations
from tests.factories.figures import Rows, fee
from tests.factories.parties import Party, World

RECEIVED = datetime(2025, 2, 3, 9, tzinfo=UTC)
CLOSED = RECEIVED + timedelta(days=20)
# Metric: value, numerator, denominator.
EXPECTED: dict[str, tuple[str, int | None, int]] = {
    "M05": ("8", None, 12),
    "M08": ("0.60", 12, 20),
    "M09": ("0.40", 8, 20),
    "M20": ("36", 36, 12),
    "M29": ("0.75", 15, 20),
    "M30": ("0.50", 10, 20),
}


@dataclass
class Town:
    """The parties of one installation, with the records of a quarter."""

    world: World
    rows: Rows
    site: dict[str, Any]
    supplier: Party
    brand: Party
    other_brand: Party
    first: Party
    second: Party

    def clock(self, days: int) -> None:
        """Move the institute's clock to so many days from now."""
        with self.world.installation.as_owner() as connection:
            ids = [self.world.institute.organisation_id]
            organisations.set_sandbox_clock(connection, ids, timedelta(days=days))

    def write(self) -> None:
        """Store the rows that were added since the last time."""
        with self.world.installation.as_owner() as connection:
            self.rows.write(connection)
        self.rows = Rows(self.rows.institute)


def town(world: World) -> Town:
    """Two brands with a site each; one has enough of everything, the other has nothing."""
    supplier, institute = world.party("supplier"), world.institute.organisation_id
    rows = Rows(institute)
    made = Town(
        world=world,
        rows=rows,
        site=rows.site(supplier.organisation_id, "Asia/Bangkok"),
        supplier=supplier,
        brand=world.party("brand"),
        other_brand=world.party("brand"),
        first=world.colleague(institute, "institute", duties=("releaser",)),
        second=world.colleague(institute, "institute", duties=("releaser",)),
    )
    rows.relation(made.brand.organisation_id, made.site)
    empty = rows.site(supplier.organisation_id, "Asia/Bangkok")
    rows.relation(made.other_brand.organisation_id, empty)
    for month in (1, 2, 3):
        rows.headcount(made.site, month, 100)
    agency = rows.party("agency")
    for n in range(20):
        closed_case(rows, made.site, n)
        placed(rows, agency, made.site, n)
    for n in range(12):
        at = RECEIVED + timedelta(days=n + 3)
        steps = [("closed_unvalidated", at, at)] if n < 9 else []
        rows.grievance(made.site, RECEIVED, steps, updated_at=at)
    made.write()
    return made


def closed_case(rows: Rows, site: dict[str, Any], n: int) -> dict[str, Any]:
    """The first 12 of 20 were validated in full by three workers each, the others not at all."""
    status = "closed_validated" if n < 12 else "closed_unvalidated"
    case = rows.case(site, RECEIVED, [(status, CLOSED)])
    rows.consent(case, 1, "granted", RECEIVED)
    request = rows.request(case)
    # 60 days old in the quarter, although the case is younger: only this matters to the claim.
    rows.claim(request, 1, datetime(2024, 12, 1, tzinfo=UTC))
    if n < 12:
        rows.validation(request, 1, "full", 3, no=1, recorded_at=CLOSED)
    return case


def placed(rows: Rows, agency: Any, site: dict[str, Any], n: int) -> None:
    """All 20 workers agreed; the first 15 know the first mile, the first 10 paid nothing."""
    placement = rows.placement(agency, site, date(2025, 2, 3))
    rows.statement(
        placement,
        agent_chain=[{"seq": 1}] if n < 15 else [],
        no_fees_stated=n < 10,
        fee_lines=[] if n < 10 else [fee("45.50", "worker")],
    )
