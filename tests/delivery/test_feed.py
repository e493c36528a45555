"""Positions in the feed, given after commit."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.adapt import Transformer
from psycopg.errors import InsufficientPrivilege
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import ProgrammingError

from openredress_api.foundation import installation as installations
from openredress_api.foundation.database import driver_connection
from openredress_api.foundation.postgres.dump import dump, restore
from openredress_delivery import tables
from openredress_delivery.outbox import PUBLISH, OutboxEvent, publication
from tests.conftest import SERVERS
from tests.delivery.house import House, event_body, event_row
from tests.factories.parties import Party, World

INTERLEAVINGS = 10_000
COLUMNS = (
    "organisation_id, id, webhook_id, type, subject, subject_seq, occurred_at, data_class, body, "
    "dedupe_key, retention_until"
)
PAGE = 3
Act = tuple[Callable[..., object], ...]


class Line:
    """A connection that speaks plain libpq: ten thousand schedules are mostly short questions."""

    def __init__(self, house: House, role: str) -> None:
        url = house.role_url(role).set(drivername="postgresql")
        self._connection = psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True
        )

    def say(self, statements: str) -> list[tuple[bytes | None, ...]]:
        """Run statements; the rows of the last one."""
        done = self._connection.pgconn.exec_(statements.encode())
        assert done.status in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}, done.error_message
        columns = range(done.nfields)
        return [tuple(done.get_value(row, one) for one in columns) for row in range(done.ntuples)]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Writer(Line):
    """Writes events in a transaction that stays open while others go on, as one who sleeps."""

    def __init__(self, house: House, organisation: UUID) -> None:
        super().__init__(house, "owner")
        self._organisation = organisation
        self._ids: list[str] = []
        self.committed: list[str] = []

    def write(self, count: int) -> None:
        """Write, and leave it open."""
        self._ids = [str(uuid4()) for _ in range(count)]
        rows = ", ".join(
            f"('{self._organisation}', '{one}', 'evt_{one.replace('-', '')[:26]}', "
            f"'grievance.received', 'grievance', 1, now(), 'none', '', '{one}', 'infinity')"
            for one in self._ids
        )
        self.say(f"BEGIN; INSERT INTO event ({COLUMNS}) VALUES {rows}")  # noqa: S608 - ids of our own

    def commit(self) -> None:
        """Let others see it."""
        self.say("COMMIT")
        self.committed += self._ids

    def undo(self) -> None:
        """Let nobody ever see it."""
        self.say("ROLLBACK")


class Sequencer(Line):
    """Gives places, in one go or in a transaction that stays open for a while."""

    def __init__(self, house: House) -> None:
        super().__init__(house, "delivery")

    def place(self) -> bool:
        """Give places once; whether anybody got one."""
        return self.say("SELECT gate.sequence_events()") != [(b"0",)]

    def begin(self) -> None:
        """Give places that nobody sees yet."""
        self.say("BEGIN; SELECT gate.sequence_events()")

    def commit(self) -> None:
        """Let others see them."""
        self.say("COMMIT")

    def undo(self) -> None:
        """Die before the commit."""
        self.say("ROLLBACK")


class Reader(Line):
    """Reads page after page, each behind the last position that it has seen."""

    def __init__(self, house: House, organisation: UUID) -> None:
        super().__init__(house, "owner")
        self._organisation = organisation
        self.cursor = 0
        self.seen: list[str] = []

    def read(self) -> bool:
        """Read a page; whether there was anything on it."""
        rows = self.say(
            f"SELECT position, id FROM event WHERE organisation_id = '{self._organisation}' "  # noqa: S608 - as above
            f"AND position > {self.cursor} ORDER BY position LIMIT {PAGE}"
        )
        for position, event in rows:
            assert position == b"%d" % (self.cursor + 1)
            self.cursor += 1
            self.seen.append((event or b"").decode())
        return bool(rows)

    def tidy(self) -> None:
        """Forget what was read, so that a long test stays as quick as a short one."""
        self.say(f"DELETE FROM event WHERE position <= {self.cursor}")  # noqa: S608 - as above
        self.say("VACUUM ANALYZE event")


def _interleaved(chance: random.Random, acts: Sequence[Act]) -> list[Callable[..., object]]:
    """The steps of several acts in any order that keeps each act's own."""
    turns = [act for act, steps in enumerate(acts) for _ in steps]
    chance.shuffle(turns)
    steps = [iter(act) for act in acts]
    return [next(steps[turn]) for turn in turns]


def _schedule(
    chance: random.Random,
    writers: Sequence[Writer],
    sequencers: Sequence[Sequencer],
    reader: Reader,
) -> list[Callable[..., object]]:
    """All of them in any order, who writes first perhaps the last to commit."""
    acts: list[Act] = [
        (
            partial(writer.write, chance.randint(1, 2)),
            writer.commit if chance.random() > 0.15 else writer.undo,
        )
        for writer in writers
    ]
    sleeper, quick = sequencers
    acts += [(sleeper.begin, sleeper.commit if chance.random() > 0.2 else sleeper.undo)]
    acts += [(quick.place,), (reader.read,), (reader.read,)]
    return _interleaved(chance, acts)


