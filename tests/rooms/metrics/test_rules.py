"""Quarters, cut-offs, previews and medians, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.metrics import rules
from tests.rooms.metrics.oracle import RESTRICTED, kaplan_meier

TIMES = st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("2025-Q1", date(2025, 1, 1), date(2025, 4, 1)),
        ("2024-Q2", date(2024, 4, 1), date(2024, 7, 1)),
        ("2025-Q3", date(2025, 7, 1), date(2025, 10, 1)),
        ("2025-Q4", date(2025, 10, 1), date(2026, 1, 1)),
    ],
)
def test_quarters(name: str, start: date, end: date) -> None:
    """A quarter begins on its first day and ends before the next one's."""
    found = rules.quarter(name)
    assert (found.name, found.start, found.end) == (name, start, end)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2025",
            "2025-Q0",
            "2025-Q5",
            "2025-Q11",
            "2025-q1",
            "2025Q1",
            " 2025-Q1",
            "2025-Q1\n",
        ),
        *("0000-Q1", "1999-Q4", "9999-Q4", "2568-Q1", "٢٠٢٥-Q1", "2025-01"),
    ],
)
def test_what_is_no_quarter(text: str) -> None:
    """Anything else is refused, a Buddhist year and digits of other scripts among them."""
    with pytest.raises(rules.BadPeriod):
        rules.quarter(text)


@pytest.mark.parametrize("name", ["2024-Q4", "2025-Q1", "2028-Q1"])
def test_the_cut_off_is_thirty_days_after_the_end_everywhere(name: str) -> None:
    """At the cut-off the quarter has been over for 30 days at the last place on earth."""
    quarter = rules.quarter(name)
    last = datetime(
        quarter.end.year, quarter.end.month, quarter.end.day, tzinfo=ZoneInfo("Etc/GMT+12")
    )
    assert quarter.cut_off_at == last + timedelta(days=30)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("2026-11-02T09:00", "2026-11-16T09:00"),  # Monday
        ("2026-11-06T09:00", "2026-11-20T09:00"),  # Friday
        ("2026-11-07T09:00", "2026-11-20T09:00"),  # Saturday
        ("2026-11-08T23:59", "2026-11-20T23:59"),  # Sunday
    ],
)
def test_a_preview_lasts_ten_working_days(begins: str, ends: str) -> None:
    """Saturdays and Sundays are no working days."""
    begin, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (begins, ends))
    assert rules.preview_ends(begin) == end


@given(MOMENTS)
def test_a_preview_always_holds_ten_working_days(begin: datetime) -> None:
    """Whenever it begins, exactly ten working days have passed at its end."""
    end = rules.preview_ends(begin)
    passed = [begin + timedelta(days=n) for n in range(1, (end - begin).days + 1)]
    assert sum(day.weekday() < 5 for day in passed) == 10
    assert end.weekday() < 5


@given(TIMES)
def test_the_median_is_kaplan_and_meiers(times: list[tuple[int, bool]]) -> None:
    """Counting person by person gives the same day, or the same absence of one."""
    closed = Counter(day for day, done in times if done)
    censored = Counter(day for day, done in times if not done)
    assert rules.median_days(closed, censored) == kaplan_meier(times)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_without_open_ones_it_is_the_lower_median(days: list[int]) -> None:
    """If all have ended, half of them had by that day, and not a day earlier."""
    assert rules.median_days(Counter(days), {}) == sorted(days)[(len(days) - 1) // 2]


@given(TIMES.filter(lambda times: any(done for _, done in times)))
def test_leaving_one_open_never_shortens_the_median(times: list[tuple[int, bool]]) -> None:
    """A grievance that stays open for long makes the median no better than closing it did."""
    before = kaplan_meier(times)
    place = next(n for n, (_, done) in enumerate(times) if done)
    after = kaplan_meier([*times[:place], (41, False), *times[place + 1 :]])
    assert after is None or (before is not None and after >= before)


def test_half_open_is_not_reached() -> None:
    """With fewer than half ended there is no median, however quickly those few ended."""
    assert rules.median_days({1: 4}, {90: 5}) is None
    assert rules.median_days({1: 5}, {90: 5}) == 1


def test_overlapping_scopes() -> None:
    """Audiences that share a site are named, all others are not."""
    pairs = [("a", 1), ("a", 2), ("b", 2), ("c", 3), ("c", 3)]
    assert rules.overlapping(pairs) == {"a", "b"}


def test_what_never_counts_and_what_always_does() -> None:
    """The restricted classes, the ILO's fee types and the payers beyond doubt, written out."""
    assert rules.RESTRICTED
    assert all(code.startswith(RESTRICTED) for code in rules.RESTRICTED)
    assert {code.split(".")[0] for code in rules.ILO_FEES} == {"fee", "cost", "illegit"}
    assert set(rules.PAID_BY_OTHERS) == {"employer", "agency", "government"}
