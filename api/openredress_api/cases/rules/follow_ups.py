"""How a worker comes back with a receipt code, and what is told without a name."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from openredress_api.vocabulary import TAXONOMIES

CODE_DIGITS = 16
# Guesses of all channels of one client; whoever types a code wrong needs two or three.
TRIES_PER_HOUR = 100
_HOUR = timedelta(hours=1)
_STATUS = {
    status: code
    for code, each in TAXONOMIES["follow_up_status"].codes.items()
    for status in each.attributes["of"]  # type: ignore[union-attr]  # a tuple in this list
}


def plain_code(text: str) -> str:
    """The digits of a code as a worker may type it: spaces, hyphens, digits of any script."""
    return "".join(
        str(digit)
        for digit in (unicodedata.digit(sign, None) for sign in text)
        if digit is not None
    )


def plain_status(status: str) -> str:
    """A case's status in words that tell a stranger who holds the code as little as possible."""
    return _STATUS[status]


def wait_after(now: datetime) -> int:
    """Seconds until the next hour of tries begins."""
    return int((hour_of(now) + _HOUR - now).total_seconds()) + 1


def hour_of(now: datetime) -> datetime:
    """The hour whose tries are counted together."""
    return now.replace(minute=0, second=0, microsecond=0)
