"""Real public registers fit the shapes of this room; what is refused stands here with its reason.

Row numbers count from 1 below the heading. Names of persons are left where they are: agents that
are no firms, and whoever stands behind the colon of an agent's name.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from marshmallow import ValidationError

from openredress_api.foundation.fields import WireSchema
from openredress_api.foundation.intake import Intake
from openredress_api.placements import intake
from openredress_api.vocabulary import TAXONOMIES, nearest

FOLDER = Path(__file__).parents[4] / "shared" / "realdata"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
Row = Mapping[str, str]
PERIODS = {
    "Hourly": "hour",
    "Daily": "day",
    "Weekly": "week",
    "Monthly": "month",
    "Annual": "year",
    "HR": "hour",
    "WK": "week",
    "MTH": "month",
    "BI": "fortnight",
    "": None,
}
STATUSES = {
    "Received": "submitted",
    "Incomplete": "incomplete",
    "Modification": "in_modification",
    "Certified - Full": "certified",
    "Certified - Partial": "partly_certified",
    "Denied": "denied",
    "Withdrawn": "withdrawn",
    "Determination Issued - Certification": "certified",
    "Determination Issued - Partial Certification": "partly_certified",
    "Determination Issued - Certification (Returned)": "returned",
    "Determination Issued - Partial Certification (Returned)": "returned",
    "Determination Issued - Denied": "denied",
    "Determination Issued - Rejected": "rejected",
}


def said(text: str) -> str | None:
    """A cell, or None where it says that there is nothing."""
    return None if text.strip().casefold() in {"", "n/a", "na"} else text.strip()


def count(text: str) -> int | None:
    """A whole number, or None."""
    return int(text) if text else None


def day(text: str) -> str | None:
    """The day of a moment, in either of the two forms."""
    if "/" in text:
        return f"{datetime.strptime(text, '%m/%d/%y %H:%M:%S').replace(tzinfo=UTC):%Y-%m-%d}"
    return text[:10] or None


def sum_of(text: str) -> str:
    """An amount without the zeros that stand for nothing."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def wage(amount: str, period: str) -> dict[str, Any] | None:
    """A wage in dollars, or None."""
    if not amount:
        return None
    return {"amount": sum_of(amount), "currency": "USD", "period": PERIODS[period]}


@cache
def country(words: str) -> str | None:
    """The code of a country in words."""
    return nearest(TAXONOMIES["country"], words)


def key(*parts: str) -> str:
    """An identifier for a row that has none of its own."""
    whole = "/".join(parts)
    return (
        whole if len(whole) <= 120 else f"{parts[0]}/{hashlib.sha256(whole.encode()).hexdigest()}"
    )


def h2a_2006(row: Row) -> dict[str, Any]:
    """The oldest schema: months of two-digit years, rates of four decimals."""
    return {
        "external_id": key(row["Case_Number"], row["Employer_Name"], row["Nbr_Workers_Requsted"]),
        "employer_name": row["Employer_Name"],
        "title": said(row["Job_Title"]),
        "destination": "US",
        "workers_requested": count(row["Nbr_Workers_Requsted"]),
        "workers_certified": count(row["Nbr_Workers_Certified"]),
        "status": STATUSES[row["Case_Status"]],
        "starts_on": day(row["Certification_Begin_Date"]),
        "ends_on": day(row["Certification_End_Date"]),
        "wage": wage(row["Basic_Rate_of_Pay"], row["Wage_Rate_Per"]),
        "hours_per_week": said(row["Basic_Nbr_Hours"]),
    }


