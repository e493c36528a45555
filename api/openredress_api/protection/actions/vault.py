"""The identity vault: written by many, read once, by whom a custodian let (R19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, func, select

from openredress_api import cases
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    Gone,
    NotFound,
    NotPermitted,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.protection import events, rules
from openredress_api.protection.tables import IdentityRequest, WorkerInCase


class IdentityNotGranted(Conflict):
    """No custodian has granted this request."""

    code, title = "identity_not_granted", "Identity not granted"


def add_worker(
    transaction: Transaction, case_id: UUID, body: Mapping[str, Any]
) -> tuple[WorkerInCase, bool]:
    """Put a worker into the vault and link it to a case; whether the number was known before."""
    person_with(transaction)
    errors = rules.check_worker(body)
    if errors:
        raise ValidationFailed(errors=errors)
    cases.keeps_contact(cases.hold_case(transaction, case_id))
    session, phone = transaction.session, body["phone"]
    index = phone and transaction.blind_index("vault phone", rules.plain_phone(phone))
    known = index and session.scalar(select(func.gate.find_worker(index)))
    worker = known or random_id()
    sealed = transaction.seal(_place(worker), orjson.dumps(body))
    session.execute(select(func.gate.keep_worker(worker, case_id, index, sealed)))
    return _link(transaction, case_id, worker), known is not None


def _place(worker: UUID) -> str:
    return f"vault_worker:{worker}"


def _link(transaction: Transaction, case_id: UUID, worker_id: UUID) -> WorkerInCase:
    return transaction.one(
        select(WorkerInCase).where(WorkerInCase.case_id == case_id, WorkerInCase.id == worker_id)
    )


def get_worker(transaction: Transaction, case_id: UUID, worker_id: UUID) -> WorkerInCase:
    """That a worker is in a case, and nothing of who it is; NotFound otherwise."""
    cases.get_case(transaction, case_id)
    return _link(transaction, case_id, worker_id)


def workers_of(transaction: Transaction, case_id: UUID) -> Select[WorkerInCase]:
    """The workers of a case."""
    case = cases.get_case(transaction, case_id)
    return select(WorkerInCase).where(WorkerInCase.case_id == case.id)


def ask(transaction: Transaction, body: Mapping[str, Any]) -> IdentityRequest:
    """Ask for the identity of a worker of a case; in a critical case it may be taken at once."""
    person_with(transaction, "case_worker")
    request_id, glass = random_id(), body["break_glass"]
    asking = func.gate.ask_identity(
        request_id, body["worker"], body["case"], body["purpose"], glass
    )
    outcome = transaction.session.scalar(select(asking))
    if outcome == "absent":
        raise ValidationFailed(errors=[FieldError("/worker", Fault("not_in_this_case"))])
    if outcome == "not_critical":
        error = FieldError("/break_glass", Fault("only_if_critical"), glass)
        raise ValidationFailed(errors=[error])
    _check(outcome)
    request = get_request(transaction, request_id)
    events.identity(transaction, request, "taken_at_once" if glass else "asked")
    return request


def _check(outcome: str | None) -> None:
    """What the database refused whatever the caller's software says."""
    if outcome == "absent":
        raise NotFound
    if outcome == "forbidden":
        raise NotPermitted(
            "An identity is asked for and read by a case worker, and granted by a custodian who "
            "is another person and no administrator."
        )


def get_request(transaction: Transaction, request_id: UUID) -> IdentityRequest:
    """A request, whoever of the institute made it; NotFound otherwise."""
    statement = select(IdentityRequest).where(IdentityRequest.id == request_id)
    return transaction.one(statement.execution_options(populate_existing=True))


def decide(transaction: Transaction, request_id: UUID, verdict: str) -> IdentityRequest:
    """A custodian grants or refuses; granted, it can be read once within a day."""
    deciding = func.gate.decide_identity(request_id, verdict)
    outcome = transaction.session.scalar(select(deciding))
    _check(outcome)
    if outcome == "decided":
        raise StateTransitionNotAllowed("The request was decided already.")
    return get_request(transaction, request_id)


def read_identity(transaction: Transaction, request_id: UUID) -> dict[str, Any]:
    """Who the worker is: for the asker, once; Gone afterwards and when the day is over."""
    reading = func.gate.read_identity(request_id).table_valued("outcome", "sealed")
    outcome, sealed = transaction.session.execute(select(reading)).one()
    _check(outcome)
    if outcome == "not_granted":
        raise IdentityNotGranted
    if outcome == "over":
        raise Gone("The identity was read already, or its day is over; ask again.")
    request = get_request(transaction, request_id)
    found: dict[str, Any] = orjson.loads(transaction.unseal(_place(request.worker_id), sealed))
    events.identity(transaction, request, "read")
    return {"worker": request.worker_id, **found}


def requests_where() -> Select[IdentityRequest]:
    """All requests: who asked for whom is open to every person of the institute who may ask."""
    return select(IdentityRequest)
