"""One cell as people type it, in each language, becomes the value of its field or a fault."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.foundation.fields import (
    MAX_COUNT,
    Amount,
    Choice,
    Count,
    Day,
    Field,
    Flag,
    Identifier,
    Instant,
    Items,
    Month,
    Pseudonym,
    Text,
)
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping import choices, lexicon, moments
from openredress_api.imports.mapping.cells import Ground, Sum, reader
from openredress_api.imports.mapping.moments import Local
from openredress_api.vocabulary import TAXONOMIES
from tests.rooms.imports.mapping.kinds import MILL, MILL_ID, SITES, Place

DIGITS = ("๐๑๒๓๔๕๖๗๘๙", "၀၁၂၃၄၅၆၇၈၉", "០១២៣៤៥៦៧៨៩", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "໐໑໒໓໔໕໖໗໘໙")
ZAWGYI = "အေျခအေန ေကာင္းပါသည္"


def _choice(taxonomy: str) -> Choice:
    return Choice(tuple(TAXONOMIES[taxonomy].codes))


def _read(field: Field, *cells: str) -> list[Any]:
    """What a column of these cells is read as, faults as their codes."""
    calendar = moments.calendar_of(field, cells, None, None)
    read = reader(field, Ground(cells, SITES), calendar)
    return [_shown(read(cell)) for cell in cells]


def _shown(value: Any) -> Any:
    if isinstance(value, Fault):
        return str(value)
    if isinstance(value, Sum):
        return value.currencies or "of its currency"
    return value.time.isoformat() if isinstance(value, Local) else value


@pytest.mark.parametrize(
    "field",
    [Count(), Flag(), Day(), Month(), Instant(), Amount(), _choice("country"), Text(), Pseudonym()],
    ids=lambda field: type(field).__name__,
)
def test_words_for_nothing(field) -> None:
    """Empty cells, dashes and words for nothing leave every field out."""
    nothing = ("", "  ", "-", "—", "n/a", "N/A", "n.a.", " None ", "ไม่มีข้อมูล", "sin datos", "#N/A")
    assert _read(field, *nothing) == [None] * len(nothing)


def test_a_word_for_nothing_may_be_a_code() -> None:
    """NA is Namibia where countries stand, na is nothing."""
    assert _read(_choice("country"), "NA", "na") == ["NA", None]


@given(st.integers(0, MAX_COUNT), st.sampled_from(DIGITS))
def test_counts_in_any_script(number, digits) -> None:
    """Any count is read in any script of digits, grouped as its country groups it or not."""
    script = str.maketrans("0123456789", digits)
    for text in (f"{number}", f"{number:,}", f"{number:,}".replace(",", " "), f"{number}.0"):
        assert _read(Count(), text, text.translate(script)) == [number, number]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["1,234"], [1234]),
        (["1.234"], ["number_unclear"]),
        (["1.234", "1.234.567"], [1234, 1234567]),
        (["1,23,456"], [123456]),
        (["1'234", "1\u00a0234"], [1234, 1234]),
        (["၁ဝဝ"], [100]),
        (["-5", "(5)", "12 or so", "12.5", "9" * 5000], ["unreadable_count"] * 5),
    ],
)
def test_counts(cells, read) -> None:
    """A comma before three digits groups them in a count; a point where the column shows it."""
    assert _read(Count(), *cells) == read


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["1,234.50", "1,234"], ["1234.5", "1234"]),
        (["1.234,50", "1.234"], ["1234.5", "1234"]),
        (["1 234,50", "1'234.50"], ["1234.5", "1234.5"]),
        (["9.1600"], ["9.16"]),
        (["0.500"], ["0.5"]),
        (["1,234"], ["of its currency"]),
        (["1,23,456.00"], ["123456"]),
        (["๑,๕๐๐.๕๐"], ["1500.5"]),
        (["1500/-"], ["1500"]),
        (["12.3456"], ["too_many_decimals"]),
        (["฿1,500.00", "1,500.00 บาท", "THB 1500"], [("THB",)] * 3),
        (["१५०० रु."], [("INR", "NPR")]),
        (["-5", "(500)", "15000 THB/month", "1,2,3", "many"], ["unreadable_amount"] * 5),
    ],
)
def test_amounts(cells, read) -> None:
    """What is the decimal mark, the amounts of a column show; what none of them shows is open."""
    assert _read(Amount(), *cells) == read


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["{:,}", "{}"]), st.booleans())
def test_amounts_of_a_column_with_decimals(amount, form, swapped) -> None:
    """Any amount is read exactly from a column that shows its decimal mark."""
    text, shows = form.format(amount), "7,000.25"
    if swapped:
        text, shows = (one.translate(str.maketrans(".,", ",.")) for one in (text, shows))
    [read, _] = _read(Amount(), text, shows)
    assert read == (f"{amount:f}".rstrip("0").rstrip("."))


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        *(("Yes", "No"), ("TRUE", "FALSE"), ("1", "0"), ("✓", "✗"), ("x", "n")),
        *(("ใช่", "ไม่ใช่"), ("ဟုတ်ကဲ့", "မဟုတ်ပါ"), ("បាទ", "ទេ"), ("हो", "होइन")),
        *(("Sí", "No"), ("có", "không"), ("হ্যাঁ", "না")),
    ],
)
def test_flags(yes, no) -> None:
    """Yes and no are read in each language, and nothing else."""
    assert _read(Flag(), yes, no, "perhaps") == [True, False, "unreadable_flag"]


def test_no_word_is_yes_and_no() -> None:
    """No word of any language says both yes and no, and no month is of two calendars."""
    assert not lexicon.YES & lexicon.NO
    assert not lexicon.MONTHS.keys() & lexicon.BIKRAM_MONTHS.keys()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("CHINA", "CN"), ("China", "CN"), ("CN", "CN"), ("chn", "CN"), ("VIET NAM", "VN")),
        *(("UNITED STATES OF AMERICA", "US"), ("Lao PDR", "LA"), ("Burma", "MM")),
        *(("เมียนมา", "MM"), ("မြန်မာ", "MM"), ("កម្ពុជា", "KH"), ("कतार", "QA")),
        *(("México", "MX"), ("Arab Saudi", "SA")),
    ],
)
def test_countries(text, code) -> None:
    """Countries are read by code, by name and by the names of each language."""
    assert _read(_choice("country"), text) == [code]


def test_what_names_no_code() -> None:
    """The nearest code is a hint and never taken; a word for several codes names them."""
    read = choices.chooser(tuple(TAXONOMIES["country"].codes))
    assert {"not_in_list": read("Africa"), "code_unclear": read("Korea")} == {
        "not_in_list": "not_in_list",
        "code_unclear": "code_unclear",
    }
    near = read("Tailand")
    assert isinstance(near, Fault)
    assert near.params == {"nearest": "TH"}
    # Vietnamese for the United States is also Malaysia's code, without its accent.
    assert _read(_choice("country"), "Mỹ", "MY") == ["code_unclear", "MY"]
    assert _read(_choice("grievance_category"), "any", "physical") == ["not_in_list"] * 2


def test_currencies() -> None:
    """Names and signs of one currency are read, those of several are not."""
    said = ("฿", "baht", "บาท", "ကျပ်", "រៀល", "नेपाली रुपैयाँ", "US$", "quetzal")
    codes = ["THB", "THB", "THB", "MMK", "KHR", "NPR", "USD", "GTQ"]
    assert _read(_choice("currency"), *said) == codes
    unclear = ("$", "Rs", "peso", "¥", "रु")
    assert _read(_choice("currency"), *unclear) == ["code_unclear"] * 5


def test_meanings_and_own_words() -> None:
    """A code is read by its meaning, whatever its case; wage periods by the words for them."""
    said = ("wages.late_payment", "Wages.Late_Payment", "Paid late", "PAID LATE")
    assert _read(_choice("grievance_category"), *said) == ["wages.late_payment"] * 4
    periods = ("Hourly", "HR", "รายเดือน", "por semana", "दैनिक", "per annum")
    assert _read(_choice("wage_period"), *periods) == [
        "hour",
        "hour",
        "month",
        "week",
        "day",
        "year",
    ]
    assert _read(_choice("hop_registration"), "Yes", "ไม่ใช่") == ["yes", "no"]


def test_words_for_codes() -> None:
    """Every word of a language means the codes it stands under, and every such code exists."""
    for taxonomy, table in lexicon.CODES.items():
        codes = tuple(TAXONOMIES[taxonomy].codes)
        found = choices.spellings(codes)
        assert all(set(meant) <= {*found[word]} & {*codes} for word, meant in table.items())


def test_sites() -> None:
    """A site is named by our id, by its OS ID however it is spaced, or by the sender's own id."""
    said = (MILL_ID, "F-1", "CN2021250D1DTN7", "cn-2021250-d1dtn7", "F-2")
    assert _read(Identifier("site"), *said) == [*[MILL_ID] * 4, "no_such_site"]
    assert _read(Identifier("org"), "org_01") == ["org_01"]


