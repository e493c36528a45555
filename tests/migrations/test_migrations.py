"""The history of the schema: each step up and down again, and a step that is killed half way."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from openredress_api.foundation import installation as installations
from openredress_api.foundation.installation import MIGRATIONS, Installation, migrate

# Everything that a migration makes, as one sorted list of texts.
CATALOGUE = """
SELECT 'table', c.oid::regclass::text, concat_ws(' ', c.relkind, c.relrowsecurity,
    c.relforcerowsecurity, c.relowner::regrole, c.relacl)
  FROM pg_class c WHERE c.relnamespace = ANY (:ours) AND c.relkind IN ('r', 'p', 'v', 'S')
UNION ALL SELECT 'column', a.attrelid::regclass || '.' || a.attname, concat_ws(' ',
    format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attacl)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE c.relnamespace = ANY (:ours) AND c.relkind IN ('r', 'p') AND a.attnum > 0
    AND NOT a.attisdropped
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = ANY (:ours)
UNION ALL SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = ANY (:ours)
UNION ALL SELECT 'policy', tablename || '.' || policyname,
    concat_ws(' ', cmd, roles, qual, with_check) FROM pg_policies
UNION ALL SELECT 'function', p.oid::regprocedure::text,
    concat_ws(' ', pg_get_functiondef(p.oid), p.proowner::regrole, p.proacl)
  FROM pg_proc p WHERE p.pronamespace = ANY (:ours)
UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'schema', nspname, nspacl::text FROM pg_namespace WHERE oid = ANY (:ours)
ORDER BY 1, 2, 3"""
OURS = "SELECT oid::bigint FROM pg_namespace WHERE nspname IN ('public', 'gate')"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def revisions() -> list[str]:
    """All revisions, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    return [one.revision for one in reversed(list(scripts.walk_revisions()))]


@pytest.fixture
def empty(server: Any) -> Iterator[Installation]:
    """An installation whose database was made and never migrated."""
    made = type(server)(server.settings, server.master, server.cluster)
    made.name = f"m_{uuid.uuid4().hex}"
    with installations._connected(made.admin_url("postgres")) as connection:
        installations.make_database(connection, made.name)
    return made


def up(installation: Installation, revision: str) -> None:
    """Migrate as the operator does."""
    with installation.as_owner() as connection:
        migrate(connection, revision)


def down(installation: Installation, revision: str) -> None:
    """One step back."""
    with installation.as_owner() as connection:
        command.downgrade(_config(connection), revision)


def catalogue(installation: Installation) -> list[tuple[str, ...]]:
    """The schema, and the steps of every lifecycle."""
    with installation.as_owner() as connection:
        ours = connection.scalars(text(OURS)).all()
        found = [tuple(row) for row in connection.execute(text(CATALOGUE), {"ours": list(ours)})]
        if connection.scalar(text("SELECT to_regclass('gate.transition') IS NOT NULL")):
            steps = connection.execute(
                text("SELECT 'step', t::text, '' FROM gate.transition t ORDER BY 2")
            )
            found += [tuple(row) for row in steps]
    # alembic makes its own mark before the first migration and never takes it away.
    return [tuple(map(_meant, row)) for row in found if "alembic_version" not in row[1]]


def _meant(said: str | None) -> str:
    """A definition without its comments and white space."""
    return "".join(re.sub(r"--[^\n]*", "", said or "").split())


def version(installation: Installation) -> str | None:
    """The revision that the database says it has."""
    with installation.as_owner() as connection:
        if not connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL")):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def test_each_step_can_be_taken_back(empty: Installation) -> None:
    """Up, down and up again leaves after each revision the schema that it had before."""
    before, last = catalogue(empty), "base"
    for revision in revisions():
        up(empty, revision)
        after = catalogue(empty)
        assert after != before, revision
        down(empty, last)
        assert catalogue(empty) == before, revision
        up(empty, revision)
        assert catalogue(empty) == after, revision
        before, last = after, revision


def test_one_step_at_a_time_is_all_at_once(empty: Installation, server: Any) -> None:
    """Revision by revision leads to the schema of one upgrade; all the way down leaves nothing."""
    bare = catalogue(empty)
    for revision in revisions():
        up(empty, revision)
    assert catalogue(empty) == catalogue(server)
    for revision in [*reversed(revisions()[:-1]), "base"]:
        down(empty, revision)
    assert catalogue(empty) == bare


def _killed(installation: Installation, part: float) -> None:
    """Upgrade, and end the session when that part of all statements is done."""
    engine = create_engine(installation.role_url("owner"), hide_parameters=True)
    total, seen = _statements(installation), 0

    @event.listens_for(engine, "before_cursor_execute")
    def count(connection: Connection, *_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == int(total * part):
            pid = connection.connection.driver_connection.info.backend_pid
            with installations._connected(installation.admin_url("postgres")) as admin:
                admin.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    try:
        with pytest.raises(DBAPIError), engine.begin() as connection:
            migrate(connection)
    finally:
        engine.dispose()


def _statements(installation: Installation) -> int:
    """How many statements an upgrade takes; it is rolled back."""
    engine = create_engine(installation.role_url("owner"), hide_parameters=True)
    seen = 0

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    with engine.connect() as connection:
        transaction = connection.begin()
        migrate(connection)
        transaction.rollback()
    engine.dispose()
    return seen


@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_a_killed_upgrade_is_none(empty: Installation, server: Any, part: float) -> None:
    """A session that ends in the middle leaves the old revision whole; the next run completes."""
    start = revisions()[2]
    up(empty, start)
    before = catalogue(empty)
    _killed(empty, part)
    assert (version(empty), catalogue(empty)) == (start, before)
    up(empty, "head")
    assert (version(empty), catalogue(empty)) == (revisions()[-1], catalogue(server))
