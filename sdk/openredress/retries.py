"""When to try again and how long to wait: full jitter, Retry-After, never past the deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone

from openredress.answers import Answer
from openredress.clock import Clock, Deadline
from openredress.errors import ApiError, ConnectionFailed

Hook = Callable[[str, Mapping[str, object]], None]
"""Told what happens, for logs and figures: a kind (request, retry, token) and its facts."""

TRIES = 8
"""Most tries of one call; the seven pauses between them last 16 s on average."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


def persist(
    attempt: Callable[[], Answer], *, clock: Clock, deadline: Deadline, tell: Hook
) -> Answer:
    """Return what `attempt`, which must be safe to repeat, answers at last.

    Raises:
        ApiError: refused for good, or after the last try; `retry_at` says when to come back.
        ConnectionFailed: no answer up to the last try.
        DeadlineExceeded: time ran out during a try.
    """
    number = 0
    while True:
        number += 1
        try:
            return attempt()
        except (ApiError, ConnectionFailed) as failure:
            if not _passes(failure):
                raise
            pause = _pause(number, failure, clock)
            if number == TRIES or not deadline.fits(pause):
                failure.retry_at = datetime.fromtimestamp(clock.wall() + pause, timezone.utc)
                raise
            tell("retry", {"number": number, "pause": pause, "reason": str(failure)})
        clock.sleep(pause)


def _passes(failure: ApiError | ConnectionFailed) -> bool:
    if isinstance(failure, ConnectionFailed):
        return True
    return failure.status in _PASSING or failure.code == "idempotency_in_progress"


def _pause(number: int, failure: ApiError | ConnectionFailed, clock: Clock) -> float:
    jitter = clock.luck() * min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << (number - 1)))
    if failure.retry_at is None:
        return jitter
    return max(jitter, failure.retry_at.timestamp() - clock.wall())
