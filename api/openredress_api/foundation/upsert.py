"""Upsert by the sender's own identifier: one statement that writes only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, literal_column, true, tuple_
from sqlalchemy.dialects.postgresql import insert

from openredress_api.foundation.database import Transaction


class Upserted(NamedTuple):
    """What happened to a row: its id and version, and whether it is new."""

    id: UUID
    version: int
    inserted: bool


def upsert(
    transaction: Transaction,
    table: Table,
    key: Sequence[str],
    values: Mapping[str, Any],
    content: Sequence[str],
    guard: ColumnElement[bool] | None = None,
) -> Upserted | None:
    """Insert `values`, or update `content` columns where any differs and `guard` holds.

    `key` are the columns after organisation_id that identify the row; `values` include id,
    created_at, updated_at. None: nothing was written, the row is unchanged or guarded.
    """
    statement = insert(table).values(organisation_id=transaction.context.organisation_id, **values)
    new = statement.excluded
    changed = tuple_(*(table.c[name] for name in content)).is_distinct_from(
        tuple_(*(new[name] for name in content))
    )
    updated: dict[str, ColumnElement[Any]] = {name: new[name] for name in content}
    updated |= {"updated_at": new.updated_at, "version": table.c.version + 1}
    row = transaction.session.execute(
        statement.on_conflict_do_update(
            index_elements=["organisation_id", *key],
            set_=updated,
            where=and_(changed, true() if guard is None else guard),
        ).returning(
            table.c.id, table.c.version, literal_column("xmax = 0", type_=None).label("inserted")
        )
    ).first()
    return Upserted(*row) if row else None
