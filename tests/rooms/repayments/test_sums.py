"""Sums are divided without a rest, in any currency, whatever is owed to whom."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from openredress_api.repayments import rules, sums
from openredress_api.vocabulary import TAXONOMIES, exponent

CURRENCIES = st.one_of(
    st.sampled_from(["JPY", "KWD", "MMK", "THB"]), st.sampled_from(sorted(rules.CURRENCIES))
)
WEIGHTS = st.lists(st.integers(1, 1000), min_size=1, max_size=60)
WHOLES = st.integers(1, 10**17)
GROUPS = st.dictionaries(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), WHOLES, min_size=1)


@given(CURRENCIES, WHOLES)
def test_units_and_amounts_are_one_number(currency: str, whole: int) -> None:
    """An amount and its smallest units are each other's, by the exponent of ISO 4217."""
    decimals = exponent(currency)
    amount = sums.amount(whole, decimals)
    assert sums.units(amount, decimals) == whole
    assert amount == round(amount, decimals)
    assert amount == Decimal(whole) / 10 ** int(
        str(TAXONOMIES["currency"].codes[currency].attributes["exponent"])
    )


@given(CURRENCIES, WHOLES, WEIGHTS)
def test_parts_add_up_to_the_whole(currency: str, whole: int, weights: list[int]) -> None:
    """No minor unit is lost or made, and no part is further than one from its exact share."""
    decimals = exponent(currency)
    parts = sums.split(whole, weights)
    assert sum(sums.amount(part, decimals) for part in parts) == sums.amount(whole, decimals)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - whole * weight) < sum(weights)


@given(GROUPS, WEIGHTS)
def test_shares_keep_each_group_whole(groups: dict[str, int], shares: list[int]) -> None:
    """By shares each group gets exactly what is owed to it, whatever the others get."""
    found = sums.by_shares(groups, shares)
    assert {label: sum(parts) for label, parts in found.items()} == groups
    for label, whole in groups.items():
        assert found[label] == sums.by_shares({label: whole}, shares)[label]


@given(GROUPS, WEIGHTS)
def test_amounts_keep_rows_and_columns_whole(groups: dict[str, int], weights: list[int]) -> None:
    """By amounts each group gets what is owed to it, and each instalment is what was agreed."""
    instalments = sums.split(sum(groups.values()), weights)
    found = sums.by_amounts(groups, instalments)
    assert {label: sum(parts) for label, parts in found.items()} == groups
    assert [sum(column) for column in zip(*found.values(), strict=True)] == instalments
    assert all(part >= 0 for parts in found.values() for part in parts)
