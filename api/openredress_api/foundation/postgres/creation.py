"""A cluster's files: made once by initdb, configured anew at each start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from openredress_api.foundation.postgres.account import Account
from openredress_api.foundation.postgres.binaries import Binaries
from openredress_api.foundation.postgres.durability import DURABILITY
from openredress_api.foundation.postgres.faults import WrongMajorVersion
from openredress_api.foundation.postgres.sockets import PORT

SUPERUSER = "postgres"
"""The role made by initdb."""

_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # One file per day of the week, overwritten a week later: the log never fills the disk.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}


def create(
    pgdata: Path, account: Account, binaries: Binaries, password: str, *, testing: bool
) -> None:
    """Make the cluster `pgdata` with SUPERUSER and its password, all or nothing.

    initdb works in a folder beside it that gets its name at the end: a first start that was
    killed half way leaves nothing that looks like a cluster. Locale C: bytes decide the order,
    the same on every system and after every upgrade of it. Raises ToolFailed.
    """
    fresh, password_file = pgdata.with_suffix(".new"), pgdata.with_suffix(".password")
    account.shell('rm -rf -- "$0"', fresh)
    account.shell('cat > "$0"', password_file, given=password)
    choices = ["--encoding=UTF8", "--locale=C", "--data-checksums", "--auth=scram-sha-256"]
    if testing:
        choices.append("--no-sync")
    account.run(
        [
            binaries.bin / "initdb",
            "-D",
            fresh,
            "-U",
            SUPERUSER,
            f"--pwfile={password_file}",
            *choices,
        ]
    )
    password_file.unlink()
    account.shell('mkdir -- "$0"', fresh / "conf.d")
    account.shell('cat >> "$0"', fresh / "postgresql.conf", given="include_dir = 'conf.d'\n")
    fresh.rename(pgdata)
    _sync_folder(pgdata.parent)


def check_major(pgdata: Path, binaries: Binaries) -> None:
    """Raise WrongMajorVersion unless `binaries` can run the existing cluster `pgdata`."""
    written = (pgdata / "PG_VERSION").read_text(encoding="ascii").strip()
    if written != str(binaries.major):
        raise WrongMajorVersion(
            f"{pgdata} was written by PostgreSQL {written}, and {binaries.bin} is"
            f" {binaries.version}. Set OPENREDRESS_PG_BIN to the programs of PostgreSQL {written};"
            " to move to another major version, dump with the old and restore with the new."
        )


def configure(
    pgdata: Path, account: Account, folder: Path, settings: Mapping[str, str], *, testing: bool
) -> None:
    """Write conf.d/openredress.conf: the socket in `folder`, our settings, then `settings`."""
    durability = dict.fromkeys(DURABILITY, "off" if testing else "on")
    quoted = str(folder).replace('"', '""')
    chosen = {**_SETTINGS, "unix_socket_directories": f'"{quoted}"', **durability, **settings}
    lines = [f"{name} = '{_escape(value)}'\n" for name, value in chosen.items()]
    account.shell('cat > "$0"', pgdata / "conf.d" / "openredress.conf", given="".join(lines))


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
