"""Consumers of the feed."""

from __future__ import annotations

from functools import partial
from typing import Any

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import Page
from openredress_api.foundation.problems import NotFound
from openredress_api.subscriptions.actions import consumers
from openredress_api.subscriptions.actions.feed import CursorExpired, head
from openredress_api.subscriptions.routes.doors import endpoint
from openredress_api.subscriptions.schemas.feed import ConsumerBody, ConsumerView, PositionBody
from openredress_api.subscriptions.tables import Consumer

reading = partial(endpoint, scope="events:read")
ID = {"id": "csm"}
REFUSED = (CursorExpired, consumers.PositionRefused)


@reading("GET", "/v1/event-consumers", gives={200: ConsumerView}, listing=True)
def list_event_consumers(call: Call) -> Answer:
    """The consumers of the organisation's feed, by name."""
    found, end = consumers.list_consumers(call.transaction), head(call.transaction)
    return Answer(Page([_view(one, end) for one in found], None, has_more=False))


@reading(
    "POST",
    "/v1/event-consumers",
    takes=ConsumerBody,
    gives={201: ConsumerView},
    problems=(*REFUSED, consumers.ConsumerExists, consumers.TooManyConsumers),
    idempotency="required",
    versioned=False,
)
def create_event_consumer(call: Call) -> Answer:
    """Add a reader of the feed whose place is kept here."""
    return _shown(call, consumers.create(call.transaction, call.body), 201)


@reading(
    "GET",
    "/v1/event-consumers/{id}",
    ids=ID,
    gives={200: ConsumerView},
    problems=(NotFound,),
    versioned=False,
)
def get_event_consumer(call: Call) -> Answer:
    """One consumer: how far it has come, and how many events lie before it."""
    return _shown(call, consumers.get_consumer(call.transaction, call.path["id"]))


@reading("DELETE", "/v1/event-consumers/{id}", ids=ID, gives={204: None}, problems=(NotFound,))
def delete_event_consumer(call: Call) -> Answer:
    """Forget a consumer; the feed stays as it is."""
    consumers.delete(call.transaction, call.path["id"])
    return Answer(status=204, subjects=(encode("csm", call.path["id"]),))


@reading(
    "POST",
    "/v1/event-consumers/{id}/commit",
    ids=ID,
    takes=PositionBody,
    gives={200: ConsumerView},
    problems=(NotFound, *REFUSED),
    idempotency="accepted",
    versioned=False,
)
def commit_event_consumer(call: Call) -> Answer:
    """Say that everything up to a position is dealt with; it goes forward only."""
    position = call.body["position"]
    return _shown(call, consumers.commit(call.transaction, call.path["id"], position))


@reading(
    "POST",
    "/v1/event-consumers/{id}/seek",
    ids=ID,
    takes=PositionBody,
    gives={200: ConsumerView},
    problems=(NotFound, *REFUSED),
    idempotency="accepted",
    versioned=False,
)
def seek_event_consumer(call: Call) -> Answer:
    """Let a consumer go on from anywhere in what is kept."""
    position = call.body["position"]
    return _shown(call, consumers.seek(call.transaction, call.path["id"], position))


def _view(consumer: Consumer, end: int) -> dict[str, Any]:
    return consumer.members() | {"lag": max(0, end - consumer.position)}


def _shown(call: Call, consumer: Consumer, status: int = 200) -> Answer:
    consumer_id = encode("csm", consumer.id)
    return Answer(
        _view(consumer, head(call.transaction)),
        status,
        location=f"/v1/event-consumers/{consumer_id}",
        subjects=(consumer_id,),
    )


ENDPOINTS = (
    list_event_consumers,
    create_event_consumer,
    get_event_consumer,
    delete_event_consumer,
    commit_event_consumer,
    seek_event_consumer,
)
