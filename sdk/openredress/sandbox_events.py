"""Synthetic events: in a sandbox, to try out a receiver."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.records import Record


class SandboxEvent(Record):
    """An event about nothing that was put into the own feed."""

    id: str
    type: str


class SandboxEvents(Capability):
    """`/v1/sandbox/events`."""

    def trigger(self, type: str, *, idempotency_key: str | None = None) -> SandboxEvent:  # noqa: A002 - the server's word
        """Put an event of this type into the own feed, and so to the own endpoints.

        Raises:
            Forbidden: this is no sandbox.
        """
        body = {"type": type}
        return self._post(SandboxEvent, "sandbox", "events", body=body, key=idempotency_key)
