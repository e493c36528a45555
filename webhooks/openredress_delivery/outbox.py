"""Writing an event: in the transaction of the change it tells of, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from openredress_delivery.prepared import Prepared
from openredress_webhooks.events import Event

PUBLISH = Prepared(
    "publish",
    "uuid, uuid, text, text, uuid, text, int, timestamptz, text, bytea, text",
    "SELECT gate.publish($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
)


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


def publication(outgoing: OutboxEvent) -> tuple[object, ...]:
    """The values of PUBLISH that write an event.

    For callers that send it together with other statements in one string. PostgreSQL refuses it
    (insufficient_privilege) when caller or recipient is no party of the subject.

    Raises:
        ValueError: the event's type is unknown or its data is not thin.
    """
    event = outgoing.event
    return (
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
