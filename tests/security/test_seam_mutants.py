"""The seam must fail when it is broken: each hole planted in `visible` is noticed (run 2).

On one server alone, for time: what is broken here is Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Integer, String, Table, Update, Uuid, select, true, update

from openredress_api.foundation import database
from openredress_api.foundation.database import Base, Context, Database, Transaction
from openredress_delivery import tables as delivery
from tests.factories.estate import Estate
from tests.factories.parties import Party
from tests.security.matrix import Matrix
from tests.security.oracle import SEES, Oracle

# One server, for time.
pytestmark = pytest.mark.parametrize("server", ["wheel-18"], indirect=True, scope="session")
Callers = dict[str, Party]
_rule, _tables, _visible = database._rule, database._tables, database.visible
ORGANISATION = Base.metadata.tables["organisation"]


def _mapped() -> list[Table]:
    """Every table that a statement of a room can name and the app role can read."""
    known = [*Base.metadata.tables.values(), *delivery.metadata.tables.values()]
    return [table for table in known if table.name in SEES]


def _open(kind: str) -> Callable[[Table, Context], Any]:
    def rule(table: Table, context: Context) -> Any:
        return None if table.info["kind"] == kind else _rule(table, context)

    return rule


def _without_special(table: Table, context: Context) -> Any:
    special = table.info.pop("visible", None)
    try:
        return _rule(table, context)
    finally:
        if special:
            table.info["visible"] = special


def _inverted(table: Table, context: Context) -> Any:
    other = "supplier" if context.is_institute else "institute"
    return _rule(table, replace(context, organisation_type=other))


def _unjoined(statement: Any) -> Iterator[Table]:
    froms = [statement.table] if isinstance(statement, Update) else statement.get_final_froms()
    return (source for source in froms if isinstance(source, Table))


def _updates_free(statement: Any, context: Context) -> Any:
    return statement if isinstance(statement, Update) else _visible(statement, context)


# What is planted where. Joins run for the institute alone and no operation updates through the
# seam, so those two show in statements, not in answers.
MUTANTS: dict[str, tuple[str, Any]] = {
    "the statement unchanged": ("visible", lambda statement, _context: statement),
    "own as common": ("_rule", _open("own")),
    "addressed as common": ("_rule", _open("addressed")),
    "a feed as common": ("_rule", _open("feed")),
    "special rules ignored": ("_rule", _without_special),
    "the institute check inverted": ("_rule", _inverted),
    "the institute reads all": ("_institute_reads", lambda _table: True),
    "joined tables ignored": ("_tables", _unjoined),
    "updates ignored": ("visible", _updates_free),
}
# Everything is asked until something is found; here that would be near the end.
FOUND_BY = {
    "a feed as common": frozenset({"read_events"}),
    "the institute reads all": frozenset({"list_webhook_endpoints"}),
}
ONLY_IN_STATEMENTS = {"joined tables ignored", "updates ignored"}


def statements(oracle: Oracle, bypassing: Callers, tables: list[Table]) -> Iterator[str]:
    """What of strangers comes out of plain statements over `tables`, without any policy."""
    doors: Database = bypassing["institute"].http.application.extensions["openredress"]
    for name, caller in bypassing.items():
        token = hashlib.sha256(caller.token.encode()).hexdigest()
        with doors.transaction(token) as transaction:
            for table in tables:
                if _foreign(transaction, table, oracle):
                    yield f"{name} {table.name}"


def _foreign(transaction: Transaction, table: Table, oracle: Oracle) -> bool:
    """Whether a select, a join or an update reaches rows of others."""
    me = transaction.context.organisation_id
    # Moments are written in more than one way; what else keys have tells rows apart.
    kinds = (Uuid, Integer, String)
    key = [column for column in table.primary_key.columns if isinstance(column.type, kinds)]
    strangers = {
        tuple(str(row.columns[column.name]) for column in key)
        for row in oracle.of(table.name, me, foreign=True)
    }
    joined = select(*key).select_from(ORGANISATION.join(table, true()))
    for statement in (select(*key), joined if table is not ORGANISATION else select(*key)):
        if strangers & {tuple(map(str, row)) for row in transaction.rows(statement)}:
            return True
    if table.name != "webhook_endpoint":
        return False
    everything = update(table).values(state_reason="matrix")
    touched = transaction.session.execute(database.visible(everything, transaction.context))
    return bool(touched.rowcount != len(oracle.of(table.name, me)))


def test_whole_statements_are_narrowed(made: Estate, bypassing: Callers) -> None:
    """Selects, joins and updates over every table come back without a stranger's row."""
    assert list(statements(Oracle(made), bypassing, _mapped())) == []


@pytest.mark.parametrize("planted", MUTANTS)
def test_a_hole_in_the_seam_is_noticed(
    made: Estate, bypassing: Callers, planted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each broken form of `visible` lets a stranger's row out, and the matrix sees it."""
    place, broken = MUTANTS[planted]
    monkeypatch.setattr(database, place, broken)
    if planted in ONLY_IN_STATEMENTS:
        assert next(statements(Oracle(made), bypassing, _mapped()), None)
        return
    matrix = Matrix(bypassing, Oracle(made))
    for _ in matrix.read(FOUND_BY.get(planted)):
        if matrix.foreign:
            return
    pytest.fail(f"nothing was noticed: {matrix.findings}")


def test_each_table_left_open_is_noticed(
    made: Estate,
    bypassing: Callers,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """A table that is called common, or whose special rule lets all through, is found out."""
    planted, oracle = 0, Oracle(made)
    for table in _mapped():
        holes = [{**table.info, "kind": "common"}]
        if "visible" in table.info:
            holes.append({**table.info, "visible": lambda _context: true()})
        for hole in holes:
            with monkeypatch.context() as patch:
                patch.setattr(table, "info", hole)
                assert next(statements(oracle, bypassing, [table]), None), table.name
            planted += 1
    record_property("walls", f"{planted} tables left open in the seam, {planted} noticed")