def test_a_reference_of_two_sites() -> None:
    """An id that two sites carry names neither: the fault tells both, no other is proposed."""
    other = Place(uuid.uuid4(), "Asia/Yangon")
    both = {**SITES, "TH2021250D1DTN7": [MILL, other]}
    read = reader(Identifier("site"), Ground([], both))
    fault = read("TH2021250-D1DTN7")
    assert isinstance(fault, Fault)
    assert (str(fault), fault.params["sites"]) == (
        "site_is_ambiguous",
        f"{MILL_ID}, {encode('site', other.id)}",
    )
    near = read("TH2021250D1DTN8")
    assert isinstance(near, Fault)
    assert "TH2021250D1DTN7" not in str(near.params["nearest"])


def test_days_months_and_moments() -> None:
    """A day may carry a time, a month a day; a moment without a zone waits for one."""
    assert _read(Day(), "05/20/06 00:00:00", "2026-03-01T14:11:04.435000") == [
        "2006-05-20",
        "2026-03-01",
    ]
    months = ("202603", "03/2026", "มีนาคม 2026", "2026-03-31", "Mar-26")
    assert _read(Month(), *months) == ["2026-03"] * 4 + ["unreadable_month"]
    moment = ("2026-03-01T08:15:00Z", "2026-03-01 08:15", "13/1/2026", "2026-02-30 08:15", "later")
    assert _read(Instant(), *moment) == [
        "2026-03-01T08:15:00Z",
        "2026-03-01T08:15:00",
        "2026-01-13T00:00:00",
        "no_such_day",
        "unreadable_time",
    ]


