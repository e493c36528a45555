"""Receipt codes: how a worker comes back through a channel, without a name."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case as when
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from openredress_api.cases import events, rules
from openredress_api.cases.actions import messages
from openredress_api.cases.actions.rows import held, judged, keeps_contact
from openredress_api.cases.tables import CaseMessage, CaseReceiptCode, CaseRecord, FollowUpTries
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import Conflict, Problem

SHOWN = 20


class ReceiptCodeExists(Conflict):
    """The case has a receipt code; revoke it before another one is made."""

    code, title = "receipt_code_exists", "Receipt code exists"


class ReceiptCodeMissing(Conflict):
    """The case has no receipt code, so the worker has no way to read what is written."""

    code, title = "receipt_code_missing", "Receipt code missing"


class ReceiptCodeUnknown(Problem):
    """No case is followed up by this code; look at its 16 digits once more."""

    status, code, title = 404, "receipt_code_unknown", "Receipt code unknown"
    keeps = True  # the count of tries


class TooManyTries(Problem):
    """This client sent too many wrong receipt codes within the hour; wait as Retry-After says."""

    status, code, title = 429, "too_many_tries", "Too many tries"
    keeps = True


def make_code(transaction: Transaction, case_id: UUID) -> tuple[CaseReceiptCode, str]:
    """A new code for the worker; only its keyed hash is stored."""
    case = held(transaction, case_id)
    if live_code(transaction, case_id):
        raise ReceiptCodeExists
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}}"
    receipt = CaseReceiptCode(
        organisation_id=case.organisation_id,
        id=random_id(),
        case_id=case_id,
        code_index=_index(transaction, code),
        created_at=transaction.context.now,
    )
    transaction.session.add(receipt)
    keeps_contact(case)
    transaction.session.flush()
    return receipt, code


def revoke_code(transaction: Transaction, case_id: UUID) -> CaseReceiptCode:
    """End the code of a case: lost, or in the wrong hands."""
    held(transaction, case_id)
    receipt = live_code(transaction, case_id)
    if receipt is None:
        raise ReceiptCodeMissing
    receipt.revoked_at = transaction.context.now
    transaction.session.flush()
    return receipt


def live_code(transaction: Transaction, case_id: UUID) -> CaseReceiptCode | None:
    """The code that opens a case, if there is one."""
    live = (CaseReceiptCode.case_id == case_id, CaseReceiptCode.revoked_at.is_(None))
    return transaction.first(select(CaseReceiptCode).where(*live).with_for_update())


def write_to_worker(transaction: Transaction, case_id: UUID, words: str) -> CaseMessage:
    """Leave a message for when the worker comes back; coming back is the worker's consent."""
    case = held(transaction, case_id)
    if live_code(transaction, case_id) is None:
        raise ReceiptCodeMissing
    return messages.store(transaction, case, "case_team", words)


def open_follow_up(
    transaction: Transaction, code: str, read_until: int
) -> tuple[CaseRecord, str, Sequence[CaseMessage], bool]:
    """The case, how it stands, what the team wrote that was not read, whether there is more."""
    case = _case_of(transaction, code)
    found = messages.unread(transaction, case.id, read_until, SHOWN + 1)
    status = rules.plain_status(judged(transaction, case).status)
    return case, status, found[:SHOWN], len(found) > SHOWN


def receive(transaction: Transaction, code: str, words: str, *, wants_reopen: bool) -> CaseMessage:
    """Store what the worker writes, and have somebody look at it."""
    case = held(transaction, _case_of(transaction, code).id)
    message = messages.store(transaction, case, "worker", words, wants_reopen=wants_reopen)
    is_ended = judged(transaction, case).status in rules.REOPENABLE
    events.worker_wrote(transaction, case, message, asks=wants_reopen and is_ended)
    return message


def _case_of(transaction: Transaction, code: str) -> CaseRecord:
    """The case behind a code. Whatever is wrong with one, the answer and the work are the same."""
    context = transaction.context
    mine = FollowUpTries.client_id == context.client_id
    hour = rules.hour_of(context.now)
    tries = select(FollowUpTries.tries).where(mine, FollowUpTries.hour == hour)
    if (transaction.first(tries) or 0) >= rules.TRIES_PER_HOUR:
        raise _too_many(transaction)
    found = (
        select(CaseRecord)
        .join(
            CaseReceiptCode,
            (CaseReceiptCode.organisation_id == CaseRecord.organisation_id)
            & (CaseReceiptCode.case_id == CaseRecord.id),
        )
        .where(
            CaseReceiptCode.code_index == _index(transaction, rules.plain_code(code)),
            CaseReceiptCode.revoked_at.is_(None),
            CaseRecord.voided_at.is_(None),
        )
    )
    case = transaction.first(found)
    if case is None:
        _count_try(transaction)
        raise ReceiptCodeUnknown
    return case


def _count_try(transaction: Transaction) -> None:
    context = transaction.context
    counted = insert(FollowUpTries).values(
        organisation_id=context.organisation_id,
        client_id=context.client_id,
        hour=rules.hour_of(context.now),
        tries=1,
    )
    same_hour = FollowUpTries.hour == counted.excluded.hour
    transaction.session.execute(
        counted.on_conflict_do_update(
            index_elements=[FollowUpTries.organisation_id, FollowUpTries.client_id],
            set_={
                "hour": counted.excluded.hour,
                "tries": when((same_hour, FollowUpTries.tries + 1), else_=1),
            },
        )
    )


def _too_many(transaction: Transaction) -> TooManyTries:
    wait = rules.wait_after(transaction.context.now)
    return TooManyTries(headers={"Retry-After": str(wait)})


def _index(transaction: Transaction, code: str) -> bytes:
    return transaction.blind_index("receipt_code", code)
