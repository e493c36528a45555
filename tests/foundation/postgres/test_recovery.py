"""What a killed server, or a killed process of ours, leaves behind is no obstacle."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from openredress_api.foundation.postgres.cluster import Cluster
from openredress_api.foundation.postgres.sockets import listening

Ask = Callable[[Cluster, str], Any]
NewCluster = Callable[..., Cluster]
Connect = Callable[..., AbstractContextManager[Connection]]
Peer = Callable[..., subprocess.Popen[str]]


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for what must come, however slow the machine; not for ever."""
    for _ in range(6000):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("what was waited for did not come")


def crash(cluster: Cluster, pid: int) -> None:
    """Kill the postmaster alone and wait until nobody listens."""
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not listening(cluster.data_dir / "socket"))


@contextmanager
def kept(cluster: Cluster) -> Iterator[None]:
    """Start the cluster and keep it in a thread of this process, to the end of the block."""
    cluster.ensure_running()
    end = threading.Event()
    keeper = threading.Thread(target=cluster.keep, args=(end,))
    keeper.start()
    try:
        yield
    finally:
        end.set()
        keeper.join()


@pytest.mark.parametrize("whose", ["the server's user", "another user"])
def test_a_stale_pid_that_lives_as_another_process(
    new_cluster: NewCluster, ask: Ask, postmaster: Callable[[Cluster], int], whose: str
) -> None:
    """A process id that now is a stranger's is neither taken for the server nor signalled."""
    cluster = new_cluster()
    cluster.start()
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS n")
    pid = postmaster(cluster)
    crash(cluster, pid)
    owner = cluster.data_dir.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "600"], user=owner) as sleeper:
        try:
            stranger = sleeper.pid if whose == "the server's user" else 1
            file = cluster.pgdata / "postmaster.pid"
            file.write_text(file.read_text().replace(str(pid), str(stranger), 1))
            assert not cluster.is_running()
            cluster.stop()
            assert cluster.ensure_running()
            assert sleeper.poll() is None
        finally:
            sleeper.kill()
    assert postmaster(cluster) not in (pid, stranger)
    assert ask(cluster, "SELECT n FROM kept") == 7


def test_committed_rows_survive_a_kill_under_writes(
    new_cluster: NewCluster, connect: Connect, ask: Ask, postmaster: Callable[[Cluster], int]
) -> None:
    """After a SIGKILL of the postmaster among writers, each acknowledged row is there."""
    cluster = new_cluster()
    cluster.start()
    ask(cluster, "CREATE TABLE written (n bigint PRIMARY KEY, pad text)")
    acknowledged: list[int] = []
    enough = threading.Event()

    def write(first: int) -> None:
        insert = text("INSERT INTO written VALUES (:n, repeat('x', 2000))")
        with connect(cluster) as connection:
            for n in range(first, first + 10**6):
                connection.execute(insert, {"n": n})
                acknowledged.append(n)
                if len(acknowledged) > 400:
                    enough.set()

    def write_until_killed(first: int) -> None:
        with pytest.raises(OperationalError):
            write(first)

    writers = [threading.Thread(target=write_until_killed, args=(i * 10**6,)) for i in range(3)]
    for writer in writers:
        writer.start()
    enough.wait()
    os.kill(postmaster(cluster), signal.SIGKILL)
    for writer in writers:
        writer.join()
    assert cluster.ensure_running()
    with connect(cluster) as connection:
        there = set(connection.scalars(text("SELECT n FROM written")))
    assert set(acknowledged) <= there


def test_children_of_a_killed_server(
    new_cluster: NewCluster, connect: Connect, postmaster: Callable[[Cluster], int]
) -> None:
    """While a child of the dead server holds its shared memory, the start is tried again."""
    cluster = new_cluster()
    cluster.start()
    with connect(cluster) as connection:
        child = connection.scalar(text("SELECT pg_backend_pid()"))
        os.kill(child, signal.SIGSTOP)
        crash(cluster, postmaster(cluster))
        release = threading.Timer(1.5, os.kill, (child, signal.SIGCONT))
        release.start()
        try:
            assert cluster.ensure_running()
        finally:
            release.join()
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    assert cluster.is_running()


