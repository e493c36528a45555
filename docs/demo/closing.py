"""The closing table: what was expected from the input files beside what the interface tells."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.figures import Figure, Key, expected_figures
from demo.loop import Loop, Matter
from demo.parties import Party
from demo.story import Fate, expected_webhooks
from openredress.metrics import Figure as Read
from openredress.placements import Placement

PATIENCE_S = 300.0
HURRIES = {"remediation.due_soon", "remediation.overdue"}
WIDTH = 36
EVERY_PROVENANCE = ["supplier_reported", "mixed"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    expected: object
    seen: object

    @property
    def is_right(self) -> bool:
        """Whether both say the same."""
        return self.expected == self.seen


def rows(loop: Loop, fates: Sequence[Fate], report: dict[str, Any]) -> list[Row]:
    """The whole table; what is read back by quarter and brand goes into `report`."""
    read = _read_back(loop)
    return [
        *_records(loop, fates, read),
        *_remedies(loop, fates, report),
        *_results(fates, read),
        *_webhooks(loop, fates, read),
        *_figures(loop, fates, report),
    ]


def _read_back(loop: Loop) -> Counter[str]:
    """What the interface holds of claims, validations, statements and endpoints."""
    read, institute = Counter[str](), loop.parties.institute.client

    def of_request(matter: Matter) -> None:
        claims = _count(institute.remediation.claims(matter.request))
        said = list(institute.remediation.validations(matter.request))
        with loop.lock:
            read["claims"] += claims
            read["validations"] += len(said)
            read["workers"] += sum(one.n_confirmed for one in said)
            read.update(f"result {one.result}" for one in said)

    def of_placement(placement: Placement) -> None:
        stated = _count(institute.placements.statements(placement.id))
        with loop.lock:
            read["statements"] += stated

    def of_supplier(supplier: Party) -> None:
        endpoints = _count(supplier.client.webhook_endpoints.list())
        with loop.lock:
            read["endpoints"] += endpoints

    loop.each(loop.claimed, of_request)
    loop.each(institute.placements.list(limit=500), of_placement)
    loop.each(loop.parties.suppliers.values(), of_supplier)
    return read


def _records(loop: Loop, fates: Sequence[Fate], read: Counter[str]) -> list[Row]:
    dataset, institute = loop.dataset, loop.parties.institute.client
    stated = sum(1 for one in dataset.placements if one.statement)
    return [
        Row(
            "records pushed", len(dataset.grievances), _count(institute.grievances.list(limit=500))
        ),
        Row("records refused", 0, len(dataset.refused) + len(loop.refused)),
        Row("placements", len(dataset.placements), _count(institute.placements.list(limit=500))),
        Row("workers' statements", stated, read["statements"]),
        Row("cases", len(fates), _count(institute.cases.list(limit=500))),
        Row("referrals", len(fates), _count(institute.referrals.list(limit=500))),
    ]


def _count(listing: Any) -> int:  # noqa: ANN401 - any listing of the client
    return sum(1 for _ in listing)


def _remedies(loop: Loop, fates: Sequence[Fate], report: dict[str, Any]) -> list[Row]:
    """Requests, workers and agreed money, as the institute reads them back."""
    expected = _sums(
        (
            fate.grievance.quarter.name,
            fate.grievance.site.brand,
            fate.grievance.workers,
            fate.grievance.owed,
            fate.grievance.currency,
        )
        for fate in fates
    )
    institute = loop.parties.institute.client
    sites = {stored: site for site, stored in loop.sites.items()}
    # By id: the institute's own reference of a case is erased two years after its end (R17).
    cases = {one.case: one.fate.grievance.quarter.name for one in loop.matters}
    read = [
        (
            cases[request.case],
            sites[request.site].brand,
            request.workers_counted,
            Decimal(request["amount_agreed"]["amount"]),
            request["amount_agreed"]["currency"],
        )
        for request in institute.remediation.list(limit=500)
    ]
    seen = _sums(read)
    report["by_quarter_and_brand"] = seen
    report["workers_unknown"] = [
        fate.grievance.external_id for fate in fates if fate.grievance.workers is None
    ]
    return [
        Row("remediation requests", len(fates), len(read)),
        Row("agreed money", _money(expected), _money(seen)),
        Row("workers concerned", _workers(expected), _workers(seen)),
        Row("requests, workers and money per quarter and brand", expected, seen),
    ]


def _sums(rows: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - an iterable of five members
    """{quarter brand: {requests, workers, money by currency}}."""
    found: dict[str, dict[str, Any]] = {}
    for quarter, brand, workers, amount, currency in rows:
        cell = found.setdefault(f"{quarter} {brand}", {"requests": 0, "workers": 0, "money": {}})
        cell["requests"] += 1
        cell["workers"] += workers or 0
        cell["money"][currency] = str(Decimal(cell["money"].get(currency, 0)) + amount)
    return {
        name: {
            **cell,
            "money": {code: f"{Decimal(each):.2f}" for code, each in cell["money"].items()},
        }
        for name, cell in sorted(found.items())
    }


def _money(sums: dict[str, dict[str, Any]]) -> str:
    total: Counter[str] = Counter()
    for cell in sums.values():
        for currency, amount in cell["money"].items():
            total[currency] += Decimal(amount)  # type: ignore[assignment] # a Counter of decimals
    return ", ".join(f"{amount} {currency}" for currency, amount in sorted(total.items()))


def _workers(sums: dict[str, dict[str, Any]]) -> int:
    return sum(cell["workers"] for cell in sums.values())


def _results(fates: Sequence[Fate], read: Counter[str]) -> list[Row]:
    claimed = [fate for fate in fates if fate.result]
    results = Counter(fate.result for fate in claimed)
    told = [
        Row(f"  validated: {result}", number, read[f"result {result}"])
        for result, number in sorted(results.items(), key=lambda one: str(one[0]))
    ]
    confirmed = sum(fate.confirmed for fate in claimed)
    return [
        Row("claims of suppliers", len(claimed), read["claims"]),
        Row("validations by workers", len(claimed), read["validations"]),
        *told,
        Row("workers who confirmed", confirmed, read["workers"]),
    ]


def _webhooks(loop: Loop, fates: Sequence[Fate], read: Counter[str]) -> list[Row]:
    """Each event once at its supplier's endpoint, rightly signed: nothing else is written down.

    Suppliers who are late are told so whenever the worker looks; how often that is, is chance.
    """
    expected = expected_webhooks(fates)
    received = _received(loop, sum(expected.values()))
    seen = Counter(row["type"] for row in received)
    once = {(row["endpoint"], row["id"]) for row in received}
    return [
        Row("endpoints", len(loop.dataset.suppliers), read["endpoints"]),
        Row("webhooks received and verified", sum(expected.values()), len(received)),
        *(Row(f"  {type_}", expected[type_], seen[type_]) for type_ in sorted(expected | seen)),
        Row("  distinct per endpoint", sum(expected.values()), len(once)),
    ]


def _received(loop: Loop, number: int) -> list[dict[str, str]]:
    file = loop.town.hooks_folder / "received.jsonl"
    end = time.monotonic() + PATIENCE_S
    while True:
        lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
        received = [line for line in lines if line["type"] not in HURRIES]
        if len(received) >= number or time.monotonic() > end:
            return received
        time.sleep(0.2)


def _figures(loop: Loop, fates: Sequence[Fate], report: dict[str, Any]) -> list[Row]:
    """Every figure of every brand, and per metric how many are shown and why others are not."""
    expected = expected_figures(loop.dataset, fates, loop.seed)
    seen: dict[Key, Figure] = {}
    kept: list[Read] = []
    for name, brand in loop.parties.brands.items():
        for code in sorted({metric for _, _, metric in expected}):
            for read in brand.client.metrics.get(code, include=EVERY_PROVENANCE):
                seen[name, read.period, code] = Figure(read.value, read.reason)
                kept.append(read)
    told = sum(1 for key, figure in expected.items() if seen.get(key) == figure)
    report["wrong_figures"] = [
        {"figure": key, "expected": str(figure), "seen": str(seen.get(key))}
        for key, figure in expected.items()
        if seen.get(key) != figure
    ]
    report["figures"] = [dict(read) for read in kept]
    return [
        Row("figures published", len(expected), len(seen)),
        Row("figures equal to the input's", len(expected), told),
        *_shown(expected, seen),
    ]


def _shown(expected: dict[Key, Figure], seen: dict[Key, Figure]) -> list[Row]:
    def told(figures: dict[Key, Figure], metric: str) -> str:
        reasons = Counter(
            figure.reason or "shown" for (_, _, code), figure in figures.items() if code == metric
        )
        return ", ".join(f"{number} {reason}" for reason, number in sorted(reasons.items()))

    metrics = sorted({metric for _, _, metric in expected})
    return [Row(f"  {one}", told(expected, one), told(seen, one)) for one in metrics]


def show(table: Sequence[Row]) -> str:
    """The table as text; what is too long for a line is only compared."""

    def told(value: object) -> str:
        text = str(value)
        return text if len(text) <= WIDTH else "(in the report)"

    lines = [f"{'':3}{'':50}{'expected':>{WIDTH}} {'seen':>{WIDTH}}"]
    for row in table:
        mark = "ok" if row.is_right else "NO"
        pair = f"{told(row.expected):>{WIDTH}} {told(row.seen):>{WIDTH}}"
        lines.append(f"{mark:3}{row.what:50}{pair}")
    return "\n".join(lines)


def write(path: Path, table: Sequence[Row], report: dict[str, Any]) -> None:
    """Keep the table and what was read back."""
    kept = [
        {"what": row.what.strip(), "expected": row.expected, "seen": row.seen, "ok": row.is_right}
        for row in table
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**report, "table": kept}, indent=1, default=str), encoding="utf-8")
