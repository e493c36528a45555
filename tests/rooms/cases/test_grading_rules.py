"""Rules of severity, safe contact and receipt codes, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.cases import rules
from openredress_api.vocabulary import TAXONOMIES

START = datetime(2026, 1, 1, tzinfo=UTC)
ALONE = {
    "restriction_of_movement",
    "physical_sexual_violence",
    "document_retention",
    "debt_bondage",
}
SEVERITIES = list(TAXONOMIES["severity"].codes)


@dataclass(frozen=True)
class Seen:
    """An observation."""

    indicator: str
    current_harm: bool
    recorded_at: datetime
    voided_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """An entry of a severity's history."""

    n: int
    severity: str
    person_id: UUID | None


@dataclass
class Agreed:
    """What was agreed with a worker."""

    may_contact: bool = True
    channels: list[str] = field(default_factory=lambda: ["line"])
    days: list[str] = field(default_factory=lambda: list(rules.WEEKDAYS))
    from_hour: int | None = 18
    until_hour: int | None = 21
    time_zone: str | None = "Asia/Yangon"


OBSERVATIONS = st.lists(
    st.tuples(st.sampled_from(sorted(rules.INDICATORS)), st.booleans(), st.booleans()), max_size=8
).map(
    lambda rows: [
        Seen(indicator, current, START + timedelta(days=n), START if voided else None)
        for n, (indicator, current, voided) in enumerate(rows)
    ]
)


@given(OBSERVATIONS)
def test_the_floor_is_that_of_domain_3_5(observed: list[Seen]) -> None:
    """One of four indicators with current harm is s1; one of them, or three of any, s2."""
    latest = {one.indicator: one.current_harm for one in observed if one.voided_at is None}
    expected = None
    if len(latest) >= 3 or ALONE & set(latest):
        expected = "s2_severe"
    if any(latest.get(indicator) for indicator in ALONE):
        expected = "s1_critical"
    assert rules.floor_of(observed) == expected


@given(st.lists(st.sampled_from(SEVERITIES), min_size=1, max_size=8))
def test_the_raiser_is_whoever_last_made_it_graver(severities: list[str]) -> None:
    """Lowering never makes somebody the raiser; opening does."""
    entries = [Entry(n, severity, uuid4()) for n, severity in enumerate(severities, 1)]
    expected = entries[0].person_id
    for before, after in pairwise(entries):
        if SEVERITIES.index(after.severity) < SEVERITIES.index(before.severity):
            expected = after.person_id
    assert rules.raiser_of(entries[::-1]) == expected


def local(day: int, hour: int, zone: str = "Asia/Yangon") -> datetime:
    """An hour of June 2026, whose first day is a Monday, by the worker's clock."""
    return datetime(2026, 6, day, hour, 30, tzinfo=ZoneInfo(zone))


@given(st.integers(1, 28), st.integers(0, 23), st.sampled_from(["line", "sms"]))
def test_r1_nothing_is_allowed_until_it_was_agreed(day: int, hour: int, channel: str) -> None:
    """R1: without a rule, with one that says no, or without consent, no moment is right."""
    at = local(day, hour)
    assert not rules.may_contact(None, "granted", at, channel)
    assert not rules.may_contact(Agreed(may_contact=False), "granted", at, channel)
    for consent in ("refused", "withdrawn"):
        assert not rules.may_contact(Agreed(), consent, at, channel)


@given(st.integers(0, 23), st.integers(0, 24), st.integers(1, 28), st.integers(0, 23))
def test_the_hours_are_those_of_the_workers_clock(
    begins: int, ends: int, day: int, hour: int
) -> None:
    """An hour fits where counting on from the beginning meets it before the end."""
    if begins == ends:
        return
    hours = set()
    clock = begins
    while clock % 24 != ends % 24 or not hours:
        hours.add(clock % 24)
        clock += 1
    rule = Agreed(from_hour=begins, until_hour=ends)
    at = local(day, hour).astimezone(UTC)
    assert rules.may_contact(rule, "granted", at, "line") == (hour in hours)
    assert not rules.may_contact(rule, "granted", at, "sms")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """From 22 to 2 on Mondays ends on Tuesday at two, and does not begin on Sunday."""
    rule = Agreed(days=["monday"], from_hour=22, until_hour=2)
    right = [(1, 22), (1, 23), (2, 0), (2, 1)]
    wrong = [(1, 0), (1, 1), (1, 21), (2, 2), (2, 22), (2, 23)]
    assert all(rules.may_contact(rule, "granted", local(*at), "line") for at in right)
    assert not any(rules.may_contact(rule, "granted", local(*at), "line") for at in wrong)


@pytest.mark.parametrize(
    "typed",
    [
        "4915 2033 7761 0248",
        "4915-2033-7761-0248",
        "၄၉၁၅၂၀၃၃၇၇၆၁၀၂၄၈",
        "४९१५२०३३७७६१०२४८",
        "៤៩១៥២០៣៣៧៧៦១០២៤៨",
    ],
)
def test_a_code_is_read_as_workers_type_it(typed: str) -> None:
    """Spaces, hyphens and the digits of Burmese, Nepali and Khmer make no difference."""
    assert rules.plain_code(typed) == "4915203377610248"


def test_each_status_of_a_case_that_stands_is_told_in_plain_words() -> None:
    """Every status but that of a merged case has exactly one plain code."""
    told = [
        status
        for each in TAXONOMIES["follow_up_status"].codes.values()
        for status in each.attributes["of"]
    ]
    assert sorted(told) == sorted({*rules.STATUSES} - {rules.MERGED})
    assert {rules.plain_status(status) for status in rules.OPEN} == {"received", "in_work"}
    assert {rules.plain_status(status) for status in rules.REOPENABLE} == {"ended"}