def test_no_event_is_skipped(delivery_database: House) -> None:
    """In ten thousand interleavings of writers, sequencers and a reader each event is read once.

    Over all servers of the run together. Who writes first may commit last, and a sequencer may
    leave its places uncommitted, or die with them.
    """
    house, organisation = delivery_database, delivery_database.organisation()
    chance = random.Random(20_260)  # noqa: S311 - repeatable interleavings
    writers = [Writer(house, organisation) for _ in range(3)]
    sequencers = [Sequencer(house), Sequencer(house)]
    reader = Reader(house, organisation)
    number = INTERLEAVINGS // sum(not isinstance(server, str) for server in SERVERS.values())
    half_done = 0
    with ExitStack() as stack:
        for one in (*writers, *sequencers, reader):
            stack.callback(one.close)
        for last in range(1, number + 1):
            for step in _schedule(chance, writers, sequencers, reader):
                step()
            written = [event for writer in writers for event in writer.committed]
            half_done += 0 < len(reader.seen) < len(written)
            if last % 10 == 0:
                while sequencers[1].place() or reader.read():
                    pass
                assert sorted(reader.seen) == sorted(written)
                for writer in writers:
                    writer.committed.clear()
                reader.seen.clear()
            if last % 500 == 0:
                reader.tidy()
    assert half_done > number / 2


def sequence(house: House) -> int:
    """Give positions once, as the worker does."""
    with house.engine("delivery").begin() as connection:
        return int(connection.execute(text("SELECT gate.sequence_events()")).scalar_one())


def _placed(house: House, organisation: UUID) -> int:
    while sequence(house):
        pass
    (count,) = house.rows(
        "SELECT count(*) AS n FROM event WHERE organisation_id = :id AND position IS NOT NULL",
        id=organisation,
    )
    return int(count.n)


def test_an_open_transaction_here(delivery_database: House) -> None:
    """A transaction left open, with an event inside, keeps nobody else's events waiting."""
    house, organisation = delivery_database, delivery_database.organisation()
    with house.engine("owner").connect() as lazy:
        lazy.execute(insert(tables.event), [event_row(organisation)])
        house.events(organisation, 3)
        assert _placed(house, organisation) == 3
        lazy.commit()
    assert _placed(house, organisation) == 4


def test_an_open_transaction_elsewhere(delivery_database: House, server: Any) -> None:
    """Nor does one that writes in another database of the same server, however old it is."""
    house, organisation = delivery_database, delivery_database.organisation()
    other = House(server.clone().role_url)
    try:
        with other.engine("owner").connect() as lazy:
            lazy.execute(text("UPDATE feed_head SET last_position = last_position"))
            assert lazy.execute(text("SELECT pg_current_xact_id()")).scalar_one()
            house.events(organisation, 3)
            assert _placed(house, organisation) == 3
    finally:
        other.close()


def test_a_row_that_is_held(delivery_database: House) -> None:
    """An event that an open transaction is taking back keeps no other one waiting."""
    house, organisation = delivery_database, delivery_database.organisation()
    (taken_back, *_) = house.events(organisation, 3)
    with house.engine("owner").connect() as lazy:
        lazy.execute(
            text("UPDATE event SET tombstoned_at = now() WHERE id = :id"), {"id": taken_back}
        )
        with house.engine("delivery").begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            connection.execute(text("SELECT gate.sequence_events()"))
        assert _placed(house, organisation) == 2
    assert _placed(house, organisation) == 3


def test_a_restored_copy_goes_on(
    delivery_database: House, installation: Any, server: Any, tmp_path: Path
) -> None:
    """After dump and restore a reader goes on from its place and reads each event once.

    Some had places when the dump was made, some had none, one was not committed; more come later.
    """
    house, organisation = delivery_database, delivery_database.organisation()
    house.events(organisation, 5)
    assert _placed(house, organisation) == 5
    waiting = house.events(organisation, 2)
    binaries = installation.cluster.binaries
    with house.engine("owner").connect() as lazy:
        lost = event_row(organisation)
        lazy.execute(insert(tables.event), [lost])
        dump(_url(installation), tmp_path / "copy", binaries)
    copy = server.clone()
    with installations._connected(copy.admin_url("postgres")) as connection:
        connection.execute(text(f'DROP DATABASE "{copy.name}"'))
    copy.make_room()
    restore(_url(copy), tmp_path / "copy", binaries)
    restored = House(copy.role_url)
    try:
        # A younger server has seen fewer transactions: places do not come from their numbers.
        later = restored.events(organisation, 3)
        assert _placed(restored, organisation) == 10
        rows = restored.rows(
            "SELECT id, position FROM event WHERE organisation_id = :id AND position > 5 "
            "ORDER BY position",
            id=organisation,
        )
        assert {row.id for row in rows} == {*waiting, *later}
        assert [row.position for row in rows] == [6, 7, 8, 9, 10]
        assert lost["id"] not in {row.id for row in rows}
    finally:
        restored.close()


def _url(installation: Any) -> str:
    return str(installation.role_url("owner").render_as_string(hide_password=False))


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
