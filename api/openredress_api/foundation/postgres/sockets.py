"""The server's Unix socket: where it lies, and whether somebody answers there.

A process id proves nothing: after a crash it may belong to a stranger. The socket does.
"""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from openredress_api.foundation.postgres.account import Account
from openredress_api.foundation.postgres.faults import DataFolderUnusable

PORT = 5432
"""Only names the socket's file; the server listens on no network."""

_LONGEST = 99  # bytes; the system's limit is 104 (macOS) or 108 (Linux)
_PATIENCE = 5.0  # seconds; a connect that waits has a listener with a full queue


def socket_folder(data_dir: Path) -> Path | None:
    """Give the folder of the socket, or None before the first start.

    That is `data_dir`/socket, or where this path is too long, the short one recorded beside it.
    A recorded folder that is no longer private (removed, made anew by another) counts as none.
    """
    own = data_dir / "socket"
    if _fits(own):
        return own if own.is_dir() else None
    record = data_dir / "socket-folder"
    if not record.is_file():
        return None
    recorded = Path(record.read_text(encoding="utf-8"))
    return recorded if _is_private(recorded, data_dir.stat().st_uid) else None


def make_socket_folder(data_dir: Path, account: Account) -> Path:
    """Give the folder of the socket, made (0700, of `account`) and recorded where it is missing.

    Raises DataFolderUnusable when even the temporary folder's path is too long.
    """
    folder = socket_folder(data_dir)
    if folder is not None:
        return folder
    own = data_dir / "socket"
    if _fits(own):
        account.shell('mkdir -- "$0"', own)
        return own
    short = Path(tempfile.mkdtemp(prefix="openredress-"))
    if not _fits(short):
        short.rmdir()
        raise DataFolderUnusable(
            f"A socket's path has at most {_LONGEST} bytes, and both {own} and {short} are longer."
            " Set OPENREDRESS_DATA_DIR to a folder with a shorter path."
        )
    if account.drops:
        os.chown(short, account.uid, account.gid)
    account.shell('cat > "$0"', data_dir / "socket-folder", given=str(short))
    return short


def listening(folder: Path) -> bool:
    """Tell whether a live process holds the socket, ready for work or not."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PATIENCE)
        try:
            probe.connect(str(_file(folder)))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except TimeoutError:
            return True
    return True


def ready(folder: Path) -> bool:
    """Tell whether the server takes logins; false while it starts, recovers or stops."""
    target = make_conninfo(
        host=str(folder), port=PORT, user="postgres", dbname="postgres", connect_timeout=10
    )
    return PGconn.ping(target.encode()) == Ping.OK


def socket_lock(folder: Path) -> Path:
    """Name the file by which PostgreSQL claims the socket; a killed server leaves it behind."""
    return folder / f"{_file(folder).name}.lock"


def _file(folder: Path) -> Path:
    return folder / f".s.PGSQL.{PORT}"


def _fits(folder: Path) -> bool:
    return len(os.fsencode(_file(folder))) <= _LONGEST


def _is_private(folder: Path, owner: int) -> bool:
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == stat.S_IRWXU
    return private and status.st_uid == owner
