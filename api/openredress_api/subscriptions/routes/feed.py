"""The feed."""

from __future__ import annotations

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.problems import ValidationFailed
from openredress_api.subscriptions.actions import feed
from openredress_api.subscriptions.routes.doors import endpoint
from openredress_api.subscriptions.schemas.feed import Feed, FeedQuery

EMPTY = {"openredress-empty": "1"}


@endpoint(
    "GET",
    "/v1/events",
    scope="events:read",
    query=FeedQuery,
    gives={200: Feed},
    problems=(ValidationFailed, feed.CursorExpired),
    polls=True,
    versioned=False,
)
def read_events(call: Call) -> Answer:
    """The organisation's events after a position, the same that its webhooks carry."""
    found = feed.read_feed(call.transaction, call.query)
    return Answer(found, headers={} if found["data"] else EMPTY)


ENDPOINTS = (read_events,)
