"""Parties of the evidence room's tests."""

from __future__ import annotations

import pytest

from tests.factories.parties import Party, World


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier."""
    return world.party("supplier")
