"""What is over is deleted, what still answers a question is kept."""

from __future__ import annotations

from typing import Any

from openredress_api import access
from openredress_api.access import tokens


def purge(world: Any) -> int:
    """One call as the worker makes it: as the access role, in a transaction of its own."""
    engine = world.database.engine("access").execution_options(isolation_level="READ COMMITTED")
    with engine.begin() as connection:
        return access.purge_expired(connection)


def age(world: Any, table: str, hours: int) -> None:
    """Let every row of a table have expired that long ago."""
    world.sql(f"UPDATE {table} SET expires_at = now() - make_interval(hours => {hours})")  # noqa: S608 - our own two


def test_assertions(world: Any) -> None:
    """A used assertion is forgotten once it is over, never before."""
    world.token(world.client())
    assert purge(world) == 0
    age(world, "used_assertion", 0)
    assert purge(world) == 1
    assert world.sql("SELECT count(*) FROM used_assertion") == [(0,)]


def test_tokens(world: Any) -> None:
    """An expired token is known as expired for a day, then forgotten."""
    world.token(world.sandbox_client())
    age(world, "access_token", 23)
    assert purge(world) == 0
    age(world, "access_token", 25)
    assert purge(world) > 0
    assert world.sql("SELECT count(*) FROM access_token") == [(0,)]


def test_batches(world: Any, monkeypatch: Any) -> None:
    """A call deletes a batch at most; calls until 0 delete everything."""
    monkeypatch.setattr(tokens, "BATCH", 3)
    party = world.sandbox_client()
    for _ in range(7):
        world.token(party)
    age(world, "access_token", 48)
    assert [purge(world) for _ in range(4)] == [3, 3, 1, 0]
