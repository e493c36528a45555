"""What the tests of figures share: worlds in the database, and the institute's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import text

from openredress_api.foundation.database import Database, Transaction
from openredress_api.metrics import queries, rules
from openredress_api.metrics.suppression import Counted
from tests.factories.figures import PERIOD, Rows
from tests.factories.parties import Party, World

Counts = Mapping[UUID, Mapping[str, Counted]]


@pytest.fixture(scope="module")
def at_work(world: World) -> Callable[[Party], AbstractContextManager[Transaction]]:
    """Opens a transaction of a party, behind all its walls."""

    def opened(party: Party) -> AbstractContextManager[Transaction]:
        database: Database = world.app.extensions["openredress"]
        return database.transaction(hashlib.sha256(party.token.encode()).hexdigest())

    return opened


@pytest.fixture(scope="module")
def count(world: World, at_work) -> Callable[..., Counts]:
    """Counts the quarter of all worlds, which must have been written before."""

    def counted(_worlds: list[Rows]) -> Counts:
        with at_work(world.institute) as transaction:
            return queries.count(transaction, rules.quarter(PERIOD))

    return counted


@pytest.fixture(scope="module")
def live_institute(world: World) -> Iterator[None]:
    """The institute is no sandbox from here on."""
    with world.installation.as_owner() as connection:
        connection.execute(text(SET), {"sandbox": False})
    yield
    with world.installation.as_owner() as connection:
        connection.execute(text(SET), {"sandbox": True})


SET = "UPDATE organisation SET is_sandbox = :sandbox WHERE type = 'institute'"
