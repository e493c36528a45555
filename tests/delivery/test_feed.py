"""Positions in the feed, given after commit."""

from __future__ import annotations

import random
import threading
import time
from uuid import UUID, uuid4

import pytest
from psycopg.adapt import Transformer
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import ProgrammingError

from openredress_api.foundation.database import driver_connection
from openredress_delivery import tables
from openredress_delivery.outbox import PUBLISH, OutboxEvent, publication
from tests.delivery.house import House, event_body, event_row
from tests.factories.parties import Party, World


def _read(connection: Connection, organisation: UUID, after: int) -> list[tuple[int, UUID]]:
    rows = connection.execute(
        text(
            "SELECT position, id FROM event WHERE organisation_id = :organisation "
            "AND position > :after ORDER BY position LIMIT 7"
        ),
        {"organisation": organisation, "after": after},
    )
    return [(row.position, row.id) for row in rows]


class Writer(threading.Thread):
    """Commits batches of events, now and then rolls one back; one kind sleeps before its commit."""

    def __init__(self, house: House, organisation: UUID, *, seed: int, sleeps: bool) -> None:
        super().__init__()
        self._house, self._organisation, self._sleeps = house, organisation, sleeps
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable interleaving
        self.written: set[UUID] = set()

    def run(self) -> None:
        """Write."""
        for _ in range(30):
            rows = [event_row(self._organisation) for _ in range(self._chance.randint(1, 4))]
            with self._house.engine("owner").connect() as connection:
                connection.execute(insert(tables.event), rows)
                if self._sleeps:
                    time.sleep(0.02)
                if self._chance.random() > 0.2:
                    connection.commit()
                    self.written |= {row["id"] for row in rows}


class Sequencer(threading.Thread):
    """Gives positions until it is stopped, beside the reader who does the same."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house
        self.stop = threading.Event()

    def run(self) -> None:
        """Give positions."""
        while not self.stop.is_set():
            sequence(self._house)


def sequence(house: House) -> int:
    """Give positions once, as the worker does."""
    with house.engine("delivery").begin() as connection:
        return int(connection.execute(text("SELECT gate.sequence_events()")).scalar_one())


def test_no_event_is_skipped(delivery_database: House) -> None:
    """With writers of which one sleeps before its commit, a cursor reads each event once."""
    house, organisation = delivery_database, delivery_database.organisation()
    writers = [Writer(house, organisation, seed=one, sleeps=one == 0) for one in range(3)]
    sequencer = Sequencer(house)
    for thread in (*writers, sequencer):
        thread.start()
    seen: list[tuple[int, UUID]] = []
    quiet = 0
    while quiet < 2:
        writing = any(writer.is_alive() for writer in writers)
        sequence(house)
        with house.engine("delivery").connect() as connection:
            page = _read(connection, organisation, seen[-1][0] if seen else 0)
        seen += page
        quiet = 0 if page or writing else quiet + 1
        if not writing:
            sequencer.stop.set()
            sequencer.join()
    written = set.union(*(writer.written for writer in writers))
    assert [position for position, _ in seen] == list(range(1, len(written) + 1))
    assert {event for _, event in seen} == written


def test_open_transaction_elsewhere(delivery_database: House) -> None:
    """A transaction left open, with an event inside, keeps nobody else's events waiting."""
    house, organisation = delivery_database, delivery_database.organisation()
    with house.engine("owner").connect() as lazy:
        lazy.execute(insert(tables.event), [event_row(organisation)])
        house.events(organisation, 3)
        while sequence(house):
            pass
        (count,) = house.rows(
            "SELECT count(*) AS n FROM event WHERE organisation_id = :id AND position IS NOT NULL",
            id=organisation,
        )
        assert count.n == 3


def test_positions_are_each_organisations_own(delivery_database: House) -> None:
    """Each organisation counts from one without a gap, however many events come at once."""
    house = delivery_database
    busy, calm = house.organisation(), house.organisation()
    house.events(busy, 1_203)
    house.events(calm, 2)
    while sequence(house):
        pass
    for organisation, count in ((busy, 1_203), (calm, 2)):
        (row,) = house.rows(
            "SELECT min(position), max(position), count(DISTINCT position) AS n, "
            "(SELECT last_position FROM feed_head WHERE organisation_id = :id) AS head "
            "FROM event WHERE organisation_id = :id",
            id=organisation,
        )
        assert tuple(row) == (1, count, count, count)


