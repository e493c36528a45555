"""Who acts: duties belong to people, whichever client they use."""

from __future__ import annotations

from uuid import UUID

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import NotPermitted


def person_with(transaction: Transaction, *duties: str) -> UUID:
    """The person who asks, if one of these duties is theirs; without any, every person."""
    person = transaction.context.person_id
    if person is None or (duties and not transaction.context.duties & set(duties)):
        needed = f" with the duty {' or '.join(duties)}" if duties else ""
        raise NotPermitted(f"This is done by a person{needed}.")
    return person
