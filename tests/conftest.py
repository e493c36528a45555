"""One real PostgreSQL per run and kind of server; a database from a template per test session."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import text

from openredress_api.foundation import installation as installations
from openredress_api.foundation.installation import Installation
from openredress_api.foundation.postgres.binaries import (
    Binaries,
    BinariesMissing,
    find_binaries,
    system_binaries,
)
from openredress_api.foundation.postgres.cluster import Cluster
from openredress_api.foundation.sealing import MasterKey
from openredress_api.settings import Settings as InstallationSettings
from tests.factories.parties import World

# No promise is kept by the wall clock: a machine under load makes no test fail.
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("house")


def _servers() -> dict[str, Binaries | str]:
    """The servers of this run by name; a text is the reason why one is not run."""
    found: dict[str, Binaries | str] = {}
    try:
        found["wheel-18"] = find_binaries(None)
    except BinariesMissing as fault:
        found["wheel-18"] = str(fault)
    system = next((one for one in system_binaries() if one.major == 15), None)
    found["system-15"] = system or "no PostgreSQL 15 programs on this machine"
    return found


SERVERS = _servers()
# What differs between servers is tried on each of them in every run.
ON_EVERY_SERVER = ("tests/migrations/", "tests/foundation/postgres/")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--every-server` keeps each promise on every server; otherwise each file meets one."""
    parser.addoption("--every-server", action="store_true", help="run each test on each server")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let each file meet one of the servers, by its name: half of them the one, half the other.

    A test that asks for one server meets that one.
    """
    present = [name for name, server in SERVERS.items() if not isinstance(server, str)]
    if config.getoption("every_server") or not present:
        return
    asked: dict[str, set[str]] = {}
    for item in items:
        asked.setdefault(_test(item), set()).add(_server(item))
    kept, left = [], []
    for item in items:
        path = item.nodeid.partition("::")[0]
        mine = present[zlib.crc32(path.encode()) % len(present)]
        choice = asked[_test(item)] & set(present)
        everywhere = path.startswith(ON_EVERY_SERVER) or len(choice) < len(present)
        (kept if everywhere or _server(item) == mine else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


def _test(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _server(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("server", "")) if callspec else ""


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation on a scratch server with a migrated template database."""
    binaries = SERVERS[request.param]
    if isinstance(binaries, str):
        pytest.skip(binaries)
    # A short path: PostgreSQL's socket addresses end at 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="or-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "pg", binaries, "superuser-of-tests", testing=True)
    master = MasterKey.create(folder / "master.key")
    chosen = InstallationSettings(
        public_url="http://127.0.0.1:8321",
        environment="test",
        data_dir=folder,
        master_key_file=folder / "master.key",
        database_url=None,
        pg_bin=binaries.bin,
        trusted_proxies=0,
        smtp_url=None,
        ca_file=None,
    )
    made = _TestInstallation(chosen, master, cluster)
    made.prepare()
    yield made
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


class _TestInstallation(Installation):
    """An installation whose superuser password is the tests' and whose database can be cloned."""

    name = "openredress_template"

    @property
    def database_name(self) -> str:
        return self.name

    def admin_url(self, database: str):
        return installations.make_url(self.cluster.url("postgres", "superuser-of-tests", database))

    def clone(self) -> _TestInstallation:
        """A fresh database from the template; about a tenth of a second."""
        copy = _TestInstallation(self.settings, self.master, self.cluster)
        copy.name = f"t_{uuid.uuid4().hex}"
        with installations._connected(self.admin_url("postgres")) as connection:
            connection.execute(
                text(
                    f'CREATE DATABASE "{copy.name}" TEMPLATE "{self.name}" OWNER openredress_owner'
                )
            )
            installations.limit_temporary(connection, copy.name)
        return copy


@pytest.fixture(scope="module")
def installation(server: _TestInstallation) -> Installation:
    """A fresh database, one per test file; tests in a file tell their parties apart by name."""
    return server.clone()


@pytest.fixture(scope="module")
def world(installation: Installation) -> Iterator[World]:
    """A database with an institute, and a maker of other parties."""
    made = World(installation)
    yield made
    made.app.extensions["openredress"].dispose()