def _publish(house: House, party: Party, event: OutboxEvent) -> None:
    with house.engine("app").begin() as connection:
        begun = text("SELECT outcome FROM gate.begin(encode(sha256(:token), 'hex'))")
        assert connection.execute(begun, {"token": party.token.encode()}).scalar_one() == "ok"
        _put(connection, event)


def _put(connection: Connection, event: OutboxEvent) -> None:
    """Write an event on a connection that may know the statement from before."""
    driver = driver_connection(connection)
    driver.execute("DEALLOCATE ALL")
    PUBLISH.prepare(driver)
    driver.execute(PUBLISH.with_values(Transformer.from_context(driver), publication(event)))


def _outgoing(author: Party, recipient: UUID, dedupe_key: str = "once") -> OutboxEvent:
    """An event about the author's own person, of which the author alone is a party."""
    made = uuid4()
    assert author.person_id
    return OutboxEvent(made, recipient, "person", author.person_id, dedupe_key, event_body(made))


def test_publish(delivery_database: House, world: World) -> None:
    """What is published to the institute has the body's id and bytes; a second copy is dropped."""
    supplier, institute = world.party("supplier"), world.institute.organisation_id
    first = _outgoing(supplier, institute, "50% off")
    _publish(delivery_database, supplier, first)
    _publish(delivery_database, supplier, _outgoing(supplier, institute, "50% off"))
    (row,) = delivery_database.rows(
        "SELECT * FROM event WHERE organisation_id = :id AND dedupe_key = '50% off'", id=institute
    )
    assert (row.id, row.webhook_id, row.position) == (first.id, first.event.id, None)
    assert row.body == first.event.render()


def test_publish_is_for_parties(delivery_database: House, world: World) -> None:
    """Nobody publishes to an organisation that is no party of the subject, nor without a token."""
    house, supplier, stranger = delivery_database, world.party("supplier"), world.party("supplier")
    _publish(house, supplier, _outgoing(supplier, supplier.organisation_id))
    # The institute may publish, but not to one who is no party.
    for author in (supplier, world.institute):
        with pytest.raises(InsufficientPrivilege, match="parties of its subject"):
            _publish(house, author, _outgoing(supplier, stranger.organisation_id))
    with pytest.raises(InsufficientPrivilege, match="parties of its subject"):
        _publish(house, stranger, _outgoing(supplier, supplier.organisation_id))
    with (
        pytest.raises(InsufficientPrivilege, match="parties of its subject"),
        house.engine("app").begin() as connection,
    ):
        _put(connection, _outgoing(supplier, world.institute.organisation_id))


def test_readers_see_positioned_rows_of_their_own(delivery_database: House, world: World) -> None:
    """The application reads its organisation's events, and only those with a position."""
    house, mine, foreign = delivery_database, world.party("supplier"), world.party("supplier")
    house.events(mine.organisation_id, 2)
    house.events(foreign.organisation_id, 2)
    seen = []
    for _ in range(2):
        with house.engine("app").begin() as connection:
            connection.execute(
                text("SELECT gate.begin(encode(sha256(:token), 'hex'))"),
                {"token": mine.token.encode()},
            )
            seen.append(connection.execute(text("SELECT count(*) FROM event")).scalar_one())
        while sequence(house):
            pass
    assert seen == [0, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO event SELECT * FROM event",
        "UPDATE event SET position = 1",
        "DELETE FROM event",
        "UPDATE delivery SET state = 'succeeded'",
        "INSERT INTO delivery SELECT * FROM delivery",
        "DELETE FROM webhook_endpoint",
        "UPDATE attempt SET status = 200",
        "UPDATE feed_head SET last_position = 1",
    ],
)
def test_the_application_writes_no_feed(delivery_database: House, statement: str) -> None:
    """The application's role has no right to write feed, deliveries or attempts."""
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        delivery_database.engine("app").begin() as connection,
    ):
        connection.execute(text(statement))
