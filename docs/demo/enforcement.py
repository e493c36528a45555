"""Reads the enforcement records of the US Department of Labor's Wage and Hour Division."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from demo.records import Dataset, Grievance, Refused, Site

ZONE = "America/Los_Angeles"
# Brands without overlap: each site lies in one county.
BRAND_OF = {
    "Santa Clara County": "Brand South Bay",
    "Alameda County": "Brand East Bay",
    "Contra Costa County": "Brand East Bay",
}
OTHER_BRAND = "Brand Coast"
MAPPING = (
    "supplier      Legal Name (Trade Name where that is blank)",
    "site          supplier + Trade Name + City",
    "brand         by County: Santa Clara; Alameda and Contra Costa; all others",
    "grievance     one per row, external id = Case ID",
    "category      wages.underpayment; channel labour_inspectorate",
    f"received_at   End Date at 00:00 in {ZONE}, marked stand_in: the file's dates are the",
    "              period of the violations, not of a case",
    "workers       EEs Paid in Violation (0 is read as unknown where back wages were found)",
    "remedy        Backwages in USD; one case, referral and request per row with back wages > 0",
)
SYNTHETIC = (
    "brands and their relations (confirmed, from 2007-09-30), consents (share_brand_aggregate and",
    "share_deidentified_employer; share_cso where the CSO asks), headcounts, what suppliers claim,",
    "what workers confirm",
)


def read(path: Path) -> Dataset:
    """The records of `path`, with the rows that cannot be read beside them."""
    grievances: list[Grievance] = []
    refused: list[Refused] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            faults = list(_faults(line, row))
            refused.extend(faults)
            if not faults:
                grievances.append(_grievance(line, row))
    return Dataset("whd", MAPPING, SYNTHETIC, grievances, refused, ())


def _faults(line: int, row: Mapping[str, str]) -> Iterator[Refused]:
    """What cannot be read in a row."""
    for column in ("Case ID", "Trade Name", "City", "County"):
        if not row[column].strip():
            yield Refused(line, column, "empty")
    try:
        Decimal(row["Backwages"])
    except InvalidOperation:
        yield Refused(line, "Backwages", f"{row['Backwages']!r} is no amount, such as 1520.50")
    if not row["EEs Paid in Violation"].isdigit():
        read = row["EEs Paid in Violation"]
        yield Refused(line, "EEs Paid in Violation", f"{read!r} is no number, such as 12")
    try:
        _end(row)
    except ValueError:
        yield Refused(line, "End Date", f"{row['End Date']!r} is no date, such as 9/24/2015")


def _end(row: Mapping[str, str]) -> datetime:
    day = datetime.strptime(row["End Date"].strip(), "%m/%d/%Y")  # noqa: DTZ007 - a day, placed below
    return day.replace(tzinfo=ZoneInfo(ZONE))


def _grievance(line: int, row: Mapping[str, str]) -> Grievance:
    trade_name = row["Trade Name"].strip()
    owed, paid = Decimal(row["Backwages"]), int(row["EEs Paid in Violation"])
    site = Site(
        supplier=row["Legal Name"].strip() or trade_name,
        name=trade_name,
        city=row["City"].strip(),
        country="US",
        time_zone=ZONE,
        brand=BRAND_OF.get(row["County"].strip(), OTHER_BRAND),
    )
    return Grievance(
        line=line,
        external_id=row["Case ID"].strip(),
        site=site,
        category="wages.underpayment",
        channel="labour_inspectorate",
        received_at=_end(row),
        received_at_basis="stand_in",
        workers=None if owed and not paid else paid,
        owed=owed,
        currency="USD",
    )
