"""Deliveries and their attempts."""

from __future__ import annotations

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.problems import CursorInvalid, NotFound
from openredress_api.subscriptions.actions import deliveries
from openredress_api.subscriptions.routes.doors import ID, managed
from openredress_api.subscriptions.schemas.sending import (
    DeliveryDetail,
    DeliveryQuery,
    DeliveryView,
)


@managed(
    "GET",
    "/v1/webhook-endpoints/{id}/deliveries",
    ids=ID,
    query=DeliveryQuery,
    gives={200: DeliveryView},
    problems=(NotFound, CursorInvalid),
    listing=True,
)
def list_webhook_deliveries(call: Call) -> Answer:
    """An endpoint's deliveries, newest first."""
    return Answer(deliveries.list_deliveries(call.transaction, call.path["id"], call.query))


@managed(
    "GET",
    "/v1/webhook-deliveries/{id}",
    ids={"id": "dlv"},
    gives={200: DeliveryDetail},
    problems=(NotFound,),
    versioned=False,
)
def get_webhook_delivery(call: Call) -> Answer:
    """One delivery with all its attempts and what the receiver answered."""
    found, attempts = deliveries.get_delivery(call.transaction, call.path["id"])
    return Answer(found.members() | {"attempts": attempts})


ENDPOINTS = (list_webhook_deliveries, get_webhook_delivery)
