"""What is read of fees that are repaid: agreements, payments, what workers said, balances."""

from __future__ import annotations

from openredress.records import Record


class RepaymentAgreement(Record):
    """What a payer is to repay, or to pay late, to groups of workers, in instalments.

    `workers` and `amount` of a group are None where they would point at somebody. `request` and
    `cancelled_for` are there for the institute only.
    """

    id: str
    payer: str
    asked_outcome: str
    site: str | None
    corridor: Record | None
    currency: str
    groups: list[Record]
    instalments: list[Record]
    status: str
    contested_for: str | None
    offered_at: str | None
    agreed_at: str | None
    updated_at: str
    request: str | None
    cancelled_for: str | None


class Repayment(Record):
    """The payer's word on what it has paid in all of one instalment to one group.

    Never changed: the next `claim_no` replaces it. `state` is claimed, replaced, or the result.
    """

    id: str
    repayment_agreement: str
    instalment_no: int
    group: str
    amount: str
    currency: str
    workers: int
    paid_on: str
    method: str
    evidence: list[str]
    round: int
    claim_no: int
    reported_at: str
    state: str


class RepaymentValidation(Record):
    """What workers said of a payment, with the `result` of the published rule; never changed."""

    id: str
    repayment_agreement: str
    payment: str
    validator: str
    validation_no: int
    amount_confirmed: str | None
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
    independent_of_supplier: bool
    result: str
    recorded_at: str


class RepaymentBalance(Record):
    """Where an agreement stands at `as_of`: None was not told or not said, "0.00" is a zero.

    `workers_validated` is not there for the payer.
    """

    repayment_agreement: str
    as_of: str
    currency: str
    agreed: str | None
    claimed: str | None
    validated: str | None
    outstanding: str | None
    overdue: list[int]
    agreed_at: str | None
    last_validated_at: str | None
    parts: list[Record]
    workers_validated: int


class RepaymentProposal(Record):
    """What may be owed, per currency and fee type, as workers and agencies state it."""

    placements: int
    statements: int
    not_shared: int
    lines: list[Record]