def test_lists_in_one_cell() -> None:
    """A cell may hold a list; one wrong part is the whole cell's fault."""
    channels = Items(_choice("channel"))
    assert _read(channels, "sms; line|viber", "SMS, LINE", "sms", "sms; smoke signal") == [
        ["sms", "line", "viber"],
        ["sms", "line"],
        ["sms"],
        "not_in_list",
    ]


def test_zawgyi() -> None:
    """Burmese typed for the Zawgyi font is refused with advice; Unicode is taken."""
    assert _read(Text(), ZAWGYI, " အခြေအနေ ") == ["zawgyi_text", "အခြေအနေ"]
    assert _read(_choice("severity"), ZAWGYI) == ["zawgyi_text"]


def test_text_stays_as_it_is() -> None:
    """Text is only trimmed; fields that take ASCII get its digits."""
    assert _read(Text(), " เลขที่ ๑๒ ") == ["เลขที่ ๑๒"]
    assert _read(Pseudonym(), " W-๒๐๔๑ ") == ["W-2041"]


def test_many_misspellings_do_not_hold_up_a_file() -> None:
    """After two hundred hints a column gives its first codes instead of searching."""
    read = choices.chooser(tuple(TAXONOMIES["country"].codes))
    hints = [read(f"Tailand{'!' * many}x{many}") for many in range(400)]
    assert isinstance(hints[0], Fault)
    assert isinstance(hints[-1], Fault)
    assert hints[-1].params == {"nearest": "AD, AE, AF, AG, AI, AL, AM, AO"}
