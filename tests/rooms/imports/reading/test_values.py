"""Numbers and number formats: what a sheet shows is what is read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, to_excel

from openredress_api.imports.reading.arranging import guarded, letter, unguarded
from openredress_api.imports.reading.values import BUILT_IN, kind_of, moment, number


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", None),
        ("0.00", None),
        ('#,##0.00 "days"', None),
        ("#,##0_);[Red](#,##0)", None),
        ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\)', None),
        ("0.00E+00", None),
        ("0%", None),
        ("# ?/?", None),
        ("@", None),
        ('"due in "0', None),
        ("0\\d", None),
        ("yyyy-mm-dd", "date"),
        ("d/m/yyyy;@", "date"),
        ("[$-409]d-mmm-yy;@", "date"),
        ("[$-107041E]d mmmm yyyy", "date"),
        ("d mmm bbbb", "date"),
        ("yyyy", "date"),
        ("dd\\.mm\\.yyyy", "date"),
        ("DD/MM/YYYY", "date"),
        ("mmm-yy", "month"),
        ("mmmm yyyy", "month"),
        ("yyyy-mm", "month"),
        ("m/d/yy h:mm", "moment"),
        ("yyyy-mm-dd hh:mm:ss.000", "moment"),
        ("yyyy-mm-dd\\Thh:mm", "moment"),
        ("h:mm AM/PM", "time"),
        ("mm:ss.0", "time"),
        ("[h]:mm:ss", "length"),
        ("[mm]:ss", "length"),
    ],
)
def test_formats_say_what_they_show(code: str, kind: str | None) -> None:
    """Letters of a date count, literals, colours and languages do not."""
    assert kind_of(code) == kind


def test_formats_known_by_number_agree_with_their_codes() -> None:
    """The built-in formats show what their codes say."""
    for one, code in BUILTIN_FORMATS.items():
        assert BUILT_IN.get(one) == kind_of(code), code


@given(
    day=st.datetimes(datetime(1900, 3, 2), datetime(9999, 12, 31)),  # noqa: DTZ001 - as sheets
    from_1904=st.booleans(),
)
def test_moments_agree_with_another_library(day: datetime, from_1904) -> None:
    """A moment that openpyxl writes is read to the millisecond."""
    epoch = MAC_EPOCH if from_1904 else WINDOWS_EPOCH
    if day < epoch:
        return
    read = moment(repr(to_excel(day, epoch)), "moment", from_1904=from_1904)
    assert abs(datetime.fromisoformat(read) - day) <= timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("serial", "day"), [("1", "1900-01-01"), ("59", "1900-02-28"), ("61", "1900-03-01")]
)
def test_the_day_that_never_was_is_left_out(serial: str, day: str) -> None:
    """Excel counts 29 February 1900; days before and after it are right all the same."""
    assert moment(serial, "date", from_1904=False) == day


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_plain_and_exact(value: float) -> None:
    """No exponent, no needless decimals, and the same number when read again."""
    text = number(repr(value))
    assert float(text) == value
    assert not set(text) - set("-0123456789.")
    assert not text.endswith(".0")


@given(value=st.integers())
def test_whole_numbers_keep_all_their_digits(value: int) -> None:
    """A long account number is not rounded where the file has it in full."""
    assert number(str(value)) == str(value)


@given(index=st.integers(0, 16_383))
def test_columns_are_named_as_in_spreadsheets(index: int) -> None:
    """From A to XFD."""
    assert letter(index) == get_column_letter(index + 1)


@given(text=st.text(st.sampled_from("'=+-@\t\r\n＝1,.x"), max_size=6))  # noqa: RUF001 - see there
def test_guarding_is_undone_exactly(text: str) -> None:
    """A guarded text never begins a formula, and what was guarded comes back."""
    safe = guarded(text)
    assert unguarded(safe) == text
    assert safe[:1] not in tuple("=@\t\r\n＝")  # noqa: RUF001 - see there


@pytest.mark.parametrize("text", ["-5", "+5", "-1,520.50", "+66812345678", "'t Hooft", "x=1", ""])
def test_numbers_and_plain_words_are_not_guarded(text: str) -> None:
    """Negative numbers stay numbers."""
    assert guarded(text) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|'/c calc'!A0", "-1+1", "@SUM(1)", "\t=1", "-", "'=1"]
)
def test_what_could_run_is_guarded(text: str) -> None:
    """It stands behind an apostrophe."""
    assert guarded(text) == f"'{text}"
