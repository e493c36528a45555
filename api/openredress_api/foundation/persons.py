"""Who acts: duties belong to people, whichever client they use."""

from __future__ import annotations

from uuid import UUID

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import NotPermitted


def person_with(transaction: Transaction, duty: str) -> UUID:
    """The person who asks, if `duty` is among theirs; NotPermitted otherwise."""
    context = transaction.context
    if context.person_id is None or duty not in context.duties:
        raise NotPermitted(f"This is done by a person with the duty {duty}.")
    return context.person_id