def test_a_long_recovery_is_waited_for(new_cluster: NewCluster, ask: Ask, peer: Peer) -> None:
    """A server left starting by a killed process is waited for, not started again."""
    settings = {"restore_command": "sleep 0.5; false", "hot_standby": "off"}
    cluster = new_cluster(settings=settings)
    cluster.start()
    cluster.stop()
    owner = cluster.data_dir.stat()
    recovery = cluster.pgdata / "recovery.signal"
    recovery.touch()
    os.chown(recovery, owner.st_uid, owner.st_gid)
    starter = peer(cluster, f"cluster._settings = {settings!r}\ncluster.start()")
    wait_until(lambda: listening(cluster.data_dir / "socket"))
    starter.kill()
    starter.wait()
    assert not cluster.is_running()
    assert not cluster.ensure_running()
    assert ask(cluster, "SELECT pg_is_in_recovery()") is False


def test_two_processes_at_once(new_cluster: NewCluster, peer: Peer, ask: Ask) -> None:
    """Of two processes that ensure a new cluster at once, one starts it and both use it."""
    cluster = new_cluster(fresh=True)
    code = "print(cluster.ensure_running())"
    both = [peer(cluster, code) for _ in range(2)]
    said = sorted(process.communicate()[0].strip() for process in both)
    assert said == ["False", "True"]
    assert cluster.is_running()
    assert (
        ask(cluster, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walwriter'") == 1
    )


def test_a_peer_killed_with_the_lock(new_cluster: NewCluster, peer: Peer) -> None:
    """A process killed while it held the lock blocks nobody, and the server can be stopped."""
    cluster = new_cluster(testing=True)
    cluster.start()
    holder = peer(
        cluster,
        "from openredress_api.foundation.postgres.cluster import _locked\n"
        "with _locked(cluster.data_dir):\n"
        "    print('held', flush=True)\n"
        "    threading.Event().wait()",
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    stopping = threading.Thread(target=cluster.stop)
    stopping.start()
    assert cluster.is_running()
    holder.kill()
    stopping.join()
    assert not cluster.is_running()
    assert cluster.ensure_running()


def test_the_keeper_restarts_a_dead_server(
    new_cluster: NewCluster,
    postmaster: Callable[[Cluster], int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The keeper brings a killed server back each time, says so, and stops it at its end."""
    cluster = new_cluster()
    with kept(cluster):
        for _ in range(2):
            former = postmaster(cluster)
            crash(cluster, former)
            wait_until(cluster.is_running)
            assert postmaster(cluster) != former
    assert not cluster.is_running()
    assert "had died and was restarted" in caplog.text


def test_a_keeper_that_cannot_start_the_server_goes_on_trying(
    new_cluster: NewCluster,
    postmaster: Callable[[Cluster], int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A failed restart is logged with its reason, and the next try succeeds once it is gone."""
    cluster = new_cluster(testing=True)
    with kept(cluster):
        version = cluster.pgdata / "PG_VERSION"
        written = version.read_text()
        version.write_text("14\n")
        crash(cluster, postmaster(cluster))
        wait_until(lambda: "written by PostgreSQL 14" in caplog.text)
        version.write_text(written)
        wait_until(cluster.is_running)


def test_a_keeper_killed_is_replaced(
    new_cluster: NewCluster, peer: Peer, postmaster: Callable[[Cluster], int]
) -> None:
    """When the keeper is killed the server lives on, and the next process keeps it."""
    cluster = new_cluster()
    keeper = peer(
        cluster,
        "cluster.ensure_running()\nprint(1, flush=True)\ncluster.keep(threading.Event())",
    )
    assert keeper.stdout
    assert keeper.stdout.readline() == "1\n"
    with kept(cluster):
        former = postmaster(cluster)
        keeper.kill()
        keeper.wait()
        assert cluster.is_running()
        assert postmaster(cluster) == former
        crash(cluster, former)
        wait_until(cluster.is_running)
    assert not cluster.is_running()
