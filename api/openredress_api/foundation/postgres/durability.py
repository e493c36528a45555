"""Refusal to work on a server that may forget what it has acknowledged."""

from __future__ import annotations

from sqlalchemy import Connection, text

from openredress_api.foundation.postgres.faults import PostgresFault

DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")
"""The settings without which a crash loses or tears committed rows."""


class UnsafeDurability(PostgresFault):
    """A commit could be lost by a crash: fsync, full_page_writes or synchronous_commit is off."""


def refuse_unsafe(connection: Connection) -> None:
    """Raise UnsafeDurability naming each of DURABILITY that is off in this session.

    A crash test cannot find this: the system's page cache survives a killed server, but no
    power cut. Ask as the role that will write, since a role may have a setting of its own.
    """
    query = text(
        "SELECT name, source FROM pg_settings WHERE name = ANY(:names) AND setting = 'off'"
    )
    unsafe = connection.execute(query, {"names": list(DURABILITY)}).all()
    if unsafe:
        named = ", ".join(f"{name} = off (set by: {source})" for name, source in unsafe)
        raise UnsafeDurability(
            f"The server runs with {named}: committed rows could be lost. Turn it on in the"
            " server's configuration, or for the database or role that has it off."
        )
