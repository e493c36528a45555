"""What the stories have in common: a worker that really sends, and a receiver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.parties import World
from tests.rooms.subscriptions.post_office import PostOffice, Receiver


@pytest.fixture
def post_office(world: World) -> Iterator[PostOffice]:
    """A worker, and a receiver that agrees to what it is asked."""
    with Receiver().running() as receiver:
        made = PostOffice(world, receiver)
        yield made
        made.close()
