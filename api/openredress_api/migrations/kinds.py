"""The four kinds of table (decisions: own, addressed, feed, common) as policies and rights."""

from __future__ import annotations

from alembic import op
from sqlalchemy import column
from sqlalchemy import table as table_named

MINE = "organisation_id = (SELECT gate.current_organisation())"
TO_ME = "recipient_id = (SELECT gate.current_organisation())"
INSTITUTE = "(SELECT gate.current_type()) = 'institute'"
DEFINER = (
    "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp PARALLEL RESTRICTED"
)


def run(*statements: str) -> None:
    """Execute the statements in order."""
    for statement in statements:
        op.execute(statement)


def guard(table: str) -> None:
    """Force row-level security, which then lets only the owner role through."""
    run(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY owner_all ON {table} TO openredress_owner USING (true) WITH CHECK (true)",
    )


def policy(table: str, command: str, rule: str, *, role: str = "app", name: str = "mine") -> None:
    """Let `role` run `command` on the rows for which `rule` holds."""
    clause = {"INSERT": f"WITH CHECK ({rule})", "UPDATE": f"USING ({rule}) WITH CHECK ({rule})"}
    run(
        f"CREATE POLICY {role}_{name}_{command.lower()} ON {table} FOR {command} "
        f"TO openredress_{role} {clause.get(command, f'USING ({rule})')}",
        f"GRANT {command} ON {table} TO openredress_{role}",
    )


def own(table: str, *commands: str, institute_reads: bool = False) -> None:
    """A table of one organisation's rows; `institute_reads` adds the second SELECT policy."""
    guard(table)
    for command in ("SELECT", *commands):
        policy(table, command, MINE)
    if institute_reads:
        policy(table, "SELECT", INSTITUTE, name="institute")


def addressed(table: str, also: str = "true", seen_by: str = f"{MINE} OR {TO_ME}") -> None:
    """A table whose rows one party sends and both read; nobody updates one.

    `also` is what else must hold for a row that is sent: a foreign key alone would let it point
    at a record its sender cannot see. `seen_by` where a row concerns more than these two.
    """
    guard(table)
    policy(table, "INSERT", f"{MINE} AND {also}")
    policy(table, "SELECT", seen_by, name="party")
    policy(table, "SELECT", INSTITUTE, name="institute")


def common(table: str) -> None:
    """A table that every role reads and only the owner writes."""
    guard(table)
    policy(table, "SELECT", "true", name="all")


def function(signature: str, returns: str, body: str, *, to: str = "", kind: str = "") -> None:
    """A definer function in schema gate with the rights the catalogue test expects.

    `kind` is the volatility (empty: VOLATILE); `to` names the roles that may call it.
    """
    run(
        f"CREATE OR REPLACE FUNCTION gate.{signature} RETURNS {returns} {kind} {DEFINER} "
        f"AS $body${body}$body$",
        f"REVOKE EXECUTE ON FUNCTION gate.{_bare(signature)} FROM PUBLIC",
    )
    for role in to.split():
        run(f"GRANT EXECUTE ON FUNCTION gate.{_bare(signature)} TO openredress_{role}")


def reword(name: str, old: str, new: str) -> None:
    """Put `new` where a function has `old`; that it does not have it is a fault."""
    run(
        f"""DO $do$
        DECLARE known text := pg_get_functiondef('gate.{name}'::regproc);
        BEGIN
          IF strpos(known, $old${old}$old$) = 0 THEN RAISE 'gate.{name} is another one'; END IF;
          EXECUTE replace(known, $old${old}$old$, $new${new}$new$);
        END $do$"""
    )


def _bare(signature: str) -> str:
    """`name(a int DEFAULT 1, b text)` without its defaults, as GRANT wants it."""
    name, _, arguments = signature.rstrip(")").partition("(")
    parts = [part.split(" DEFAULT ")[0] for part in arguments.split(", ") if part]
    return f"{name}({', '.join(parts)})"


def lifecycle(kind: str, arrows: str) -> None:
    """Store the steps of `kind`: lines of `party: source [source] -> target [target]`."""
    steps = []
    for line in arrows.strip().splitlines():
        party, _, rest = line.strip().partition(": ")
        sources, _, targets = rest.partition(" -> ")
        steps += [(kind, one, other, party) for one in sources.split() for other in targets.split()]
    names = ("kind", "from_status", "to_status", "party")
    op.bulk_insert(
        table_named("transition", *map(column, names), schema="gate"),
        [dict(zip(names, step, strict=True)) for step in steps],
    )
