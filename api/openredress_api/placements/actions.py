"""Use cases of placements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

from openredress_api import organisations
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.fields import plain
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    NotFound,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.foundation.upsert import Upserted, upsert
from openredress_api.placements import rules
from openredress_api.placements.tables import Placement, WorkerStatement
from openredress_api.vocabulary import exponent

TABLE: Table = Placement.__table__  # type: ignore[assignment]  # mapped tables are Tables
CONTENT = (
    *("worker_pseudonym", "origin", "destination", "supplier_id", "site_id", "job_order_ref"),
    *("status", "end_reason", "arrived_on", "no_fees_stated", "fee_lines", "agent_chain"),
    "is_test",
)


def put_placement(
    transaction: Transaction, key: Mapping[str, str], body: Mapping[str, Any]
) -> tuple[Placement, Upserted | None]:
    """Store a placement by the agency's own identifier; None beside it: nothing changed."""
    _refuse_faults([*rules.check(body), *_money_faults(body["fee_lines"])])
    now = transaction.context.now
    values = {
        **key,
        **{name: value for name, value in body.items() if name != "site"},
        **_site(transaction, body["site"]),
        "fee_lines": _stored(body["fee_lines"]),
        "id": dated_id(),
        "created_at": now,
        "updated_at": now,
    }
    allowed = TABLE.c.status.in_(rules.sources_of(body["status"]))
    done = upsert(transaction, TABLE, tuple(key), values, CONTENT, guard=allowed)
    found = transaction.one(
        select(Placement).where(
            Placement.organisation_id == transaction.context.organisation_id,
            Placement.source_system == key["source_system"],
            Placement.external_id == key["external_id"],
        )
    )
    if done is None and not rules.may_follow(found.status, body["status"]):
        raise StateTransitionNotAllowed(
            f"The status is {found.status}; from there it cannot become {body['status']}."
        )
    return found, done


def _site(transaction: Transaction, site_id: UUID | None) -> dict[str, UUID | None]:
    """The site and its supplier: one that the agency has a confirmed relation with."""
    if site_id is None:
        return {"site_id": None, "supplier_id": None}
    try:
        site = organisations.get_site(transaction, site_id)
    except NotFound:
        raise ValidationFailed(errors=[FieldError("/site", Fault("not_a_site"))]) from None
    return {"site_id": site.id, "supplier_id": site.organisation_id}


def _money_faults(lines: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    for place, line in enumerate(lines):
        if -line["amount"].normalize().as_tuple().exponent > exponent(line["currency"]):
            yield f"/fee_lines/{place}/amount", "too_many_decimals"


def _stored(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fee lines as they are kept: amounts as text, so that no float ever touches money."""
    return [{**line, "amount": plain(line["amount"])} for line in lines]


def _refuse_faults(faults: Iterable[tuple[str, str]]) -> None:
    errors = [FieldError(pointer, Fault(code)) for pointer, code in faults]
    if errors:
        raise ValidationFailed(errors=errors)


def get_placement(transaction: Transaction, placement_id: UUID) -> Placement:
    """A placement the caller may see; NotFound otherwise."""
    return transaction.one(select(Placement).where(Placement.id == placement_id))


def add_statement(
    transaction: Transaction, placement_id: UUID, body: Mapping[str, Any]
) -> WorkerStatement:
    """Record what the worker states; it stands beside the agency's statement, never over it."""
    placement = get_placement(transaction, placement_id)
    contradicts = body["no_intermediary_stated"] and body["agent_chain"]
    _refuse_faults(
        [
            *rules.check_statement(body),
            *_money_faults(body["fee_lines"]),
            *([("/no_intermediary_stated", "contradicts_agent_chain")] if contradicts else []),
        ]
    )
    statement = WorkerStatement(
        **{**body, "fee_lines": _stored(body["fee_lines"])},
        organisation_id=transaction.context.organisation_id,
        id=dated_id(),
        agency_id=placement.organisation_id,
        placement_id=placement.id,
        created_at=transaction.context.now,
    )
    transaction.session.add(statement)
    transaction.session.flush()
    return statement


def statements_of(transaction: Transaction, placement_id: UUID) -> list[WorkerStatement]:
    """The statements about a placement, oldest first."""
    query = select(WorkerStatement).where(WorkerStatement.placement_id == placement_id)
    return list(transaction.all(query.order_by(WorkerStatement.created_at, WorkerStatement.id)))


def get_statement(transaction: Transaction, statement_id: UUID) -> WorkerStatement:
    """One statement; NotFound otherwise."""
    return transaction.one(select(WorkerStatement).where(WorkerStatement.id == statement_id))


def beside(transaction: Transaction, statement: WorkerStatement) -> dict[str, Any]:
    """A statement with what it says beside the agency's: first mile, hops the agency left out."""
    placement = get_placement(transaction, statement.placement_id)
    shown = statement.members()
    shown["first_mile_known"] = rules.first_mile_known(shown)
    shown["chain_mismatch"] = rules.chain_mismatch(statement.agent_chain, placement.agent_chain)
    return shown
