"""What the database itself says of its walls: every table, policy, function and key."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from openredress_api.app import create_app
from openredress_api.foundation.database import Base
from openredress_api.foundation.installation import ROLES, Installation
from openredress_delivery import tables as delivery

# Tables without an organisation as first key, each with its reason.
WITHOUT_ORGANISATION = {
    "alembic_version": "alembic's own mark, read by the owner alone",
    "access_token": "found by its hash before anybody knows whose it is",
    "used_assertion": "remembered per client by the access room",
    "installation": "one row of the installation",
    "transition": "lifecycles are the same for all",
    "audit_checkpoint": "the log is one for all",
}
# Tables that no room maps: only definer functions and the owner touch them.
UNMAPPED = {
    "alembic_version",
    "installation",
    "transition",
    "audit_checkpoint",
    "data_key",
    "idempotency",
    "audit",
    "vault_worker",
}


@pytest.fixture(scope="module")
def catalogue(installation: Installation) -> Installation:
    """A migrated database whose rooms are all imported."""
    create_app(installation)
    return installation


def _rows(installation: Installation, query: str) -> list[tuple]:
    with installation.as_owner() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


TABLES = """SELECT n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
    pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'gate')"""


def test_row_level_security_is_forced_on_every_table(catalogue: Installation) -> None:
    """Every table but alembic's mark has forced row-level security and belongs to the owner."""
    for schema, name, enabled, forced, _, owner in _rows(catalogue, TABLES):
        if name != "alembic_version":
            assert (enabled, forced) == (True, True), f"{schema}.{name}"
        assert owner == "openredress_owner", name


def test_every_table_lets_the_owner_through(catalogue: Installation) -> None:
    """owner_all stands on every table: without it migrations and dumps would meet 0 rows."""
    owned = {
        name
        for (name,) in _rows(
            catalogue, "SELECT tablename FROM pg_policies WHERE policyname = 'owner_all'"
        )
    }
    for _, name, *_ in _rows(catalogue, TABLES):
        assert name in owned | {"alembic_version"}, name


def test_keys_start_with_the_organisation(catalogue: Installation) -> None:
    """Every primary key, unique index and foreign key starts with an organisation's id."""
    keys = _rows(
        catalogue,
        """SELECT t.relname, i.relname, a.attname FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
        WHERE x.indisunique AND n.nspname = 'public'""",
    )
    # By its id a client is found before anybody knows whose it is; the institute is the only one.
    exempt = {"client_by_id", "one_institute"}
    for table, index, first in keys:
        if table not in WITHOUT_ORGANISATION and index not in exempt:
            assert first == "organisation_id", f"{index} starts with {first}"
    foreign = _rows(
        catalogue,
        """SELECT c.conrelid::regclass::text, c.conname, a.attname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f'""",
    )
    for table, name, first in foreign:
        assert re.fullmatch(
            r"(\w+_)?(organisation|recipient|sender|supplier|partner|agency)_id", first
        ), f"{table}.{name} starts with {first}"


def test_no_role_bypasses_the_wall(catalogue: Installation) -> None:
    """None of our roles is a superuser, bypasses row-level security or may truncate."""
    roles = _rows(
        catalogue,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles "
        "WHERE rolname LIKE 'openredress_%'",
    )
    assert {name for name, *_ in roles} == {f"openredress_{role}" for role in ROLES}
    for name, *powers in roles:
        assert not any(powers), name
    granted = _rows(
        catalogue,
        "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES') "
        "AND grantee <> 'openredress_owner' AND table_schema IN ('public', 'gate')",
    )
    assert granted == []


def test_temporary_tables_are_the_imports(catalogue: Installation) -> None:
    """Only the import role may make temporary tables: elsewhere one could shadow a real table."""
    may = _rows(
        catalogue,
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'openredress_%' AND "
        "has_database_privilege(oid, current_database(), 'TEMP')",
    )
    assert {name for (name,) in may} <= {"openredress_import", "openredress_owner"}


def test_definer_functions_are_closed(catalogue: Installation) -> None:
    """Each runs with a fixed search_path, is PARALLEL RESTRICTED and not PUBLIC's to call."""
    functions = _rows(
        catalogue,
        """SELECT p.proname, p.prosecdef, p.proparallel, p.proconfig,
        has_function_privilege('public', p.oid, 'EXECUTE'), pg_get_userbyid(p.proowner)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('gate', 'public')""",
    )
    assert len(functions) > 10
    for name, definer, parallel, config, everybody, owner in functions:
        assert not everybody, name
        assert parallel == "r", name
        assert owner == "openredress_owner", name
        if definer:
            assert config == ["search_path=pg_catalog, pg_temp"], name


def _mapped() -> dict[str, str]:
    tables = [*Base.metadata.tables.values(), *delivery.metadata.tables.values()]
    return {table.name: table.info["kind"] for table in tables}


def test_each_table_is_the_kind_its_room_says(catalogue: Installation) -> None:
    """Policies of the app role are those of the kind: own, addressed, feed, common, access."""
    policies = _rows(
        catalogue,
        "SELECT tablename, cmd, coalesce(qual, with_check) FROM pg_policies "
        "WHERE roles = '{openredress_app}'",
    )
    kinds = _mapped()
    for _, name, _, _, partition, _ in _rows(catalogue, TABLES):
        if partition or name in UNMAPPED:
            continue
        mine = [(cmd, rule) for table, cmd, rule in policies if table == name]
        commands = {cmd for cmd, _ in mine}
        if kinds[name] == "access":
            assert not commands, name
        elif kinds[name] == "addressed":
            assert commands == {"SELECT", "INSERT"}, name
            assert any("recipient_id" in rule for _, rule in mine), name
        elif kinds[name] in {"feed", "common"}:
            assert commands == {"SELECT"}, name
        else:
            assert kinds[name] == "own", name
            assert all("current_organisation" in rule or cmd == "SELECT" for cmd, rule in mine), (
                name
            )


def test_the_institute_reads_what_the_rooms_say(catalogue: Installation) -> None:
    """A second policy for the institute stands exactly where a room's table asks for it."""
    read = {
        name
        for (name,) in _rows(
            catalogue,
            "SELECT tablename FROM pg_policies WHERE policyname = 'app_institute_select'",
        )
    }
    tables = [*Base.metadata.tables.values(), *delivery.metadata.tables.values()]
    said = {
        table.name
        for table in tables
        if table.info.get("institute_reads") or table.info["kind"] == "addressed"
    }
    assert read == said


def test_mapped_columns_are_the_database_s(catalogue: Installation) -> None:
    """Each room's table names exactly the columns that the migrations made."""
    columns = _rows(
        catalogue,
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public'",
    )
    tables = [*Base.metadata.tables.values(), *delivery.metadata.tables.values()]
    for table in tables:
        made = {column for name, column in columns if name == table.name}
        assert {column.name for column in table.columns} <= made, table.name
