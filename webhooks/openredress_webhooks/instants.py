"""RFC 3339 instants as events write them: UTC, six decimals, `Z`."""

from __future__ import annotations

import re
from datetime import datetime, timezone

PATTERN = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
"""What is read: RFC 3339 section 5.6 with capital T and Z."""

_INSTANT = re.compile(PATTERN)


def read_instant(text: str) -> datetime:
    """Return the aware UTC datetime of an RFC 3339 text; digits after the sixth are cut.

    Raises:
        ValueError: not RFC 3339, or outside the years 1 to 9999.
    """
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError("not an RFC 3339 instant")
    fraction, zone = found.groups()
    # Python 3.10 reads neither `Z` nor four decimals.
    decimals = (fraction or ".")[:7].ljust(7, "0")
    offset = "+00:00" if zone == "Z" else zone
    return _utc(datetime.fromisoformat(text[:19] + decimals + offset))


def write_instant(moment: datetime) -> str:
    """Return the RFC 3339 text of an aware datetime, converted to UTC: equal instants, equal text.

    Raises:
        ValueError: the datetime has no zone, or lies outside the years 1 to 9999 in UTC.
    """
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return _utc(moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error
