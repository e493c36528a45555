"""What the bulk importer has to know of a kind of record; each room describes its own.

A description is data: the schema of a row, its check, its columns, and the judgement that one SQL
expression passes on a staged row `s` beside the stored one `t`. So a room's rules stand in the
room, and the importer knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.fields import WireSchema
from openredress_api.foundation.problems import FieldError

# Judgements that are no refusal. `outdated` leaves the stored row as it is and says so.
NEW, CHANGED, UNCHANGED, OUTDATED = "new", "changed", "unchanged", "outdated"
KEPT = (NEW, CHANGED, UNCHANGED, OUTDATED)


@dataclass(frozen=True, kw_only=True)
class Intake:
    """One kind of record that files may bring.

    Attributes:
        name: the kind on the wire, such as `grievance`.
        prefix: that of its records' ids.
        senders: types of organisation that keep such records, and the scope that each needs for
            them beside imports:write.
        schema: one row of a file: what identifies it, and its body.
        table: where rows are stored; it has organisation_id, id, version, created_at, updated_at.
        key: the columns after organisation_id that identify a row.
        content: the columns that a row of a file says.
        check: what the fields of a loaded row say against each other, at the organisation's time.
        stored: a loaded row as columns, those of `key` and `content`.
        sealed: columns whose text is encrypted under the sender's key before it is stored; equal
            texts stay equal.
        verdicts: pairs (SQL condition, judgement) in order, over `s` and `t`; the first that
            holds counts, a row for which none does has changed. `{same}` stands for equal content.
            A judgement that is not in KEPT is the code of a fault.
        places: for each such code the JSON pointer of the field that it is about.
        looked_up: columns of `content` that no file says: each as SQL over `s`.
        sets: columns whose new value in a changed row is not simply that of the file, as SQL.
        present: SQL over `t` that tells the state which a refused row found.
        follows: SQL that writes what follows from rows, over `judged`; empty: nothing does.
        params: values that the SQL above names as %(name)s.
        period: the column by which a whole period can be replaced; records of people have none.
        marks_missing: whether rows that a complete file leaves out are marked.
        after: called in a transaction that wrote rows: theirs is its moment as `updated_at`.
    """

    name: str
    prefix: str
    senders: Mapping[str, str]
    schema: type[WireSchema]
    table: Table
    key: tuple[str, ...]
    content: tuple[str, ...]
    check: Callable[[Mapping[str, Any], datetime], Iterable[FieldError]]
    stored: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    verdicts: tuple[tuple[str, str], ...]
    sealed: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    looked_up: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    present: str = "NULL"
    follows: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    period: str = ""
    marks_missing: bool = False
    after: Callable[[Transaction], None] | None = None

    def columns(
        self, record: Mapping[str, Any], seal: Callable[[str, str], str]
    ) -> Mapping[str, Any]:
        """A loaded row as it is stored; `seal` is the sender's Transaction.seal_alike."""
        columns = self.stored(record)
        if not self.sealed:
            return columns
        return {**columns, **{name: seal(self.place(name), columns[name]) for name in self.sealed}}

    def place(self, name: str) -> str:
        """What the texts of a sealed column are bound to."""
        return f"{self.name}.{name}"

    @property
    def staged(self) -> tuple[str, ...]:
        """The columns that a file says, in the order in which they are staged."""
        return (*self.key, *(name for name in self.content if name not in self.looked_up))


# What a kind without rules of its own needs: a row is new, the same, or it has changed.
PLAIN = (("t.id IS NULL", NEW), ("{same}", UNCHANGED))
