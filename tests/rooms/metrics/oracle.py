"""The same counts in plain Python, read from the definitions and not from the statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from openredress_api.metrics.suppression import Counted
from tests.factories.figures import CUT_OFF, END, START, Rows

Row = Mapping[str, Any]
OUT = {"out_of_scope", "merged_duplicate"}
RESTRICTED = ("trafficking.", "violence.sexual", "child.", "retaliation.", "foa.union_dismissal")


def known(rows: Iterable[Row], stamp: str) -> list[Row]:
    """Those that were there at the cut-off, oldest first."""
    return sorted((row for row in rows if row[stamp] <= CUT_OFF), key=lambda row: row[stamp])


def day_in(moment: datetime, zone: str) -> date:
    """The calendar day at a place."""
    return moment.astimezone(ZoneInfo(zone)).date()


def in_quarter(day: date) -> bool:
    """Whether a day lies in the quarter of all worlds."""
    return START <= day < END


def kaplan_meier(times: Iterable[tuple[int, bool]]) -> int | None:
    """The first day by which half have ended, person by person; None: never (naively)."""
    people, survival = list(times), Decimal(1)
    for day in range(max((at for at, _ in people), default=0) + 1):
        risk = sum(at >= day for at, _ in people)
        ended = sum(at == day and done for at, done in people)
        if ended:
            survival = survival * (risk - ended) / risk
            if survival <= Decimal("0.5000000001"):
                return day
    return None


@dataclass
class Oracle:
    """Counts a world for one brand."""

    rows: Rows
    brand: UUID
    live_too: bool = False

    def of(self, table: str, **where: Any) -> list[Row]:
        """Rows with these values."""
        found = self._index(table, tuple(sorted(where))).get(
            tuple(v for _, v in sorted(where.items()))
        )
        return found or []

    def _index(self, table: str, names: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
        if (table, names) not in self._indexes:
            made: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
            for row in self.rows.tables[table]:
                made[tuple(row.get(name) for name in names)].append(row)
            self._indexes[table, names] = made
        return self._indexes[table, names]

    @cached_property
    def _indexes(self) -> dict[Any, dict[tuple[Any, ...], list[Row]]]:
        return {}

    def is_sandbox(self, organisation: UUID) -> bool:
        """Whether an organisation of the world is made up."""
        (row,) = self.of("organisation", organisation_id=organisation)
        return bool(row["is_sandbox"])

    @cached_property
    def relations(self) -> dict[UUID, list[Row]]:
        """Confirmed relations by site, of suppliers of the brand's kind, that meet the quarter."""
        found: dict[UUID, list[Row]] = defaultdict(list)
        if not self.is_sandbox(self.brand) and not self.live_too:
            return {}
        for one in self.of("relation", partner_id=self.brand):
            yes = known(self.of("relation_confirmation", relation_id=one["id"]), "confirmed_at")
            if yes and self.is_sandbox(one["supplier_id"]) == self.is_sandbox(self.brand):
                found[one["site_id"]].append(one)
        last = END - timedelta(days=1)
        return {
            site: ours
            for site, ours in found.items()
            if any(r["valid_from"] <= last and (r["valid_to"] or last) >= START for r in ours)
        }

    @cached_property
    def sites(self) -> list[Row]:
        """The brand's sites."""
        return [row for row in self.rows.tables["site"] if row["id"] in self.relations]

    def related(self, site: Row, day: date) -> bool:
        """Whether the brand worked with the site on a day."""
        return any(
            r["valid_from"] <= day and (r["valid_to"] is None or day <= r["valid_to"])
            for r in self.relations[site["id"]]
        )

    @cached_property
    def base(self) -> int | None:
        """Mean headcount over the months of each relation; sites that lack a month add nothing."""
        sums = []
        for site in self.sites:
            days = [START + timedelta(days=n) for n in range((END - START).days)]
            months = {day.replace(day=1) for day in days if self.related(site, day)}
            heads = {
                row["month"]: row["total"]
                for row in known(self.of("headcount", site_id=site["id"]), "updated_at")
                if self.is_sandbox(self.brand) or not row["is_synthetic"]
            }
            if months and months <= set(heads):
                sums.append(sum(heads[month] for month in months) // len(months))
        return sum(sums) if sums else None

    def status(self, case: Row) -> str:
        """Where a case stood at the cut-off."""
        steps = known(self.of("case_status_change", case_id=case["id"]), "changed_at")
        return str(steps[-1]["to_status"]) if steps else "received"

    def agreed(self, case: Row) -> bool:
        """Whether the worker's last answer at the cut-off was a grant that still held."""
        given = self.of("case_consent", case_id=case["id"], scope="share_brand_aggregate")
        said = sorted(known(given, "recorded_at"), key=lambda one: one["n"])
        if not said or said[-1]["state"] != "granted":
            return False
        return said[-1].get("expires_at") is None or said[-1]["expires_at"] > CUT_OFF

    def cases(self) -> Iterable[tuple[Row, Row]]:
        """(case, site) of every case that rates may count."""
        for site in self.sites:
            for case in known(self.of("case_record", site_id=site["id"]), "created_at"):
                issues = known(self.of("case_issue", case_id=case["id"]), "created_at")
                what = {issue["category"] for issue in issues}
                day = day_in(case["received_at"], site["time_zone"])
                if (
                    not case["is_test"]
                    and what - {"query.information"}
                    and not any(one.startswith(RESTRICTED) for one in what)
                    and self.status(case) not in OUT
                    and self.related(site, day)
                ):
                    yield case, site

    def counted(
        self, found: list[tuple[Row, bool]], parts: list[int] | None = None
    ) -> Counted | None:
        """(case, hit) of one metric as counts; with `parts` their sum over those who agreed."""
        ours = [(case, hit, n) for n, (case, hit) in enumerate(found) if self.agreed(case)]
        numbers = [parts[n] if parts else int(hit) for _, hit, n in ours]
        largest = max(numbers, default=0) if parts else 0
        if not found:
            return None
        total = len(ours)
        return Counted(sum(numbers), total, self.base, total, len(found), largest)

    def m08(self) -> Counted | None:
        """Closed cases, and those of them that workers validated."""
        return self.counted(self.closed())

    def closed(self) -> list[tuple[Row, bool]]:
        """The cases of M08, and whether each was validated."""
        return [
            (case, self.status(case) == "closed_validated" and not voided(case))
            for case, site in self.cases()
            if in_quarter(day_in(case["received_at"], site["time_zone"]))
            and self.status(case).startswith("closed_")
        ]

    def said(self, request: Row, **where: Any) -> list[Row]:
        """Validations of a request known at the cut-off, by validators of the brand's kind."""
        ours = []
        for one in known(self.of("worker_validation", request_id=request, **where), "recorded_at"):
            by = one["organisation_id"]
            if by == self.rows.institute or self.is_sandbox(by) == self.is_sandbox(self.brand):
                ours.append(one)
        return ours

    def m09(self) -> Counted | None:
        """Claims that became 60 days old, and those that workers did not confirm in full."""
        found = []
        for case, site in self.cases():
            for link in self.of("remediation_case", case_id=case["id"]):
                for claim in self.of("completion_claim", request_id=link["request_id"]):
                    old = day_in(claim["claimed_at"], site["time_zone"]) + timedelta(days=60)
                    said = self.said(link["request_id"], round=claim["round"])
                    gap = all(one["result"] != "full" for one in said) and not voided(case)
                    if in_quarter(old) and self.related(site, old):
                        found.append((case, gap))
        return self.counted(found)

    def m20(self) -> Counted | None:
        """Workers of the last concluded round of each case."""
        remedied = self.remedied()
        return self.counted([(case, True) for case, _ in remedied], [n for _, n in remedied])

    def remedied(self) -> list[tuple[Row, int]]:
        """The cases of M20, and how many workers each counts."""
        found = []
        for case, site in self.cases():
            rounds = [
                one
                for link in self.of("remediation_case", case_id=case["id"])
                for one in self.said(link["request_id"])
                if one["result"] != "incomplete"
            ]
            if voided(case) or not rounds:
                continue
            last = max(rounds, key=lambda one: (one["recorded_at"], one["id"]))
            day = day_in(last["recorded_at"], site["time_zone"])
            if (
                last["result"] in {"full", "partial"}
                and in_quarter(day)
                and self.related(site, day)
            ):
                found.append((case, last["n_confirmed"]))
        return found

    def m05(self) -> Counted | None:
        """Days to the last closing."""
        times = []
        for site in self.sites:
            for row in known(self.of("grievance", site_id=site["id"]), "created_at"):
                steps = known(
                    self.of("grievance_status_change", grievance_id=row["id"]), "recorded_at"
                )
                day = day_in(row["received_at"], site["time_zone"])
                excluded = (
                    row["is_test"]
                    or row["category"] == "query.information"
                    or row["category"].startswith(RESTRICTED)
                    or (steps and steps[-1]["to_status"] in OUT)
                )
                if excluded or not in_quarter(day) or not self.related(site, day):
                    continue
                ended = None if voided(row) else closing(row, steps)
                until = day_in(ended or CUT_OFF, site["time_zone"])
                times.append((max(0, (until - day).days), ended is not None))
        if not times:
            return None
        ended, total = sum(done for _, done in times), len(times)
        return Counted(ended, total, self.base, total, total, value=kaplan_meier(times))

    def placements(self) -> Iterable[Row | None]:
        """The last statement of each placement that arrived, None where there is none."""
        for site in self.sites:
            for one in known(self.of("placement", site_id=site["id"]), "created_at"):
                same = self.is_sandbox(one["organisation_id"]) == self.is_sandbox(self.brand)
                day = one["arrived_on"]
                if same and not one["is_test"] and in_quarter(day) and self.related(site, day):
                    said = known(self.of("worker_statement", placement_id=one["id"]), "created_at")
                    yield said[-1] if said else None

    def m29(self) -> Counted | None:
        """Placements, and those whose worker knows the first mile."""
        said = list(self.placements())
        agreed = [one for one in said if one and one["share_in_aggregates"]]
        first = sum(bool(one["no_intermediary_stated"] or one["agent_chain"]) for one in agreed)
        return Counted(first, len(said), self.base, len(agreed), len(said)) if said else None

    def m30(self) -> Counted | None:
        """Placements with a statement, and those that cost the worker nothing."""
        placed = list(self.placements())
        said = [one for one in placed if one]
        agreed = [one for one in said if one["share_in_aggregates"]]
        free, total = sum(map(free_of_fees, agreed)), len(agreed)
        return Counted(free, total, self.base, total, len(said)) if placed else None

    def all(self) -> dict[str, Counted]:
        """Every metric of which there is a record."""
        metrics: dict[str, Callable[[], Counted | None]] = {
            "M05": self.m05,
            "M08": self.m08,
            "M09": self.m09,
            "M20": self.m20,
            "M29": self.m29,
            "M30": self.m30,
        }
        found = {code: count() for code, count in metrics.items()}
        return {code: counted for code, counted in found.items() if counted is not None}


def voided(row: Row) -> bool:
    """Whether a record was a tombstone at the cut-off."""
    return row.get("voided_at") is not None and row["voided_at"] <= CUT_OFF


def closing(row: Row, steps: list[Row]) -> datetime | None:
    """When a grievance that was closed at the cut-off was closed."""
    if not steps or not steps[-1]["to_status"].startswith("closed_"):
        return None
    corrected = row["closed_at"] if row["updated_at"] <= CUT_OFF else None
    moment: datetime = corrected or steps[-1]["at"] or steps[-1]["recorded_at"]
    return moment if moment <= CUT_OFF else None


def free_of_fees(statement: Row) -> bool:
    """Zero is stated, or each line of the ILO's groups is zero or surely somebody else's."""
    lines = [
        line
        for line in statement["fee_lines"]
        if line["fee_type"].startswith(("fee.", "cost.", "illegit."))
    ]
    theirs = {"employer", "agency", "government"}
    zero = all(Decimal(line["amount"]) == 0 or line["paid_by"] in theirs for line in lines)
    return statement["no_fees_stated"] or (bool(lines) and zero)
