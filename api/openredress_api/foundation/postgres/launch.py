"""Starting and stopping the server by pg_ctl, past what a killed predecessor left behind."""

from __future__ import annotations

import time
from pathlib import Path

from openredress_api.foundation.postgres.account import Account
from openredress_api.foundation.postgres.binaries import Binaries
from openredress_api.foundation.postgres.faults import StartFailed, ToolFailed
from openredress_api.foundation.postgres.sockets import listening, ready, socket_lock

_PAUSE = 0.2  # seconds
_ATTEMPTS = 150  # half a minute and more for the children of a killed server to end
_BELIEVED = 5  # attempts before a process id that answers nothing counts as a stranger's
_WAIT = ["-w", "-t", "3600"]  # seconds; a long recovery is no failure

_ORPHANS = "pre-existing shared memory block"
_TAKEN = 'lock file "postmaster.pid" already exists'
_NOBODY = 2**31 - 1  # above every system's highest process id


def start(pgdata: Path, account: Account, binaries: Binaries, folder: Path) -> bool:
    """Bring the server up until it takes logins; return whether it was down. Raises StartFailed."""
    for attempt in range(_ATTEMPTS):
        _await_listener(folder)
        if ready(folder):
            return attempt > 0
        # It names a process id, too. Nobody listens and the folder is ours alone: nobody holds it.
        account.shell('rm -f -- "$0"', socket_lock(folder))
        try:
            account.run([binaries.bin / "pg_ctl", "start", "-D", pgdata, *_WAIT])
        except ToolFailed as failure:
            _judge(failure, pgdata)
            if attempt == _BELIEVED and _TAKEN in failure.said:
                _disown_pid(pgdata, account)
            time.sleep(_PAUSE)
    raise StartFailed(
        f"PostgreSQL on {pgdata} did not come up in {_ATTEMPTS} attempts."
        f" Look into {pgdata / 'log'}; end the processes named postgres that still belong to"
        " this folder, and start again."
    )


def stop(pgdata: Path, account: Account, binaries: Binaries) -> None:
    """Stop the live server (SIGINT to it: fast and clean). Raises ToolFailed."""
    account.run([binaries.bin / "pg_ctl", "stop", "-D", pgdata, "-m", "fast", *_WAIT])


def _await_listener(folder: Path) -> None:
    """Wait while a server is there that takes no logins yet: it recovers, or it stops."""
    while listening(folder) and not ready(folder):
        time.sleep(_PAUSE)


def _judge(failure: ToolFailed, pgdata: Path) -> None:
    """Raise StartFailed unless the reason is one that passes."""
    if _ORPHANS not in failure.said and _TAKEN not in failure.said:
        raise StartFailed(
            f"PostgreSQL on {pgdata} did not start. {failure}\nMore may stand in {pgdata / 'log'}."
        ) from failure


def _disown_pid(pgdata: Path, account: Account) -> None:
    """Write into postmaster.pid a process id that nobody has.

    PostgreSQL takes a live process of its own user for a server, though nothing listens. The
    file is not removed: its last line names the shared memory, by which PostgreSQL still sees
    whether children of the old server live. The new text is never shorter than the old.
    """
    file = pgdata / "postmaster.pid"
    _, _, rest = file.read_text(encoding="utf-8").partition("\n")
    account.shell('cat 1<> "$0"', file, given=f"{_NOBODY}\n{rest}")
