"""Who may see which row, stated once more and independently of the product (domain, 5.3).

The product is never asked: rows are read by the owner, readers come from the table below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from openredress_api.foundation.identifiers import encode
from tests.factories.estate import Estate

# Kind of id on the wire and the table behind it.
TABLES = {
    "org": "organisation",
    "site": "site",
    "rel": "relation",
    "grv": "grievance",
    "gsc": "grievance_status_change",
    "hc": "headcount",
    "mec": "mechanism",
    "cvl": "contact_volume",
    "eng": "engagement_event",
    "svy": "awareness_survey",
    "prb": "reachability_probe",
    "plc": "placement",
    "stm": "worker_statement",
    "imp": "bulk_import",
    "map": "import_mapping",
    "itv": "post_arrival_interview",
    "jor": "job_order",
    "rcl": "recruiter_listing",
    "reg": "agency_register_entry",
    "evd": "evidence",
    "evl": "evidence_link",
    "case": "case_record",
    "iss": "case_issue",
    "con": "case_consent",
    "ctc": "contact",
    "obs": "case_observation",
    "ref": "referral",
    "saf": "safety_assessment",
    "rtw": "retaliation_watch",
    "ckb": "check_back",
    "hld": "site_hold",
    "wrk": "worker_in_case",
    "idr": "identity_request",
    "onw": "onward_request",
    "rem": "remediation_request",
    "clm": "completion_claim",
    "val": "worker_validation",
    "prg": "progress_report",
    "rsp": "worker_response",
    "spn": "sponsorship",
    "sys": "systemic_action",
    "ers": "erasure_request",
    "lgl": "legal_request",
    "rpa": "repayment_agreement",
    "pay": "repayment_payment",
    "rpv": "repayment_validation",
    "tsk": "task",
    "whe": "webhook_endpoint",
    "whk": "webhook_key",
    "elg": "endpoint_log",
    "dlv": "delivery",
    "rpl": "webhook_replay",
    "evt": "event",
    "csm": "feed_consumer",
    "mrl": "metric_release",
    "mrp": "metric_report",
}
PREFIXES = {table: prefix for prefix, table in TABLES.items()}
# Who reads the rows of each table. owner: the row's organisation · recipient: whom it is sent to ·
# institute · side: of the relation that is confirmed · partner: of a confirmed relation with the
# site · assigned: the CSO at work on the case, while the worker agrees · audience: the recipient
# once the release is published · payer: the recipient of what was offered, and of it what is told ·
# addressee: the recipient once it was released.
SEES = {
    "organisation": "owner institute",
    "person": "owner institute",
    "data_key": "owner",
    "idempotency": "owner",
    "audit": "owner",
    "site": "owner partner institute",
    "site_alias": "owner institute",
    "relation": "owner recipient institute",
    "relation_confirmation": "owner recipient side institute",
    "event": "owner",
    "feed_head": "owner",
    "webhook_endpoint": "owner",
    "webhook_key": "owner",
    "delivery": "owner",
    "attempt": "owner",
    "webhook_replay": "owner",
    "webhook_manifest": "owner",
    "endpoint_log": "owner",
    "feed_consumer": "owner",
    "grievance": "owner institute",
    "grievance_status_change": "owner recipient institute",
    "headcount": "owner institute",
    "mechanism": "owner institute",
    "contact_volume": "owner institute",
    "engagement_event": "owner institute",
    "awareness_survey": "owner institute",
    "reachability_probe": "owner institute",
    "placement": "owner institute",
    "worker_statement": "owner",
    "post_arrival_interview": "owner",
    "job_order": "owner institute",
    "recruiter_listing": "owner institute",
    "agency_register_entry": "owner institute",
    "content": "owner",
    "content_part": "owner",
    "evidence": "owner institute",
    "evidence_copy": "owner institute",
    "evidence_link": "owner",
    "case_record": "owner assigned",
    "case_issue": "owner assigned",
    "case_consent": "owner",
    "case_status_change": "owner",
    "case_assignment": "owner recipient",
    "contact": "owner",
    "case_severity_change": "owner",
    "case_observation": "owner assigned",
    "case_safe_contact": "owner assigned",
    "case_receipt_code": "owner",
    "case_message": "owner assigned",
    "follow_up_tries": "owner",
    "referral": "owner addressee",
    "referral_case": "owner",
    "referral_status_change": "owner recipient institute",
    "deletion_receipt": "owner recipient institute",
    "onward_request": "owner recipient",
    "safety_assessment": "owner",
    "retaliation_watch": "owner",
    "check_back": "owner",
    "site_hold": "owner",
    "worker_in_case": "owner",
    "identity_request": "owner",
    "remediation_request": "owner addressee assigned",
    "remediation_case": "owner",
    "remediation_notice": "owner",
    "remediation_plan": "owner recipient",
    "remediation_contest": "owner recipient",
    "completion_claim": "owner recipient assigned",
    "worker_validation": "owner institute",
    "validation_result_notice": "owner recipient institute",
    "progress_report": "owner recipient",
    "evidence_demand": "owner recipient",
    "escalation": "owner recipient",
    "worker_response": "owner recipient",
    "response_verdict": "owner recipient",
    "sponsorship": "owner recipient",
    "duplicate_decision": "owner",
    "systemic_action": "owner recipient",
    "systemic_verdict": "owner recipient",
    "erasure_request": "owner",
    "legal_request": "owner",
    "legal_decision": "owner",
    "repayment_agreement": "owner payer assigned",
    "repayment_basis": "owner",
    "repayment_due": "owner payer assigned",
    "repayment_contest": "owner recipient",
    "repayment_payment": "owner recipient assigned",
    "repayment_validation": "owner institute assigned",
    "repayment_result": "owner recipient institute",
    "task": "owner",
    "job": "owner",
    "bulk_import": "owner",
    "bulk_import_finding": "owner",
    "bulk_import_batch": "owner",
    "import_mapping": "owner",
    "metric_release": "owner",
    "metric_report": "owner audience",
    "metric_cell": "owner audience",
}
# Columns of a shared row that only its owner may read.
INSIDE = {"case_record": ("external_ref",)}
_MARK = re.compile(r"mark\d{4}z|0\.77(?:\d{4}){2}7")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WIRE = re.compile(r"\b[a-z]{2,4}_[0-7][0-9a-hjkmnp-tv-z]{25}\b")


@dataclass(frozen=True)
class Row:
    """One stored row, its place in its table, and the organisations that may read it."""

    table: str
    place: str
    columns: Mapping[str, Any]
    readers: frozenset[UUID]

    @property
    def id(self) -> str:
        """The row's id on the wire."""
        column = "organisation_id" if self.table == "organisation" else "id"
        return encode(PREFIXES[self.table], UUID(self.columns[column]))


