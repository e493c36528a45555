"""Use cases of what a recipient tells the workers: written, reviewed, and left for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api import cases, referrals
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode, random_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import Gone
from openredress_api.remediation import events
from openredress_api.remediation.actions import case_of_request, get_request
from openredress_api.remediation.tables import ResponseVerdict, WorkerResponse

KIND = "worker_response"


def to_workers_of_request(transaction: Transaction, request_id: UUID, words: str) -> WorkerResponse:
    """Write to the workers behind a request that the caller has received."""
    request = get_request(transaction, request_id)
    return _submit(transaction, words, request_id=request.id)


def to_workers_of_referral(
    transaction: Transaction, referral_id: UUID, words: str
) -> WorkerResponse:
    """Write to the workers behind a referral that the caller has received."""
    referral = referrals.get_referral(transaction, referral_id)
    return _submit(transaction, words, referral_id=referral.id)


def _submit(transaction: Transaction, words: str, **answered: UUID) -> WorkerResponse:
    response_id = random_id()
    made = WorkerResponse(
        organisation_id=transaction.context.organisation_id,
        id=response_id,
        recipient_id=transaction.context.institute_id,
        **answered,
        sealed=transaction.seal(_place(response_id), words.encode()),
        status="submitted",
        submitted_at=transaction.context.now,
        updated_at=transaction.context.now,
    )
    transaction.session.add(made)
    transaction.session.flush()
    events.response_submitted(transaction, made)
    return made


def responses_where(query: Mapping[str, Any]) -> Select[WorkerResponse]:
    """The answers that fit the filters of a list."""
    statement = select(WorkerResponse)
    if "status" in query:
        statement = statement.where(WorkerResponse.status == query["status"])
    return statement


def get_response(transaction: Transaction, response_id: UUID) -> WorkerResponse:
    """An answer that the caller wrote, or reviews; NotFound otherwise."""
    statement = select(WorkerResponse).where(WorkerResponse.id == response_id)
    return transaction.one(statement.execution_options(populate_existing=True))


def words_of(transaction: Transaction, response: WorkerResponse) -> str | None:
    """What an answer says, by the key of its sender; None once it was erased."""
    if not response.sealed:
        return None
    sealer, owner = transaction.services.sealer, response.organisation_id
    wrapped = select(func.gate.key_of_response(response.id))
    key = sealer.open_data_key(owner, lambda: transaction.session.execute(wrapped).scalar_one())
    return sealer.unseal(key, owner, _place(response.id), response.sealed).decode()


def verdict_on(transaction: Transaction, response_id: UUID) -> ResponseVerdict | None:
    """Why an answer was returned, if it was."""
    mine = ResponseVerdict.response_id == response_id
    return transaction.first(select(ResponseVerdict).where(mine))


def approve(transaction: Transaction, response_id: UUID, seen: int | None) -> WorkerResponse:
    """A reviewer finds that it harms nobody."""
    response = _decided(transaction, response_id, "approved", seen)
    events.response_approved(transaction, response, answers_of(response))
    return response


def send_back(
    transaction: Transaction, response_id: UUID, reason: str, seen: int | None
) -> WorkerResponse:
    """A reviewer does not let it pass; its sender may write another one."""
    response = _decided(transaction, response_id, "returned", seen)
    transaction.session.add(
        ResponseVerdict(
            organisation_id=response.recipient_id,
            response_id=response.id,
            recipient_id=response.organisation_id,
            reason=reason,
            at=transaction.context.now,
        )
    )
    transaction.session.flush()
    return response


def _decided(
    transaction: Transaction, response_id: UUID, verdict: str, seen: int | None
) -> WorkerResponse:
    person_with(transaction, "reviewer")
    move(transaction, KIND, response_id, verdict, seen)
    return get_response(transaction, response_id)


def deliver(transaction: Transaction, response_id: UUID, seen: int | None) -> WorkerResponse:
    """Leave an approved answer for the worker, who reads it with the receipt code."""
    response = get_response(transaction, response_id)
    person_with(transaction, "case_worker")
    move(transaction, KIND, response_id, "delivered", seen)
    words = words_of(transaction, response)
    if words is None:
        raise Gone("What it said was erased.")
    cases.write_to_worker(transaction, _case_of(transaction, response), words)
    return get_response(transaction, response_id)


def answers_of(response: WorkerResponse) -> str:
    """The wire id of what is answered."""
    return encode(*_answered(response))


def _answered(response: WorkerResponse) -> tuple[str, UUID]:
    if response.request_id is not None:
        return "rem", response.request_id
    return "ref", cast("UUID", response.referral_id)  # the table has one of the two in each row


def _case_of(transaction: Transaction, response: WorkerResponse) -> UUID:
    kind, record = _answered(response)
    return (case_of_request if kind == "rem" else referrals.case_of)(transaction, record)


def _place(response_id: UUID) -> str:
    return f"worker_response:{response_id}"
