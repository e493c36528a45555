"""Where an installation's database is and how each process reaches it with its own role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Connection, make_url

from openredress_api.foundation.announcements import Listener
from openredress_api.foundation.database import Database, Services, driver_connection
from openredress_api.foundation.paging import Cursors
from openredress_api.foundation.postgres.binaries import find_binaries
from openredress_api.foundation.postgres.cluster import Cluster
from openredress_api.foundation.sealing import MasterKey, Sealer
from openredress_api.settings import Settings
from openredress_delivery.wake import Wake

ROLES = ("owner", "app", "access", "delivery", "release", "import")
DATABASE = "openredress"
MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Installation:
    """Settings, master key and database of one installation."""

    def __init__(self, settings: Settings, master: MasterKey, cluster: Cluster | None) -> None:
        self.settings = settings
        self.master = master
        self.cluster = cluster
        self.sealer = Sealer(master)

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False) -> Installation:
        """Open what `settings` name; `create` makes the master key of a new installation."""
        load = MasterKey.create if create else MasterKey.load
        return cls.of(settings, load(settings.master_key_file))

    @classmethod
    def of(cls, settings: Settings, master: MasterKey) -> Installation:
        """What `settings` name, as a process with this key reaches it."""
        cluster = None
        if settings.database_url is None:
            cluster = Cluster(
                settings.data_dir / "postgres",
                find_binaries(settings.pg_bin),
                master.password("postgres"),
            )
        return cls(settings, master, cluster)

    def admin_url(self, database: str) -> URL:
        """The address that may create roles and databases: only `migrate` uses it."""
        if self.cluster is not None:
            return make_url(
                self.cluster.url("postgres", self.master.password("postgres"), database)
            )
        url = make_url(self.settings.database_url or "")
        return url.set(drivername="postgresql+psycopg", database=database)

    @property
    def database_name(self) -> str:
        """The name of our database in the server."""
        if self.settings.database_url:
            return make_url(self.settings.database_url).database or DATABASE
        return DATABASE

    def role_url(self, role: str) -> URL:
        """The address for one of our database roles, with its derived password."""
        return self.admin_url(self.database_name).set(
            username=f"openredress_{role}", password=self.master.password(f"openredress_{role}")
        )

    def database(self, listeners: tuple[Listener, ...] = ()) -> Database:
        """Engines and services for this process."""
        cursors = Cursors(self.master.derive("cursors"))
        services = Services(
            self.sealer,
            cursors,
            self.settings.public_url,
            not self.settings.is_production,
            listeners,
            self.settings.scan_command,
            Wake(self._plain_connection),
        )
        return Database(self.role_url, services)

    def _plain_connection(self) -> psycopg.Connection[Any]:
        url = self.role_url("app").set(drivername="postgresql")
        return psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True, connect_timeout=3
        )

    def make_room(self) -> None:
        """Make roles and an empty database where they are missing, our own server running."""
        if self.cluster is not None:
            self.cluster.ensure_running()
        with _connected(self.admin_url("postgres")) as connection:
            make_roles(connection, self.master)
            make_database(connection, self.database_name)
            limit_temporary(connection, self.database_name)

    def prepare(self) -> None:
        """Make room where there is none, then migrate to the newest schema."""
        self.make_room()
        with self.as_owner() as connection:
            migrate(connection)

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """A connection of the owner role in one transaction: operator commands, migrations."""
        engine = create_engine(self.role_url("owner"), hide_parameters=True)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def make_roles(connection: Connection, master: MasterKey) -> None:
    """Create our roles and set their derived passwords; none bypasses row-level security."""
    driver = driver_connection(connection)
    for role in ROLES:
        name = f"openredress_{role}"
        driver.execute(
            sql.SQL(
                "DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            ).format(role=sql.Identifier(name))
        )
        driver.execute(
            sql.SQL(
                "ALTER ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE "
                "PASSWORD {password}"
            ).format(role=sql.Identifier(name), password=sql.Literal(master.password(name)))
        )


def make_database(connection: Connection, name: str) -> None:
    """Create the database, owned by the owner role, unless it is there."""
    driver = driver_connection(connection)
    found = driver.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    if found is None:
        driver.execute("GRANT openredress_owner TO CURRENT_USER")
        driver.execute(
            sql.SQL("CREATE DATABASE {} OWNER openredress_owner TEMPLATE template0").format(
                sql.Identifier(name)
            )
        )


def limit_temporary(connection: Connection, name: str) -> None:
    """Let only the import role make temporary tables (its staging).

    The right stands on the database itself, so neither a dump nor a copy of it carries it along.
    """
    driver = driver_connection(connection)
    driver.execute(
        sql.SQL(
            "REVOKE TEMPORARY ON DATABASE {0} FROM PUBLIC; "
            "GRANT TEMPORARY ON DATABASE {0} TO openredress_import"
        ).format(sql.Identifier(name))
    )


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to `revision` on the owner's connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
