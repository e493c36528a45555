"""Who runs the server, and what is left untouched on the way."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from openredress_api.foundation.postgres.account import Account
from openredress_api.foundation.postgres.binaries import (
    Binaries,
    BinariesMissing,
    find_binaries,
    reachable,
)
from openredress_api.foundation.postgres.cluster import Cluster
from openredress_api.foundation.postgres.faults import DataFolderUnusable
from openredress_api.foundation.postgres.folders import default_data_dir, make_folder

AsUser = Callable[[int, Callable[[], str]], str]

SOMEONE = "nobody"


def modes(*folders: Path) -> list[tuple[Path, int, int]]:
    """Tell who owns each folder and who may enter it."""
    return [(path, path.stat().st_mode, path.stat().st_uid) for path in folders]


@pytest.fixture
def closed_binaries(request: pytest.FixtureRequest, home: Path) -> Binaries:
    """The wheel's programs in a checkout that only root can enter, as `mktemp -d` makes it."""
    request.getfixturevalue("as_root")
    source = find_binaries(None).bin.parent
    checkout = home / "checkout"
    checkout.mkdir(mode=0o700)
    package = checkout / source.parent.name
    shutil.copytree(source, package / source.name)
    libraries = source.parent.with_name(f"{source.parent.name}.libs")
    shutil.copytree(libraries, checkout / libraries.name)
    return find_binaries(package / source.name / "bin")


def test_root_in_a_closed_checkout(closed_binaries: Binaries, home: Path) -> None:
    """Root gets a server of an existing user, from a copy made once; nothing else is changed."""
    untouched = (home, home / "checkout", *home.parents)
    users, before = pwd.getpwall(), modes(*untouched)
    made = []
    for _ in range(2):
        cluster = Cluster(home / "data", closed_binaries, "x", testing=True)
        assert cluster.start()
        socket = cluster.data_dir / "socket" / ".s.PGSQL.5432"
        assert socket.stat().st_uid == cluster.data_dir.stat().st_uid != 0
        cluster.stop()
        made.append(modes(*(home / "data-binaries").iterdir()))
    assert made[0] == made[1]
    assert len(made[0]) == 1
    assert pwd.getpwall() == users
    assert modes(*untouched) == before


def test_copies_of_another_user(closed_binaries: Binaries, home: Path) -> None:
    """Programs in a folder that another user prepared are not executed."""
    (home / "data-binaries").mkdir()
    os.chown(home / "data-binaries", pwd.getpwnam(SOMEONE).pw_uid, -1)
    with pytest.raises(DataFolderUnusable, match="belongs to user"):
        Cluster(home / "data", closed_binaries, "x").start()


def test_a_closed_installation_that_cannot_be_copied(closed_binaries: Binaries, home: Path) -> None:
    """Programs that lie apart from their share folder are refused in words."""
    shutil.rmtree(closed_binaries.bin.parent / "share")
    with pytest.raises(BinariesMissing, match="cannot be copied"):
        Cluster(home / "data", closed_binaries, "x").start()


@pytest.mark.usefixtures("as_root")
def test_a_data_folder_under_a_closed_one(home: Path, binaries: Binaries) -> None:
    """Root is told to choose another data folder; the closed folder above stays closed."""
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DataFolderUnusable, match="cannot enter the data folder"):
        Cluster(closed / "data", binaries, "x").start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.usefixtures("as_root")
def test_an_own_data_folder_in_use(home: Path, binaries: Binaries) -> None:
    """Root's folder with something in it is never given to another user."""
    (home / "data").mkdir()
    (home / "data" / "letter").touch()
    with pytest.raises(DataFolderUnusable, match="is not empty"):
        Cluster(home / "data", binaries, "x").start()
    assert (home / "data").stat().st_uid == 0


@pytest.mark.usefixtures("as_root")
def test_missing_folders_can_be_passed(home: Path, binaries: Binaries) -> None:
    """What root makes above the data folder lets the server's user through, whatever the umask."""
    former = os.umask(0o077)
    try:
        cluster = Cluster(home / "var" / "lib" / "data", binaries, "x", testing=True)
        assert cluster.start()
        cluster.stop()
    finally:
        os.umask(former)
    assert stat.S_IMODE((home / "var").stat().st_mode) == 0o711


@pytest.fixture
def someone(request: pytest.FixtureRequest, home: Path) -> int:
    """An ordinary user who has an empty folder `home`/data."""
    request.getfixturevalue("as_root")
    user = pwd.getpwnam(SOMEONE)
    (home / "data").mkdir(mode=0o700)
    os.chown(home / "data", user.pw_uid, user.pw_gid)
    return user.pw_uid


def test_an_ordinary_user(someone: int, home: Path, binaries: Binaries, as_user: AsUser) -> None:
    """An ordinary user runs the server itself; root, on the same folder, stops and starts it."""
    programs = reachable(binaries, Account(someone, someone, drops=True), home / "data")
    cluster = Cluster(home / "data", programs, "x", testing=True)
    assert as_user(someone, lambda: str(cluster.ensure_running())) == "True"
    assert cluster.pgdata.stat().st_uid == someone
    assert not cluster.ensure_running()
    cluster.stop()
    assert not cluster.is_running()
    assert cluster.start()
    assert as_user(someone, lambda: str(cluster.ensure_running())) == "False"

    def stopped() -> str:
        cluster.stop()
        return "stopped"

    assert as_user(someone, stopped) == "stopped"
    assert not cluster.is_running()


def test_a_folder_of_somebody_else(
    someone: int, home: Path, binaries: Binaries, as_user: AsUser
) -> None:
    """An ordinary user is told whose a data folder is that is not its own."""
    (home / "roots").mkdir(mode=0o755)

    def refused() -> str:
        with pytest.raises(DataFolderUnusable) as refusal:
            Cluster(home / "roots", binaries, "x").start()
        return str(refusal.value)

    assert f"belongs to user 0, and we are {someone}" in as_user(someone, refused)


def test_a_folder_that_cannot_be_made(home: Path) -> None:
    """A data folder that cannot be made says why and what to do."""
    (home / "file").touch()
    with pytest.raises(DataFolderUnusable, match=r"cannot be made.*OPENREDRESS_DATA_DIR"):
        make_folder(home / "file" / "data")


@pytest.mark.parametrize(
    ("uid", "data_home", "expected"),
    [
        (0, "/x", "/var/lib/openredress"),
        (1000, "/x", "/x/openredress"),
        (1000, "", str(Path.home() / ".local/share/openredress")),
    ],
)
def test_where_data_lies_by_default(
    monkeypatch: pytest.MonkeyPatch, uid: int, data_home: str, expected: str
) -> None:
    """Root's data lies with the system's, a user's in its own data home."""
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setenv("XDG_DATA_HOME", data_home)
    assert default_data_dir() == Path(expected)
