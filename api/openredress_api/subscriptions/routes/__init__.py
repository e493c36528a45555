"""URL table of subscriptions: one file per matter, one short function per route.

May import this room's actions and schemas; foundation.
Must never hold a rule.
"""

from openredress_api.subscriptions.routes import (
    consumers,
    deliveries,
    endpoints,
    feed,
    keys,
    replays,
    sandbox,
)

ENDPOINTS = (
    *endpoints.ENDPOINTS,
    *keys.ENDPOINTS,
    *deliveries.ENDPOINTS,
    *replays.ENDPOINTS,
    *feed.ENDPOINTS,
    *consumers.ENDPOINTS,
    *sandbox.ENDPOINTS,
)
