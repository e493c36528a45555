"""Bands: what outsiders see of a headcount (domain R14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.vocabulary import TAXONOMIES
from openredress_api.workforce import band
from tests.factories.parties import World

# By hand from the domain: <50, 50-99, 100-249, 250-499, 500-999, 1k-4.9k, 5k+.
EDGES = [
    ("under_50", 0, 49),
    ("from_50_to_99", 50, 99),
    ("from_100_to_249", 100, 249),
    ("from_250_to_499", 250, 499),
    ("from_500_to_999", 500, 999),
    ("from_1000_to_4999", 1000, 4999),
    ("from_5000", 5000, 10_000_000),
]


@pytest.mark.parametrize(("name", "least", "most"), EDGES)
def test_each_edge_is_in_its_band(name: str, least: int, most: int) -> None:
    """The smallest and the largest number of a band are in it, their neighbours are not."""
    assert {band(least), band(most)} == {name}
    assert least == 0 or band(least - 1) != name
    assert name == "from_5000" or band(most + 1) != name


@given(st.integers(0, 10_000_000))
def test_every_number_has_one_band(total: int) -> None:
    """R14: each number is within the bounds of the band that it is given."""
    bounds = TAXONOMIES["headcount_band"].codes[band(total)].attributes
    assert int(str(bounds["least"])) <= total <= int(str(bounds.get("most", total)))


def test_a_supplier_sees_what_outsiders_would(world: World) -> None:
    """R14: a headcount is answered with its band: a supplier knows what others could see."""
    supplier = world.party("supplier")
    url = f"/v1/headcounts?site={world.site(supplier)}&month=2026-03"
    for total, name in ((999, "from_500_to_999"), (1000, "from_1000_to_4999")):
        shown = supplier.put(url, {"total": total, "source": "payroll"}).json
        assert (shown["total"], shown["band"]) == (total, name)
