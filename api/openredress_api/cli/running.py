"""serve, deliver: the two long-running processes of an installation."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import certifi
import click
import structlog
from granian.constants import Interfaces
from granian.server import Server
from sqlalchemy import Connection, text
from sqlalchemy.engine import Engine

from openredress_api import __version__, access, evidence, imports
from openredress_api.app import LISTENERS
from openredress_api.cli.figures import serve_figures
from openredress_api.cli.opening import installation
from openredress_api.foundation import audit
from openredress_api.foundation.database import Database
from openredress_api.foundation.installation import Installation
from openredress_api.foundation.logs import configure_logs
from openredress_api.foundation.sealing import Unsealable
from openredress_delivery.claims import Claimed
from openredress_delivery.worker import Worker, WorkerSettings

BLOCKING_THREADS = 32
BACKPRESSURE = 64
CHORE_PAUSE_S = 0.5
SLOW_CHORE_PAUSE_S = 20.0
Chore = tuple[str, Callable[[Connection], object]]
"""A database role and the work it does."""

log = structlog.get_logger("openredress.chores")
_ACTIVE = text("""
SELECT organisation_id FROM unnest(CAST(:organisations AS uuid[])) AS organisation_id
WHERE gate.is_active(organisation_id)
""")
# Events of these families rest on a worker's consent (gate.tombstone); the others never fall.
_FALLIBLE = ("referral.", "remediation.", "repayment.", "sponsorship.")
_SENDABLE = text("""
SELECT organisation_id, event_id, body, gate.waits_for_safety(organisation_id, event_id) AS waits
FROM gate.sendable(CAST(:organisations AS uuid[]), CAST(:events AS uuid[]))
""")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8321, show_default=True)
@click.option("--workers", type=int, default=os.cpu_count() or 1, help="default: one per core")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the interface, with our own PostgreSQL where no other is named."""
    found = installation()
    found.prepare()
    # A forked worker would keep copies of what the keeper's thread holds at that moment: the lock
    # of the data folder, or a pipe whose end the keeper waits for. Nobody would then restart a
    # dead PostgreSQL until that worker dies.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "openredress_api.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        backpressure=BACKPRESSURE,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        log_enabled=False,
    )
    with _kept(found):
        server.serve()


class _kept:  # noqa: N801 - reads as a verb in `with`
    """Keep our own PostgreSQL alive while the body runs."""

    def __init__(self, found: Installation) -> None:
        self._stop = threading.Event()
        self._cluster = found.cluster
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        if self._cluster is not None:
            self._thread = threading.Thread(target=self._cluster.keep, args=(self._stop,))
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()


@click.command()
@click.option("--metrics-port", type=int, help="answer /metrics for Prometheus on 127.0.0.1")
def deliver(metrics_port: int | None) -> None:
    """Send waiting events and do the small chores: sequencing, expiry, purging."""
    configure_logs()
    found = installation()
    database = found.database()
    worker = Worker(
        found.database().engine("delivery"),
        _unsealer(found, database),
        _may_send,
        WorkerSettings(
            development=not found.settings.is_production,
            ca_file=str(found.settings.ca_file or certifi.where()),
            user_agent=f"OpenRedress/{__version__}",
        ),
    )
    stop = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stop.set())
    if metrics_port:
        serve_figures(metrics_port, database.engine("delivery"), worker)
    chores = threading.Thread(target=_do_chores, args=(found, database, stop))
    chores.start()
    try:
        worker.run(stop)
    finally:
        stop.set()
        chores.join()
        worker.close()
        database.dispose()


@click.command()
def work() -> None:
    """Work through files that were handed in for import; any number of these may run."""
    configure_logs()
    database = installation().database(LISTENERS)
    stop = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stop.set())
    try:
        imports.Worker(database).run(stop)
    finally:
        database.dispose()


def _unsealer(found: Installation, database: Database) -> Callable[[UUID, str, bytes], bytes]:
    def wrapped(organisation_id: UUID) -> bytes:
        with database.engine("delivery").connect() as connection:
            key: bytes = connection.execute(
                text("SELECT wrapped FROM data_key WHERE organisation_id = :id"),
                {"id": organisation_id},
            ).scalar_one()
            return key

    def unseal(organisation_id: UUID, place: str, sealed: bytes) -> bytes:
        sealer = found.sealer
        key = sealer.open_data_key(organisation_id, lambda: wrapped(organisation_id))
        try:
            return sealer.unseal(key, organisation_id, place, sealed)
        except Unsealable as fault:
            raise ValueError(str(fault)) from fault

    return unseal


