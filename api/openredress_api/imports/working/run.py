"""One job: a file from its first row, or from where another worker stopped, to its end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Select, delete, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.jobs import Claimed, Jobs
from openredress_api.imports import events, rules
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.reading import BadFile
from openredress_api.imports.tables import BulkImport, Finding
from openredress_api.imports.working import storing
from openredress_api.imports.working.batches import Batch, Batches
from openredress_api.imports.working.closing import close
from openredress_api.imports.working.correcting import Corrected, corrected, keep
from openredress_api.imports.working.opening import Opened, checked_digest, chosen, opened

TRIES = 5
OVERTAKEN = (
    storing.Overtaken,
    psycopg.errors.UniqueViolation,
    psycopg.errors.DeadlockDetected,
)


class Stopped(Exception):
    """The sender asked for the end, or may no longer have anything done."""

    def __init__(self, state: str, code: str) -> None:
        super().__init__(code)
        self.state, self.code = state, code


@dataclass(slots=True)
class Pace:
    """How fast rows are read, and how much of the file is left."""

    began: float
    done: int = 0

    def told(self, opened_file: Opened) -> tuple[float | None, int | None]:
        """Rows a second, and seconds until the end at that pace."""
        passed = time.monotonic() - self.began
        rate = self.done / passed if passed else None
        share = opened_file.share_read
        left = round(passed / share * (1 - share)) if share else None
        return rate, left


class Run:
    """The work of one job."""

    def __init__(self, jobs: Jobs, job: Claimed) -> None:
        self._jobs = jobs
        self._job = job

    def go(self) -> None:
        """Do the passes that are left, and end the job; JobLost if another worker has it."""
        try:
            with self._jobs.held(self._job):
                state = self._start()
                if state == "checking":
                    state = self._check()
                if state == "merging":
                    self._merge()
        except BadFile as fault:
            self._fail("failed", str(fault.fault), fault.fault.params, fault.line)
        except Stopped as stop:
            self._fail(stop.state, stop.code, {})

    def _start(self) -> str:
        """Say that work has begun, and which pass it is; the octets must be those announced."""
        with self._step() as (transaction, imported):
            if imported.state == "waiting":
                checked_digest(transaction, imported)
                dry = imported.mode == "check" or imported.commit_by == "all"
                # Whatever its sender saves meanwhile: one job reads the whole file in one way.
                imported.reading = {**imported.reading, "chosen": chosen(transaction, imported)}
                self._begin(transaction, imported, "checking" if dry else "merging")
            transaction.commit()
            return imported.state

    def _begin(self, transaction: Transaction, imported: BulkImport, state: str) -> None:
        """Begin a pass from the first row: what an earlier one found is forgotten."""
        found = delete(Finding).where(
            Finding.organisation_id == imported.organisation_id, Finding.import_id == imported.id
        )
        transaction.session.execute(found)
        imported.state = state
        imported.counts = rules.nothing_counted()
        imported.resume_line = imported.batches = imported.findings = 0
        imported.started_at = imported.started_at or transaction.context.now

    def _check(self) -> str:
        """The pass that stores nothing; a commit of all goes on only if no row was refused."""
        self._pass(writes=False)
        corrections = self._corrected()
        with self._step() as (transaction, imported):
            keep(transaction, imported, corrections)
            if imported.mode == "check":
                self._end(transaction, imported, "checked")
            elif rules.has_refused(imported.counts):
                self._end(transaction, imported, "refused")
            else:
                self._begin(transaction, imported, "merging")
                transaction.commit()
            return imported.state

    def _merge(self) -> None:
        """The pass that stores, and what the end of the file says of rows that are not in it."""
        self._pass(writes=True)
        corrections = self._corrected()
        with self._step() as (transaction, imported):
            close(transaction, imported, self._batches.keys)
            keep(transaction, imported, corrections)
            self._end(transaction, imported, "done")

    def _corrected(self) -> Corrected | None:
        with self._jobs.transaction(self._job, reads=True) as (transaction, _):
            return corrected(transaction, transaction.one(_named(self._job)))

    def _pass(self, *, writes: bool) -> None:
        """Read the file from where it stands, and have each batch stored."""
        with (
            ThreadPoolExecutor(1) as reader,
            self._jobs.transaction(self._job, reads=True) as (transaction, _),
        ):
            imported = transaction.one(_named(self._job))
            file = opened(transaction, imported)
            if writes and not file.is_settled:
                self._ask(file)
            self._batches = _batches(transaction, imported)
            pace = Pace(time.monotonic())
            cut = self._batches.cut(file.rows, imported.resume_line)
            # The next batch is read while the database works on this one.
            following: Future[Batch] = reader.submit(next, cut)
            while not (batch := following.result()).is_last:
                following = reader.submit(next, cut)
                self._store(batch, file, pace, writes=writes)
            self._store(batch, file, pace, writes=writes)

    def _ask(self, file: Opened) -> None:
        """Keep what has to be asked, and store nothing of a sheet before it is answered."""
        with self._step() as (transaction, imported):
            imported.reading = {**imported.reading, **file.told}
            transaction.commit()
        raise BadFile("mapping_unsettled")

    def _store(self, batch: Batch, file: Opened, pace: Pace, *, writes: bool) -> None:
        """Store a batch; where somebody else changed a row meanwhile, it is judged again."""
        pace.done += batch.read
        way = storing.Way(writes=writes, locks=False)
        for _ in range(TRIES):
            try:
                self._stored(batch, file, pace, way)
            except OVERTAKEN as fault:
                beaten = fault
                way = storing.Way(writes=writes, locks=True)
            else:
                return
        raise beaten

    def _stored(self, batch: Batch, file: Opened, pace: Pace, way: storing.Way) -> None:
        with self._step() as (transaction, imported):
            imported.batches += 1
            intake = INTAKES[imported.record]
            judged = storing.store(transaction, intake, imported, batch, way)
            judged["read"], judged["flagged"] = batch.read, batch.flagged
            judged["refused"] += batch.refused
            imported.counts = {
                name: count + judged.get(name, 0) for name, count in imported.counts.items()
            }
            if imported.counts["read"] > rules.MAX_ROWS:
                raise BadFile("file_has_too_many_rows", at_most=rules.MAX_ROWS)
            imported.resume_line = max(imported.resume_line, batch.last_line)
            imported.reading = {**imported.reading, **file.told}
            imported.rows_per_second, imported.seconds_left = pace.told(file)
            if batch.read:
                self._jobs.go_on(transaction, self._job)
            transaction.commit()

    @contextmanager
    def _step(self) -> Iterator[tuple[Transaction, BulkImport]]:
        """A transaction with the import's row, locked and about to change."""
        with self._jobs.transaction(self._job) as (transaction, suspended):
            imported = transaction.one(_named(self._job).with_for_update())
            if suspended:
                raise Stopped("failed", "sender_suspended")
            if self._job.is_worn_out:
                raise Stopped("failed", "abandoned")
            if imported.cancel_asked:
                raise Stopped("cancelled", "cancelled")
            imported.updated_at = transaction.context.now
            imported.version += 1
            yield transaction, imported

    def _end(self, transaction: Transaction, imported: BulkImport, state: str) -> None:
        imported.state = state
        imported.ended_at = transaction.context.now
        imported.seconds_left = None
        events.completed(transaction, imported)
        self._jobs.end(transaction, self._job)
        transaction.commit()

    def _fail(self, state: str, code: str, params: dict[str, Any], line: int | None = None) -> None:
        """End it all the same: a sender waits for an answer."""
        with self._jobs.transaction(self._job) as (transaction, _):
            imported = transaction.one(_named(self._job).with_for_update())
            fault = {"code": code, "params": params, "line": line}
            imported.fault = None if state == "cancelled" else fault
            imported.updated_at = transaction.context.now
            imported.version += 1
            self._end(transaction, imported, state)


def _batches(transaction: Transaction, imported: BulkImport) -> Batches:
    intake = INTAKES[imported.record]
    says_source = "source_system" in intake.key
    return Batches(
        intake,
        {"source_system": imported.source_system} if says_source else {},
        transaction.context.now,
        transaction.seal_alike,
        keeps_keys=imported.is_complete or imported.mode == "replace_period",
    )


def _named(job: Claimed) -> Select[BulkImport]:
    return select(BulkImport).where(BulkImport.id == job.subject_id)
