"""Use cases of endpoints and the feed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, func, insert, or_, select, text, update

from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    NotFound,
    PreconditionFailed,
    Problem,
    ValidationFailed,
)
from openredress_api.subscriptions import rules
from openredress_delivery.egress import EgressRefusedError, check_url
from openredress_delivery.outbox import PUBLISH, OutboxEvent, publication
from openredress_delivery.tables import event, feed_head, head_of, webhook_endpoint, webhook_key
from openredress_webhooks.events import EVENT_TYPES, SCHEMA_VERSION, Event
from openredress_webhooks.instants import write_instant
from openredress_webhooks.signing import Secret, SigningKey

DEFAULT_LIMIT = 100
MAX_LIMIT = 500


class CursorExpired(Problem):
    """Events before the oldest valid cursor are past their 30 days; continue from there."""

    status, code, title = 410, "cursor_expired", "Cursor expired"


class TooManyEndpoints(Conflict):
    """An organisation has at most 20 endpoints; delete one first."""

    code, title = "too_many_endpoints", "Too many endpoints"


def on_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Put a fact into the feed of each recipient, as part of the commit."""
    if announcement.type not in EVENT_TYPES:
        return
    for recipient in announcement.recipients:
        outgoing = _outgoing(transaction, announcement, recipient)
        transaction.defer(PUBLISH, publication(outgoing))


def _outgoing(transaction: Transaction, fact: Announcement, recipient: UUID) -> OutboxEvent:
    subject = encode(fact.prefix, fact.subject_id)
    data = {name: _written(value) for name, value in fact.data.items()}
    event_id = dated_id()
    return OutboxEvent(
        id=event_id,
        recipient=recipient,
        subject_kind=fact.kind,
        subject_id=fact.subject_id,
        dedupe_key=f"{fact.type}:{subject}:{fact.version}",
        event=Event(
            id=encode("evt", event_id),
            type=fact.type,
            timestamp=fact.occurred_at,
            schema_version=SCHEMA_VERSION,
            subject=subject,
            subject_seq=fact.version,
            data_class=EVENT_TYPES[fact.type].data_class,
            data={"id": subject, **data},
            links={"self": f"{transaction.services.public_url}/v1/{fact.path}/{subject}"},
        ),
    )


def _written(value: object) -> object:
    return write_instant(value) if isinstance(value, datetime) else value


