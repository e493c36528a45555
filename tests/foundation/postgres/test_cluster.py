"""What a cluster is: how it is made, configured, named and shared."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from openredress_api.foundation.postgres.binaries import Binaries
from openredress_api.foundation.postgres.cluster import Cluster
from openredress_api.foundation.postgres.durability import UnsafeDurability, refuse_unsafe
from openredress_api.foundation.postgres.faults import (
    LoginRefused,
    NotStarted,
    StartFailed,
    WrongMajorVersion,
)

Ask = Callable[[Cluster, str], Any]
NewCluster = Callable[..., Cluster]
Connect = Callable[..., AbstractContextManager[Connection]]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("password_encryption", "scram-sha-256"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("lc_messages", "C"),
        ("timezone", "UTC"),
    ],
)
def test_settings(shared: Cluster, ask: Ask, setting: str, value: str) -> None:
    """The server listens on no network, keeps scram passwords, checksums, UTF-8 and UTC."""
    assert ask(shared, f"SHOW {setting}") == value


def test_no_login_without_the_password(shared: Cluster, ask: Ask) -> None:
    """Every rule of pg_hba.conf asks for a scram password, also on the socket."""
    query = "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"
    assert ask(shared, query) == "scram-sha-256"
    engine = create_engine(shared.url("postgres", "guessed", "postgres"))
    with pytest.raises(OperationalError, match="password authentication failed"):
        engine.connect()


def test_folders_are_private(shared: Cluster) -> None:
    """Only the server's user can enter the data and the socket."""
    for folder in (shared.pgdata, shared.data_dir / "socket"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_password_is_not_left_in_a_file(shared: Cluster) -> None:
    """The file that carried the superuser's password to initdb is gone."""
    assert {path.name for path in shared.data_dir.iterdir()} == {"pgdata", "socket"}


def test_the_environment_does_not_redirect(
    new_cluster: NewCluster, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PG* variables of the shell change neither where the server is nor where we look for it."""
    for name, value in {"PGPORT": "1", "PGHOST": "/nowhere", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    cluster = new_cluster(testing=True)
    assert cluster.start()
    assert cluster.is_running()
    assert ask(cluster, "SHOW data_directory") == str(cluster.pgdata)


def test_stop_and_start_again(new_cluster: NewCluster, ask: Ask) -> None:
    """A stopped cluster starts with its rows and with settings given since."""
    first = new_cluster(testing=True)
    assert first.start()
    assert not first.ensure_running()
    ask(first, "CREATE TABLE kept AS SELECT 7 AS n")
    first.stop()
    first.stop()
    assert not first.is_running()
    second = new_cluster(testing=True, settings={"application_name": "it's \\ ours"})
    assert second.ensure_running()
    assert ask(second, "SELECT n FROM kept") == 7
    assert ask(second, "SHOW application_name") == "it's \\ ours"


def test_before_the_first_start(new_cluster: NewCluster) -> None:
    """A cluster that was never started is not running, stops silently, has no URL or keeper."""
    cluster = new_cluster(fresh=True)
    cluster.stop()
    assert not cluster.is_running()
    with pytest.raises(NotStarted, match="Call start"):
        cluster.url("someone", "x", "postgres")
    with pytest.raises(NotStarted, match="Call start"):
        cluster.keep(threading.Event())


def test_a_path_too_long_for_a_socket(new_cluster: NewCluster, home: Path, ask: Ask) -> None:
    """A data folder with a long path gets a short private socket folder, found by every process."""
    deep = home / ("d" * 60) / ("e" * 60)
    cluster = new_cluster(deep, testing=True)
    cluster.start()
    assert ask(cluster, "SELECT 1") == 1
    short = Path((deep / "socket-folder").read_text())
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    assert not new_cluster(deep, testing=True).ensure_running()
    cluster.stop()
    short.rmdir()


def test_a_short_socket_folder_that_was_cleared_away(
    new_cluster: NewCluster, home: Path, ask: Ask
) -> None:
    """When a reboot empties the temporary folder, or a stranger opens it, a new one is made."""
    deep = home / ("d" * 120)
    cluster = new_cluster(deep, testing=True)
    cluster.start()
    cluster.stop()
    former = Path((deep / "socket-folder").read_text())
    former.chmod(0o777)
    assert not cluster.is_running()
    assert cluster.start()
    assert ask(cluster, "SELECT 1") == 1
    assert Path((deep / "socket-folder").read_text()) != former
    cluster.stop()
    former.rmdir()
    Path((deep / "socket-folder").read_text()).rmdir()


def test_another_major_version(new_cluster: NewCluster) -> None:
    """A data folder of another major version is refused by name, and left alone."""
    cluster = new_cluster(testing=True)
    cluster.start()
    cluster.stop()
    version = cluster.pgdata / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(WrongMajorVersion, match=r"written by PostgreSQL 14.*OPENREDRESS_PG_BIN"):
        cluster.start()
    version.write_text(f"{cluster.binaries.major}\n")
    assert cluster.start()


def test_a_first_start_killed_half_way(new_cluster: NewCluster, ask: Ask) -> None:
    """What a killed initdb left behind is cleared away, not taken for a cluster."""
    cluster = new_cluster(testing=True)
    cluster.start()
    cluster.stop()
    cluster.pgdata.rename(cluster.data_dir / "pgdata.new")
    (cluster.data_dir / "pgdata.new" / "global" / "pg_control").unlink()
    assert cluster.start()
    assert ask(cluster, "SELECT 1") == 1


def test_a_wrong_superuser_password(shared: Cluster, binaries: Binaries) -> None:
    """Opening a cluster with another password than it was made with is refused in words."""
    stranger = type(shared)(shared.data_dir, binaries, "another", testing=True)
    with pytest.raises(LoginRefused, match="password authentication failed"):
        stranger.start()


def test_a_setting_that_postgresql_does_not_know(new_cluster: NewCluster) -> None:
    """A server that will never start is reported at once, with PostgreSQL's own words."""
    cluster = new_cluster(testing=True, settings={"no_such_setting": "1"})
    with pytest.raises(StartFailed, match='unrecognized configuration parameter "no_such_setting"'):
        cluster.start()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_unsafe_durability(shared: Cluster, connect: Connect, setting: str) -> None:
    """Each setting that may lose commits is refused by its name."""
    with connect(shared) as connection, pytest.raises(UnsafeDurability, match=f"{setting} = off"):
        refuse_unsafe(connection)


def test_unsafe_by_configuration(new_cluster: NewCluster) -> None:
    """Outside tests, a start with fsync off ends in the refusal."""
    with pytest.raises(UnsafeDurability, match="fsync = off"):
        new_cluster(settings={"fsync": "off"}).start()


def test_durable_unless_a_role_is_not(new_cluster: NewCluster, connect: Connect) -> None:
    """A cluster as we make it is durable; a role's own synchronous_commit = off is found."""
    cluster = new_cluster()
    cluster.start()
    with connect(cluster) as connection:
        refuse_unsafe(connection)
        connection.execute(text("ALTER ROLE postgres SET synchronous_commit = off"))
    with (
        connect(cluster) as connection,
        pytest.raises(UnsafeDurability, match=r"synchronous_commit = off \(set by: user\)"),
    ):
        refuse_unsafe(connection)
