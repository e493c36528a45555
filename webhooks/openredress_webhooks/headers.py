"""Names of the HTTP headers of a webhook request, in lower case.

The first three are signed (Standard Webhooks 1.0.0, "Webhook headers"); the others only help
support to find an attempt and must not be trusted.
"""

from __future__ import annotations

ID = "webhook-id"
"""The event's id: the same over every retry, replay and endpoint."""

TIMESTAMP = "webhook-timestamp"
"""Whole Unix seconds of this attempt, not of the event."""

SIGNATURE = "webhook-signature"
"""One `version,base64` item per valid key, separated by single spaces."""

DELIVERY_ID = "openredress-delivery-id"
"""Which delivery (`dlv_...`) this is; unsigned, informational."""

ATTEMPT = "openredress-attempt"
"""Number of this attempt, from 1; unsigned, informational."""

GAP = "openredress-gap"
"""`true`: at an ordered endpoint, an earlier event of this subject did not arrive; unsigned."""