class Oracle:
    """All rows of an estate as they stand, with their readers."""

    def __init__(self, made: Estate) -> None:
        self._made = made
        self._institute = made.world.institute.organisation_id
        stored = _stored(made)
        self._case_of = {
            link["request_id"]: UUID(link["case_id"]) for _, link in stored["remediation_case"]
        }
        self._offered = {
            row["id"] for _, row in stored["repayment_agreement"] if row["status"] != "drafted"
        }
        # Of an agreement that came of a case, and was offered: the case.
        self._case_of |= {
            basis["agreement_id"]: self._case_of[basis["request_id"]]
            for _, basis in stored["repayment_basis"]
            if basis["request_id"] and basis["agreement_id"] in self._offered
        }
        self._sides = {
            relation["id"]: {UUID(relation["organisation_id"]), UUID(relation["recipient_id"])}
            for _, relation in stored["relation"]
        }
        self.rows = {
            table: [Row(table, place, row, self._readers(table, row)) for place, row in found]
            for table, found in stored.items()
        }
        self._foreign = self._marks()

    def _readers(self, table: str, row: Mapping[str, Any]) -> frozenset[UUID]:
        ways: dict[str, Callable[[], set[UUID]]] = {
            "owner": lambda: {UUID(row["organisation_id"])},
            "recipient": lambda: {UUID(row["recipient_id"])},
            "addressee": lambda: {UUID(row["recipient_id"])} if row["released_at"] else set(),
            "institute": lambda: {self._institute},
            "partner": lambda: self._made.partners.get(UUID(row["id"]), set()),
            "side": lambda: self._sides[row["relation_id"]],
            "assigned": lambda: self._assigned(self._case(table, row)),
            "payer": lambda: (
                {UUID(row["recipient_id"])}
                if row.get("agreement_id", row.get("id")) in self._offered and row.get("told", True)
                else set()
            ),
            "audience": lambda: (
                {UUID(row["recipient_id"])}
                if UUID(row["release_id"]) in self._made.published
                else set()
            ),
        }
        return frozenset().union(*(ways[way]() for way in SEES[table].split()))

    def _assigned(self, case: UUID | None) -> set[UUID]:
        return self._made.assigned.get(case, set()) if case else set()

    def _case(self, table: str, row: Mapping[str, Any]) -> UUID | None:
        if table == "case_record":
            return UUID(row["id"])
        if table.startswith("case_"):
            return UUID(row["case_id"])
        if table.startswith("repayment_"):
            return self._case_of.get(
                row["id" if table == "repayment_agreement" else "agreement_id"]
            )
        return self._case_of[row["id" if table == "remediation_request" else "request_id"]]

    def _marks(self) -> dict[UUID, frozenset[str]]:
        """For each organisation every id and text that stands in none of its own rows."""
        known: dict[UUID, set[str]] = {one.organisation_id: set() for one in self.parties}
        everything: set[str] = set()
        for row in (row for rows in self.rows.values() for row in rows):
            hidden = INSIDE.get(row.table, ())
            for name, value in row.columns.items():
                said = _said(row.table, name, value)
                everything |= said
                for reader in row.readers:
                    if name not in hidden or reader == UUID(row.columns["organisation_id"]):
                        known[reader] |= said
        return {reader: frozenset(everything - said) for reader, said in known.items()}

    @property
    def parties(self) -> list[Any]:
        """Every party that may call."""
        return list(self._made.parties.values())

    def of(self, table: str, reader: UUID, *, foreign: bool = False) -> list[Row]:
        """The rows of a table that `reader` may read, or those it may not."""
        return [row for row in self.rows[table] if (reader in row.readers) is not foreign]

    def standing(self, table: str, reader: UUID | None = None) -> list[Row]:
        """The rows of a table, or of one reader, but those that are kept and count as deleted."""
        rows = self.rows[table] if reader is None else self.of(table, reader)
        return [row for row in rows if row.columns.get("state") != "deleted"]

    def deleted(self, prefix: str) -> list[str]:
        """Ids of that kind that are nobody's any more: they lead nowhere, for their owner too."""
        return self._made.deleted[prefix]

    def leaks(self, reader: UUID, answer: str) -> set[str]:
        """What of other organisations' rows stands in an answer to `reader`."""
        found = {*_WIRE.findall(answer), *_MARK.findall(answer)}
        return found & self._foreign[reader]


def _said(table: str, column: str, value: Any) -> set[str]:
    """The marks and wire ids that a column can put into an answer."""
    written = value if isinstance(value, str) else json.dumps(value)
    said = {*_MARK.findall(written), *_WIRE.findall(written)}
    for found in _UUID.findall(written):
        # The kind of a reference is not in the row: each that the id could be is a way to show it.
        prefixes = TABLES if column != "id" else (PREFIXES.get(table, "evt"),)
        said |= {encode(prefix, UUID(found)) for prefix in prefixes}
    return said


def _stored(made: Estate) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Every row of every table that the app role has a policy on, as the owner reads it."""
    with made.installation.as_owner() as connection:
        tables = connection.scalars(
            text("SELECT DISTINCT tablename FROM pg_policies WHERE roles = '{openredress_app}'")
        ).all()
        assert set(tables) == set(SEES), "each table with a policy has its row in SEES"
        return {
            table: [
                (row.place, row.content)
                for row in connection.execute(
                    text(
                        f"SELECT t.tableoid || ':' || t.ctid::text AS place, "  # noqa: S608 - a table's name
                        f"to_jsonb(t) AS content FROM {table} t"
                    )
                )
            ]
            for table in tables
        }
