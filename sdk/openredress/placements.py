"""Placements: how one worker, known by a pseudonym, came to a job, and what it cost whom."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "placements"


class Placement(Record):
    """A placement as its agency states it; an amount is text: `amount` "1520.50" in `currency`.

    `contract_match` tells how the contract at arrival compares with the one at origin; the server
    works it out, and `contract_differences` names the terms, such as `wage.worse`.

    A fee line has `fee_type`, `amount`, `currency`, `paid_by`, `stage`, `paid_at`, `paid_to_hop`,
    `repaid_amount`, `repaid_at` and `evidence`, a list of ids. A hop has `seq`, `role`, `country`,
    `organisation_name`, `pseudonym`, `admin1`, `licence_no`, `authority`, `valid_on`, `registered`
    and `checked_at`.
    """

    id: str
    organisation: str
    external_id: str
    source_system: str
    worker_pseudonym: str | None
    origin: str
    destination: str
    site: str | None
    job_order_ref: str | None
    status: str
    end_reason: str | None
    arrived_on: str | None
    contract_origin: Record | None
    contract_arrival: Record | None
    contract_match: str
    contract_differences: list[str]
    no_fees_stated: bool
    fee_lines: list[Record]
    agent_chain: list[Record]
    is_test: bool
    voided_at: str | None
    void_reason: str | None
    missing_from_source_since: str | None
    updated_at: str


class WorkerStatement(Record):
    """What a worker says of the own placement, beside what the agency says.

    `agency_stated` is the agency's side as it stands at the time of reading. Fee lines here have
    `repayment_validated` too, and hops of both sides `disclosed_by`: worker, agency or both.
    `chain_mismatch` names hops such as `informal_broker@NP` that the worker alone states, and what
    both state differently of one hop, such as `licensed_agency_origin@NP.licence_no`.
    """

    id: str
    placement: str
    stated_on: str
    method: str
    no_fees_stated: bool
    fee_lines: list[Record]
    no_intermediary_stated: bool
    agent_chain: list[Record]
    contract_arrival: Record | None
    share_in_aggregates: bool
    agency_stated: Record
    first_mile_known: bool
    chain_mismatch: list[str]
    fee_totals: list[Record]
    contract_match: str
    contract_differences: list[str]
    created_at: str


class Interview(Record):
    """What a worker said some time after arrival."""

    id: str
    placement: str
    held_on: str
    method: str
    document_in_hand: str
    in_debt: str
    debt_months: int | None
    share_in_aggregates: bool
    created_at: str


class Placements(Capability):
    """`/v1/placements`, `/v1/worker-statements` and `/v1/interviews`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> Placement:
        """Store a placement by the agency's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(Placement, _PATH, identity, body)

    def get(self, placement_id: str) -> Placement:
        """Return one placement."""
        return self._get(Placement, _PATH, placement_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Placement]:
        """Iterate over placements; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(Placement, _PATH, cursor=cursor, updated_since=updated_since, **filters)

    def void(
        self,
        placement_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Placement:
        """Void a placement that should never have been stated; a tombstone stays."""
        body = {"reason": reason}
        segments = (_PATH, placement_id, "void")
        return self._post(Placement, *segments, body=body, key=idempotency_key, etag=etag)

    def add_worker_statement(
        self, placement_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> WorkerStatement:
        """Add what the worker states; fees, hops and terms that an agency may not know."""
        segments = (_PATH, placement_id, "worker-statements")
        return self._post(WorkerStatement, *segments, body=body, key=idempotency_key)

    def statements(self, placement_id: str) -> Listing[WorkerStatement]:
        """Iterate over what workers stated of a placement, oldest first."""
        return self._list(WorkerStatement, _PATH, placement_id, "worker-statements")

    def get_statement(self, statement_id: str) -> WorkerStatement:
        """Return one worker's statement."""
        return self._get(WorkerStatement, "worker-statements", statement_id)

    def add_interview(
        self, placement_id: str, *, idempotency_key: str | None = None, **body: object
    ) -> Interview:
        """Add what the worker said in an interview after arrival; no agency reads it."""
        segments = (_PATH, placement_id, "interviews")
        return self._post(Interview, *segments, body=body, key=idempotency_key)

    def interviews(
        self, placement_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[Interview]:
        """Iterate over the interviews about a placement, oldest first."""
        return self._list(Interview, _PATH, placement_id, "interviews", cursor=cursor, **filters)

    def get_interview(self, interview_id: str) -> Interview:
        """Return one interview."""
        return self._get(Interview, "interviews", interview_id)
