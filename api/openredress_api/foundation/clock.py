"""Time: instants are the gate's transaction time plus the sandbox offset; days are local days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def rfc3339(moment: datetime) -> str:
    """An instant as RFC 3339 text in UTC with microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of `moment` in an IANA zone such as Asia/Yangon."""
    return moment.astimezone(ZoneInfo(zone)).date()
