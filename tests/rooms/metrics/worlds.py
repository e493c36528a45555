"""Seeded random worlds in which edges are likely, not rare.

Moments lie at the first and last second of quarters, relations and cut-offs in zones on both sides
of the date line; answers change, rounds repeat, rows come late, sandbox stands beside live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.factories.figures import CUT_OFF, END, LONG_AGO, START, Rows, fee

ZONES = ("Asia/Bangkok", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Auckland")
TICK = timedelta(seconds=1)
CATEGORIES = (
    *(("wages.withheld",), ("hours.excessive",), ("wages.withheld", "query.information")) * 4,
    *(("query.information",), ("violence.sexual",), ("wages.withheld", "child.below_min_age")),
)
ENDS = ("closed_validated", "closed_validated", "closed_unvalidated", "closed_unreachable")
OTHERS = ("in_investigation", "out_of_scope", "merged_duplicate", "withdrawn_by_worker", "reopened")
RESULTS = ("full", "full", "partial", "partial", "disputed", "incomplete")
RELATIONS: tuple[dict[str, Any], ...] = (
    *({},) * 9,
    {"valid_to": date(2025, 2, 14)},
    {"valid_from": date(2025, 2, 15)},
    {"valid_from": date(2025, 2, 1), "valid_to": date(2025, 2, 28)},
    {"valid_to": date(2024, 12, 31)},
    {"valid_from": END},
    {"valid_from": date(2025, 3, 31), "valid_to": date(2025, 3, 31)},
    *({"confirmed_at": None}, {"confirmed_at": CUT_OFF}, {"confirmed_at": CUT_OFF + TICK}),
)


@dataclass
class Maker:
    """Makes one world; equal seeds make equal worlds, ids apart."""

    rng: Random
    rows: Rows
    brands: list[UUID] = field(default_factory=list)
    agencies: list[UUID] = field(default_factory=list)
    validators: list[UUID] = field(default_factory=list)

    def chance(self, percent: int) -> bool:
        """True in so many of 100."""
        return self.rng.randrange(100) < percent

    def moment(self, zone: str, first: date, after: date) -> datetime:
        """A moment between two days, often at an edge of the quarter in `zone`."""
        if self.chance(30):
            day = self.rng.choice((START, END, date(2025, 2, 15), date(2025, 3, 1)))
            midnight = datetime.combine(day, time(), ZoneInfo(zone))
            return midnight + self.rng.choice((-1, 0)) * TICK
        day = first + timedelta(days=self.rng.randrange((after - first).days))
        return datetime.combine(day, time(self.rng.randrange(24)), ZoneInfo(zone))

    def later(self, moment: datetime, days: int = 60) -> datetime:
        """A moment after another one, sometimes exactly at the cut-off or just after it."""
        if moment < CUT_OFF and self.chance(12):
            return CUT_OFF + self.rng.choice((0, 1)) * TICK
        return moment + timedelta(hours=self.rng.randrange(1, 24 * days))

    def site(self, supplier: UUID) -> Mapping[str, Any]:
        """A site with relations to some brands and some months' headcounts."""
        site = self.rows.site(supplier, self.rng.choice(ZONES))
        for brand in self.brands:
            for _ in range(self.rng.choice((1, 1, 1, 2))):
                self.rows.relation(brand, site, **self.rng.choice(RELATIONS))
        for month in (12, 1, 2, 3):
            if month != 12 and self.chance(90):
                stamp = CUT_OFF + self.rng.choice((0, 0, 0, 1)) * TICK
                made_up = self.chance(10)
                total = self.rng.randrange(0, 90)
                self.rows.headcount(site, month, total, updated_at=stamp, is_synthetic=made_up)
        return site

    def grievance(self, site: Mapping[str, Any]) -> None:
        """A row of the register: open, closed, closed again, voided, late, of no account."""
        received = self.moment(site["time_zone"], date(2024, 12, 20), date(2025, 4, 12))
        steps: list[tuple[str, datetime | None, datetime]] = [("received", received, received)]
        last, closed = received, None
        for status in self.rng.choice(
            (
                *((), ("in_investigation",), ("withdrawn_by_worker",), ("out_of_scope",)),
                *(("closed_unvalidated",), ("closed_unvalidated",), ("closed_validated",)),
                *(("closed_unreachable", "reopened"), ("merged_duplicate",)),
                ("closed_unvalidated", "reopened", "in_investigation", "closed_validated"),
            )
        ):
            last = self.later(last)
            closed = last + timedelta(days=self.rng.randrange(3)) - timedelta(days=1)
            closed = max(closed, received) if status.startswith("closed") else None
            steps.append((status, self.rng.choice((closed, closed, None)), last))
        self.rows.grievance(
            site,
            received,
            steps,
            category=self.rng.choice(CATEGORIES)[0],
            is_test=self.chance(5),
            created_at=self.rng.choice((received, received, received, CUT_OFF, CUT_OFF + TICK)),
            updated_at=self.rng.choice((last, last, CUT_OFF + TICK)),
            closed_at=self.rng.choice((closed, closed, None)),
            **self.voided(received),
        )

    def voided(self, received: datetime) -> dict[str, Any]:
        """Now and then a tombstone."""
        if self.chance(88):
            return {}
        return {"voided_at": self.later(received), "void_reason": "entered_twice"}

    def case(self, site: Mapping[str, Any]) -> None:
        """A case with its life, its answers and up to three requests."""
        received = self.moment(site["time_zone"], date(2024, 10, 1), date(2025, 4, 12))
        steps, last = [], received
        for status in (
            *(("in_investigation",) if self.chance(50) else ()),
            *((self.rng.choice(ENDS),) if self.chance(70) else ()),
            *((self.rng.choice(OTHERS),) if self.chance(25) else ()),
        ):
            last = self.later(last)
            steps.append((status, last))
        case = self.rows.case(
            site,
            received,
            steps,
            self.rng.choice(CATEGORIES),
            created_at=self.rng.choice((received, received, received, CUT_OFF + TICK)),
            is_test=self.chance(5),
            issues_at=self.rng.choice((received, received, received, CUT_OFF + TICK)),
            **self.voided(received),
        )
        if self.chance(10):
            late = {"category": "retaliation.any", "created_at": CUT_OFF + TICK}
            self.rows.add(
                "case_issue", organisation_id=self.rows.institute, case_id=case["id"], **late
            )
        self.answers(case, received)
        for _ in range(self.rng.choice((0, 1, 1, 1, 2, 3))):
            self.remedy(case, site["time_zone"], received)

    def answers(self, case: Mapping[str, Any], received: datetime) -> None:
        """The worker's answers about being counted, and one about something else."""
        last = received
        for n in range(1, self.rng.choice((1, 2, 2, 2, 2, 3)) + 1):
            last = self.later(last, 20)
            state = self.rng.choice(("granted", "granted", "granted", "refused", "withdrawn"))
            ends = self.rng.choice((None, None, None, CUT_OFF, CUT_OFF + TICK))
            self.rows.consent(case, n, state, last, expires_at=ends)
        self.rows.consent(case, 1, "granted", received, scope="share_cso")

    def remedy(self, case: Mapping[str, Any], zone: str, received: datetime) -> None:
        """A request with one to three rounds, each claimed and mostly validated."""
        request, no = self.rows.request(case), 0
        at = self.moment(zone, date(2024, 10, 15), date(2025, 3, 20))
        at = max(at, received)
        for number in range(1, self.rng.choice((1, 1, 2, 3)) + 1):
            if self.chance(30):
                edge = self.rng.choice((START, END)) - timedelta(days=60)
                at = (
                    datetime.combine(edge, time(), ZoneInfo(zone)) + self.rng.choice((-1, 0)) * TICK
                )
            self.rows.claim(request, number, at)
            at = self.later(at, 40)
            if self.chance(30):
                at = self.moment(zone, START, END)
            for result in self.rng.choice(((), ("incomplete", "full"), *((r,) for r in RESULTS))):
                no += 1
                self.rows.validation(
                    request,
                    number,
                    result,
                    self.rng.randrange(1, 20),
                    no=no,
                    recorded_at=at,
                    organisation_id=self.rng.choice(self.validators),
                )
                at += TICK

    def placement(self, site: Mapping[str, Any]) -> None:
        """A placement and up to two statements of its worker."""
        arrived = self.moment("UTC", date(2024, 12, 25), date(2025, 4, 6)).date()
        made = self.rng.choice((LONG_AGO, LONG_AGO, LONG_AGO, CUT_OFF, CUT_OFF + TICK))
        placement = self.rows.placement(
            self.rng.choice(self.agencies), site, arrived, created_at=made, is_test=self.chance(5)
        )
        at = datetime.combine(arrived, time(12), ZoneInfo("UTC"))
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            at = self.later(at, 30)
            silent = self.chance(20)
            lines = [] if silent else self.lines()
            self.rows.statement(
                placement,
                created_at=at,
                share_in_aggregates=self.chance(75),
                fee_lines=lines,
                no_fees_stated=not any(map(borne, lines)) and self.chance(70),
                **self.rng.choice(
                    ({"no_intermediary_stated": True}, {"agent_chain": [{"seq": 1}]}, {})
                ),
            )

    def lines(self) -> list[dict[str, Any]]:
        """None, or some fee lines of every payer and group."""
        made = []
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            amount = self.rng.choice(("0", "0.000", "45.50"))
            payer = self.rng.choice(("worker", "family", "employer", "agency", "unknown"))
            kind = self.rng.choice(("cost.medical", "illegit.undisclosed", "debt.interest"))
            made.append(fee(amount, payer, kind))
        return made


def borne(line: Mapping[str, Any]) -> bool:
    """Whether the worker's side, or somebody unknown, paid something: no fees cannot be stated."""
    return float(line["amount"]) > 0 and line["paid_by"] in {"worker", "family", "unknown"}


def random_world(institute: UUID, seed: int) -> Rows:
    """The rows of the world with this seed."""
    maker = Maker(Random(seed), Rows(institute))  # noqa: S311 - worlds, not secrets
    rows = maker.rows
    for kind, into in (
        ("brand", maker.brands),
        ("agency", maker.agencies),
        ("cso", maker.validators),
    ):
        into += [
            rows.party(kind, is_sandbox=sandbox) for sandbox in (True, False, maker.chance(50))
        ]
    maker.validators += [institute] * 6
    for sandbox in (True, False):
        supplier = rows.party("supplier", is_sandbox=sandbox)
        for _ in range(maker.rng.choice((2, 3))):
            site = maker.site(supplier)
            for make, number in ((maker.grievance, 20), (maker.case, 40), (maker.placement, 20)):
                for _ in range(number):
                    make(site)
    return rows
