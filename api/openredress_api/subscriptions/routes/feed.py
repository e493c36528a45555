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
    logs_read=True,
    polls=True,
    versioned=False,
)
def read_events(call: Call) -> Answer:
    """The organisation's events after a position, the same that its webhooks carry.

    What tells of a case, such as a referral, is a read that is logged.
    """
    found = feed.read_feed(call.transaction, call.query)
    headers = {} if found["data"] else EMPTY
    return Answer(found, headers=headers, subjects=feed.cases_in(found["data"]))


ENDPOINTS = (read_events,)
