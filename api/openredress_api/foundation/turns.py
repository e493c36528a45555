"""Taking turns: where no row is there to be locked, whoever does the same waits for a name."""

from __future__ import annotations

from sqlalchemy import func, select

from openredress_api.foundation.database import Transaction


def take_turn(transaction: Transaction, what: str) -> None:
    """Wait until no other transaction has this turn; it is given back with the commit.

    `what` names one thing in the whole installation, such as `site_hold <uuid>`; functions of the
    database that take the same turn hash the same name.
    """
    key = func.hashtextextended(what, 0)
    transaction.session.execute(select(func.pg_advisory_xact_lock(key)))
