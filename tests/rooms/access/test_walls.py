"""The access role sees its three tables and nothing else; nobody else sees a secret."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError


def test_access_role_sees_no_business(world: Any) -> None:
    """Every table but the room's own is closed to the access role."""
    tables = [
        name
        for (name,) in world.sql(
            "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'gate')"
        )
    ]
    assert len(tables) > 10
    with world.database.engine("access").connect() as connection:
        for name in tables:
            readable = connection.scalar(
                text(
                    "SELECT bool_or(has_table_privilege(c.oid, 'SELECT')) FROM pg_class c "
                    "WHERE c.relname = :name"
                ),
                {"name": name},
            )
            assert readable is (name in {"client", "access_token", "used_assertion"}), name


@pytest.mark.parametrize("role", ["app", "delivery", "release", "import"])
@pytest.mark.parametrize("table", ["client", "access_token", "used_assertion"])
def test_other_roles_see_no_credentials(world: Any, role: Any, table: Any) -> None:
    """No other role reads clients, tokens or assertions."""
    with world.database.engine(role).connect() as connection, pytest.raises(ProgrammingError):
        connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - our own three


def test_access_role_registers_nobody(world: Any) -> None:
    """The role of the token endpoint cannot make, change or delete a client."""
    world.client()
    statements = (
        "UPDATE client SET scopes = '{cases:read}'",
        "DELETE FROM client",
        "INSERT INTO client SELECT * FROM client",
    )
    for statement in statements:
        with (
            world.database.engine("access").connect() as connection,
            pytest.raises(ProgrammingError),
        ):
            connection.execute(text(statement))
