"""Statements that a connection parses once and then runs by name, with their values as literals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.abc import Transformer


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with parameters $1, $2, ...

    Several of them, and a COMMIT, fit into one string of the simple protocol, which has no
    parameters of its own; parsed and planned anew each time they cost PostgreSQL twice as much.
    """

    name: str
    types: str
    body: str

    def prepare(self, driver: psycopg.Connection[Any]) -> None:
        """Make it known to this connection."""
        statement = f"PREPARE {self.name} ({self.types}) AS {self.body}"
        driver.execute(statement.encode("ascii"))

    def with_values(self, quoting: Transformer, values: Iterable[object]) -> bytes:
        """The call, every value quoted by the driver."""
        literals = b", ".join(quoting.as_literal(_short(value)) for value in values)
        return b"EXECUTE %s (%s)" % (self.name.encode("ascii"), literals)


def _short(value: object) -> object:
    """Bytes in hexadecimal: a third of the driver's own form; the parameter's type reads it."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value
