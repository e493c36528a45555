"""A scratch installation with production durability, and the parties of the benchmarks."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import structlog

from openredress_api.access.scopes import SCOPES_BY_ROLE
from openredress_api.foundation.installation import Installation
from openredress_api.foundation.logs import configure_logs
from openredress_api.foundation.postgres.durability import refuse_unsafe
from openredress_api.settings import read_settings
from tests.factories.parties import Party, World

LIFETIME = timedelta(hours=6)


@contextmanager
def scratch() -> Iterator[Installation]:
    """An installation in a folder of its own, removed with its server at the end."""
    # A short path: PostgreSQL's socket addresses end at 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="or-bench-"))
    folder.chmod(0o755)
    configure_logs()
    log = (folder / "in-process.log").open("w", encoding="utf-8")  # what is written, costs as ever
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
    cluster = None
    try:
        settings = read_settings(environment_of(folder), default_data_dir=folder)
        installation = Installation.open(settings, create=True)
        cluster = installation.cluster
        installation.prepare()
        with installation.as_owner() as connection:
            refuse_unsafe(connection)
        yield installation
    finally:
        if cluster is not None:
            cluster.stop()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def environment_of(folder: Path) -> dict[str, str]:
    """The settings by which a process finds the installation in `folder`; all else is default."""
    return {
        "OPENREDRESS_DATA_DIR": str(folder),
        "OPENREDRESS_ENVIRONMENT": "production",
        "OPENREDRESS_DATABASE_URL": "",
        "OPENREDRESS_PG_BIN": "",
    }


def lasting(world: World, party: Party) -> Party:
    """`party` with a token that outlives every benchmark."""
    again = dataclasses.replace(party, token=f"{party.token}-bench")
    world.grant(again, list(SCOPES_BY_ROLE[party.kind]), LIFETIME)
    return again
