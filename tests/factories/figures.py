"""Rows of every table that figures read, made without a call and written as the owner.

What the interface refuses or what takes months is made here: late rows, moved clocks, old rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert

from openredress_api.cases.tables import CaseConsent, CaseIssue, CaseRecord, CaseStatusChange
from openredress_api.foundation.identifiers import dated_id, random_id
from openredress_api.grievances.tables import Grievance, StatusChange
from openredress_api.organisations.tables import Organisation, Relation, RelationConfirmation, Site
from openredress_api.placements.tables import Placement, WorkerStatement
from openredress_api.remediation.tables import (
    CompletionClaim,
    RemediationCase,
    RemediationRequest,
    WorkerValidation,
)
from openredress_api.workforce.tables import Headcount

# Parents first.
TABLES = {
    model.__tablename__: model.__table__
    for model in (
        *(Organisation, Site, Relation, RelationConfirmation, Headcount, Grievance, StatusChange),
        *(CaseRecord, CaseIssue, CaseConsent, CaseStatusChange, RemediationRequest),
        *(RemediationCase, CompletionClaim, WorkerValidation, Placement, WorkerStatement),
    )
}
START, END = date(2025, 1, 1), date(2025, 4, 1)
PERIOD = "2025-Q1"
# 30 days after the quarter ended at the last place on earth, written by hand.
CUT_OFF = datetime(2025, 5, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


class Rows:
    """Rows of a world by table, with the defaults that no figure depends on."""

    def __init__(self, institute: UUID) -> None:
        """`institute` owns cases and what workers said."""
        self.institute = institute
        self.tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}

    def add(self, table: str, **values: Any) -> dict[str, Any]:
        """One more row; returns it."""
        row = {"id": random_id(), **values}
        names = {column.name for column in TABLES[table].columns}
        self.tables[table].append({name: each for name, each in row.items() if name in names})
        return self.tables[table][-1]

    def write(self, connection: Connection) -> None:
        """Insert everything."""
        for name, rows in self.tables.items():
            table: Table = TABLES[name]  # type: ignore[assignment]  # mapped tables are Tables
            if rows:
                whole = {key: None for row in rows for key in row}
                connection.execute(insert(table), [whole | row for row in rows])

    def party(self, kind: str, *, is_sandbox: bool = True) -> UUID:
        """An organisation."""
        made = self.add(
            "organisation",
            organisation_id=dated_id(),
            type=kind,
            name=kind,
            country="TH",
            contacts={},
            is_sandbox=is_sandbox,
            clock_offset=timedelta(0),
            created_at=LONG_AGO,
            version=1,
        )
        return UUID(str(made["organisation_id"]))

    def site(self, supplier: UUID, zone: str) -> dict[str, Any]:
        """A site."""
        made = {"source_system": "t", "external_id": str(random_id()), "name": "Site"}
        stamps = {"created_at": LONG_AGO, "updated_at": LONG_AGO, "version": 1}
        return self.add(
            "site", organisation_id=supplier, country="TH", time_zone=zone, **made, **stamps
        )

    def relation(self, brand: UUID, site: Mapping[str, Any], **given: Any) -> dict[str, Any]:
        """A relation; `confirmed_at` None leaves it unconfirmed."""
        confirmed_at = given.pop("confirmed_at", LONG_AGO)
        made = {"valid_from": date(2024, 6, 1), "valid_to": None, "tier": 1, "version": 1} | given
        row = self.add(
            "relation",
            organisation_id=brand,
            recipient_id=site["organisation_id"],
            supplier_id=site["organisation_id"],
            partner_id=brand,
            site_id=site["id"],
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
            **made,
        )
        for confirmer in [] if confirmed_at is None else [site["organisation_id"], self.institute]:
            self.add(
                "relation_confirmation",
                organisation_id=confirmer,
                recipient_id=brand,
                relation_id=row["id"],
                confirmed_at=confirmed_at,
            )
        return row

    def headcount(self, site: Mapping[str, Any], month: int, total: int, **given: Any) -> None:
        """A site's workers at the end of a month of 2025."""
        made = {"updated_at": LONG_AGO, "is_synthetic": False, "source": "payroll"} | given
        self.add(
            "headcount",
            organisation_id=site["organisation_id"],
            site_id=site["id"],
            month=date(2025, month, 1),
            total=total,
            created_at=LONG_AGO,
            version=1,
            **made,
        )

    def grievance(
        self,
        site: Mapping[str, Any],
        received: datetime,
        steps: Iterable[tuple[str, datetime | None, datetime]],
        **given: Any,
    ) -> dict[str, Any]:
        """A row of the supplier's register with steps (status, stated moment, recorded)."""
        owner, steps = site["organisation_id"], list(steps)
        made = {"category": "wages.late_payment", "is_test": False, "updated_at": received} | given
        row = self.add(
            "grievance",
            organisation_id=owner,
            source_system="t",
            external_id=str(random_id()),
            site_id=site["id"],
            channel="hr_open_door",
            status=steps[-1][0] if steps else "received",
            received_at=received,
            received_at_basis="stated",
            is_anonymous=False,
            withdrawal_reason="fear",
            out_of_scope_reason="other",
            **{"created_at": received, "version": 1} | made,
        )
        for status, at, recorded in steps:
            self.add(
                "grievance_status_change",
                organisation_id=owner,
                recipient_id=owner,
                grievance_id=row["id"],
                to_status=status,
                at=at,
                source="reported",
                recorded_at=recorded,
            )
        return row

    def case(
        self,
        site: Mapping[str, Any],
        received: datetime,
        steps: Iterable[tuple[str, datetime]] = (),
        categories: Iterable[str] = ("wages.withheld",),
        **given: Any,
    ) -> dict[str, Any]:
        """A case with its steps and issues."""
        made = {"created_at": received, "is_test": False, "issues_at": received} | given
        row = self.add(
            "case_record",
            organisation_id=self.institute,
            supplier_id=site["organisation_id"],
            site_id=site["id"],
            status="received",
            channel="hotline_call",
            severity="s3_serious",
            received_at=received,
            received_at_basis="stated",
            updated_at=received,
            version=1,
            **made,
        )
        about = {"organisation_id": self.institute, "case_id": row["id"]}
        for status, at in steps:
            reasons = {
                "withdrawal_reason": "fear" if status == "withdrawn_by_worker" else None,
                "out_of_scope_reason": "other" if status == "out_of_scope" else None,
            }
            self.add("case_status_change", **about, to_status=status, changed_at=at, **reasons)
        for category in categories:
            self.add("case_issue", **about, category=category, created_at=made["issues_at"])
        return row

    def consent(
        self, case: Mapping[str, Any], n: int, state: str, at: datetime, **given: Any
    ) -> None:
        """A worker's answer, about being counted unless `scope` says otherwise."""
        self.add(
            "case_consent",
            organisation_id=self.institute,
            case_id=case["id"],
            n=n,
            state=state,
            method="spoken",
            language="my",
            recorded_at=at,
            **{"scope": "share_brand_aggregate"} | given,
        )

    def request(self, case: Mapping[str, Any]) -> dict[str, Any]:
        """A remediation request about a case."""
        made = self.add(
            "remediation_request",
            organisation_id=self.institute,
            recipient_id=case["supplier_id"],
            wire_id="rem_" + "0" * 26,
            site_id=case["site_id"],
            categories=["wages.withheld"],
            asked_outcome="wages_paid",
            asks_for_money=False,
            worded="all_in_situation",
            status="issued",
            round=1,
            due_at=CUT_OFF,
            released_at=LONG_AGO,
            updated_at=LONG_AGO,
            version=1,
        )
        self.add(
            "remediation_case",
            organisation_id=self.institute,
            request_id=made["id"],
            case_id=case["id"],
            asked_at=LONG_AGO,
        )
        return made

    def claim(self, request: Mapping[str, Any], number: int, at: datetime) -> None:
        """The supplier's word that round `number` is done."""
        self.add(
            "completion_claim",
            organisation_id=request["recipient_id"],
            recipient_id=self.institute,
            request_id=request["id"],
            round=number,
            claim_no=number,
            outcomes=["wages_paid"],
            completed_on=START,
            claimed_at=at,
        )

    def validation(
        self, request: Mapping[str, Any], number: int, result: str, confirmed: int, **given: Any
    ) -> None:
        """What workers said in round `number`; `recorded_at` and `no` are needed."""
        no, made = given.pop("no"), {"organisation_id": self.institute} | given
        self.add(
            "worker_validation",
            request_id=request["id"],
            round=number,
            validation_no=no,
            methods=["call_back_all"],
            validator_type="worker",
            at=made["recorded_at"],
            n_contacted=confirmed,
            n_confirmed=confirmed,
            n_disputed=0,
            n_unreachable=0,
            attempts=1,
            days_of_attempts=1,
            independent_of_supplier=True,
            result=result,
            **made,
        )

    def placement(self, agency: UUID, site: Mapping[str, Any], arrived: date, **given: Any) -> Any:
        """A placement at a site."""
        made = {"created_at": LONG_AGO, "is_test": False} | given
        return self.add(
            "placement",
            organisation_id=agency,
            source_system="t",
            external_id=str(random_id()),
            worker_pseudonym="W-1",
            origin="NP",
            destination="TH",
            supplier_id=site["organisation_id"],
            site_id=site["id"],
            status="working",
            arrived_on=arrived,
            no_fees_stated=True,
            fee_lines=[],
            agent_chain=[],
            updated_at=LONG_AGO,
            version=1,
            **made,
        )

    def statement(self, placement: Mapping[str, Any], **given: Any) -> None:
        """What the worker of a placement states."""
        made = {
            "no_fees_stated": False,
            "fee_lines": [],
            "no_intermediary_stated": False,
            "agent_chain": [],
            "share_in_aggregates": True,
            "created_at": datetime(2025, 4, 1, tzinfo=UTC),
        } | given
        self.add(
            "worker_statement",
            organisation_id=self.institute,
            agency_id=placement["organisation_id"],
            placement_id=placement["id"],
            stated_on=START,
            method="call_back_all",
            **made,
        )


def fee(amount: str, paid_by: str, fee_type: str = "cost.medical") -> dict[str, Any]:
    """A fee line as it is stored."""
    return {"fee_type": fee_type, "amount": amount, "paid_by": paid_by, "currency": "USD"}