def create_endpoint(
    transaction: Transaction, body: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """Store an endpoint with a fresh key; returns its row and the key's text for the receiver."""
    _check_patterns(body["event_patterns"])
    if len(_endpoints(transaction)) >= rules.MOST_ENDPOINTS:
        raise TooManyEndpoints
    endpoint_id, organisation = dated_id(), transaction.context.organisation_id
    transaction.session.execute(
        insert(webhook_endpoint).values(
            organisation_id=organisation,
            id=endpoint_id,
            url=_checked_url(transaction, body["url"]),
            description=body["description"],
            event_patterns=body["event_patterns"],
            max_in_flight=body["max_in_flight"],
            fanned_position=head_of(organisation),
        )
    )
    shown = _add_key(transaction, endpoint_id, body["signature"])
    return get_endpoint(transaction, endpoint_id), shown


def _check_patterns(patterns: list[str]) -> None:
    unknown = rules.unknown_patterns(patterns, EVENT_TYPES.keys())
    if unknown:
        errors = [
            FieldError(
                f"/event_patterns/{patterns.index(pattern)}", Fault("not_an_event_pattern"), pattern
            )
            for pattern in unknown
        ]
        raise ValidationFailed(errors=errors)


def _checked_url(transaction: Transaction, url: str) -> str:
    try:
        return check_url(url, development=transaction.services.development)
    except EgressRefusedError as fault:
        error = FieldError("/url", Fault("bad_url", reason=str(fault)), url)
        raise ValidationFailed(errors=[error]) from None


def _add_key(transaction: Transaction, endpoint_id: UUID, kind: str) -> str:
    key: Secret | SigningKey = Secret.generate() if kind == "hmac" else SigningKey.generate()
    key_id = dated_id()
    transaction.session.execute(
        insert(webhook_key).values(
            organisation_id=transaction.context.organisation_id,
            id=key_id,
            endpoint_id=endpoint_id,
            kind=kind,
            sealed=transaction.seal(f"webhook_key:{key_id}", key.text.encode()),
        )
    )
    return key.text if isinstance(key, Secret) else key.public.text


def _endpoints(transaction: Transaction) -> list[dict[str, Any]]:
    statement = select(webhook_endpoint).where(webhook_endpoint.c.state != "deleted")
    found = transaction.rows(statement.order_by(webhook_endpoint.c.created_at))
    return [_mapping(row) for row in found]


def list_endpoints(transaction: Transaction) -> list[dict[str, Any]]:
    """All endpoints of the caller but the deleted ones, oldest first."""
    return _endpoints(transaction)


def get_endpoint(transaction: Transaction, endpoint_id: UUID) -> dict[str, Any]:
    """One endpoint of the caller; NotFound otherwise."""
    for row in _endpoints(transaction):
        if row["id"] == endpoint_id:
            return row
    raise NotFound


def _mapping(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


def set_state(
    transaction: Transaction, endpoint_id: UUID, state: str, reason: str, seen: int | None
) -> None:
    """Move an endpoint to `state`; deliveries under way are not recalled.

    PreconditionFailed if its version is no longer the one that was `seen`.
    """
    found = get_endpoint(transaction, endpoint_id)
    moved = transaction.session.execute(
        update(webhook_endpoint)
        .where(
            webhook_endpoint.c.organisation_id == transaction.context.organisation_id,
            webhook_endpoint.c.id == endpoint_id,
            webhook_endpoint.c.version == (found["version"] if seen is None else seen),
        )
        .values(
            state=state,
            state_reason=reason,
            state_since=func.now(),
            version=webhook_endpoint.c.version + 1,
        )
        .returning(webhook_endpoint.c.id)
    ).first()
    if moved is None:
        raise PreconditionFailed


def rotate(transaction: Transaction, endpoint_id: UUID, overlap: timedelta) -> tuple[str, datetime]:
    """Add a key of the same kind; the old ones sign beside it until the overlap ends."""
    get_endpoint(transaction, endpoint_id)
    organisation = transaction.context.organisation_id
    ends = transaction.session.execute(select(func.now() + overlap)).scalar_one()
    mine = (
        webhook_key.c.organisation_id == organisation,
        webhook_key.c.endpoint_id == endpoint_id,
        webhook_key.c.revoked_at.is_(None),
        or_(webhook_key.c.not_after.is_(None), webhook_key.c.not_after > func.now()),
    )
    statement = select(webhook_key.c.kind).where(*mine)
    kinds = transaction.rows(statement)
    if overlap and len(kinds) >= rules.MOST_KEYS:
        raise Conflict(
            "Three keys are valid already; wait until one ends, or rotate without overlap."
        )
    transaction.session.execute(
        update(webhook_key)
        .where(*mine)
        .values(not_after=func.least(func.coalesce(webhook_key.c.not_after, ends), ends))
    )
    return _add_key(transaction, endpoint_id, kinds[0].kind if kinds else "hmac"), ends


def read_feed(transaction: Transaction, query: Mapping[str, Any]) -> dict[str, Any]:
    """Events after a position; when there are none, waiting ones are given their places first."""
    after, limit = query["after"], min(query.get("limit") or DEFAULT_LIMIT, MAX_LIMIT)
    if not _head(transaction) > after:
        transaction.session.execute(text("SELECT gate.sequence_events()"))
    # The head first: whatever is placed between the two reads waits for the next call.
    head = _head(transaction)
    if after > head:
        raise CursorExpired(
            f"No event has this position: the feed ends at {head}, as after a restore. Read again "
            "from a position that you noted before the restored copy was made, or from 0."
        )
    statement = select(event.c.position, event.c.body).where(
        event.c.position > after, event.c.position <= head
    )
    if query.get("types"):
        statement = statement.where(_matching(query["types"].split(",")))
    rows = transaction.rows(statement.order_by(event.c.position).limit(limit + 1))
    _refuse_expired(transaction, after, head)
    shown, more = rows[:limit], len(rows) > limit
    return {
        "data": [{"position": row.position, "event": orjson.loads(row.body)} for row in shown],
        "next_cursor": shown[-1].position if more else head,
        "has_more": more,
        "poll_after": 0 if more else 5,
    }


def _head(transaction: Transaction) -> int:
    found = transaction.rows(select(feed_head.c.last_position))
    return found[0].last_position if found else 0


def _refuse_expired(transaction: Transaction, after: int, head: int) -> None:
    if after >= head:
        return
    oldest = transaction.rows(
        select(event.c.position)
        .where(event.c.position.is_not(None))
        .order_by(event.c.position)
        .limit(1)
    )
    start = oldest[0].position - 1 if oldest else head
    if start > after:
        oldest_cursor = {"openredress-oldest-cursor": str(start)}
        raise CursorExpired(f"The oldest valid cursor is {start}.", headers=oldest_cursor)


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
