"""Promises of the OS ID reader."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.vocabulary.identifiers import BadOsId, OsIdFault, os_id

VALID = ["CN2021250D1DTN7", "BD202034606B9SA", "MX2024211T0VH2S"]
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.mark.parametrize("text", VALID)
def test_published_ids_are_read(text: str) -> None:
    """Three ids published by Open Supply Hub pass unchanged."""
    assert os_id(text) == text


@pytest.mark.parametrize(
    "text", ["CN 2021250 D1DTN 7", "CN-2021250-D1DTN-7", " cn2021250d1dtn7 ", "Cn2021250D1-DTN7"]
)
def test_spaces_hyphens_and_case_do_not_matter(text: str) -> None:
    """However it was typed, the same id comes out."""
    assert os_id(text) == "CN2021250D1DTN7"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("CN20241096SFEBB", OsIdFault.CHECK),
        ("", OsIdFault.LENGTH),
        ("CN2021250D1DTN", OsIdFault.LENGTH),
        ("CN2021250D1DTN77", OsIdFault.LENGTH),
        ("C92021250D1DTN7", OsIdFault.COUNTRY),
        ("CN2021250DIDTN7", OsIdFault.ALPHABET),
        ("CN2021250D1DTN/", OsIdFault.ALPHABET),
        ("\N{LATIN SMALL LETTER LONG S}N2021250D1DTN7", OsIdFault.ALPHABET),
        ("CN202125\N{ARABIC-INDIC DIGIT THREE}D1DTN7", OsIdFault.ALPHABET),
        ("CN2021000D1DTN7", OsIdFault.DATE),
        ("CN2021366D1DTN7", OsIdFault.DATE),
        ("CN202A250D1DTN7", OsIdFault.DATE),
    ],
)
def test_refusals_say_what_is_wrong(text: str, fault: OsIdFault) -> None:
    """Each wrong text is refused for its own reason, in words too."""
    with pytest.raises(BadOsId) as refused:
        os_id(text)
    assert refused.value.fault == fault
    assert str(refused.value)


def test_the_last_day_of_a_leap_year_is_a_day() -> None:
    """Day 366 exists in a leap year: CN2020366, four zeros, and the check that fits."""
    assert os_id("CN2020366000004")


@pytest.mark.parametrize("text", VALID)
def test_any_single_wrong_character_is_found(text: str) -> None:
    """Every id that differs from a valid one in one place is refused: all, not 31 of 32."""
    for place, right in enumerate(text):
        for wrong in set(string.ascii_uppercase + string.digits) - {right}:
            with pytest.raises(BadOsId):
                os_id(text[:place] + wrong + text[place + 1 :])


def read(text: str) -> bool:
    """Whether the text is taken as an OS ID."""
    try:
        os_id(text)
    except BadOsId:
        return False
    return True


@given(
    st.text(SYMBOLS, min_size=5, max_size=5),
    st.dates(date(2000, 1, 1)),
    st.sampled_from(["TH", "VN", "XK"]),
)
def test_of_32_check_characters_one_fits(tail: str, day: date, country: str) -> None:
    """Whatever the country, day and tail, exactly one check character is taken."""
    body = f"{country}{day:%Y%j}{tail}"
    assert sum(read(body + symbol) for symbol in SYMBOLS) == 1


@given(st.text(max_size=20))
def test_any_text_is_an_id_or_a_typed_refusal(text: str) -> None:
    """No text makes the reader fail otherwise, and what it returns it reads again."""
    if read(text):
        assert os_id(os_id(text)) == os_id(text)
