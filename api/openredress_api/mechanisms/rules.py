"""Rules of mechanisms in plain Python: what the fields of one record say against each other.

A record is its key and its body as they are loaded. Null is unknown, never no and never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from openredress_api.foundation.checks import ahead, in_order
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.vocabulary import TAXONOMIES

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A question is nothing to talk over with workers; every other family is.
TOPICS = tuple(code for code in TAXONOMIES["grievance_family"].codes if code != "query")
TIME_FRAMES = ("acknowledge_days", "first_action_days", "close_days")
COUNTS = ("calls", "messages", "visits")
PROVENANCES = ("verified", "supplier_reported")
# Fields that say more about another one.
_MORE_ABOUT_MECHANISM = {
    "external_procedure_name": "external_procedure",
    "procedure_url": "procedure_published",
    "anti_retaliation_policy_since": "anti_retaliation_policy",
    "workers_consulted_on": "workers_consulted_on_design",
    "effectiveness_check_method": "effectiveness_checked_on",
}
_MORE_ABOUT_SURVEY = {"aware_n": "aware_asked_n", "trust_n": "trust_asked_n"}
_PAST_OF_MECHANISM = (
    "anti_retaliation_policy_since",
    "workers_consulted_on",
    "effectiveness_checked_on",
)


def provenance(author: UUID, institute: UUID) -> str:
    """Who stands behind a record: the institute, or the supplier about itself."""
    return "verified" if author == institute else "supplier_reported"


def check_mechanism(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong with a mechanism's description; empty if nothing."""
    return [
        *_scope(record),
        *_repeated(record, "site_ids", "channels", "languages", "open_to"),
        *_orphans(record, _MORE_ABOUT_MECHANISM),
        *_hours(record),
        *_time_frames(record["published_time_frames"] or {}),
        *_ahead(record, _PAST_OF_MECHANISM, now),
        *in_order(record, "valid_from", "valid_to"),
    ]


def check_volume(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong with a month's contacts; empty if nothing."""
    found = []
    if (record["site_id"] is None) == (record["mechanism_id"] is None):
        found.append(FieldError("/site", Fault("site_or_mechanism")))
    found += ahead("/month", record["month"], now, "%Y-%m")
    if all(record[count] is None for count in COUNTS):
        found.append(FieldError("/", Fault("counts_nothing")))
    return found


def check_engagement(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong with a talk with workers; empty if nothing."""
    return [
        *_scope(record),
        *_repeated(record, "site_ids", "topics", "languages", "by"),
        *_ahead(record, ("held_on",), now),
    ]


def check_survey(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong with a survey: each number is one of those it is counted among."""
    return [
        *_orphans(record, _MORE_ABOUT_SURVEY),
        *_at_most(record, "aware_asked_n", "asked_n"),
        *_at_most(record, "aware_n", "aware_asked_n"),
        *_at_most(record, "trust_asked_n", "asked_n"),
        *_at_most(record, "trust_n", "trust_asked_n"),
        *_ahead(record, ("surveyed_on",), now),
    ]


def check_probe(record: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What is wrong with a trial of a channel; empty if nothing."""
    return [
        *_orphans(record, {"answered_in_seconds": "reached"}),
        *ahead("/probed_at", record["probed_at"], now),
    ]


def _scope(record: Mapping[str, Any]) -> Iterator[FieldError]:
    if record["all_sites"] and record["site_ids"]:
        yield FieldError("/sites", Fault("contradicts_all_sites"))
    elif not record["all_sites"] and not record["site_ids"]:
        yield FieldError("/sites", Fault("needs_sites"))


def _repeated(record: Mapping[str, Any], *fields: str) -> Iterator[FieldError]:
    for field in fields:
        values: Sequence[object] = record[field] or ()
        name = "sites" if field == "site_ids" else field
        for place, value in enumerate(values):
            if value in values[:place]:
                yield FieldError(f"/{name}/{place}", Fault("repeated"))


def _orphans(record: Mapping[str, Any], more_about: Mapping[str, str]) -> Iterator[FieldError]:
    """Fields whose other one is not there, or false."""
    for field, other in more_about.items():
        lacking = record[other] is None or record[other] is False
        if lacking and record[field] is not None:
            yield FieldError(f"/{field}", Fault("says_more_about", other=other), str(record[field]))


def _hours(record: Mapping[str, Any]) -> Iterator[FieldError]:
    spans: Sequence[Mapping[str, str]] = record["hours"] or ()
    if spans and record["always_open"]:
        yield FieldError("/hours", Fault("contradicts_always_open"))
    for place, span in enumerate(spans):
        if span["to"] <= span["from"]:
            yield FieldError(f"/hours/{place}/to", Fault("not_later", other="from"), span["to"])
        elif any(_meet(span, earlier) for earlier in spans[:place]):
            yield FieldError(f"/hours/{place}", Fault("overlapping"))


def _meet(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    same_day = one["weekday"] == other["weekday"]
    return same_day and one["from"] < other["to"] and other["from"] < one["to"]


def _time_frames(frames: Mapping[str, int | None]) -> Iterator[FieldError]:
    """A step is not promised before the one that comes first."""
    earlier = None
    for field in TIME_FRAMES:
        days = frames.get(field)
        if days is None:
            continue
        if earlier is not None and days < earlier[1]:
            fault = Fault("less_than", other=earlier[0])
            yield FieldError(f"/published_time_frames/{field}", fault, days)
        earlier = field, days


def _ahead(record: Mapping[str, Any], days: Sequence[str], now: datetime) -> Iterator[FieldError]:
    for field in days:
        yield from ahead(f"/{field}", record[field], now)


def _at_most(record: Mapping[str, Any], part: str, whole: str) -> Iterator[FieldError]:
    known = record[part] is not None and record[whole] is not None
    if known and record[part] > record[whole]:
        yield FieldError(f"/{part}", Fault("more_than", other=whole), record[part])
