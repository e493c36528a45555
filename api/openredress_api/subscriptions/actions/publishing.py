"""News of other rooms as rows of the feed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_delivery.outbox import PUBLISH, OutboxEvent, publication
from openredress_webhooks.events import EVENT_TYPES, SCHEMA_VERSION, Event
from openredress_webhooks.instants import write_instant


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
