"""A new master key in the place of the old one: everything that hangs on it, in one transaction.

The new key waits in a file of its own, whole and on the disk, until the database has taken it.
Killed at any point, the same command again goes on with that key; until the end the old one stays
where it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from openredress_api.foundation.database import driver_connection
from openredress_api.foundation.installation import Installation, make_roles
from openredress_api.foundation.postgres.creation import SUPERUSER
from openredress_api.foundation.postgres.faults import LoginRefused
from openredress_api.foundation.sealing import (
    PARTIAL,
    MasterKey,
    Sealer,
    Unsealable,
    write_names,
)
from openredress_api.settings import Settings

OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE usename LIKE 'openredress\\_%' AND datname = current_database()"""
_PRINT_LETTERS = 8


class RotationRefused(Exception):
    """The key is not changed now; the message says what is in the way."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many data keys the new key wraps, and where the old key lies now."""

    data_keys: int
    former: Path


def rotate_master(settings: Settings) -> Rotated:
    """Wrap every data key anew, change every password, then put the new key in its place.

    Raises RotationRefused, MasterKeyMissing or a PostgresFault.
    """
    path = settings.master_key_file
    pending = path.with_name(f"{path.name}.next")
    old = MasterKey.load(path)
    new = old.successor().save(pending)
    with _administrator(settings, old, new) as (connection, own_server):
        data_keys = _rewrap(connection, Sealer(old), Sealer(new))
        make_roles(connection, new)
        if own_server:
            command = sql.SQL("ALTER ROLE {} PASSWORD {}")
            driver_connection(connection).execute(
                command.format(sql.Identifier(SUPERUSER), sql.Literal(new.password(SUPERUSER)))
            )
    return Rotated(data_keys, _replace(path, pending, old))


@contextmanager
def _administrator(settings: Settings, *keys: MasterKey) -> Iterator[tuple[Connection, bool]]:
    """A transaction of whoever may alter roles, by the key that the database takes."""
    for key in keys:
        found = Installation.of(settings, key)
        with suppress(LoginRefused, OperationalError):
            if found.cluster is not None:
                found.cluster.ensure_running()
            engine = create_engine(
                found.admin_url(found.database_name),
                isolation_level="AUTOCOMMIT",
                hide_parameters=True,
            )
            connection = engine.connect()
            break
    else:
        raise RotationRefused("The database takes neither the key of the key file nor a new one.")
    try:
        with driver_connection(connection).transaction():
            if connection.scalar(text(OTHERS)):
                raise RotationRefused(
                    "Processes of this installation still use the database. Stop `serve` and "
                    "`deliver` on every machine first: they would go on with the old key."
                )
            yield connection, found.cluster is not None
    finally:
        connection.close()
        engine.dispose()


def _rewrap(connection: Connection, old: Sealer, new: Sealer) -> int:
    """Every data key is wrapped by the new key afterwards; one that is already stays so."""
    connection.execute(text("SET LOCAL ROLE openredress_owner"))
    rows = connection.execute(text("SELECT organisation_id, wrapped FROM data_key")).all()
    for organisation_id, wrapped in rows:
        try:
            again = old.rewrap(organisation_id, wrapped, new)
        except Unsealable:
            new.rewrap(organisation_id, wrapped, new)
            continue
        connection.execute(
            text("UPDATE data_key SET wrapped = :wrapped WHERE organisation_id = :id"),
            {"wrapped": again, "id": organisation_id},
        )
    connection.execute(text("RESET ROLE"))
    return len(rows)


def _replace(path: Path, pending: Path, old: MasterKey) -> Path:
    """Put the new key in its place; the old one is kept, for dumps that were made with it."""
    (own, *_) = old.verifying_keys()
    former = path.with_name(f"{path.name}.{own.public_bytes_raw().hex()[:_PRINT_LETTERS]}")
    with suppress(FileExistsError):
        os.link(path, former)
    pending.replace(path)
    # What a killed run was writing holds a key; it lies about no longer than this.
    for left in path.parent.glob(f"{path.name}.*{PARTIAL}"):
        left.unlink(missing_ok=True)
    write_names(path.parent)
    return former