def h2a_2011(row: Row) -> dict[str, Any]:
    """The middle schema: one row per employer of a filing."""
    parts = ("CASE_NO", "EMPLOYER_NAME", "EMPLOYER_CITY", "NBR_WORKERS_REQUESTED")
    return {
        "external_id": key(*(row[part] for part in parts)),
        "employer_name": row["EMPLOYER_NAME"],
        "title": said(row["JOB_TITLE"]),
        "destination": "US",
        "worksite_city": said(row["ALIEN_WORK_CITY"]),
        "worksite_admin1": said(row["ALIEN_WORK_STATE"]),
        "workers_requested": count(row["NBR_WORKERS_REQUESTED"]),
        "workers_certified": count(row["NBR_WORKERS_CERTIFIED"]),
        "status": STATUSES[row["CASE_STATUS"]],
        "submitted_on": day(row["CASE_RECEIVED_DATE"]),
        "decided_on": day(row["DECISION_DATE"]),
        "starts_on": day(row["CERTIFICATION_BEGIN_DATE"] or row["REQUESTED_START_DATE_OF_NEED"]),
        "ends_on": day(row["CERTIFICATION_END_DATE"] or row["REQUESTED_END_DATE_OF_NEED"]),
        "wage": wage(row["BASIC_RATE_OF_PAY"], row["BASIC_UNIT_OF_PAY"]),
        "hours_per_week": said(row["BASIC_NUMBER_OF_HOURS"]),
    }


def h2b_2019(row: Row) -> dict[str, Any]:
    """The newest schema: occupation and sector codes; overtime 0 stands for none stated."""
    pay = wage(row["BASIC_RATE_OF_PAY"], row["PAY_RANGE_UNIT"])
    overtime = said(row["OVERTIME_RATE_FROM"])
    return {
        "external_id": row["CASE_NUMBER"],
        "employer_name": said(row["EMPLOYER_NAME"]),
        "title": said(row["JOB_TITLE"]),
        "occupation_code": said(row["SOC_CODE"]),
        "occupation_system": "soc" if said(row["SOC_CODE"]) else None,
        "sector_code": said(row["NAICS_CODE"]),
        "sector_system": "naics" if said(row["NAICS_CODE"]) else None,
        "destination": "US",
        "worksite_city": said(row["WORKSITE_CITY"]),
        "worksite_admin1": said(row["WORKSITE_STATE"]),
        "workers_requested": count(row["NBR_WORKERS_REQUESTED"]),
        "workers_certified": count(row["NBR_WORKERS_CERTIFIED"]),
        "status": STATUSES[row["CASE_STATUS"]],
        "submitted_on": day(row["SUBMITTED_DATE"]),
        "decided_on": day(row["DECISION_DATE"]),
        "starts_on": day(row["CERTIFICATION_BEGIN_DATE"] or row["JOB_START_DATE"]),
        "ends_on": day(row["CERTIFICATION_END_DATE"] or row["JOB_END_DATE"]),
        "wage": pay,
        "overtime_wage": overtime if overtime != "0" and pay else None,
        "hours_per_week": said(row["BASIC_NUMBER_OF_HOURS"]),
        "agent_name": said(row["LAWFIRM_NAME"]),
    }


def recruiter(row: Row) -> dict[str, Any]:
    """One recruiter of Appendix C; the state stands in one of two columns."""
    name = "RECRUITER_EMPLOYER_{}".format
    return {
        "external_id": key(*(value for part, value in row.items() if part[0] != "N")),
        "job_order_ref": row["CASE_NUMBER"],
        "organisation_name": said(row[name("NAME")]),
        "city": said(row[name("CITY")]),
        "admin1": said(row[name("STATE")]) or said(row[name("PROVINCE")]),
        "country": country(row[name("COUNTRY")]),
        "persons_named": count(row["N_NAMED_RECRUITERS"]),
    }


def debarment(row: Row) -> dict[str, Any]:
    """One debarment; two of them are of Canadian provinces."""
    state, _, abroad = row["State"].partition(", ")
    return {
        "external_id": key(row["Program"], row["Entity Debarred"], row["Start Date"]),
        "kind": "debarment",
        "subject_name": row["Entity Debarred"],
        "city": said(row["City"]),
        "admin1": said(state),
        "country": "CA" if abroad == "Canada" else "US",
        "register": row["Program"],
        "valid_from": row["Start Date"],
        "valid_until": said(row["End Date"]),
        "source_note": said(f"{row['Sources']} {row['Notes']}"),
    }


