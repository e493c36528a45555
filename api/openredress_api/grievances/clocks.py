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
    "acknowledge": ("received",),
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
        f"WHEN '{severity}' THEN {_ends_sql(unit, number)}"
        for severity, (unit, number) in lengths(clock).items()
    )
    waiting = ", ".join(f"'{status}'" for status in WAITING[clock])
    return (
        f"grievance.status IN ({waiting}) AND grievance.voided_at IS NULL "
        f"AND CASE grievance.severity {cases} END <= :now"
    )


def _ends_sql(unit: str, number: int) -> str:
    if unit == "hours" or not number:
        return f"grievance.received_at + interval '{number} hours'"
    zone = (
        "(SELECT site.time_zone FROM site WHERE site.organisation_id = grievance.organisation_id "
        "AND site.id = grievance.site_id)"
    )
    return (
        f"(date_trunc('day', grievance.received_at AT TIME ZONE {zone}) "
        f"+ interval '{number + 1} days') AT TIME ZONE {zone}"
    )


def due_at(
    clock: str, severity: str | None, received_at: datetime, zone: ZoneInfo
) -> datetime | None:
    """When a clock runs out; None where none runs."""
    if severity is None:
        return None
    unit, number = lengths(clock)[severity]
    if unit == "hours" or not number:
        return received_at + timedelta(hours=number)
    last = received_at.astimezone(zone).date() + timedelta(days=number)
    return datetime.combine(last + timedelta(days=1), time(), zone)
