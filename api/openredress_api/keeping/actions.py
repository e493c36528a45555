"""Use cases of keeping: what is due, a worker's wish to be erased, and the legal register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api import cases
from openredress_api.foundation.checks import ahead
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    NotFound,
    NotPermitted,
    SecondPersonNeeded,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.foundation.turns import take_turn
from openredress_api.keeping import events
from openredress_api.keeping.tables import ErasureRequest, LegalDecision, LegalRequest


def due(transaction: Transaction, until: datetime) -> list[dict[str, Any]]:
    """What the worker will have erased by then, as if it looked; nothing is changed."""
    person_with(transaction, "administrator", "custodian")
    found = func.gate.retention_due(until).table_valued("subject", "what", "due_at")
    return [row._asdict() for row in transaction.session.execute(select(found)).all()]


def ask_erasure(transaction: Transaction, case_id: UUID) -> ErasureRequest:
    """Write down that a worker wants a case erased; another person looks at it."""
    person = person_with(transaction, "case_worker")
    try:
        case = cases.get_case(transaction, case_id)
    except NotFound:
        raise ValidationFailed(errors=[FieldError("/case", Fault("not_a_case"))]) from None
    asked = ErasureRequest(
        organisation_id=case.organisation_id,
        id=random_id(),
        case_id=case.id,
        status="asked",
        asked_by=person,
        asked_at=transaction.context.now,
        updated_at=transaction.context.now,
    )
    transaction.session.add(asked)
    transaction.session.flush()
    events.erasure_asked(transaction, asked)
    return asked


def get_erasure(transaction: Transaction, request_id: UUID) -> ErasureRequest:
    """A wish of a worker; NotFound outside the institute."""
    statement = select(ErasureRequest).where(ErasureRequest.id == request_id)
    return transaction.one(statement.execution_options(populate_existing=True))


def erasures() -> Select[ErasureRequest]:
    """All wishes of workers to be erased."""
    return select(ErasureRequest)


def decide_erasure(transaction: Transaction, request_id: UUID, verdict: str) -> ErasureRequest:
    """Erase a case at once, or not; a case that is erased stays in denominators as voided."""
    asked = get_erasure(transaction, request_id)
    if asked.status != "asked":
        raise StateTransitionNotAllowed(f"The request is {asked.status} already.")
    if verdict == "approved":
        # Duplicates first: a case that others were merged into is not voided before them.
        for each in reversed(cases.with_duplicates(transaction, asked.case_id)):
            if cases.get_case(transaction, each).voided_at is None:
                cases.void_case(transaction, each, "erasure_asked", None)
        transaction.session.flush()
    decided = select(func.gate.decide_erasure(request_id, verdict))
    outcome = transaction.session.execute(decided).scalar_one()
    if outcome == "forbidden":
        raise NotPermitted("Another person with the duty custodian decides.")
    if outcome == "decided":
        raise StateTransitionNotAllowed(f"The request is {asked.status} already.")
    return get_erasure(transaction, request_id)


def record_legal_request(transaction: Transaction, body: Mapping[str, Any]) -> LegalRequest:
    """Write down what an authority asked for; entries are numbered and never changed."""
    person = person_with(transaction, "administrator", "custodian")
    errors = list(ahead("/received_on", body["received_on"], transaction.context.now))
    if errors:
        raise ValidationFailed(errors=errors)
    take_turn(transaction, "legal_request")
    last = transaction.first(select(func.max(LegalRequest.n)))
    request_id = random_id()
    told = {name: value for name, value in body.items() if name != "description"}
    made = LegalRequest(
        organisation_id=transaction.context.organisation_id,
        id=request_id,
        n=(last or 0) + 1,
        **told,
        sealed=transaction.seal(_place(request_id), body["description"].encode()),
        recorded_by=person,
        recorded_at=transaction.context.now,
    )
    transaction.session.add(made)
    transaction.session.flush()
    events.legal_request_recorded(transaction, made)
    return made


def get_legal_request(transaction: Transaction, request_id: UUID) -> LegalRequest:
    """A request of an authority; NotFound outside the institute."""
    return transaction.one(select(LegalRequest).where(LegalRequest.id == request_id))


def legal_requests() -> Select[LegalRequest]:
    """All requests of authorities."""
    return select(LegalRequest)


def decide_legal_request(
    transaction: Transaction, request_id: UUID, body: Mapping[str, Any]
) -> LegalRequest:
    """Decide about a request, once, as another person than who wrote it down."""
    person = person_with(transaction, "administrator", "custodian")
    request = get_legal_request(transaction, request_id)
    if request.recorded_by == person:
        raise SecondPersonNeeded
    take_turn(transaction, f"legal_decision {request_id}")
    if decisions_on(transaction, [request_id]):
        raise StateTransitionNotAllowed("It was decided before; entries are never changed.")
    transaction.session.add(
        LegalDecision(
            organisation_id=request.organisation_id,
            request_id=request.id,
            **body,
            decided_by=person,
            decided_at=transaction.context.now,
        )
    )
    transaction.session.flush()
    return request


def decisions_on(
    transaction: Transaction, requests: Sequence[UUID]
) -> Mapping[UUID, LegalDecision]:
    """The decisions about some requests, by request."""
    found = select(LegalDecision).where(LegalDecision.request_id.in_(requests))
    return {one.request_id: one for one in transaction.all(found)}


def words_of(transaction: Transaction, request: LegalRequest) -> str:
    """What was asked for, in the words of whoever wrote it down."""
    return transaction.unseal(_place(request.id), request.sealed).decode()


def _place(request_id: UUID) -> str:
    return f"legal_request:{request_id}"
