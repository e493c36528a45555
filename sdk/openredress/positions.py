"""Where the feed of events begins and ends; loads no client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openredress.errors import CursorExpired
from openredress.paging import START

if TYPE_CHECKING:
    from openredress.events import Events


def oldest(events: Events) -> str:
    """The position before the oldest event that the server still keeps."""
    try:
        next(events.after(START, limit=1), None)
    except CursorExpired as expired:
        return expired.oldest or START
    return START


def newest(events: Events) -> str:
    """The position behind the newest event that there is now."""
    # Few events are of this type: the answer is the end of the feed and next to nothing else.
    feed = events.after(oldest(events), types=["endpoint.verify"])
    for _ in feed:
        pass
    return feed.position
