"""A world with a worker at hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.parties import Party, World
from tests.rooms.subscriptions.post_office import PostOffice, Receiver


@pytest.fixture
def post_office(world: World) -> Iterator[PostOffice]:
    """A worker, and a receiver that agrees to what it is asked."""
    with Receiver().running() as receiver:
        made = PostOffice(world, receiver)
        yield made
        made.close()


@pytest.fixture
def supplier(world: World) -> Party:
    """A supplier of its own, in the sandbox."""
    return world.party("supplier")