def case_of_agent(row: Row) -> dict[str, Any]:
    """One case in which an agent acted; it is listed on one day, without a finding."""
    return {
        "external_id": row["case_no"],
        "kind": "case_listed",
        "subject_name": row["agent_name"].partition(":")[0],
        "country": "US",
        "register": "H-2A certifications",
        "reference": row["case_no"],
        "valid_from": row["last_event_date"],
        "valid_until": row["last_event_date"],
        "related_employer_name": row["employer_name"],
        "status": row["case_status"],
    }


class Source(NamedTuple):
    """A file, how its rows are read, and the rows that are refused, each with its reason."""

    file: str
    kind: Intake
    read: Callable[[Row], dict[str, Any]]
    refused: Mapping[int, str]


NO_HOURS = "0 hours a week is no job; hours that are not known are left out"
NO_WAGE = "a wage of 0 is no wage; one that is not known is left out"
NO_EMPLOYER = "a request for workers without an employer is none"
SOURCES = (
    Source("oflc_h2a_fy2006.csv", intake.JOB_ORDER, h2a_2006, {}),
    Source(
        "oflc_h2a_fy2011.csv",
        intake.JOB_ORDER,
        h2a_2011,
        dict.fromkeys((4935, 5885, 7291), NO_HOURS),
    ),
    Source(
        "oflc_h2b_fy2019_terms.csv",
        intake.JOB_ORDER,
        h2b_2019,
        dict.fromkeys((2, 7439, 9027), NO_EMPLOYER)
        | dict.fromkeys((474, 2861, 2879, 2882), NO_WAGE)
        | {
            3254: "an e-mail address stands where the agent's name should",
            8576: "it ends before it starts",
        },
    ),
    Source(
        "oflc_h2b_appendix_c_fy2022q2_orgs.csv",
        intake.RECRUITER_LISTING,
        recruiter,
        {},
    ),
    Source("buzzfeed_h2_debarments_2010_2014.csv", intake.REGISTER_ENTRY, debarment, {}),
    Source(
        "buzzfeed_h2_nac_certifications_2014_2015.csv", intake.REGISTER_ENTRY, case_of_agent, {}
    ),
)


def rows(source: Source) -> Iterator[tuple[int, Row]]:
    """The rows of a file with their numbers."""
    with (FOLDER / source.file).open(encoding="utf-8-sig", newline="") as file:
        yield from enumerate(csv.DictReader(file), 1)


def judge(source: Source, schema: WireSchema, row: Row) -> tuple[list[str], dict[str, Any]]:
    """The places of what is wrong with a row, and its columns if nothing is."""
    given = source.read(row) | {"source_system": "public"}
    try:
        loaded = schema.load(given)
    except ValidationError as fault:
        return [f"/{name}" for name in fault.messages], {}
    wrong = [error.pointer for error in source.kind.check(loaded, NOW)]
    return wrong, {} if wrong else dict(source.kind.stored(loaded))


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the real files are not beside the project")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.file)
def test_real_rows_are_taken_or_refused_for_a_reason(
    source: Source, record_property: Callable[[str, object], None]
) -> None:
    """Exactly the rows that were said beforehand are refused; no two others share an identity."""
    schema = source.kind.schema()
    refused, identities, taken = {}, {}, 0
    for number, row in rows(source):
        wrong, columns = judge(source, schema, row)
        if wrong:
            refused[number] = wrong
        else:
            taken += 1
            content = {name: columns[name] for name in source.kind.content}
            known = identities.setdefault(columns["external_id"], content)
            assert known == content, f"row {number} would overwrite another one"
    assert set(refused) == set(source.refused), refused
    record_property("real", f"{source.file}: {taken} of {taken + len(refused)} taken")
