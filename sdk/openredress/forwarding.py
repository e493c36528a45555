"""From the feed to a receiver that the server cannot reach: signed here, sent from here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import requests

from openredress.clock import SYSTEM, Clock
from openredress.errors import (
    OpenRedressError,
    RateLimited,
    ServerError,
    TransportError,
    Unavailable,
)
from openredress.positions import oldest
from openredress.wire import Credential
from openredress_webhooks.events import Event
from openredress_webhooks.signing import Secret, sign

if TYPE_CHECKING:
    from openredress.bookmarks import Place
    from openredress.client import Client

_WAIT = 25
_TIMEOUT = 20.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
_PASSING = (TransportError, RateLimited, Unavailable, ServerError)


@dataclass(frozen=True)
class Passing:
    """An event on its way: its bytes, and where the feed goes on behind it."""

    event: Event
    body: bytes
    position: str


@dataclass(frozen=True)
class Attempt:
    """What a receiver answered: a status, or 0 and the fault why there was none.

    `seconds` is how long it took, `lag` how long ago the event had happened.
    """

    status: int
    fault: str
    seconds: float
    lag: float

    @property
    def taken(self) -> bool:
        """Whether the server would count this as a success."""
        return self.status // 100 == 2  # noqa: PLR2004 - the class of RFC 9110, section 15.3


class Watcher(Protocol):
    """Whoever wants to see what happens."""

    def answered(self, passing: Passing, attempt: Attempt) -> None:
        """See one attempt."""

    def disconnected(self, failure: OpenRedressError) -> None:
        """See that the feed could not be read; it is tried again."""


class Receiver:
    """An address to which events are posted as the server would post them.

    Raises:
        ValueError: no http or https address.
    """

    def __init__(self, url: str, secret: Secret, *, clock: Clock = SYSTEM) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise ValueError(f"{url!r} is no address such as http://localhost:8000/hooks")
        self._url = url
        self._secret = secret
        self._clock = clock
        self._session = requests.Session()

    def post(self, passing: Passing) -> Attempt:
        """Send an event once, signed for this moment."""
        now = self._clock.wall()
        headers = sign([self._secret], passing.event.id, int(now), passing.body)
        begun = self._clock.monotonic()
        status, fault = 0, ""
        try:
            with self._session.post(
                self._url,
                data=passing.body,
                headers={**headers, "Content-Type": "application/json"},
                auth=Credential(),
                timeout=_TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                status = answer.status_code
        except requests.RequestException as failure:
            fault = type(failure).__name__
        seconds = self._clock.monotonic() - begun
        return Attempt(status, fault, seconds, now - passing.event.timestamp.timestamp())


def follow(
    client: Client,
    position: str,
    watcher: Watcher,
    *,
    types: Sequence[str] | None = None,
    clock: Clock = SYSTEM,
) -> Iterator[Passing]:
    """Hand out what comes behind a position, for ever; a lost connection is made again.

    Raises:
        ApiError: the server refuses, as it will again.
    """
    pauses = Pauses(clock)
    while True:
        feed = client.events.after(position, types=types, wait=_WAIT)
        try:
            for event in feed:
                pauses = Pauses(clock)
                position = feed.position
                yield Passing(event, feed.body, position)
        except _PASSING as failure:
            watcher.disconnected(failure)
            pauses.make()


def bridge(
    client: Client, receiver: Receiver, place: Place, watcher: Watcher, *, clock: Clock = SYSTEM
) -> None:
    """Bring every event of the feed to a receiver, in order, for ever; none is passed over.

    What was not answered with a 2xx is sent again, so each event arrives at least once.
    """
    position = place.read() or oldest(client.events)
    for passing in follow(client, position, watcher, clock=clock):
        pauses = Pauses(clock)
        while not _answered(receiver, passing, watcher).taken:
            pauses.make()
        place.write(passing.position)


def _answered(receiver: Receiver, passing: Passing, watcher: Watcher) -> Attempt:
    attempt = receiver.post(passing)
    watcher.answered(passing, attempt)
    return attempt


class Pauses:
    """Pauses that grow from 1 s to 5 min, each with a half that is left to chance."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next = _FIRST_PAUSE

    def make(self) -> None:
        """Wait, longer than the last time."""
        self._clock.sleep(self._next * (0.5 + self._clock.luck() / 2))
        self._next = min(self._next * 2, _LONGEST_PAUSE)
