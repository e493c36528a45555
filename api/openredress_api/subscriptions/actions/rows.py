"""An endpoint's row: found, locked, and its log."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.problems import PreconditionFailed
from openredress_api.subscriptions.tables import Endpoint, LogEntry

THERE = select(Endpoint).where(Endpoint.state != "deleted")


def endpoint_of(transaction: Transaction, endpoint_id: UUID) -> Endpoint:
    """An endpoint of the caller; NotFound otherwise."""
    return transaction.one(THERE.where(Endpoint.id == endpoint_id))


def locked(transaction: Transaction, endpoint_id: UUID, seen: int | None = None) -> Endpoint:
    """The same until the commit nobody else's to change; no worker leases for it meanwhile.

    PreconditionFailed if its version is no longer the one that was `seen`.
    """
    statement = THERE.where(Endpoint.id == endpoint_id).with_for_update()
    found = transaction.one(statement.execution_options(populate_existing=True))
    if seen is not None and seen != found.version:
        raise PreconditionFailed
    return found


def note(transaction: Transaction, endpoint_id: UUID, what: str, detail: str | None = None) -> None:
    """Write down what was done to an endpoint; changes of its state are, by the database."""
    transaction.session.add(
        LogEntry(
            organisation_id=transaction.context.organisation_id,
            id=dated_id(),
            endpoint_id=endpoint_id,
            at=func.clock_timestamp(),
            what=what,
            detail=detail,
            client_id=transaction.context.client_id,
        )
    )
