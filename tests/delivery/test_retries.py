"""When to try again and when to stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_delivery.retries import (
    JITTER,
    RETRY_AFTER_CAP,
    SCHEDULE,
    judge,
    read_retry_after,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STATUSES = st.integers(200, 599)
LUCK = st.floats(0, 1, exclude_max=True)
LAST = len(SCHEDULE)


def test_schedule() -> None:
    """Eleven attempts over about 76 hours."""
    assert (LAST, round(sum(SCHEDULE) / 3_600)) == (11, 76)


@given(st.integers(1, LAST), STATUSES, st.none() | st.integers(0, RETRY_AFTER_CAP), LUCK)
def test_delay(n: int, status: int, asked: int | None, luck: float) -> None:
    """A retry comes never before the schedule or the asked time, and at most a fifth later."""
    verdict = judge(n, status, None, asked, luck)
    if verdict.state == "waiting":
        floor = max(SCHEDULE[n], (asked or 0) if status in {429, 503} else 0)
        assert floor <= verdict.delay <= max(floor, SCHEDULE[n] * (1 + JITTER))
    else:
        assert verdict.delay == 0


@given(st.lists(st.none() | STATUSES, min_size=LAST, max_size=LAST), LUCK)
def test_every_chain_ends(answers: list[int | None], luck: float) -> None:
    """Whatever comes back, a delivery ends within eleven attempts."""
    verdicts = (
        judge(n, status, None if status else "timeout", None, luck)
        for n, status in enumerate(answers, 1)
    )
    assert any(verdict.state != "waiting" for verdict in verdicts)


@given(STATUSES, LUCK)
def test_kinds_of_answer(status: int, luck: float) -> None:
    """2xx succeeds, 410 holds, 3xx is a refused redirect, most 4xx stop after five attempts."""
    first, fifth = (judge(n, status, None, None, luck) for n in (1, 5))
    if status < 300:
        assert first.state == "succeeded"
    elif status == 410:
        assert (first.state, first.gone) == ("held", True)
    elif status < 400:
        assert first.error_code == "redirect_refused"
    else:
        stops = status < 500 and status not in {408, 409, 425, 429}
        assert (fifth.state == "failed") == stops
        assert first.state == "waiting"


@given(st.integers(1, LAST - 1), STATUSES, LUCK)
def test_fault_wins(n: int, status: int, luck: float) -> None:
    """An exchange that broke off is a failure even if its first line said 200."""
    assert judge(n, status, "timeout", None, luck).state == "waiting"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("86401", RETRY_AFTER_CAP),
        ("1" + "0" * 20, RETRY_AFTER_CAP),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("１２", None),  # noqa: RUF001 - full-width digits
        ("Mon, 02 Mar 2026 09:31:00 GMT", 60),
        ("Mon, 02 Mar 2026 09:31:00", 60),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", RETRY_AFTER_CAP),
        ("Mon, 99 Mar 2026 99:99:99 GMT", None),
    ],
)
def test_read_retry_after(text: str | None, seconds: int | None) -> None:
    """Seconds or a date, capped at a day; garbage says nothing."""
    assert read_retry_after(text, NOW) == seconds


@given(st.text() | st.integers().map(str))
def test_any_retry_after(text: str) -> None:
    """Whatever stands in the header, the result is nothing or 0 to 86,400 seconds."""
    seconds = read_retry_after(text, NOW)
    assert seconds is None or 0 <= seconds <= RETRY_AFTER_CAP


@given(st.integers(0, RETRY_AFTER_CAP))
def test_dates_are_exact(seconds: int) -> None:
    """A date says the same as its distance in seconds."""
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert read_retry_after(date, NOW) == seconds
