"""The clocks of a grievance: by when it is acknowledged, acted on, and passed up (domain, 3.5).

Hours run from the moment received. Days are calendar days in the site's zone, day 0 being the day
received: a clock of two days ends with the second day after it. Without a severity none runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from openredress_api.vocabulary import TAXONOMIES

_SEVERITIES = TAXONOMIES["severity"].codes
# The clock on the wire and its name in the code list.
CLOCKS = {
    "acknowledge": "acknowledge",
    "first_action": "first_action",
    "escalation": "escalate_after",
}
# Statuses in which a clock still runs.
WAITING = {
    "acknowledge": (
        *("received", "acknowledged", "triaged", "in_investigation"),
        *("action_agreed", "resolved_reported", "reopened"),
    ),
    "first_action": ("received", "acknowledged", "triaged", "reopened"),
    "escalation": (
        *("received", "acknowledged", "triaged", "in_investigation"),
        *("action_agreed", "reopened"),
    ),
}


def lengths(clock: str) -> Mapping[str, tuple[str, int]]:
    """For each severity how long a clock runs, as (`hours` or `days`, number)."""
    name = CLOCKS[clock]
    return {
        severity: (unit, int(str(each.attributes[f"{name}_{unit}"])))
        for severity, each in _SEVERITIES.items()
        for unit in ("hours", "days")
        if f"{name}_{unit}" in each.attributes
    }


def overdue_sql(clock: str) -> str:
    """Whether the clock of a row of `grievance` has run out by :now, for a list of many."""
    cases = " ".join(
        f"WHEN '{severity}' THEN {_ends_sql(clock, unit, number)}"
        for severity, (unit, number) in lengths(clock).items()
    )
    waiting = ", ".join(f"'{status}'" for status in WAITING[clock])
    # Acknowledged at a time that nobody says is not known to be acknowledged in time.
    unmet = "AND grievance.acknowledged_at IS NULL " if clock == "acknowledge" else ""
    return (
        f"grievance.status IN ({waiting}) AND grievance.voided_at IS NULL {unmet}"
        f"AND CASE grievance.severity {cases} END <= :now"
    )


def _ends_sql(clock: str, unit: str, number: int) -> str:
    # What a worker reopened has to be acted on anew.
    start = "coalesce(grievance.reopened_at, grievance.received_at)"
    if clock == "acknowledge":
        start = "grievance.received_at"
    if unit == "hours" or not number:
        return f"{start} + interval '{number} hours'"
    zone = (
        "(SELECT site.time_zone FROM site WHERE site.organisation_id = grievance.organisation_id "
        "AND site.id = grievance.site_id)"
    )
    return (
        f"(date_trunc('day', {start} AT TIME ZONE {zone}) "
        f"+ interval '{number + 1} days') AT TIME ZONE {zone}"
    )


def due_at(clock: str, severity: str | None, start: datetime, zone: ZoneInfo) -> datetime | None:
    """When a clock that began at `start` runs out; None where none runs."""
    if severity is None:
        return None
    unit, number = lengths(clock)[severity]
    if unit == "hours" or not number:
        return start + timedelta(hours=number)
    last = start.astimezone(zone).date() + timedelta(days=number)
    # Of a midnight that comes twice, PostgreSQL takes the second, too.
    return datetime.combine(last + timedelta(days=1), time(fold=1), zone)
