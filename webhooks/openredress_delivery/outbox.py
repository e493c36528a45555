"""Writing an event: in the transaction of the change it tells of, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psycopg import sql
from sqlalchemy import Connection

from openredress_webhooks.events import Event


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """One event for one recipient.

    Attributes:
        id: the row's id; `event.id` is the same id as text.
        recipient: the organisation that reads it.
        subject_kind: with `subject_id` names the record whose parties caller and recipient are.
        subject_id: see `subject_kind`.
        dedupe_key: a second event with this key for this recipient is dropped.
        event: what is told.
    """

    id: UUID
    recipient: UUID
    subject_kind: str
    subject_id: UUID
    dedupe_key: str
    event: Event


def publication(outgoing: OutboxEvent) -> sql.Composed:
    """The statement that writes an event, with its values inside.

    For callers that send it together with other statements in one string. PostgreSQL refuses it
    (insufficient_privilege) when caller or recipient is no party of the subject.

    Raises:
        ValueError: the event's type is unknown or its data is not thin.
    """
    event = outgoing.event
    values = (
        outgoing.id,
        outgoing.recipient,
        event.type,
        outgoing.subject_kind,
        outgoing.subject_id,
        event.subject,
        event.subject_seq,
        event.timestamp,
        event.data_class,
        event.render(),
        outgoing.dedupe_key,
    )
    arguments = sql.SQL(", ").join(map(sql.Literal, values))
    return sql.SQL("SELECT gate.publish({})").format(arguments)


def publish(connection: Connection, outgoing: OutboxEvent) -> None:
    """Write an event in the transaction of `connection`; faults as in `publication`."""
    cursor = connection.connection.cursor()
    try:
        # The driver's own cursor: SQLAlchemy would read a % in a value as a placeholder.
        cursor.execute(publication(outgoing))
    finally:
        cursor.close()
