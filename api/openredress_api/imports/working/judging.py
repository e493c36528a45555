"""What a batch of staged rows means beside what is stored, as one SQL statement."""

from __future__ import annotations

from openredress_api.foundation.intake import CHANGED, NEW, Intake
from openredress_api.imports.working.copying import staging_table

# The list of a batch has a line per row, its parts divided by tabs.
_LINE = (
    "concat_ws(E'\\t', j.line, {key}, coalesce(j.old_id, j.id), {version}, j.verdict, "
    "j.digest, coalesce(j.present, ''))"
)
# What a batch is told by: the list of its rows; those of them that need a word; how many changed
# ones somebody else had changed meanwhile; and rows by judgement.
_TOLD = """string_agg(told, E'\\n' ORDER BY line),
string_agg(told, E'\\n' ORDER BY line) FILTER (WHERE verdict <> ALL (%(silent)s)),
count(*) FILTER (WHERE verdict = 'changed') - {written},
count(*) FILTER (WHERE verdict = 'new'), count(*) FILTER (WHERE verdict = 'changed'),
count(*) FILTER (WHERE verdict = 'unchanged'), count(*) FILTER (WHERE verdict = 'outdated')
FROM (SELECT j.line, j.verdict, {line} AS told FROM judged j) each"""


def judgement(intake: Intake) -> str:
    """The SELECT that tells what would become of staged rows; it writes nothing."""
    changed = f"count(*) FILTER (WHERE verdict = '{CHANGED}')"
    return f"WITH {_judged(intake)} SELECT {_told(intake, changed)}"


def merge(intake: Intake) -> str:
    """The statement that writes new and changed rows and what follows, and tells of all."""
    parts = [_judged(intake), _inserted(intake), _updated(intake)]
    if intake.follows:
        parts.append(f"followed AS ({intake.follows})")
    return f"WITH {', '.join(parts)} SELECT {_told(intake, '(SELECT count(*) FROM updated)')}"


def lock(intake: Intake) -> str:
    """The statement that keeps everybody else from the stored rows of a batch until its end."""
    columns = ", ".join(intake.key)
    return (
        f"SELECT FROM {intake.table.name} x WHERE x.organisation_id = %(me)s AND ({columns}) IN "
        f"(SELECT {columns} FROM {staging_table(intake)}) ORDER BY x.id FOR UPDATE"
    )


def _judged(intake: Intake) -> str:
    cases = " ".join(
        f"WHEN {condition.replace('{same}', _same(intake))} THEN '{verdict}'"
        for condition, verdict in intake.verdicts
    )
    found = "".join(f", {sql} AS {name}" for name, sql in intake.looked_up.items())
    matched = " AND ".join(f"x.{name} = s.{name}" for name in intake.key)
    # One look into the key's index for each row (LIMIT keeps the planner from joining otherwise),
    # and the place of the row for the update: whatever it guesses of new tables, both stay fast.
    return (
        f"judged AS MATERIALIZED (SELECT s.*{found}, t.id AS old_id, t.old_place, "
        f"t.version AS old_version, {intake.present} AS present, "
        f"CASE {cases} ELSE '{CHANGED}' END AS verdict "
        f"FROM {staging_table(intake)} s LEFT JOIN LATERAL (SELECT x.*, x.ctid AS old_place "
        f"FROM {intake.table.name} x WHERE x.organisation_id = %(me)s AND {matched} LIMIT 1) t "
        "ON true)"
    )


def _same(intake: Intake) -> str:
    old = ", ".join(f"t.{name}" for name in intake.content)
    new = ", ".join(_said(intake, name) for name in intake.content)
    return f"({old}) IS NOT DISTINCT FROM ({new})"


def _said(intake: Intake, name: str) -> str:
    """What a row says of a column, over `s`."""
    if name in intake.looked_up:
        return intake.looked_up[name]
    return intake.sets[name].replace("j.", "s.") if name in intake.sets else f"s.{name}"


def _inserted(intake: Intake) -> str:
    columns = ", ".join((*intake.key, *intake.content))
    return (
        f"inserted AS (INSERT INTO {intake.table.name} "
        f"(organisation_id, id, {columns}, created_at, updated_at, version) "
        f"SELECT %(me)s, id, {columns}, %(now)s, %(now)s, 1 FROM judged WHERE verdict = '{NEW}')"
    )


def _updated(intake: Intake) -> str:
    values = {name: f"j.{name}" for name in intake.content} | dict(intake.sets)
    said = ", ".join(f"{name} = {value}" for name, value in values.items())
    return (
        f"updated AS (UPDATE {intake.table.name} t SET {said}, "
        "updated_at = %(now)s, version = t.version + 1 FROM judged j "
        f"WHERE j.verdict = '{CHANGED}' "
        "AND t.organisation_id = %(me)s AND t.ctid = j.old_place AND t.version = j.old_version "
        "RETURNING t.id)"
    )


def _told(intake: Intake, written: str) -> str:
    parts = ", ".join(f"j.{name}" for name in intake.key)
    line = _LINE.format(
        key=f"translate(concat_ws('|', {parts}), E'\\t\\n\\r', '   ')",
        version=(
            f"CASE j.verdict WHEN '{NEW}' THEN 1 WHEN '{CHANGED}' THEN j.old_version + 1 "
            "ELSE coalesce(j.old_version, 0) END"
        ),
    )
    return _TOLD.format(written=written, line=line)
