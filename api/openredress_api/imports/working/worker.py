"""The worker: takes imports one after the other, as long as there are any."""

from __future__ import annotations

import threading
import traceback
from pathlib import Path

import structlog
from sqlalchemy.exc import OperationalError

from openredress_api.foundation.database import LOST, Database
from openredress_api.foundation.jobs import Claimed, JobLost, Jobs
from openredress_api.imports.working.run import Run

PAUSE_S = 0.25
log = structlog.get_logger("openredress.imports")


class Worker:
    """One worker of an installation; any number may run, on any machine."""

    def __init__(self, database: Database) -> None:
        self._jobs = Jobs(database)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                worked = self.turn()
            except (OperationalError, *LOST) as fault:
                log.warning("database_away", fault=type(fault).__name__)
                worked = False
            if not worked:
                stop.wait(PAUSE_S)

    def turn(self) -> bool:
        """Do the next job, if there is one, and tell whether there was."""
        job = self._jobs.claim()
        if job is None:
            return False
        try:
            Run(self._jobs, job).go()
        except JobLost:
            log.warning("job_lost", job=str(job.id))
        except (OperationalError, *LOST):
            raise
        except Exception as fault:  # noqa: BLE001 - whatever a file brings up, others wait behind it
            # The lease runs out and the job is tried again, until it is worn out.
            self._tell(job, fault)
        return True

    @staticmethod
    def _tell(job: Claimed, fault: Exception) -> None:
        told = type(fault).__name__
        log.error("job_broke", job=str(job.id), fault=told, frames=_frames(fault))


def _frames(fault: Exception) -> list[str]:
    """Where it happened in our own code: a message or a local may hold what a worker said."""
    return [
        f"{Path(frame.filename).stem}:{frame.lineno}"
        for frame in traceback.extract_tb(fault.__traceback__)
        if "openredress" in frame.filename
    ]
