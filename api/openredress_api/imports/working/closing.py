"""What the end of a file says of rows that are not in it: a period replaced, records missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openredress_api.foundation.database import Transaction, driver_connection
from openredress_api.foundation.intake import Intake
from openredress_api.imports import rules
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.reading import BadFile
from openredress_api.imports.tables import BulkImport


def close(transaction: Transaction, imported: BulkImport, keys: Sequence[tuple[Any, ...]]) -> None:
    """Take away what a replaced period no longer has, and mark records a complete file left out.

    A refused row may be the very one that would be taken away: then neither is done. A file
    without a row is an export that failed, not a register that is empty: BadFile.
    """
    intake = INTAKES[imported.record]
    speaks_of_all = imported.mode == "replace_period" or imported.is_complete
    if speaks_of_all and not imported.counts["read"]:
        raise BadFile("file_has_no_rows")
    if rules.has_refused(imported.counts):
        return
    if imported.mode == "replace_period" and intake.period:
        removed = _with_keys(transaction, imported, keys, _take_away(intake))
        imported.counts = {**imported.counts, "removed": removed}
    elif imported.is_complete and intake.marks_missing:
        _with_keys(transaction, imported, keys, _mark_missing(intake))


def _take_away(intake: Intake) -> str:
    return (
        f"DELETE FROM {intake.table.name} t WHERE t.organisation_id = %(me)s "
        f"AND t.{intake.period} IN (SELECT {intake.period} FROM kept) AND NOT {_kept(intake)}"
    )


def _mark_missing(intake: Intake) -> str:
    return (
        f"UPDATE {intake.table.name} t SET missing_from_source_since = %(now)s, "
        "updated_at = %(now)s, version = version + 1 WHERE t.organisation_id = %(me)s "
        "AND t.source_system = %(source)s AND t.missing_from_source_since IS NULL "
        # What came by another way meanwhile is not what the file could have had.
        "AND t.updated_at < %(began)s "
        f"AND NOT {_kept(intake)}"
    )


def _kept(intake: Intake) -> str:
    same = " AND ".join(f"k.{name} = t.{name}" for name in intake.key)
    return f"EXISTS (SELECT FROM kept k WHERE {same})"


def _with_keys(
    transaction: Transaction,
    imported: BulkImport,
    keys: Sequence[tuple[Any, ...]],
    statement: str,
) -> int:
    """Run a statement beside the keys of the file; how many rows it touched."""
    intake = INTAKES[imported.record]
    driver = driver_connection(transaction.connection)
    columns = ", ".join(intake.key)
    driver.execute(
        f"CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT {columns} "
        f"FROM {intake.table.name} WHERE false".encode()
    )
    with driver.cursor().copy(f"COPY kept ({columns}) FROM STDIN".encode()) as copy:
        for key in keys:
            copy.write_row(key)
    driver.execute(b"ANALYZE kept")
    context = transaction.context
    given = {
        "me": context.organisation_id,
        "now": context.now,
        "source": imported.source_system,
        "began": imported.started_at,
    }
    return driver.execute(statement.encode(), given).rowcount
