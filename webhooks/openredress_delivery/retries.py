"""When to try again and when to stop: pure functions.

The schedule spans about 76 hours. An endpoint may ask for more time (Retry-After, RFC 9110
section 10.2.3), never for less.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

# Seconds before attempt 1, 2, ... : 0, 5 s, 1 m, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
SCHEDULE = (0, 5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.2
RETRY_AFTER_CAP = 86_400
# A receiver that rejects the message itself will hardly change its mind within days.
REJECTED_ATTEMPTS = 5
# Later attempts (and replays) go in the late lane, where they keep nothing new waiting.
EARLY_ATTEMPTS = 4
# An endpoint that cannot be reached at all is only probed, until one attempt is answered.
NETWORK_FAILURES = 5
PROBE_SECONDS = 300
# No success for so many days, in spite of so many attempts on so many days: we stop.
FAILING_DAYS, FAILING_ATTEMPTS, FAILING_ON_DAYS = 5, 20, 3
# How long one event may keep the others of its subject waiting.
BLOCKED_HOURS = 24

# Where we do not call. A name may point elsewhere tomorrow, so it is tried again, but not for long.
_REFUSED = frozenset(
    {"address_refused", "bad_host", "bad_url", "not_https", "port_refused", "userinfo_refused"}
)
# The receiver answered, and will hardly answer otherwise.
_FINAL = frozenset({"rejected", "challenge_missing"}) | _REFUSED
# What is wrong on our side, and no word about the receiver.
OUR_FAULTS = frozenset({"no_key", "exchange_failed"})
_MAY_PASS = frozenset({408, 409, 425, 429})
_ASKS_FOR_TIME = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from one attempt.

    Attributes:
        state: the delivery's next state: `succeeded`, `waiting`, `failed` or `held`.
        error_code: why it did not succeed, for the endpoint's owner.
        delay: seconds until the next attempt; 0 unless `waiting`.
        gone: the endpoint asked never to be called again.
        is_network: nothing at all came back.
        proven: the endpoint has proved that it wants our events.
    """

    state: str
    error_code: str | None = None
    delay: float = 0.0
    gone: bool = False
    is_network: bool = False
    proven: bool = False


def judge(
    n: int, status: int | None, fault: str | None, retry_after: int | None, luck: float
) -> Verdict:
    """The verdict on attempt `n` (1 is the first).

    Args:
        n: the attempt's number.
        status: the answer's status, or None when none came.
        fault: the code of a failure of the exchange itself, or None.
        retry_after: seconds the endpoint asked for, as `read_retry_after` returned them.
        luck: evenly spread in [0, 1): spreads the retries of one outage.
    """
    code = fault or _refusal(status)
    if code is None:
        return Verdict("succeeded")
    if code == "gone":
        return Verdict("held", code, gone=True)
    last = REJECTED_ATTEMPTS if code in _FINAL else len(SCHEDULE)
    is_network = status is None and code not in OUR_FAULTS | _REFUSED
    if n >= last:
        return Verdict("failed", code, is_network=is_network)
    asked = retry_after or 0 if status in _ASKS_FOR_TIME else 0
    delay = max(SCHEDULE[n] * (1 + JITTER * luck), float(asked))
    return Verdict("waiting", code, delay, is_network=is_network)


def read_retry_after(text: str | None, now: datetime) -> int | None:
    """Seconds that a Retry-After header asks for, 0 to 86,400; None when it says nothing clear."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        # Twenty digits are "long", not an integer to be trusted.
        return min(int(text), RETRY_AFTER_CAP) if len(text) < 20 else RETRY_AFTER_CAP  # noqa: PLR2004 - no number of seconds is longer
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the second is for numbers that no clock has
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, min(int((moment - now).total_seconds()), RETRY_AFTER_CAP))


def _refusal(status: int | None) -> str | None:
    """Why a complete answer is no success; None when it is one."""
    if status is None:
        return "no_answer"
    if 200 <= status < 300:  # noqa: PLR2004 - the classes of RFC 9110 section 15
        return None
    if status == HTTPStatus.GONE:
        return "gone"
    if 300 <= status < 400:  # noqa: PLR2004 - as above
        return "redirect_refused"
    if 400 <= status < 500 and status not in _MAY_PASS:  # noqa: PLR2004 - as above
        return "rejected"
    return "not_accepted"
