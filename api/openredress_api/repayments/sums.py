"""Sums in the smallest unit of their currency, divided without a rest; plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal


def units(amount: Decimal, decimals: int) -> int:
    """An amount in whole smallest units; it has no more decimals than its currency."""
    return int(amount.scaleb(decimals))


def amount(whole: int, decimals: int) -> Decimal:
    """So many smallest units as an amount."""
    return Decimal(whole).scaleb(-decimals)


def split(whole: int, weights: Sequence[int]) -> list[int]:
    """`whole` in proportion to `weights`, which are not all 0; the parts add up to it.

    What rounding down leaves goes one by one to the largest remainders, the earlier first. No part
    is further than one from its share.
    """
    total = sum(weights)
    parts = [whole * weight // total for weight in weights]
    owed = [whole * weight % total for weight in weights]
    largest = sorted(range(len(weights)), key=lambda place: (-owed[place], place))
    for place in largest[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def by_shares(groups: Mapping[str, int], shares: Sequence[int]) -> dict[str, list[int]]:
    """For each group what is due with each instalment; each group is divided by itself."""
    return {label: split(whole, shares) for label, whole in groups.items()}


def by_amounts(groups: Mapping[str, int], instalments: Sequence[int]) -> dict[str, list[int]]:
    """As `by_shares`, where the sums of the instalments are given; they add up to the groups'.

    Each group takes of what the groups before it have left, so that rows and columns both fit.
    """
    left = list(instalments)
    found = {}
    for label, whole in groups.items():
        found[label] = split(whole, left)
        left = [rest - part for rest, part in zip(left, found[label], strict=True)]
    return found