def _may_send(connection: Connection, claimed: Sequence[Claimed]) -> dict[UUID, bytes | None]:
    """Nothing leaves for a suspended organisation; what lost its consent leaves as a tombstone.

    What is new to the employer of a held site waits (None), and looks to it as if we were slow.
    """
    owners = {one.organisation_id for one in claimed}
    active = set(connection.scalars(_ACTIVE, {"organisations": list(owners)}))
    resting = [one for one in claimed if one.type.startswith(_FALLIBLE)]
    found = _standing(connection, resting) if resting else {}
    return {
        one.delivery_id: found.get((one.organisation_id, one.event_id), one.body)
        for one in claimed
        if one.organisation_id in active
    }


def _standing(
    connection: Connection, claimed: Sequence[Claimed]
) -> Mapping[tuple[UUID, UUID], bytes | None]:
    """The bodies of events that do not leave as they are; None: not now."""
    rows = connection.execute(
        _SENDABLE,
        {
            "organisations": [one.organisation_id for one in claimed],
            "events": [one.event_id for one in claimed],
        },
    )
    return {
        (row.organisation_id, row.event_id): None if row.waits else row.body
        for row in rows
        if row.waits or row.body
    }


def _do_chores(found: Installation, database: Database, stop: threading.Event) -> None:
    slow_ones_at = 0.0
    while not stop.wait(CHORE_PAUSE_S):
        _each(database, _quick_chores(found))
        if time.monotonic() >= slow_ones_at:
            _each(database, _slow_chores(found))
            slow_ones_at = time.monotonic() + SLOW_CHORE_PAUSE_S


def do_chores(found: Installation, database: Database) -> None:
    """One round of all the small work without a caller."""
    _each(database, (*_quick_chores(found), *_slow_chores(found)))


def _each(database: Database, chores: Sequence[Chore]) -> None:
    """Do chores; one that fails is tried again later, and keeps none of the others from theirs."""
    for role, chore in chores:
        try:
            with _transaction(database.engine(role)) as connection:
                chore(connection)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the loop has to go on
            log.warning("chore_failed", fault=type(fault).__name__, role=role)


def _quick_chores(found: Installation) -> tuple[Chore, ...]:
    """What somebody waits for."""
    key = found.master.signing_key()
    return (
        ("delivery", lambda connection: audit.sequence(connection, key)),
        ("delivery", _call("gate.mark_delivered_referrals()")),
        ("delivery", _call("gate.release_due_referrals(:base)", base=found.settings.public_url)),
    )


def _slow_chores(found: Installation) -> tuple[Chore, ...]:
    """What has time: who was not reached, what has expired, the count of the day before."""
    kept = f"gate.forget_evidence({evidence.UPLOAD_DAYS}, {evidence.LINK_DAYS})"
    public_url = found.settings.public_url
    return (
        ("delivery", _call("gate.expire_referrals()")),
        ("delivery", _call("gate.raise_fallbacks()")),
        ("delivery", _call("gate.demand_deletion_receipts()")),
        ("delivery", _call("gate.tell_of_deadlines(:base)", base=public_url)),
        ("delivery", _call("gate.raise_check_backs()")),
        ("delivery", _call("gate.tell_of_overdue_repayments(:base)", base=public_url)),
        ("delivery", _call("gate.tell_of_tasks(:base)", base=public_url)),
        ("delivery", _call("gate.tell_of_endpoints(:base)", base=public_url)),
        ("delivery", _call("gate.erase_due()")),
        ("delivery", _call("gate.forget_answers()")),
        ("delivery", _call("gate.make_manifests()")),
        ("delivery", _call("gate.tell_of_gaps()")),
        ("delivery", _call(f"gate.forget_imported_files({imports.KEPT_DAYS})")),
        ("delivery", _call(kept)),
        ("delivery", _call("gate.forget_events()")),
        ("access", access.purge_expired),
    )


def _call(function: str, **values: str) -> Callable[[Connection], object]:
    statement = text(f"SELECT {function}")
    return lambda connection: connection.execute(statement, values)


def _transaction(engine: Engine) -> Any:  # noqa: ANN401 - SQLAlchemy's context manager
    return engine.execution_options(isolation_level="READ COMMITTED").begin()


COMMANDS = (serve, deliver, work)
