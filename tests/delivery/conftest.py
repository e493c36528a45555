"""A migrated database, a certificate authority, a receiver and workers: all real."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine

from openredress_api.foundation.installation import Installation
from openredress_delivery.worker import MaySend, Worker
from tests.delivery.authority import Authority
from tests.delivery.desk import Desk
from tests.delivery.house import House, everything, quick_settings
from tests.delivery.receiver import Receiver

Workers = Callable[..., Worker]


@pytest.fixture(scope="module")
def delivery_database(installation: Installation) -> Iterator[House]:
    """A fresh database with the feed's tables and a maker of organisations, endpoints, events."""
    house = House(installation.role_url)
    yield house
    house.close()


@pytest.fixture
def desk(delivery_database: House) -> Iterator[Desk]:
    """The deliveries of an organisation of its own, in hand."""
    made = Desk(delivery_database)
    yield made
    made.clear()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority of our own with a certificate for the loopback."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver(authority: Authority) -> Iterator[Receiver]:
    """An HTTPS server on the loopback that answers as a test tells it."""
    with Receiver(authority) as running:
        yield running


@pytest.fixture
def workers(delivery_database: House, authority: Authority) -> Iterator[Workers]:
    """A maker of workers; `may_send` may be given."""
    made: list[Worker] = []
    # As the server opens it: its connections begin no transaction by themselves.
    engine = create_engine(delivery_database.role_url("delivery"), isolation_level="AUTOCOMMIT")

    def make(
        may_send: MaySend = everything,
        **settings: object,
    ) -> Worker:
        worker = Worker(
            engine,
            delivery_database.unseal,
            may_send,
            quick_settings(authority.ca_file, **settings),
        )
        made.append(worker)
        return worker

    yield make
    for worker in made:
        worker.close()
    engine.dispose()
