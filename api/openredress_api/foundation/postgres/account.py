"""The operating system's user that runs the server: ourselves, or one that root drops to.

PostgreSQL refuses to run as root. No user is made and no existing folder above the data folder
is changed. Files in the data folder are written by that user, so a link planted there leads
root nowhere.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openredress_api.foundation.postgres.faults import DataFolderUnusable, ToolFailed
from openredress_api.foundation.postgres.folders import OTHER_FOLDER

_SHELL = "/bin/sh"
_CHOICE = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user by its ids; `drops` is true when we are root and must become it."""

    uid: int
    gid: int
    drops: bool

    def run(self, command: Sequence[str | Path], given: str = "") -> str:
        """Run a program as this user with `given` as its input; return all that it printed.

        The output goes to a file: a server that outlives the program would keep a pipe open.
        The environment is bare, so that neither PG* variables nor our secrets reach the server.
        Raises ToolFailed, or PermissionError if the program cannot be executed.
        """
        kept = {
            name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ
        }
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(  # noqa: S603 - PostgreSQL's programs and the shell lines below
                [os.fspath(word) for word in command],
                input=given.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={**kept, "LC_ALL": "C"},
                umask=0o077,
                user=self.uid if self.drops else None,
                group=self.gid if self.drops else None,
                extra_groups=[] if self.drops else None,
                check=False,
            )
            output.seek(0)
            said = output.read().decode(errors="replace")
        if done.returncode:
            raise ToolFailed(Path(command[0]).name, done.returncode, said)
        return said

    def shell(self, line: str, path: Path, given: str = "") -> None:
        """Run one shell line on `path`, which it sees as `$0`. Raises ToolFailed."""
        self.run([_SHELL, "-c", line, path], given)


def settle_account(data_dir: Path) -> Account:
    """Decide who runs the server on `data_dir`, and check that this user can enter it.

    We ourselves, if we are not root; else the folder's owner; else, for root's own empty folder,
    an existing unprivileged user, who is given the folder. Raises DataFolderUnusable.
    """
    status = data_dir.stat()
    if os.geteuid() != 0:
        account = Account(os.geteuid(), os.getegid(), drops=False)
        if status.st_uid != account.uid:
            raise DataFolderUnusable(
                f"The data folder {data_dir} belongs to user {status.st_uid}, and we are"
                f" {account.uid}. Run as its owner, or: {OTHER_FOLDER} of your own."
            )
        return account
    account = Account(status.st_uid, status.st_gid, drops=True)
    if account.uid == 0:
        account = _unprivileged()
        _hand_over(data_dir, account)
    _check_entry(data_dir, account)
    return account


def _unprivileged() -> Account:
    users = {user.pw_name: user for user in pwd.getpwall()}
    for name in _CHOICE:
        if name in users:
            return Account(users[name].pw_uid, users[name].pw_gid, drops=True)
    raise DataFolderUnusable(
        f"PostgreSQL does not run as root, and none of the users {', '.join(_CHOICE)} exists."
        " Start this program as an ordinary user."
    )


def _hand_over(data_dir: Path, account: Account) -> None:
    if any(data_dir.iterdir()):
        raise DataFolderUnusable(
            f"The data folder {data_dir} belongs to root and is not empty, so it is not given to"
            f" the server's user {account.uid}. {OTHER_FOLDER} that is empty or does not exist."
        )
    os.chown(data_dir, account.uid, account.gid)


def _check_entry(data_dir: Path, account: Account) -> None:
    try:
        account.shell('cd -- "$0"', data_dir)
    except ToolFailed as fault:
        raise DataFolderUnusable(
            f"The server's user {account.uid} cannot enter the data folder {data_dir}: a folder"
            f" above it is closed, and we open none. {OTHER_FOLDER} that it can reach."
        ) from fault
