"""A dump holds every row, a restore brings every row back, or somebody is told."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text

from openredress_api.foundation.postgres.binaries import Binaries
from openredress_api.foundation.postgres.cluster import Cluster
from openredress_api.foundation.postgres.dump import dump, restore
from openredress_api.foundation.postgres.faults import RowCountsDiffer, RowsHidden, ToolFailed

Connect = Callable[..., AbstractContextManager[Connection]]


OWNER = "owner_of_tests"
SECRET = "pass/word?@"
SCHEMA = """
CREATE TABLE plain (id int PRIMARY KEY, said text);
INSERT INTO plain VALUES (1, E'two\\nlines'), (2, E'\\\\.'), (3, 'COPY x.y FROM stdin;'), (4, NULL);
CREATE SCHEMA "odd one";
CREATE TABLE "odd one"."case (a) ""b"".c" (id int);
INSERT INTO "odd one"."case (a) ""b"".c" SELECT generate_series(1, 5);
CREATE TABLE empty (id int);
CREATE TABLE parted (at date) PARTITION BY RANGE (at);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
INSERT INTO parted VALUES ('2026-01-03'), ('2026-01-04');
CREATE TABLE walled (id int);
ALTER TABLE walled ENABLE ROW LEVEL SECURITY;
ALTER TABLE walled FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON walled TO owner_of_tests USING (true) WITH CHECK (true);
CREATE POLICY few ON walled USING (id < 3);
INSERT INTO walled SELECT generate_series(1, 7);
"""
ROWS = {
    "public.plain": 4,
    '"odd one"."case (a) ""b"".c"': 5,
    "public.empty": 0,
    "public.parted_1": 2,
    "public.walled": 7,
}


@pytest.fixture
def new_database(shared: Cluster, connect: Connect) -> Iterator[Callable[[], str]]:
    """Makes empty databases of the owner role; gives their URLs."""
    made: list[str] = []
    with connect(shared) as connection:
        connection.execute(
            text(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{SECRET}'")
        )

        def new() -> str:
            made.append(f"d{len(made)}")
            connection.execute(text(f"CREATE DATABASE {made[-1]} OWNER {OWNER}"))
            return shared.url(OWNER, SECRET, made[-1])

        yield new
        for name in made:
            connection.execute(text(f"DROP DATABASE {name}"))
        connection.execute(text(f"DROP ROLE {OWNER}"))


def execute(url: str, statements: str) -> None:
    """Run `statements` in one transaction."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql(statements)


def value(url: str, query: str) -> Any:
    """Ask for one value."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.scalar(text(query))


@pytest.fixture
def filled(new_database: Callable[[], str]) -> str:
    """A database with odd names, odd texts, partitions and forced row-level security."""
    url = new_database()
    execute(url, SCHEMA)
    return url


def test_there_and_back(
    filled: str, new_database: Callable[[], str], binaries: Binaries, home: Path
) -> None:
    """A dump as the owner and its restore hold every row, the walls included."""
    target = home / "backup"
    assert dump(filled, target, binaries) == ROWS
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = new_database()
    assert restore(copy, target, binaries) == ROWS
    content = "SELECT string_agg(p::text, '|' ORDER BY id) FROM plain p"
    assert value(copy, content) == value(filled, content)
    assert value(copy, "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'walled'")


@pytest.mark.parametrize(
    "change",
    [
        "DROP POLICY owner_all ON walled",
        "CREATE POLICY less ON walled AS RESTRICTIVE USING (id < 3)",
        "ALTER POLICY owner_all ON walled USING (id < 3)",
    ],
)
def test_rows_hidden_by_a_policy(filled: str, binaries: Binaries, home: Path, change: str) -> None:
    """A table whose rows a policy may hide from the owner stops the dump, and leaves no file."""
    execute(filled, change)
    with pytest.raises(RowsHidden, match=f"rows of public.walled from the role {OWNER}"):
        dump(filled, home / "backup", binaries)
    assert list(home.iterdir()) == []


def test_a_torn_dump(
    filled: str, new_database: Callable[[], str], binaries: Binaries, home: Path
) -> None:
    """A dump cut short is refused, and nothing of it stays in the database."""
    target = home / "backup"
    execute(filled, "INSERT INTO plain SELECT g, md5(g::text) FROM generate_series(9, 9999) g")
    dump(filled, target, binaries)
    target.write_bytes(target.read_bytes()[:-20000])
    copy = new_database()
    with pytest.raises(ToolFailed, match="pg_restore"):
        restore(copy, target, binaries)
    assert value(copy, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_rows_that_differ(
    filled: str, new_database: Callable[[], str], binaries: Binaries, home: Path
) -> None:
    """A restored database that does not hold the rows of the dump is named table by table."""
    target = home / "backup"
    dump(filled, target, binaries)
    copy = new_database()
    execute(copy, "CREATE TABLE earlier (id int); INSERT INTO earlier VALUES (1)")
    with pytest.raises(RowCountsDiffer, match=r"public\.earlier: no rows in the dump, 1 in the"):
        restore(copy, target, binaries)


def test_rows_that_pg_dump_leaves_out(filled: str, binaries: Binaries, home: Path) -> None:
    """Rows lost on the way into the file are noticed though pg_dump ended well."""
    lossy = home / "bin"
    lossy.mkdir()
    for tool in ("pg_dump", "pg_restore"):
        (lossy / tool).write_text(f'#!/bin/sh\nexec {binaries.bin / tool} "$@"\n')
        (lossy / tool).chmod(0o755)
    (lossy / "pg_dump").write_text(
        f'#!/bin/sh\nexec {binaries.bin / "pg_dump"} "$@" --exclude-table-data=plain\n'
    )
    with pytest.raises(RowCountsDiffer, match=r"public\.plain: 4 rows in the database, no in the"):
        dump(filled, home / "backup", replace(binaries, bin=lossy))
    assert not (home / "backup").exists()


def test_the_password_is_no_argument(filled: str, binaries: Binaries, home: Path) -> None:
    """No argument of pg_dump, which every user of the machine can list, holds the password."""
    spying = home / "bin"
    spying.mkdir()
    for tool in ("pg_dump", "pg_restore"):
        (spying / tool).write_text(
            f'#!/bin/sh\necho "$@" >> {home / "arguments"}\nexec {binaries.bin / tool} "$@"\n'
        )
        (spying / tool).chmod(0o755)
    dump(filled, home / "backup", replace(binaries, bin=spying))
    arguments = (home / "arguments").read_text()
    assert OWNER in arguments
    assert "word" not in arguments.replace("--no-password", "")


def test_a_failed_tool_says_why(filled: str, binaries: Binaries, home: Path) -> None:
    """A restore into a database with the same tables is refused in pg_restore's words."""
    dump(filled, home / "backup", binaries)
    with pytest.raises(ToolFailed, match="already exists"):
        restore(filled, home / "backup", binaries)
    assert value(filled, "SELECT count(*) FROM plain") == 4
