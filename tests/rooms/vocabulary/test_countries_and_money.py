"""Promises of the two ISO lists."""

from __future__ import annotations

import re

import pytest

from openredress_api.vocabulary.lists import UnknownCode, code_list, exponent


@pytest.mark.parametrize(
    ("decimals", "currencies"),
    [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
    ],
)
def test_exponents_other_than_two_are_exactly_those_of_iso(decimals: int, currencies: str) -> None:
    """The currencies with no or three decimals are the ones of ISO 4217, and no others."""
    found = {word for word in code_list("currency").codes if exponent(word) == decimals}
    assert found == set(currencies.split())


@pytest.mark.parametrize("currency", ["MMK", "LAK", "THB", "KHR", "NPR", "BDT", "IDR", "MGA"])
def test_kyat_and_kip_have_two_decimals(currency: str) -> None:
    """The corridors' currencies follow ISO, also where other lists drop the decimals."""
    assert exponent(currency) == 2


def test_no_currency_needs_more_decimals_than_are_stored() -> None:
    """Amounts are stored with three decimals, so no exponent is larger."""
    assert {exponent(word) for word in code_list("currency").codes} == {0, 2, 3}


@pytest.mark.parametrize("word", ["XXX", "XAU", "CLF", "CHE", "XDR", "HRK", "thb", ""])
def test_what_nobody_is_paid_in_is_no_currency(word: str) -> None:
    """Metals, funds, withdrawn money and lower case are refused."""
    with pytest.raises(UnknownCode):
        exponent(word)


def test_countries_are_two_capital_letters() -> None:
    """Every country code is alpha-2, and every name stands once."""
    codes = code_list("country").codes
    assert [word for word in codes if not re.fullmatch("[A-Z]{2}", word)] == []
    assert len({each.meaning for each in codes.values()}) == len(codes)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("TH", "Thailand"),
        ("MM", "Myanmar"),
        ("KH", "Cambodia"),
        ("NP", "Nepal"),
        ("AE", "United Arab Emirates"),
        ("CI", "Côte d'Ivoire"),
        ("BO", "Bolivia, Plurinational State of"),
        ("ZW", "Zimbabwe"),
    ],
)
def test_names_are_those_of_the_standard(word: str, name: str) -> None:
    """The first, the last and the awkward rows of the table were read rightly."""
    assert code_list("country").codes[word].meaning == name


def test_currency_codes_are_three_capital_letters() -> None:
    """Every currency code has the shape of ISO 4217."""
    codes = code_list("currency").codes
    assert [word for word in codes if not re.fullmatch("[A-Z]{3}", word)] == []
