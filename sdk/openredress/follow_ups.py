"""Follow-ups: what a channel's client does for a worker who holds a receipt code."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.records import Record

_PATH = "follow-ups"


class FollowUp(Record):
    """How it stands, and what the case team wrote (`n`, `text`)."""

    status: str
    messages: list[Record]
    has_more: bool


class Received(Record):
    """The worker's message has arrived."""

    n: int


class FollowUps(Capability):
    """`/v1/follow-ups`; the scope `followups:act` alone is enough."""

    def open(self, code: str, *, read_until: int = 0) -> FollowUp:
        """Return how it stands and what is new; messages up to `read_until` come no more.

        Raises:
            NotFound: no case is followed up by this code.
            RateLimited: too many wrong codes within the hour; come back at `retry_at`.
        """
        body = {"code": code, "read_until": read_until}
        return self._post(FollowUp, _PATH, "open", body=body)

    def send(
        self,
        code: str,
        text: str,
        *,
        wants_reopen: bool = False,
        idempotency_key: str | None = None,
    ) -> Received:
        """Leave the worker's message for the case team; raises as `open` does."""
        body = {"code": code, "text": text, "wants_reopen": wants_reopen}
        return self._post(Received, _PATH, "messages", body=body, key=idempotency_key)
