"""The four kinds of record that a sender keeps here, each described once.

A single PUT and the bulk importer store a record by the same description.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from openredress_api.foundation.fields import plain
from openredress_api.foundation.intake import NEW, PLAIN, UNCHANGED, Intake
from openredress_api.foundation.pushed import Pushed
from openredress_api.placements import rules
from openredress_api.placements.listings import EntryRow, JobOrderRow, ListingRow
from openredress_api.placements.schemas import PlacementRow
from openredress_api.placements.tables import (
    JobOrder,
    Placement,
    RecruiterListing,
    RegisterEntry,
)

KEY = ("source_system", "external_id")
PLACED = (
    *("worker_pseudonym", "origin", "destination", "site_id", "job_order_ref", "status"),
    *("end_reason", "arrived_on", "contract_origin", "contract_arrival", "no_fees_stated"),
    *("fee_lines", "agent_chain", "is_test"),
)
ORDERED = (
    *("employer_name", "title", "occupation_code", "occupation_system", "sector_code"),
    *("sector_system", "origin", "destination", "worksite_city", "worksite_admin1"),
    *("workers_requested", "workers_certified", "status", "submitted_on", "decided_on"),
    *("starts_on", "ends_on", "wage_amount", "wage_currency", "wage_period", "overtime_wage"),
    *("hours_per_week", "agent_name"),
)
LISTED = (
    *("job_order_ref", "seq", "role", "organisation_name", "city", "admin1", "country"),
    *("persons_named", "registered"),
)
ENTERED = (
    *("kind", "subject_name", "subject_organisation_id", "city", "admin1", "country", "register"),
    *("reference", "authority", "valid_from", "valid_until", "related_employer_name", "status"),
    "source_note",
)
_SUMS = ("amount", "repaid_amount")
_AMOUNTS = ("overtime_wage", "deductions", "hours_per_week")
_SITE_UNKNOWN = "s.site_id IS NOT NULL AND s.site_id NOT IN (SELECT id FROM site)"
# An id within a document is text. Of files a sender sees its own, the institute all.
_EVIDENCE_UNKNOWN = (
    "s.fee_lines @? '$[*].evidence[*]' AND EXISTS (SELECT FROM "
    "jsonb_path_query(s.fee_lines, '$[*].evidence[*]') AS cited (id) "
    "WHERE (cited.id #>> '{}')::uuid NOT IN (SELECT e.id FROM evidence e))"
)
_BY_AGENCY = "(SELECT gate.current_type()) <> 'institute'"
_SUBJECT_UNKNOWN = (
    "s.subject_organisation_id IS NOT NULL "
    "AND s.subject_organisation_id NOT IN (SELECT organisation_id FROM organisation)"
)


def stored_placement(record: Mapping[str, Any]) -> dict[str, Any]:
    """A placement as columns: amounts and days within documents are text, never a float."""
    columns = {name: record[name] for name in (*KEY, *PLACED)}
    for name in ("contract_origin", "contract_arrival"):
        columns[name] = written_terms(record[name])
    columns["fee_lines"] = written_fees(record["fee_lines"])
    columns["agent_chain"] = written_chain(record["agent_chain"])
    return columns


def stored_job_order(record: Mapping[str, Any]) -> dict[str, Any]:
    """A job order as columns; the wage is three of them."""
    wage = record["wage"] or {}
    parts = {f"wage_{part}": wage.get(part) for part in ("amount", "currency", "period")}
    both = {**record, **parts}
    return {name: both[name] for name in (*KEY, *ORDERED)}


def stored_listing(record: Mapping[str, Any]) -> dict[str, Any]:
    """A recruiter listing as columns."""
    return {name: record[name] for name in (*KEY, *LISTED)}


def stored_entry(record: Mapping[str, Any]) -> dict[str, Any]:
    """A register entry as columns."""
    return {name: record[name] for name in (*KEY, *ENTERED)}


def written_fees(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fee lines as they are kept."""
    return [
        {
            **line,
            **{name: plain(line[name]) for name in _SUMS if line[name] is not None},
            "evidence": [str(each) for each in line["evidence"]],
        }
        for line in lines
    ]


