"""The database alone: the floor's INSERT statements sent by pgbench, in C, without HTTP."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg import sql

from tests.benchmarks.rows import COLUMNS, insert, key

# What differs from write to write; the rest is sent as it stands in a sample.
EXPRESSIONS = {
    key("grievance", "id"): "uuidv7()",
    key("grievance", "external_id"): "'G' || CAST(:n AS text)",
    key("grievance_status_change", "id"): "gen_random_uuid()",
    key("grievance_status_change", "grievance_id"): "CAST(:grievance_id AS uuid)",
    key("event", "id"): "uuidv7()",
    key("event", "dedupe_key"): "'grievance.received/grv_' || CAST(:grievance_id AS text)",
    key("idempotency", "key_digest"): "sha256(CAST(CAST(:n AS text) AS bytea))",
    key("audit", "id"): "uuidv7()",
}
MOST = 9_000_000_000_000_000


def write_script(sample: Mapping[str, Any], path: Path) -> None:
    """Write pgbench's script of one transaction to `path`."""

    def shown(place: re.Match[str]) -> str:
        name = place[1]
        return EXPRESSIONS.get(name) or _literal(sample[name])

    lines = [f"\\set n random(1, {MOST})", "BEGIN;"]
    for table in COLUMNS:
        statement = re.sub(r"%\((\w+)\)s", shown, insert(table))
        end = " RETURNING id AS grievance_id \\gset" if table == "grievance" else ";"
        lines.append(statement + end)
    path.write_text("\n".join([*lines, "COMMIT;", ""]), encoding="utf-8")


def _literal(value: object) -> str:
    # In hexadecimal: any other form of random bytes may hold `:n`, a variable to pgbench.
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    return sql.Literal(value).as_string()


def rate(tool: Path, script: Path, connection: Mapping[str, str], clients: int, s: float) -> float:
    """Transactions per second of `script` by `clients` for `s` seconds."""
    words = ["-n", "-M", "prepared", "-f", script, "-c", str(clients), "-T", str(max(1, round(s)))]
    done = subprocess.run(
        [tool, *words],
        env={**os.environ, **connection},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"tps = ([0-9.]+) \(without", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench said: {done.stderr[-2000:]}")
    return float(found[1])
