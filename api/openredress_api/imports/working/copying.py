"""Rows as COPY takes them: one function per kind, made from its columns."""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy.dialects import postgresql

from openredress_api.foundation.intake import Intake

_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_IDS_AT_ONCE = 512
Written = Callable[[Mapping[str, Any]], str]


def staging_table(intake: Intake) -> str:
    """The name of the temporary table that rows of this kind are staged in."""
    return f"staged_{intake.name}"


def create_staging(intake: Intake) -> str:
    """The statement that makes it: line, id, digest, and the columns of the kind."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own constructor
    columns = (f"{name} {intake.table.c[name].type.compile(dialect)}" for name in intake.staged)
    return (
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging_table(intake)} "
        f"(line int, id uuid, digest text, {', '.join(columns)}) ON COMMIT DELETE ROWS"
    )


def writer(intake: Intake) -> Written:
    """The function that writes a stored row as the columns of COPY's text form, without an end."""
    names = intake.staged
    written = {name: _WRITE[intake.table.c[name].type.python_type] for name in names}
    cells = ", ".join(_cell(name, intake.table.c[name].type.python_type) for name in names)
    scope = {f"w_{name}": function for name, function in written.items()}
    # Only names of our own columns stand in the source.
    exec(f"def write(row):\n return '\\t'.join(({cells}))", scope)  # noqa: S102 - as said
    made: Written = scope["write"]
    return made


def _cell(name: str, kind: type) -> str:
    if kind is bool:
        return f"'t' if row['{name}'] else 'f'"
    return f"'\\\\N' if (v := row['{name}']) is None else w_{name}(v)"


def _text(value: str) -> str:
    return value.translate(_ESCAPES) if _SPECIAL.search(value) else value


def _json(value: object) -> str:
    return _text(orjson.dumps(value).decode())


def _plain(value: Decimal) -> str:
    return f"{value:f}"


_WRITE: Mapping[type, Callable[[Any], str]] = {
    str: _text,
    int: str,
    bool: str,
    uuid.UUID: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    Decimal: _plain,
    # What SQLAlchemy says of a JSON column.
    object: _json,
    dict: _json,
    list: _json,
}


def digest_of(columns: str) -> str:
    """The digest of what a row says, whoever sends it and when."""
    return hashlib.sha256(columns.encode()).hexdigest()


def dated_ids() -> Iterator[str]:
    """Version 7 UUIDs as text, many at the price of one."""
    while True:
        moment = f"{time.time_ns() // 1_000_000:012x}"
        random = os.urandom(10 * _IDS_AT_ONCE).hex()
        for place in range(0, len(random), 20):
            tail = random[place : place + 20]
            yield f"{moment}7{tail[:3]}{'89ab'[int(tail[3], 16) & 3]}{tail[4:19]}"
