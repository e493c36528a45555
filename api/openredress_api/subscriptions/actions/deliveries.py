"""What is on its way to an endpoint, and what came of each attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.paging import Page, page
from openredress_api.subscriptions.actions.rows import endpoint_of
from openredress_api.subscriptions.tables import Attempt, Delivery


def list_deliveries(transaction: Transaction, endpoint_id: UUID, query: Mapping[str, Any]) -> Page:
    """A page of an endpoint's deliveries, newest first."""
    endpoint = endpoint_of(transaction, endpoint_id)
    statement = select(Delivery).where(Delivery.endpoint_id == endpoint.id)
    for name in ("state", "type"):
        if name in query:
            statement = statement.where(getattr(Delivery, name) == query[name])
    if "since" in query:
        statement = statement.where(Delivery.created_at >= query["since"])
    places = (Delivery.created_at, Delivery.id)
    name = f"deliveries {endpoint.id}"
    return page(transaction, statement, places, name, query, newest_first=True)


def get_delivery(transaction: Transaction, delivery_id: UUID) -> tuple[Delivery, Sequence[Attempt]]:
    """A delivery of the caller with its attempts in order; NotFound otherwise."""
    found = transaction.one(select(Delivery).where(Delivery.id == delivery_id))
    tries = select(Attempt).where(Attempt.delivery_id == found.id)
    return found, transaction.all(tries.order_by(Attempt.started_at))
