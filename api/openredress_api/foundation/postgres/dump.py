"""Copies of a database as files, and back, by pg_dump and pg_restore; rows are counted after.

Works as the role of the given URL with row-level security on. What policies hide from that role
would be missing in the file without a word, so a table that may hide rows is refused.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import tempfile
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

from openredress_api.foundation.postgres.binaries import Binaries
from openredress_api.foundation.postgres.faults import RowCountsDiffer, RowsHidden, ToolFailed

# A table shows us all its rows if some policy lets everything pass and none restricts that.
_TABLES = """
WITH mine AS (
    SELECT p.polrelid, p.polpermissive, pg_get_expr(p.polqual, p.polrelid) AS shows
    FROM pg_catalog.pg_policy p
    WHERE p.polcmd IN ('*', 'r') AND EXISTS (
        SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(r, 'USAGE')))
SELECT format('%I.%I', n.nspname, c.relname) AS name, row_security_active(c.oid) AND (
    NOT EXISTS (SELECT FROM mine WHERE polrelid = c.oid AND polpermissive AND shows = 'true')
    OR EXISTS (SELECT FROM mine WHERE polrelid = c.oid AND NOT polpermissive)) AS hides
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_NAME = rb'(?:"(?:[^"]|"")+"|[^\s."]+)'
_COPY = re.compile(rb"COPY (" + _NAME + rb"\." + _NAME + rb") .*FROM stdin;\n")
_LAST = b"\\.\n"  # ends the rows of a COPY; inside a row a backslash is doubled


def dump(url: str, target: Path, binaries: Binaries) -> dict[str, int]:
    """Write the database of `url` to `target` (0600) in pg_dump's custom format.

    Returns the number of rows per table, counted in the very snapshot that was dumped and equal
    to those found in the file. `target` appears only when all of that held; roles are not in it.
    Raises RowsHidden, RowCountsDiffer, ToolFailed.
    """
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    try:
        engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            counted = _count(connection)
            choices = ["--format=custom", "--enable-row-security", f"--snapshot={snapshot}"]
            _run(binaries, "pg_dump", url, *choices, f"--file={partial}")
        _compare("the database", counted, "the dump", rows_in(partial, binaries))
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return counted


def restore(url: str, source: Path, binaries: Binaries) -> dict[str, int]:
    """Fill the empty database of `url` from the dump `source`; all or nothing.

    The role of `url` owns the database, and every role that the dump names exists. Returns the
    number of rows per table, equal to those in the file.
    Raises ToolFailed (nothing was changed), RowsHidden, RowCountsDiffer.
    """
    _run(binaries, "pg_restore", url, "--single-transaction", "--exit-on-error", str(source))
    with create_engine(url, poolclass=NullPool).connect() as connection:
        counted = _count(connection)
    _compare("the dump", rows_in(source, binaries), "the restored database", counted)
    return counted


def rows_in(source: Path, binaries: Binaries) -> dict[str, int]:
    """Count the rows that the dump `source` holds, per table, by reading it to its end.

    Raises ToolFailed when it is torn or no dump.
    """
    counted: dict[str, int] = {}
    command = [str(binaries.bin / "pg_restore"), "--data-only", "--file=-", str(source)]
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
            command, stdout=subprocess.PIPE, stderr=complaints, env=_environment()
        ) as reading:
            assert reading.stdout is not None  # noqa: S101 - a pipe, as asked; for the type checker
            for line in reading.stdout:
                heading = _COPY.fullmatch(line)
                if heading is not None:
                    rows = itertools.takewhile(_LAST.__ne__, reading.stdout)
                    counted[heading[1].decode()] = sum(1 for _ in rows)
        complaints.seek(0)
        said = complaints.read().decode(errors="replace")
    if reading.returncode:
        raise ToolFailed("pg_restore", reading.returncode, said)
    return counted


def _count(connection: Connection) -> dict[str, int]:
    tables = connection.execute(text(_TABLES)).all()
    hiding = [name for name, hides in tables if hides]
    if hiding:
        role = connection.scalar(text("SELECT current_user"))
        raise RowsHidden(
            f"Row-level security may hide rows of {', '.join(hiding)} from the role {role}, which"
            " would be missing in silence. Give it a policy USING (true) on each of them."
        )
    return {name: _rows(connection, name) for name, _ in tables}


def _rows(connection: Connection, name: str) -> int:
    query = f"SELECT count(*) FROM ONLY {name}"  # noqa: S608 - quoted by the server's format('%I')
    return int(connection.scalars(text(query)).one())


def _compare(left: str, expected: dict[str, int], right: str, found: dict[str, int]) -> None:
    names = sorted(expected.keys() | found.keys())
    pairs = {name: (expected.get(name, "no"), found.get(name, "no")) for name in names}
    wrong = [
        f"{name}: {before} rows in {left}, {after} in {right}"
        for name, (before, after) in pairs.items()
        if before != after
    ]
    if wrong:
        raise RowCountsDiffer(f"Rows differ; do not rely on this copy. {'; '.join(wrong)}.")


def _run(binaries: Binaries, tool: str, url: str, *choices: str) -> None:
    """Run `tool` on the database of `url`; the password goes by environment, never by argument."""
    parsed = make_url(url)
    target = parsed.get_dialect()().create_connect_args(parsed)[1]
    password = target.pop("password", "")
    target.pop("context", None)  # psycopg's own, no word of libpq
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        [binaries.bin / tool, f"--dbname={make_conninfo(**target)}", "--no-password", *choices],
        stderr=subprocess.PIPE,
        env={**_environment(), "PGPASSWORD": password},
        check=False,
    )
    if done.returncode:
        raise ToolFailed(tool, done.returncode, done.stderr.decode(errors="replace"))


def _environment() -> dict[str, str]:
    """Give our environment without PG*, which would redirect the tools."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
