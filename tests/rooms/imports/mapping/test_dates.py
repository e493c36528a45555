"""Dates of every form, language and era are read exactly, or asked about; never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import nepali_datetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping import dates
from openredress_api.imports.mapping.calendars import Calendar

LATEST = (datetime.now(UTC) + timedelta(days=366)).year
DIGITS = {
    "ascii": "0123456789",
    "thai": "๐๑๒๓๔๕๖๗๘๙",
    "burmese": "၀၁၂၃၄၅၆၇၈၉",
    "khmer": "០១២៣៤៥៦៧៨៩",
    "devanagari": "०१२३४५६७८९",
    "bengali": "০১২৩৪৫৬৭৮৯",
    "lao": "໐໑໒໓໔໕໖໗໘໙",
}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "en short": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "th": "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.",
    "my": "ဇန်နဝါရီ ဖေဖော်ဝါရီ မတ် ဧပြီ မေ ဇွန် ဇူလိုင် ဩဂုတ် စက်တင်ဘာ အောက်တိုဘာ နိုဝင်ဘာ ဒီဇင်ဘာ",
    "km": "មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ",
    "ne": "जनवरी फेब्रुअरी मार्च अप्रिल मे जुन जुलाई अगस्ट सेप्टेम्बर अक्टोबर नोभेम्बर डिसेम्बर",
    "es": "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre dic",
}
FORMS = {
    "iso": "{y}-{m:02}-{d:02}",
    "ymd": "{y}/{m}/{d}",
    "dmy": "{d}/{m}/{y}",
    "dmy dots": "{d:02}.{m:02}.{y}",
    "mdy": "{m}/{d}/{y}",
    "short dmy": "{d}/{m}/{short:02}",
    "short mdy": "{m:02}-{d:02}-{short:02}",
    "compact": "{y}{m:02}{d:02}",
}
ORDER = {"dmy": "dmy", "dmy dots": "dmy", "mdy": "mdy", "short dmy": "dmy", "short mdy": "mdy"}
ERAS = ("gregorian", "buddhist", "bikram_sambat")
# Two digits of a year, and years of Bikram Sambat, say clearly what they are for so long only.
RECENT = date(2008, 1, 1)
scripts = st.sampled_from(sorted(DIGITS)).map(
    lambda name: str.maketrans(DIGITS["ascii"], DIGITS[name])
)


def _days(first: date = RECENT) -> st.SearchStrategy[list[date]]:
    return st.lists(st.dates(first, date(LATEST, 12, 31)), min_size=1, max_size=12)


def _in_era(day: date, era: str) -> tuple[int, int, int]:
    if era == "buddhist":
        return day.year + 543, day.month, day.day
    if era == "bikram_sambat":
        there = nepali_datetime.date.from_datetime_date(day)
        return there.year, there.month, there.day
    return day.year, day.month, day.day


def _written(day: date, form: str, era: str) -> str:
    y, m, d = _in_era(day, era)
    return FORMS[form].format(y=y, m=m, d=d, short=y % 100)


def _read(calendar: Calendar, text: str) -> str | Fault:
    found = calendar.read(text)
    return found if isinstance(found, Fault) else found.iso


def _all_read(texts: list[str], order: str | None = None, era: str | None = None) -> list[str]:
    calendar = Calendar(texts, order, era)
    return [str(_read(calendar, text)) for text in texts]


def _asked(texts: list[str], order: str | None = None, era: str | None = None) -> list[str]:
    return [code for code, _ in Calendar(texts, order, era).questions()]


@given(_days(), st.sampled_from(sorted(FORMS)), st.sampled_from(ERAS), scripts)
def test_nothing_is_guessed(said, form, era, script) -> None:
    """Any day in any form, era and script comes back exactly, or is not read and asked about."""
    texts = [_written(day, form, era).translate(script) for day in said]
    calendar = Calendar(texts, None, None)
    read = [_read(calendar, text) for text in texts]
    for day, found in zip(said, read, strict=True):
        assert isinstance(found, Fault) or found == day.isoformat()
    if any(isinstance(found, Fault) for found in read):
        assert list(calendar.questions())


@given(_days(), st.sampled_from(sorted(FORMS)), st.sampled_from(ERAS), scripts)
def test_answered_questions_are_enough(said, form, era, script) -> None:
    """With order and era given, any day in any form, era and script comes back exactly."""
    texts = [_written(day, form, era).translate(script) for day in said]
    order = ORDER.get(form, "dmy")
    assert not _asked(texts, order, era)
    assert _all_read(texts, order, era) == [day.isoformat() for day in said]


@given(
    _days(date(1950, 1, 1)),
    st.sampled_from(["iso", "ymd", "compact"]),
    st.sampled_from(sorted(MONTHS)),
)
def test_days_that_say_all(said, form, language) -> None:
    """A day that begins with its year, or names its month in any language, needs no answer."""
    assert _all_read([_written(day, form, "gregorian") for day in said]) == list(map(str, said))
    months = MONTHS[language].split()
    for shape in ("{d} {month} {y}", "{month} {d}, {y}", "{y} {month} {d}", "{d}-{month}-{y}"):
        texts = [shape.format(d=one.day, month=months[one.month - 1], y=one.year) for one in said]
        assert _all_read(texts) == list(map(str, said)), shape


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("วันที่ 1 มีนาคม พ.ศ. 2569", "2026-03-01"),
        ("๑ มี.ค. ๒๕๖๙", "2026-03-01"),
        ("1/3/2569", "2026-03-01"),
        ("25690301", "2026-03-01"),
    ],
)
def test_the_buddhist_era(text, day) -> None:
    """A year such as 2569 is asked about, and converted once the sender has said what it is."""
    assert _asked([text], "dmy") == ["date_era"]
    assert _all_read([text], "dmy") == ["buddhist_year"]
    assert _all_read([text], "dmy", "buddhist") == [day]


@pytest.mark.parametrize(
    "text",
    ["2082-11-17", "२०८२/११/१७", "२०८२ फागुन १७ गते", "17 Falgun 2082", "१७ फाल्गुन २०८२", "82/11/17"],
)
def test_bikram_sambat(text) -> None:
    """A year such as 2082, or the name of a month, is asked about, and then converted exactly."""
    assert _asked([text]) == ["date_era"]
    assert _all_read([text])[0] in ("bikram_year", "short_year")
    assert _all_read([text], None, "bikram_sambat") == ["2026-03-01"]


def test_the_order_is_seen_in_the_column() -> None:
    """One day above 12 decides for its column; without one the sender is asked."""
    assert _all_read(["3/4/2026", "13/4/2026"]) == ["2026-04-03", "2026-04-13"]
    assert _all_read(["9/12/19", "9/24/19"]) == ["2019-09-12", "2019-09-24"]
    assert _asked(["3/4/2026", "5/6/2026"]) == ["date_order"]
    assert _all_read(["3/4/2026", "5/6/2026"]) == ["date_order_unclear"] * 2
    assert _all_read(["3/4/2026", "5/6/2026"], "mdy") == ["2026-03-04", "2026-05-06"]
    assert not _asked(["3/3/2026"])
    assert _all_read(["3/3/2026"]) == ["2026-03-03"]


def test_a_column_against_itself() -> None:
    """Where a column writes both orders, what could be either is refused, row by row."""
    both = ["3/4/2026", "25/4/2026", "4/25/2026"]
    assert _asked(both) == ["date_order"]
    assert _all_read(both) == ["date_order_unclear", "2026-04-25", "2026-04-25"]
    assert _all_read(both, "dmy") == ["2026-04-03", "2026-04-25", "not_in_date_order"]
    # Nothing in the column speaks for what the sender says, and something against it.
    assert _all_read(["3/4/2026", "4/25/2026"], "dmy") == [
        "date_order_unclear",
        "not_in_date_order",
    ]


def test_eras_in_one_column() -> None:
    """Days of two eras in one column are never read by the wrong one."""
    assert _all_read(["2082-11-17", "2025-01-01"], None, "bikram_sambat") == [
        "2026-03-01",
        "two_eras",
    ]
    assert _all_read(["2026-01-02", "2569-01-02"], None, "buddhist") == ["2026-01-02"] * 2
    assert _all_read(["2026-01-02", "2062-01-02"], None, "gregorian") == [
        "2026-01-02",
        "bikram_year",
    ]


def test_years_in_two_digits() -> None:
    """Two digits are this century's year, or can be of three eras and are asked about."""
    assert _all_read(["24/9/19"], "dmy") == ["2019-09-24"]
    assert _asked(["24/9/19"]) == ["date_order"]
    assert _asked(["24/9/69"]) == ["date_era"]
    assert _all_read(["24/9/69"]) == ["short_year"]
    assert _all_read(["24/9/69"], None, "gregorian") == ["1969-09-24"]
    assert _all_read(["24/9/68"], None, "buddhist") == ["2025-09-24"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("46082", "day_number"),
        ("soon", "unreadable_day"),
        ("2026-02-30", "no_such_day"),
        ("2082-02-33", "unreadable_day"),
        ("1849-01-01", "year_out_of_window"),
        ("0026-03-01", "unreadable_day"),
        ("12 Foo 2026", "unreadable_day"),
        ("1 " * 500, "unreadable_day"),
    ],
)
def test_what_is_no_day(text, code) -> None:
    """What is no day is refused by its own code, a spreadsheet's day number among them."""
    assert _all_read([text]) == [code]


@pytest.mark.parametrize(
    ("text", "day", "time", "offset"),
    [
        ("2026-03-01T08:15:00Z", "2026-03-01", "08:15:00", "+00:00"),
        ("2026-03-01 08:15 +0545", "2026-03-01", "08:15:00", "+05:45"),
        ("1/3/2026 2:30 PM", "1/3/2026", "14:30:00", None),
        ("1/3/2026 12:05 am", "1/3/2026", "00:05:00", None),
        ("1/3/2026 2:30:15 p. m.", "1/3/2026", "14:30:15", None),
        ("1 มี.ค. 2569 14.30 น.", "1 มี.ค. 2569", "14:30:00", None),
        ("၁-၃-၂၀၂၆ ၈:၁၅", "1-3-2026", "08:15:00", None),
        ("2018-10-09T14:11:04.435000", "2018-10-09", "14:11:04.435000", None),
        ("01.03.2026", "01.03.2026", None, None),
        ("2026-03-01 25:00", "2026-03-01 25:00", None, None),
    ],
)
def test_times(text, day, time, offset) -> None:
    """A time behind a day is told from it, with half of the day and offset if they are there."""
    found, clock = dates.split(text)
    assert (found, clock and clock.time, clock and clock.offset) == (day, time, offset)
