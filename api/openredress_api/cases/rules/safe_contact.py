"""When and how a worker may be contacted: not at all until it was agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES, channel_class

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ANSWERERS = ("worker_only", "anyone")
VOICE_CHANNELS = tuple(
    code for code in TAXONOMIES["channel"].codes if channel_class(code) == "worker_voice"
)
_DETAILS = ("channels", "days", "from_hour", "until_hour", "time_zone", "who_answers")


class SafeContact(Protocol):
    """What was agreed with the worker; hours of `time_zone`, `until_hour` no longer included."""

    may_contact: bool
    channels: list[str]
    days: list[str]
    from_hour: int | None
    until_hour: int | None
    time_zone: str | None


def may_contact(rule: SafeContact | None, consent: str, at: datetime, channel: str) -> bool:
    """Whether the worker may be contacted by `channel` at a moment.

    `consent` is the state of contact_back then. Without a rule nothing is allowed (R1). Hours that
    end before they begin go past midnight and belong to the day on which they begin.
    """
    if rule is None or not rule.may_contact or consent != "granted":
        return False
    if channel not in rule.channels or rule.time_zone is None:
        return False
    local = at.astimezone(ZoneInfo(rule.time_zone))
    begins, ends = rule.from_hour or 0, rule.until_hour or 0
    if begins < ends:
        day, fits = local, begins <= local.hour < ends
    else:
        day = local if local.hour >= begins else local - timedelta(days=1)
        fits = local.hour >= begins or local.hour < ends
    return fits and WEEKDAYS[day.weekday()] in rule.days


def check_safe_contact(body: Mapping[str, Any]) -> Iterator[FieldError]:
    """Whoever may be contacted is so by some channel, on some day, at some hour; others never."""
    for name in _DETAILS:
        given = body[name] not in (None, [])
        if body["may_contact"] and not given:
            yield FieldError(f"/{name}", Fault("required"))
        elif given and not body["may_contact"]:
            yield FieldError(f"/{name}", Fault("says_more_about", other="may_contact"))
    if body["leave_messages"] and not body["may_contact"]:
        yield FieldError("/leave_messages", Fault("says_more_about", other="may_contact"))
    if body["from_hour"] is not None and body["from_hour"] == body["until_hour"]:
        fault = Fault("no_time_between", other="from_hour")
        yield FieldError("/until_hour", fault, body["until_hour"])
    for name in ("channels", "days"):
        for place, each in enumerate(body[name]):
            if each in body[name][:place]:
                yield FieldError(f"/{name}/{place}", Fault("repeated"), each)