def read_fees(kept: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What `written_fees` made; a line from before evidence could be cited cites none."""
    return [
        {**line, "evidence": [UUID(each) for each in line.get("evidence", ())]} for line in kept
    ]


def written_chain(hops: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """An agent chain as it is kept."""
    return [{**hop, "valid_on": hop["valid_on"] and str(hop["valid_on"])} for hop in hops]


def read_chain(kept: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What `written_chain` made; a hop from before that had no such day has none."""
    days = (hop.get("valid_on") for hop in kept)
    return [
        {**hop, "valid_on": day and date.fromisoformat(day)}
        for hop, day in zip(kept, days, strict=True)
    ]


def written_terms(terms: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Contract terms as they are kept."""
    if terms is None:
        return None
    amounts = {name: plain(terms[name]) for name in _AMOUNTS if terms[name] is not None}
    signed, digest = terms["signed_on"], terms["document_sha256"]
    texts = {"signed_on": signed and str(signed), "document_sha256": digest and digest.hex()}
    wage = {**terms["wage"], "amount": plain(terms["wage"]["amount"])}
    return {**terms, **amounts, **texts, "wage": wage}


def read_terms(kept: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What `written_terms` made, as it was loaded."""
    if kept is None:
        return None
    amounts = {name: Decimal(kept[name]) for name in _AMOUNTS if kept[name] is not None}
    signed, digest = kept["signed_on"], kept["document_sha256"]
    texts = {
        "signed_on": signed and date.fromisoformat(signed),
        "document_sha256": digest and bytes.fromhex(digest),
    }
    wage = {**kept["wage"], "amount": Decimal(kept["wage"]["amount"])}
    return {**kept, **amounts, **texts, "wage": wage}


def _table(mapped: type[Pushed]) -> Table:
    table: Table = mapped.__table__  # type: ignore[assignment]  # mapped tables are Tables
    return table


PLACEMENT = Intake(
    name="placement",
    prefix="plc",
    senders={"agency": "placements:write"},
    schema=PlacementRow,
    table=_table(Placement),
    key=KEY,
    content=PLACED,
    check=rules.check_placement,
    stored=stored_placement,
    sealed=("worker_pseudonym",),
    verdicts=(
        (_SITE_UNKNOWN, "not_a_site"),
        (_EVIDENCE_UNKNOWN, "not_evidence"),
        ("t.id IS NULL", NEW),
        ("t.voided_at IS NOT NULL", "was_voided"),
        ("{same} AND t.missing_from_source_since IS NULL", UNCHANGED),
        ("NOT CAST(%(ways)s AS jsonb) -> s.status ? t.status", "no_way_from_present_status"),
    ),
    places={
        "not_a_site": "/site",
        "not_evidence": "/fee_lines",
        "was_voided": "/status",
        "no_way_from_present_status": "/status",
    },
    sets={"missing_from_source_since": "NULL"},
    present="t.status",
    marks_missing=True,
    params={"ways": json.dumps({status: rules.sources_of(status) for status in rules.STATUSES})},
)
JOB_ORDER = Intake(
    name="job_order",
    prefix="jor",
    senders={"agency": "placements:write"},
    schema=JobOrderRow,
    table=_table(JobOrder),
    key=KEY,
    content=ORDERED,
    check=rules.check_job_order,
    stored=stored_job_order,
    verdicts=PLAIN,
)
RECRUITER_LISTING = Intake(
    name="recruiter_listing",
    prefix="rcl",
    senders={"agency": "placements:write"},
    schema=ListingRow,
    table=_table(RecruiterListing),
    key=KEY,
    content=LISTED,
    check=rules.check_listing,
    stored=stored_listing,
    verdicts=PLAIN,
)
REGISTER_ENTRY = Intake(
    name="register_entry",
    prefix="reg",
    senders={"agency": "placements:write", "institute": "placements:state"},
    schema=EntryRow,
    table=_table(RegisterEntry),
    key=KEY,
    content=ENTERED,
    check=rules.check_entry,
    stored=stored_entry,
    verdicts=(
        (f"{_BY_AGENCY} AND s.kind <> 'licence'", "only_licences"),
        (
            f"{_BY_AGENCY} AND s.subject_organisation_id IS DISTINCT FROM %(me)s",
            "not_your_organisation",
        ),
        (_SUBJECT_UNKNOWN, "not_an_organisation"),
        *PLAIN,
    ),
    places={
        "only_licences": "/kind",
        "not_your_organisation": "/subject_organisation",
        "not_an_organisation": "/subject_organisation",
    },
)
INTAKES = (PLACEMENT, JOB_ORDER, RECRUITER_LISTING, REGISTER_ENTRY)
