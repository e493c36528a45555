"""What the operations on an endpoint have in common."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation import endpoint as doors

endpoint = partial(doors.endpoint, room="subscriptions")
managed = partial(endpoint, scope="webhooks:manage")
ID = {"id": "whe"}
