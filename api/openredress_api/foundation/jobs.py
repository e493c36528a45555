"""Work that goes on without its caller's token: asked for in a request, done by a worker.

A job's row names who asked; gate.begin_job gives each of its transactions that organisation,
client and person, and nobody else's. A worker holds a lease; one that died is replaced.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import DateTime, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import (
    Base,
    Database,
    Transaction,
    context_of,
    driver_connection,
    roll_back,
)
from openredress_api.foundation.identifiers import dated_id

LEASE_S = 30
# A file that kills its worker each time must not keep all of them busy for ever.
MAX_ATTEMPTS = 5


class Job(Base):
    """Work that somebody asked for (own)."""

    __tablename__ = "job"
    __table_args__ = {"info": {"kind": "own"}}  # noqa: RUF012 - SQLAlchemy's plain dictionary

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    client_id: Mapped[uuid.UUID]
    person_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    state: Mapped[str]
    attempts: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class JobLost(Exception):
    """Another worker holds the job now; what this one did not commit is undone."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker holds: what it is about, and how often it was begun in vain."""

    id: uuid.UUID
    kind: str
    subject_id: uuid.UUID
    attempts: int

    @property
    def is_worn_out(self) -> bool:
        """Whether it brought down every worker that took it up."""
        return self.attempts > MAX_ATTEMPTS


def ask(transaction: Transaction, kind: str, subject_id: uuid.UUID) -> Job:
    """Ask for work on `subject_id`, in the name of the caller."""
    context = transaction.context
    job = Job(
        organisation_id=context.organisation_id,
        id=dated_id(),
        client_id=context.client_id,
        person_id=context.person_id,
        kind=kind,
        subject_id=subject_id,
        state="waiting",
        attempts=0,
        created_at=context.now,
    )
    transaction.session.add(job)
    transaction.session.flush()
    return job


class Jobs:
    """The jobs of an installation as one worker sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._worker = uuid.uuid4()

    def claim(self) -> Claimed | None:
        """Take the oldest job that nobody works on; None if there is none."""
        with self._database.engine("import").connect() as connection:
            found = connection.execute(
                text("SELECT id, kind, subject_id, attempts FROM gate.claim_job(:by, :seconds)"),
                {"by": self._worker, "seconds": LEASE_S},
            ).first()
        return Claimed(*found) if found else None

    @contextmanager
    def transaction(
        self, job: Claimed, *, reads: bool = False
    ) -> Iterator[tuple[Transaction, bool]]:
        """A transaction in the name of whoever asked, and whether they are suspended meanwhile.

        Commit is the caller's; it renews the lease, unless it only `reads` beside another one.
        JobLost if another worker holds the job.
        """
        seconds = 0 if reads else LEASE_S
        opening = f"BEGIN; SELECT * FROM gate.begin_job('{job.id}', '{self._worker}', {seconds})"  # noqa: S608 - two UUIDs and a number
        connection = self._database.engine("import").connect()
        transaction: Transaction | None = None
        try:
            cursor = driver_connection(connection).execute(opening.encode("ascii"))
            cursor.nextset()
            granted: Any = cursor.fetchone()
            if granted[0] == "lost":
                raise JobLost
            transaction = Transaction(connection, context_of(granted), self._database.services)
            yield transaction, granted[0] == "suspended"
        finally:
            if transaction is None or not transaction.committed:
                roll_back(connection)
            if transaction is not None:
                transaction.close()
            connection.close()

    @contextmanager
    def held(self, job: Claimed) -> Iterator[None]:
        """Renew the lease for as long as the block runs; some steps take longer than one lease."""
        over = threading.Event()

        def renew() -> None:
            # A database that is away, or a job that is lost, is the block's to find out.
            while not over.wait(LEASE_S / 3):
                with (
                    suppress(JobLost, DBAPIError, psycopg.Error),
                    self.transaction(job) as (one, _),
                ):
                    one.commit()

        keeper = threading.Thread(target=renew, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _renew(self, job: Claimed) -> None:
        with self.transaction(job) as (transaction, _):
            transaction.commit()

    def go_on(self, transaction: Transaction, job: Claimed) -> None:
        """Say, in the transaction that stores a step forward, that the job is getting on."""
        self._tell(transaction, "SELECT gate.go_on_job(:job, :by)", job)

    def end(self, transaction: Transaction, job: Claimed) -> None:
        """End the job in the transaction that stores its outcome."""
        self._tell(transaction, "SELECT gate.end_job(:job, :by)", job)

    def _tell(self, transaction: Transaction, statement: str, job: Claimed) -> None:
        transaction.connection.execute(text(statement), {"job": job.id, "by": self._worker})
