"""The feed of an organisation's events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import case, func, select, text

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import Fault, FieldError, Problem, ValidationFailed
from openredress_api.subscriptions import rules
from openredress_api.subscriptions.tables import Consumer
from openredress_delivery.tables import delivery, event, feed_head
from openredress_webhooks.events import EVENT_TYPES

DEFAULT_LIMIT = 100
MAX_LIMIT = 500
_TOMBSTONE = text("SELECT gate.tombstone(CAST(:organisations AS uuid[]), CAST(:events AS uuid[]))")
_NAMES = tuple(name for name, _ in rules.PUSHED)
_RANK = case(
    *((delivery.c.state.in_(states), place) for place, (_, states) in enumerate(rules.PUSHED))
)


class CursorExpired(Problem):
    """Events before the oldest valid cursor are past their 30 days; continue from there."""

    status, code, title = 410, "cursor_expired", "Cursor expired"


def read_feed(transaction: Transaction, query: Mapping[str, Any]) -> dict[str, Any]:
    """Events after a position; when there are none, waiting ones are given their places first."""
    after, limit = _start(transaction, query), min(query.get("limit") or DEFAULT_LIMIT, MAX_LIMIT)
    if not head(transaction) > after:
        place_waiting(transaction)
    # The head first: whatever is placed between the two reads waits for the next call.
    end = head(transaction)
    if after > end:
        raise CursorExpired(
            f"No event has this position: the feed ends at {end}, as after a restore. Read again "
            "from a position that you noted before the restored copy was made, or from 0."
        )
    columns = (event.c.position, event.c.id, event.c.data_class, event.c.body)
    statement = select(*columns).where(event.c.position > after, event.c.position <= end)
    if query.get("types"):
        statement = statement.where(_matching(query["types"].split(",")))
    rows = transaction.rows(statement.order_by(event.c.position).limit(limit + 1))
    refuse_expired(transaction, after, end)
    shown, more = rows[:limit], len(rows) > limit
    return {
        "data": _shown(transaction, shown),
        "next_cursor": shown[-1].position if more else end,
        "has_more": more,
        "poll_after": 0 if more else 5,
    }


def cases_in(shown: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The subjects of the shown events that tell of a case, each once."""
    told = (one["event"] for one in shown)
    of_cases = (event["subject"] for event in told if event["data_class"] != "none")
    return tuple(dict.fromkeys(of_cases))


def place_waiting(transaction: Transaction) -> None:
    """Give the events that were committed by now their places, unless somebody is at it."""
    transaction.session.execute(text("SELECT gate.sequence_events()"))


def head(transaction: Transaction) -> int:
    """The last position of the caller's feed; 0 where nothing has one."""
    found = transaction.rows(select(feed_head.c.last_position))
    return found[0].last_position if found else 0


def oldest(transaction: Transaction, end: int) -> int:
    """The position before the oldest event that is kept; `end`, where none is."""
    found = transaction.rows(
        select(event.c.position)
        .where(event.c.position.is_not(None))
        .order_by(event.c.position)
        .limit(1)
    )
    return found[0].position - 1 if found else end


def refuse_expired(transaction: Transaction, after: int, end: int) -> None:
    """CursorExpired if events behind `after` are kept no more; it names the oldest cursor."""
    if after >= end:
        return
    start = oldest(transaction, end)
    if start > after:
        oldest_cursor = {"openredress-oldest-cursor": str(start)}
        raise CursorExpired(f"The oldest valid cursor is {start}.", headers=oldest_cursor)


def consumer_of(transaction: Transaction, consumer_id: UUID) -> Consumer | None:
    """A consumer of the caller, or None."""
    return transaction.first(select(Consumer).where(Consumer.id == consumer_id))


def _start(transaction: Transaction, query: Mapping[str, Any]) -> int:
    """Where to begin: what the reader says, or what its consumer has committed."""
    found = None
    if "consumer" in query:
        found = consumer_of(transaction, query["consumer"])
        if found is None:
            raise ValidationFailed(errors=[FieldError("?consumer", Fault("not_a_consumer"))])
    default = found.position if found else 0
    start: int = query.get("after", default)
    return start


def _shown(transaction: Transaction, rows: Sequence[Any]) -> list[dict[str, Any]]:
    bodies = _fallen(transaction, [row.id for row in rows if row.data_class != "none"])
    pushed = _pushed(transaction, [row.id for row in rows])
    return [
        {
            "position": row.position,
            "event": orjson.loads(bodies.get(row.id, row.body)),
            "pushed": pushed[row.id],
        }
        for row in rows
    ]


def _fallen(transaction: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    """What is left of those whose content stands on no consent any more."""
    if not ids or transaction.context.is_institute:
        return {}
    mine = [transaction.context.organisation_id] * len(ids)
    transaction.session.execute(_TOMBSTONE, {"organisations": mine, "events": list(ids)})
    statement = select(event.c.id, event.c.body).where(
        event.c.id.in_(ids), event.c.tombstoned_at.is_not(None)
    )
    return {row.id: row.body for row in transaction.rows(statement)}


def _pushed(transaction: Transaction, ids: Collection[UUID]) -> Mapping[UUID, dict[str, int]]:
    """For each event at how many endpoints it has arrived, and where it has not."""
    counts: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_NAMES, 0))
    if ids:
        statement = (
            select(delivery.c.event_id, func.min(_RANK).label("place"))
            .where(delivery.c.event_id.in_(ids), delivery.c.state != "cancelled")
            .group_by(delivery.c.event_id, delivery.c.endpoint_id)
        )
        for row in transaction.rows(statement):
            counts[row.event_id][_NAMES[row.place]] += 1
    return counts


def _matching(patterns: list[str]) -> Any:  # noqa: ANN401 - a SQLAlchemy condition
    wanted = [name.strip() for name in patterns if name.strip()]
    unknown = rules.unknown_patterns(wanted, EVENT_TYPES.keys())
    if unknown:
        error = FieldError("?types", Fault("not_an_event_pattern"), unknown[0])
        raise ValidationFailed(errors=[error])
    families = [name[:-2] for name in wanted if name.endswith(".*")]
    names = [
        name
        for name in EVENT_TYPES
        if "*" in wanted or name in wanted or name.split(".")[0] in families
    ]
    return event.c.type.in_(names)
