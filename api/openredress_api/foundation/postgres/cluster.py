"""Our own PostgreSQL server on one data folder, shared by all processes that are given it."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import URL, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from openredress_api.foundation.postgres import creation, launch, sockets
from openredress_api.foundation.postgres.account import Account, settle_account
from openredress_api.foundation.postgres.binaries import Binaries, reachable
from openredress_api.foundation.postgres.durability import refuse_unsafe
from openredress_api.foundation.postgres.faults import LoginRefused, NotStarted, PostgresFault
from openredress_api.foundation.postgres.folders import make_folder

_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
_WATCH = 0.5  # seconds between two looks of the keeper
_LONGEST_PAUSE = 30.0  # seconds between two restarts of a server that keeps dying

log = logging.getLogger(__name__)


class Cluster:
    """A PostgreSQL server on `data_dir`, a folder of its own (files in it: pgdata/, socket/).

    The server outlives the process that started it, until somebody calls `stop()`. Any number
    of processes may call any method at once: what changes the server happens under a lock that
    the kernel drops with its holder, so a killed process leaves nothing to clean up.
    `settings` are PostgreSQL's own, written at the next start; `testing` trades durability for
    speed and is for tests alone.
    """

    def __init__(
        self,
        data_dir: Path,
        binaries: Binaries,
        superuser_password: str,
        *,
        settings: Mapping[str, str] = _NO_SETTINGS,
        testing: bool = False,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.pgdata = self.data_dir / "pgdata"
        self.binaries = binaries
        self._superuser_password = superuser_password
        self._settings = settings
        self._testing = testing

    def start(self) -> bool:
        """Bring the server up, making the cluster at the first time; return whether it was down.

        Waits for a long recovery. Ends with a login as superuser that checks the durability.
        Raises a PostgresFault.
        """
        make_folder(self.data_dir)
        with _locked(self.data_dir):
            account = settle_account(self.data_dir)
            started = self._launch(account)
        self._check_login()
        return started

    def ensure_running(self) -> bool:
        """Start the server if it does not answer; return whether this call started it."""
        return False if self.is_running() else self.start()

    def is_running(self) -> bool:
        """Tell whether the server answers and takes logins now."""
        folder = sockets.socket_folder(self.data_dir)
        return folder is not None and sockets.ready(folder)

    def stop(self) -> None:
        """Stop the server at once but cleanly (sessions end, their open transactions roll back)."""
        if not self.pgdata.is_dir():
            return
        with _locked(self.data_dir):
            folder = sockets.socket_folder(self.data_dir)
            if folder is not None and sockets.listening(folder):
                account = settle_account(self.data_dir)
                programs = reachable(self.binaries, account, self.data_dir)
                launch.stop(self.pgdata, account, programs)

    def keep(self, stop: threading.Event) -> None:
        """Restart the server whenever it died, until `stop` is set; then stop it.

        Of all processes that call this, one is the keeper and the others stand by: when the
        keeper ends or is killed, the next takes over. A restart that fails is logged and tried
        again, with longer and longer pauses. Raises NotStarted before the cluster's first start.
        """
        if not self.pgdata.is_dir():
            raise NotStarted(f"There is no cluster in {self.data_dir} yet. Call start() first.")
        with _opened(self.pgdata) as handle:
            while not _try_lock(handle):
                if stop.wait(_WATCH):
                    return
            self._watch(stop)

    def url(self, role: str, password: str, database: str) -> str:
        """Give SQLAlchemy's URL of `database` over the socket. Raises NotStarted before a start."""
        folder = sockets.socket_folder(self.data_dir)
        if folder is None:
            raise NotStarted(
                f"The cluster in {self.data_dir} has no socket yet. Call start() first."
            )
        url = URL.create(
            "postgresql+psycopg",
            username=role,
            password=password,
            database=database,
            query={"host": str(folder), "port": str(sockets.PORT)},
        )
        return url.render_as_string(hide_password=False)

    def _launch(self, account: Account) -> bool:
        programs = reachable(self.binaries, account, self.data_dir)
        if not self.pgdata.exists():
            creation.create(
                self.pgdata, account, programs, self._superuser_password, testing=self._testing
            )
        creation.check_major(self.pgdata, programs)
        folder = sockets.make_socket_folder(self.data_dir, account)
        if not sockets.listening(folder):
            creation.configure(self.pgdata, account, folder, self._settings, testing=self._testing)
        return launch.start(self.pgdata, account, programs, folder)

    def _check_login(self) -> None:
        url = self.url(creation.SUPERUSER, self._superuser_password, "postgres")
        engine = create_engine(url, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                if not self._testing:
                    refuse_unsafe(connection)
        except OperationalError as fault:
            raise LoginRefused(
                f"The server in {self.data_dir} is up and refuses the login of"
                f" {creation.SUPERUSER}: {fault.orig}. The password must be the one given when the"
                " cluster was made."
            ) from fault

    def _watch(self, stop: threading.Event) -> None:
        pause = _WATCH
        try:
            while not stop.is_set():
                pause = min(pause * 2, _LONGEST_PAUSE) if self._revive() else _WATCH
                stop.wait(pause)
        finally:
            self.stop()

    def _revive(self) -> bool:
        """Return whether the server was found dead, started or not."""
        try:
            revived = self.ensure_running()
        except PostgresFault as fault:
            log.error("PostgreSQL could not be restarted: %s", fault)  # noqa: TRY400 - said in full
            return True
        if revived:
            log.warning("PostgreSQL had died and was restarted, data folder %s", self.data_dir)
        return revived


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        # A process forked meanwhile (a worker of granian) has the handle too: closing ours alone
        # would leave the lock with it, and nobody could start the server again while it lives.
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's own lock; there is no lock file whose owner could be the wrong one."""
    with _opened(folder) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
