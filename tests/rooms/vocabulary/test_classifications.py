"""What a wrong occupation or sector may have meant."""

from __future__ import annotations

import pytest

from openredress_api.vocabulary import TAXONOMIES, likely

# What people write, and the code that a coder would give it.
JOBS = {
    "Sewing machine operator": "8153",
    "SEWING": "8153",
    "Sewing-machines operatives": "8153",
    "Garment cutter": "7532",
    "Fisherman, deep sea": "6223",
    "Domestic worker": "9111",
    "Construction labourer": "9313",
    "Carpenters": "7115",
    "Welder": "7212",
    "cook": "5120",
    "Truck driver": "8332",
    "Security guard": "5414",
    "Farm worker": "9211",
    "Hand packer": "9321",
    "Kitchen helper (hotel)": "9412",
    "plumber": "7126",
    "Tree crop grower": "6112",
    "Poultry": "6122",
}
SECTORS = {
    "Garments & apparel": "14",
    "14.10": "1410",
    "C141": "141",
    "Footwear": "1520",
    "Furniture": "31",
    "Marine fishing": "0311",
    "construction": "F",
    "games and toys": "3240",
    "growing of rice": "0112",
}


@pytest.mark.parametrize(
    ("system", "read", "meant"),
    [("isco_08", *each) for each in JOBS.items()] + [("isic_4", *each) for each in SECTORS.items()],
)
def test_a_title_in_place_of_a_code_finds_the_code(system: str, read: str, meant: str) -> None:
    """Among at most three codes that are named is the right one."""
    found = [each.code for each in likely(TAXONOMIES[system], read)]
    assert meant in found
    assert len(found) <= 3


def test_a_wrong_number_is_answered_by_the_codes_of_its_group() -> None:
    """The digits that are right lead to those that may have been meant."""
    assert [each.code for each in likely(TAXONOMIES["isco_08"], "8158")] == ["8151", "8152", "8153"]
    # What a spreadsheet makes of 0111.
    assert [each.code for each in likely(TAXONOMIES["isic_4"], "111")] == ["0111"]


@pytest.mark.parametrize("read", ["", "?", "9", "zzz", "งานเย็บผ้า", "0000", "x" * 200])
def test_what_resembles_nothing_gets_no_hint(read: str) -> None:
    """No hint is better than a wrong one."""
    assert likely(TAXONOMIES["isco_08"], read) == []
