"""Reads the small sample files: an HR system's export and an agency's sheet, both made up."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.records import Dataset, Grievance, Placement, Quarter, Site

FOLDER = Path(__file__).parent / "samples"
CATEGORY_OF = {
    "Underpaid wages": "wages.underpayment",
    "Late wages": "wages.late_payment",
    "Unpaid overtime": "wages.overtime_unpaid",
    "Wage deduction": "wages.illegal_deduction",
    "Recruitment fee not repaid": "recruitment.fee_not_repaid",
    "Passport kept": "documents.passport_retained",
    "Dormitory": "living.housing",
    "Excessive hours": "hours.excessive",
    "Verbal abuse": "harassment.verbal_bullying",
    "Unsafe machine": "osh.unsafe_conditions",
}
CHANNEL_OF = {
    "HR open door": "hr_open_door",
    "Suggestion box": "suggestion_box",
    "Factory hotline": "factory_hotline",
    "Worker committee": "worker_committee",
}
MAPPING = (
    "supplier      company",
    "site          branch; city, country, time zone and brand from plants.csv",
    "grievance     one per row of hr_grievances.csv, external id = name",
    "category      grievance_type, by the table in docs/demo/samples.py; channel by intake",
    "received_at   date in the branch's time zone",
    "remedy        settlement_amount; one case, referral and request per row that has one",
    "placement     one per row of agency_placements.csv; zero must be stated: service_fee 0",
    "statement     worker_paid and worker_agents, where the worker was asked",
)
SYNTHETIC = (
    "everything: the files are made up in the shape of real exports; consents, headcounts, claims",
    "and what workers confirm come from the seed",
)
_YES = "yes"


def read() -> Dataset:
    """The sample files that come with the project."""
    sites = {row["branch"]: _site(row) for row in _rows("plants.csv")}
    grievances = [
        _grievance(line, row, sites[row["branch"]])
        for line, row in enumerate(_rows("hr_grievances.csv"), 2)
    ]
    placements = [_placement(row, sites[row["branch"]]) for row in _rows("agency_placements.csv")]
    return Dataset("hr", MAPPING, SYNTHETIC, grievances, (), placements)


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _site(row: Mapping[str, str]) -> Site:
    return Site(
        supplier=row["company"],
        name=row["branch"],
        city=row["city"],
        country=row["country"],
        time_zone=row["time_zone"],
        brand=row["brand"],
    )


def _grievance(line: int, row: Mapping[str, str], site: Site) -> Grievance:
    received_at = datetime.fromisoformat(row["date"]).replace(tzinfo=ZoneInfo(site.time_zone))
    return Grievance(
        line=line,
        external_id=row["name"],
        site=site,
        category=CATEGORY_OF[row["grievance_type"]],
        channel=CHANNEL_OF[row["intake"]],
        received_at=received_at,
        received_at_basis="stated",
        workers=int(row["workers_concerned"]) if row["workers_concerned"] else None,
        owed=Decimal(row["settlement_amount"] or 0),
        currency=row["currency"],
    )


def _placement(row: Mapping[str, str], site: Site) -> Placement:
    body = {
        "worker_pseudonym": row["worker_code"],
        "origin": row["from"],
        "destination": row["to"],
        "status": "working",
        "arrived_on": row["arrived"],
        **_fees(row["service_fee"], row["currency"], paid_by="worker"),
        "agent_chain": _chain(row["agents"]),
    }
    statement: dict[str, Any] | None = None
    if row["worker_asked"] == _YES:
        statement = {
            "stated_on": row["arrived"],
            "method": "in_person",
            **_fees(row["worker_paid"], row["currency"], paid_by="worker"),
            "no_intermediary_stated": row["worker_agents"] == "none",
            "agent_chain": _chain(row["worker_agents"]),
            "share_in_aggregates": row["worker_agrees_to_be_counted"] == _YES,
        }
    arrived = Quarter.of(date.fromisoformat(row["arrived"]))
    return Placement(row["ref"], site, arrived, body, statement)


def _fees(amount: str, currency: str, *, paid_by: str) -> dict[str, Any]:
    """Fee lines; 0 is a statement that there was none."""
    line = {
        "fee_type": "fee.service_matching",
        "amount": amount,
        "currency": currency,
        "paid_by": paid_by,
        "stage": "origin",
    }
    free = not Decimal(amount)
    return {"no_fees_stated": free, "fee_lines": [] if free else [line]}


def _chain(agents: str) -> list[dict[str, object]]:
    """`role:country > role:country`, from the first contact on."""
    hops = [] if agents == "none" else [hop.split(":") for hop in agents.split(" > ")]
    return [
        {"seq": seq, "role": role, "country": country}
        for seq, (role, country) in enumerate(hops, 1)
    ]
