"""One attempt at a URL, without a database."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from openredress_delivery.access import NOTHING, Access
from openredress_delivery.claims import Claimed
from openredress_delivery.loop import Loop
from openredress_delivery.sender import Sender
from openredress_delivery.transport import Answer
from openredress_webhooks.signing import Secret


class Silent:
    """The log of a name server that says nothing."""

    def __getattr__(self, _: str) -> object:
        return lambda *_: None


def begin(
    sender: Sender,
    url: str,
    answered: Callable[[Answer], None],
    attempt: int = 1,
    access: Access = NOTHING,
) -> None:
    """Begin an attempt as the worker would."""
    made = uuid4()
    claimed = Claimed(
        organisation_id=made,
        delivery_id=made,
        endpoint_id=made,
        lease_until=datetime.now(UTC),
        attempt=attempt,
        url=url,
        event_id=made,
        webhook_id="evt_1",
        type="a.b",
        body=b"{}",
        cause="auto",
        gap=False,
    )
    sender.send(claimed, [Secret.generate()], access, answered)


def attempt(loop: Loop, sender: Sender, url: str) -> Answer:
    """What came of an attempt."""
    answers: list[Answer] = []
    begin(sender, url, answers.append)
    end = time.monotonic() + 30
    while not answers:
        assert time.monotonic() < end
        loop.turn(0.1)
    return answers[0]
