"""What a worker and the case team write to each other, sealed with the institute's key."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update

from openredress_api.cases.tables import CaseMessage, CaseRecord
from openredress_api.foundation.database import Transaction, visible
from openredress_api.foundation.identifiers import random_id


def store(
    transaction: Transaction,
    case: CaseRecord,
    author: str,
    words: str,
    *,
    wants_reopen: bool = False,
) -> CaseMessage:
    """Add a message to a held case."""
    context, message_id = transaction.context, random_id()
    last = select(func.max(CaseMessage.n)).where(CaseMessage.case_id == case.id)
    message = CaseMessage(
        organisation_id=case.organisation_id,
        id=message_id,
        case_id=case.id,
        n=(transaction.first(last) or 0) + 1,
        author=author,
        sealed=transaction.seal(_place(message_id), words.encode()),
        wants_reopen=wants_reopen,
        # A channel's client belongs to a person too, who wrote none of the worker's messages.
        person_id=context.person_id if author == "case_team" else None,
        sent_at=context.now,
    )
    transaction.session.add(message)
    case.content_erased_at = None  # what is written now is erased in its time (R17)
    transaction.session.flush()
    return message


def words_of(transaction: Transaction, message: CaseMessage) -> str | None:
    """What a message says, by the key of the institute; an assigned CSO may have it too.

    None once it was erased.
    """
    if not message.sealed:
        return None
    sealer, owner = transaction.services.sealer, message.organisation_id
    key = sealer.open_data_key(owner, lambda: _wrapped_key(transaction, message.case_id))
    return sealer.unseal(key, owner, _place(message.id), message.sealed).decode()


def _wrapped_key(transaction: Transaction, case_id: UUID) -> bytes:
    key: bytes = transaction.session.execute(select(func.gate.key_of_case(case_id))).scalar_one()
    return key


def unread(
    transaction: Transaction, case_id: UUID, read_until: int, limit: int
) -> Sequence[CaseMessage]:
    """The team's messages that the worker has not seen; those up to `read_until` are seen now."""
    new = (
        CaseMessage.case_id == case_id,
        CaseMessage.author == "case_team",
        CaseMessage.read_at.is_(None),
    )
    seen = update(CaseMessage).where(*new, CaseMessage.n <= read_until)
    transaction.session.execute(
        visible(seen, transaction.context).values(read_at=transaction.context.now)
    )
    return transaction.all(select(CaseMessage).where(*new).order_by(CaseMessage.n).limit(limit))


def _place(message_id: UUID) -> str:
    return f"case_message:{message_id}"
