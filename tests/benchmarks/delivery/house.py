"""An installation with fifty receivers, the worker as `deliver` runs it, and looks at both."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, text

from openredress_api import organisations
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.installation import Installation
from openredress_delivery.hints import CHANNEL
from openredress_webhooks.events import EVENT_TYPES, SCHEMA_VERSION, Event
from openredress_webhooks.signing import Secret
from tests.benchmarks.contenders import OURS
from tests.benchmarks.delivery import sink
from tests.benchmarks.processes import TICKS, Program
from tests.benchmarks.scratch import environment_of, lasting, scratch
from tests.factories.parties import World

ENDPOINTS = 50
PATIENCE_S = 120.0
LOOK_S = 0.02
FACT = "grievance.closed_validated"
TABLES = "event, feed_head, delivery, attempt, webhook_endpoint, webhook_key"
# The endpoints as they were made, to be restored with whatever the worker notes on them.
KEEP = """
CREATE SCHEMA bench;
CREATE TABLE bench.webhook_endpoint AS TABLE webhook_endpoint;
CREATE TABLE bench.webhook_key AS TABLE webhook_key
"""
EMPTY = f"""
TRUNCATE {TABLES} CASCADE;
INSERT INTO webhook_endpoint TABLE bench.webhook_endpoint;
INSERT INTO webhook_key TABLE bench.webhook_key
"""
# As sequencing and fan-out leave them: positions given, one delivery each, cursors at the end.
PLACE = """
WITH places AS (
    SELECT id, row_number() OVER (PARTITION BY organisation_id ORDER BY id) AS place FROM event
)
UPDATE event SET position = place FROM places WHERE event.id = places.id
"""
HEADS = "INSERT INTO feed_head SELECT organisation_id, max(position) FROM event GROUP BY 1"
FANNED = """
UPDATE webhook_endpoint e SET fanned_position = h.last_position FROM feed_head h
WHERE h.organisation_id = e.organisation_id
"""
DUE = """
INSERT INTO delivery (organisation_id, id, event_id, endpoint_id, due_at)
SELECT v.organisation_id, gen_random_uuid(), v.id, e.id, clock_timestamp()
FROM event v JOIN webhook_endpoint e USING (organisation_id) ORDER BY v.id
"""
OPEN = "SELECT EXISTS (SELECT FROM delivery WHERE state IN ('due', 'waiting', 'leased'))"
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN ' || %s"


Database = psycopg.Connection[Any]


class DidNotCome(RuntimeError):
    """What a benchmark waits for did not happen; its figure counts for nothing."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """An organisation with one endpoint of the same id, and the secret of its only key."""

    organisation_id: UUID
    url: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Job:
    """One event for one receiver, as everybody sends it."""

    event_id: UUID
    event: Event
    receiver: Receiver
    body: bytes


@dataclass
class House:
    """The installation.

    Attributes:
        receivers: fifty, for which the sink answers.
        database: a connection of the superuser.
        publisher: hash of a token of the institute, which publishes to them.
        postmaster: process id of the parent of all PostgreSQL processes.
    """

    installation: Installation
    sink: sink.Sink
    receivers: list[Receiver]
    database: Database
    publisher: str
    postmaster: int

    def empty(self) -> None:
        """No events, no deliveries; the fifty receivers as they were made, and no others."""
        self.database.execute(EMPTY)
        self.sink.take()

    def move(self, receiver: Receiver, url: str) -> None:
        """Have a receiver somewhere else until the next `empty`."""
        change = "UPDATE webhook_endpoint SET url = %s WHERE id = %s"
        self.database.execute(change, (url, receiver.organisation_id))

    def jobs(self, count: int) -> list[Job]:
        """New events, for each receiver in turn."""
        return [_job(self.receivers[number % ENDPOINTS], number) for number in range(count)]

    def enqueue(self, jobs: Sequence[Job]) -> None:
        """Make the database hold these events, fanned out and due, and nothing else."""
        self.empty()
        with (
            self.database.transaction(),
            self.database.cursor().copy(
                "COPY event (organisation_id, id, webhook_id, type, subject, subject_seq, "
                "occurred_at, data_class, body, dedupe_key, retention_until) FROM STDIN"
            ) as copy,
        ):
            for job in jobs:
                copy.write_row(_event_row(job))
        for statement in (PLACE, HEADS, FANNED, DUE):
            self.database.execute(statement)
        settle(self.database)

    def is_done(self) -> bool:
        """Whether every delivery has come to an end."""
        return not self.one(OPEN)

    def one(self, query: str, *values: object) -> Any:
        """The first value of the first row."""
        row = self.database.execute(query, values).fetchone()
        return row[0] if row else None

    def count(self, state: str) -> int:
        """Deliveries in this state."""
        found: int = self.one("SELECT count(*) FROM delivery WHERE state = %s", state)
        return found

    def database_cpu(self) -> float:
        """Seconds of CPU that PostgreSQL has used so far, of all its processes.

        The postmaster and those of its children that live, by their own times; those that ended
        (backends, autovacuum workers), by what the postmaster was told when it buried them.
        """
        return sum(_spent(pid, buried=pid == self.postmaster) for pid in _family(self.postmaster))

    def worker(self, names: Path | None = None, log: str = "deliver.log") -> Program:
        """`openredress-server deliver` as it is shipped, in development mode.

        `names` is a file that stands in the place of the machine's list of name servers.
        """
        folder = self.installation.settings.data_dir
        settings = environment_of(folder) | {"OPENREDRESS_ENVIRONMENT": "development"}
        command: list[str | Path] = [
            *(elsewhere(names) if names else []),
            OURS / "openredress-server",
            "deliver",
        ]
        return Program(command, settings, folder / log, folder)

    def wait_for_workers(self, count: int = 1) -> None:
        """Wait until this many workers listen for hints."""
        wait_for("workers that listen", lambda: self.one(LISTENING, CHANNEL) == count)


def settle(database: Database) -> None:
    """Do now what PostgreSQL would do in the background, so that no contender pays for it."""
    database.execute("VACUUM ANALYZE")
    database.execute("CHECKPOINT")


def wait_for(what: str, happened: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Look until it happened; DidNotCome after `seconds`."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise DidNotCome(f"{what}: not within {seconds:g} s")
        time.sleep(LOOK_S)


def elsewhere(names: Path) -> list[str]:
    """The words before a command that let it, and nobody else, ask the name servers in a file."""
    own = [] if os.geteuid() == 0 else ["--map-root-user"]
    script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    return ["unshare", "--mount", *own, "sh", "-c", script, str(names)]


@contextmanager
def house() -> Iterator[House]:
    """A scratch installation, its receivers and a sink that answers for them."""
    addresses = [f"127.0.1.{number + 1}" for number in range(ENDPOINTS)]
    with scratch() as installation, sink.running(addresses) as receiver:
        urls = [f"http://{address}:{receiver.port}/hook" for address in addresses]
        world = World(installation)
        token = lasting(world, world.institute).token
        world.app.extensions["openredress"].dispose()
        with installation.as_owner() as connection:
            receivers = [add_receiver(connection, installation, url) for url in urls]
        assert installation.cluster is not None
        pid = int((installation.cluster.pgdata / "postmaster.pid").read_text().split()[0])
        with psycopg.connect(superuser(installation), autocommit=True) as database:
            database.execute(KEEP)
            publisher = hashlib.sha256(token.encode()).hexdigest()
            yield House(installation, receiver, receivers, database, publisher, pid)


def superuser(installation: Installation, database: str | None = None) -> str:
    """How libpq reaches a database of the installation as its superuser."""
    url = installation.admin_url(database or installation.database_name)
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def add_receiver(connection: Connection, installation: Installation, url: str) -> Receiver:
    """A supplier with an endpoint for everything and a sealed key."""
    sealer = installation.sealer
    organisation_id = organisations.add_organisation(
        connection, sealer, kind="supplier", name=url, country="TH"
    )
    connection.execute(
        text(
            "INSERT INTO webhook_endpoint (organisation_id, id, url, state, event_patterns, "
            "fanned_position) VALUES (:id, :id, :url, 'active', '{*}', 0)"
        ),
        {"id": organisation_id, "url": url},
    )
    secret, key_id = Secret.generate(), dated_id()
    data_key = sealer.open_data_key(organisation_id, lambda: b"")  # known since it was made
    sealed = sealer.seal(
        data_key, organisation_id, f"webhook_key:{key_id}", secret.text.encode("ascii")
    )
    connection.execute(
        text(
            "INSERT INTO webhook_key (organisation_id, id, endpoint_id, kind, sealed) "
            "VALUES (:organisation, :id, :organisation, 'hmac', :sealed)"
        ),
        {"organisation": organisation_id, "id": key_id, "sealed": sealed},
    )
    return Receiver(organisation_id, url, secret)


def event_of(event_id: UUID, number: int) -> Event:
    """An event as the product makes them."""
    subject = encode("grv", event_id)
    return Event(
        id=encode("evt", event_id),
        type=FACT,
        timestamp=datetime.now(UTC),
        schema_version=SCHEMA_VERSION,
        subject=subject,
        subject_seq=number,
        data_class=EVENT_TYPES[FACT].data_class,
        data={"id": subject, "status": "closed_validated"},
        links={"self": f"https://api.example.org/v1/grievances/{subject}"},
    )


def _job(receiver: Receiver, number: int) -> Job:
    event_id = dated_id()
    event = event_of(event_id, number)
    return Job(event_id, event, receiver, event.render())


def _event_row(job: Job) -> tuple[object, ...]:
    event = job.event
    return (
        job.receiver.organisation_id,
        job.event_id,
        event.id,
        event.type,
        event.subject,
        event.subject_seq,
        event.timestamp,
        event.data_class,
        job.body,
        str(job.event_id),
        event.timestamp + timedelta(days=30),
    )


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _spent(pid: int, *, buried: bool) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0  # ended meanwhile: the postmaster's own times have it the next time
    last = 15 if buried else 13  # utime, stime, and of buried children cutime, cstime
    return sum(map(int, fields[11:last])) / TICKS
