"""What the operations of this room have in common: they are the institute's alone."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation import endpoint as doors

endpoint = partial(doors.endpoint, room="protection", roles=("institute",))
reading = partial(endpoint, logs_read=True)
acting = partial(endpoint, idempotency="required")
CASE = {"id": "case"}
