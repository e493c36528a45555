"""Scratch folders, clusters and processes for the promises about the server."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text

from openredress_api.foundation.postgres.binaries import (
    Binaries,
    BinariesMissing,
    find_binaries,
    system_binaries,
)
from openredress_api.foundation.postgres.cluster import Cluster

PASSWORD = "it's a \\ secret"


@pytest.fixture(scope="session", params=["wheel-18", "system-15"])
def binaries(request: pytest.FixtureRequest) -> Binaries:
    """The programs of the wheel, and of the system where it has PostgreSQL 15."""
    if request.param == "wheel-18":
        try:
            return find_binaries(None)
        except BinariesMissing as fault:
            pytest.skip(str(fault))
    for found in system_binaries():
        if found.major == 15:
            return found
    pytest.skip("no PostgreSQL 15 programs on this machine")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A short path that the server's user can pass; pytest's own folders are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="or-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder with its owners and modes."""
    subprocess.run(["cp", "-a", source, target], check=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the test's own."""
    with scratch_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def stopped(binaries: Binaries) -> Iterator[Path]:
    """The data folder of a cluster that was started once and stopped, to be copied."""
    with scratch_folder() as folder:
        cluster = Cluster(folder / "data", binaries, PASSWORD, testing=True)
        cluster.start()
        cluster.stop()
        yield cluster.data_dir


@pytest.fixture
def new_cluster(home: Path, binaries: Binaries, stopped: Path) -> Iterator[Callable[..., Cluster]]:
    """Gives clusters on `home`/data, stopped at the end; all but a `fresh` one exist already."""
    made: list[Cluster] = []

    def new(data_dir: Path = home / "data", *, fresh: bool = False, **options: Any) -> Cluster:
        if not fresh and not data_dir.exists():
            data_dir.parent.mkdir(parents=True, exist_ok=True)
            copy_folder(stopped, data_dir)
        made.append(Cluster(data_dir, binaries, PASSWORD, **options))
        return made[-1]

    yield new
    for cluster in made:
        cluster.stop()


@pytest.fixture(scope="module")
def shared(binaries: Binaries, stopped: Path) -> Iterator[Cluster]:
    """One running server without durability for the tests of a file that leave it alive."""
    with scratch_folder() as folder:
        copy_folder(stopped, folder / "data")
        cluster = Cluster(folder / "data", binaries, PASSWORD, testing=True)
        cluster.start()
        yield cluster
        cluster.stop()


@contextmanager
def connected(cluster: Cluster, database: str = "postgres") -> Iterator[Connection]:
    """A superuser's connection, each statement a transaction of its own."""
    url = cluster.url("postgres", PASSWORD, database)
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def connect() -> Callable[..., Any]:
    """Opens a superuser's connection."""
    return connected


@pytest.fixture
def ask() -> Callable[[Cluster, str], Any]:
    """Runs a statement as superuser; gives the first value of its answer."""

    def one(cluster: Cluster, query: str) -> Any:
        with connected(cluster) as connection:
            result = connection.execute(text(query))
            return result.scalar() if result.returns_rows else None

    return one


@pytest.fixture
def postmaster() -> Callable[[Cluster], int]:
    """Gives the process id that the server wrote down."""
    return lambda cluster: int((cluster.pgdata / "postmaster.pid").read_text().split("\n")[0])


PREAMBLE = """
import os, sys, threading
from pathlib import Path
from openredress_api.foundation.postgres.binaries import find_binaries
from openredress_api.foundation.postgres.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]), find_binaries(Path(sys.argv[2])), sys.argv[3])
"""


@pytest.fixture
def peer() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts another Python process that has the same cluster and runs the given code."""
    started: list[subprocess.Popen[str]] = []

    def start(cluster: Cluster, code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                PREAMBLE + code,
                cluster.data_dir,
                cluster.binaries.bin,
                PASSWORD,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def as_root() -> None:
    """Skips where the run is not root's."""
    if os.geteuid() != 0:
        pytest.skip("only root has a user to drop to; this run is an ordinary user's")


@pytest.fixture
def as_user() -> Callable[[int, Callable[[], str]], str]:
    """Runs a function in a child that has become another user; gives what it returns.

    By fork, since that user may not be able to execute this Python.
    """

    def run(uid: int, act: Callable[[], str]) -> str:
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe()

        def become_and_act() -> None:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            sender.send(act())

        child = context.Process(target=become_and_act)
        child.start()
        child.join()
        assert child.exitcode == 0
        return str(receiver.recv())

    return run
