"""Readers of the feed by name: where each one is, kept by us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete as delete_from
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.problems import Conflict
from openredress_api.subscriptions import rules
from openredress_api.subscriptions.actions.feed import head, oldest, refuse_expired
from openredress_api.subscriptions.tables import Consumer


class ConsumerExists(Conflict):
    """Another consumer of your organisation has this name."""

    code, title = "consumer_exists", "Consumer exists"


class TooManyConsumers(Conflict):
    """An organisation has at most 20 consumers of its feed; delete one first."""

    code, title = "too_many_consumers", "Too many consumers"


class PositionRefused(Conflict):
    """A commit goes forward only, and no position lies beyond the end of the feed."""

    code, title = "position_refused", "Position refused"


def create(transaction: Transaction, body: Mapping[str, Any]) -> Consumer:
    """Store a consumer; without a position it begins before the oldest event that is kept."""
    if len(list_consumers(transaction)) >= rules.MOST_CONSUMERS:
        raise TooManyConsumers
    position = body["position"]
    if position is None:
        position = oldest(transaction, head(transaction))
    _check_window(transaction, position)
    consumer_id = dated_id()
    row = {
        "organisation_id": transaction.context.organisation_id,
        "id": consumer_id,
        "name": body["name"],
        "position": position,
        "created_at": func.now(),
        "updated_at": func.now(),
    }
    # Of two at the same moment the second one waits here for the first.
    made = insert(Consumer).values(row).on_conflict_do_nothing().returning(Consumer.id)
    if transaction.session.execute(made).first() is None:
        raise ConsumerExists
    return get_consumer(transaction, consumer_id)


def list_consumers(transaction: Transaction) -> Sequence[Consumer]:
    """All consumers of the caller's feed by name."""
    return transaction.all(select(Consumer).order_by(Consumer.name))


def get_consumer(transaction: Transaction, consumer_id: UUID) -> Consumer:
    """A consumer of the caller's feed; NotFound otherwise."""
    return transaction.one(select(Consumer).where(Consumer.id == consumer_id))


def commit(transaction: Transaction, consumer_id: UUID, position: int) -> Consumer:
    """Everything up to here is dealt with: never backwards, however many read for it."""
    found = _locked(transaction, consumer_id)
    if position < found.position:
        raise PositionRefused(f"The consumer is at {found.position}; `seek` goes back.")
    _check_window(transaction, position)
    return _moved(transaction, found, position)


def seek(transaction: Transaction, consumer_id: UUID, position: int) -> Consumer:
    """Begin anywhere in what is kept."""
    found = _locked(transaction, consumer_id)
    _check_window(transaction, position)
    return _moved(transaction, found, position)


def delete(transaction: Transaction, consumer_id: UUID) -> None:
    """Forget a consumer; the feed stays as it is."""
    found = _locked(transaction, consumer_id)
    mine = Consumer.organisation_id == found.organisation_id
    transaction.session.execute(delete_from(Consumer).where(mine, Consumer.id == found.id))


def _locked(transaction: Transaction, consumer_id: UUID) -> Consumer:
    statement = select(Consumer).where(Consumer.id == consumer_id).with_for_update()
    return transaction.one(statement.execution_options(populate_existing=True))


def _check_window(transaction: Transaction, position: int) -> None:
    """CursorExpired before what is kept, PositionRefused behind the end."""
    end = head(transaction)
    refuse_expired(transaction, position, end)
    if position > end:
        raise PositionRefused(f"The feed ends at {end}.")


def _moved(transaction: Transaction, consumer: Consumer, position: int) -> Consumer:
    if position != consumer.position:
        consumer.position, consumer.updated_at = position, func.now()
        consumer.version += 1
        transaction.session.flush()
    return consumer
