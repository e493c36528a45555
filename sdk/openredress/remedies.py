"""What is read of a remediation: the request, the supplier's claims, what workers said."""

from __future__ import annotations

from openredress.records import Record


class RemediationRequest(Record):
    """A request for remedy; overdue is past `due_at` while open.

    `workers` is None unless `worded` is counted, `amount` also where a sum would point at somebody;
    `asks_for_money` tells that there is one. `case`, `referral`, `workers_counted`,
    `amount_agreed`, `release_at` and `cancelled_for` are there for the institute only, as is a
    request that has not been released (`released_at` None).
    """

    id: str
    supplier: str
    site: str
    categories: list[str]
    asked_outcome: str
    asks_for_money: bool
    amount: Record | None
    workers: int | None
    worded: str
    status: str
    round: int
    due_at: str
    released_at: str | None
    updated_at: str
    plan: Record | None
    contested_for: str | None
    has_several_sponsors: bool
    evidence_requested: Record | None
    escalations: list[Record]
    results: list[Record]
    case: str
    referral: str | None
    workers_counted: int | None
    amount_agreed: Record | None
    release_at: str | None
    cancelled_for: str | None


class ProgressReport(Record):
    """How one outcome of a plan stands, by the supplier's word; never changed."""

    id: str
    remediation_request: str
    round: int
    report_no: int
    planned_outcome: str
    state: str
    expected_on: str | None
    evidence: list[str]
    at: str


class CompletionClaim(Record):
    """The supplier's word that the remedy is done; never changed."""

    id: str
    remediation_request: str
    round: int
    claim_no: int
    outcomes: list[str]
    amount: Record | None
    workers: int | None
    completed_on: str
    claimed_at: str


class Validation(Record):
    """What workers said of a claim, with the `result` of the published rule; never changed."""

    id: str
    remediation_request: str
    validator: str
    round: int
    validation_no: int
    methods: list[str]
    validator_type: str
    at: str
    n_affected: int | None
    n_contacted: int
    n_confirmed: int
    n_disputed: int
    n_unreachable: int
    attempts: int
    days_of_attempts: int
    money_confirmed_in_full: bool | None
    independent_of_supplier: bool
    result: str
    recorded_at: str
