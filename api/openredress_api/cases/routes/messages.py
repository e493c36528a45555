"""Receipt codes and messages of a case, as its team sees them, on the wire."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from openredress_api.cases.actions import follow_ups
from openredress_api.cases.actions.messages import words_of
from openredress_api.cases.actions.rows import CaseVoided, get_case
from openredress_api.cases.routes.showing import INSTITUTE, ONE, READERS, case_id, endpoint
from openredress_api.cases.schemas.follow_ups import (
    CaseMessageBody,
    CaseMessageView,
    ReceiptCodeEnd,
    ReceiptCodeView,
)
from openredress_api.cases.tables import CaseMessage
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import CursorInvalid, NotFound

# When somebody wrote tells on a worker, and who of the team wrote is the institute's own matter.
INTERNAL = ("person_id", "sent_at", "read_at")


@endpoint(
    "POST",
    "/v1/cases/{id}/receipt-codes",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    gives={201: ReceiptCodeView},
    problems=(NotFound, CaseVoided, follow_ups.ReceiptCodeExists),
    idempotency="required",
    versioned=False,
)
def make_receipt_code(call: Call) -> Answer:
    """Make the code by which a worker comes back without a name. It is shown this once."""
    receipt, code = follow_ups.make_code(call.transaction, call.path["id"])
    body = receipt.members() | {"code": code}
    return Answer(body, 201, subjects=(case_id(call),), secrets=("code",))


@endpoint(
    "POST",
    "/v1/cases/{id}/receipt-codes/revoke",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    gives={200: ReceiptCodeEnd},
    problems=(NotFound, CaseVoided, follow_ups.ReceiptCodeMissing),
    idempotency="required",
    versioned=False,
)
def revoke_receipt_code(call: Call) -> Answer:
    """End a code that is lost or in the wrong hands; a new one can be made then."""
    return Answer(
        follow_ups.revoke_code(call.transaction, call.path["id"]), subjects=(case_id(call),)
    )


@endpoint(
    "POST",
    "/v1/cases/{id}/messages",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=CaseMessageBody,
    gives={201: CaseMessageView},
    problems=(NotFound, CaseVoided, follow_ups.ReceiptCodeMissing),
    idempotency="required",
    versioned=False,
)
def write_to_worker(call: Call) -> Answer:
    """Leave a message for the worker, who reads it with the receipt code."""
    message = follow_ups.write_to_worker(call.transaction, call.path["id"], call.body["text"])
    shown = _shown(call.transaction, message)
    # What is written here is erased with the case: no answer is kept that repeats it.
    return Answer(shown, 201, subjects=(case_id(call),), secrets=("text",))


@endpoint(
    "GET",
    "/v1/cases/{id}/messages",
    scope="cases:read",
    roles=READERS,
    ids=ONE,
    query=PageQuery,
    gives={200: CaseMessageView},
    problems=(NotFound, CursorInvalid),
    listing=True,
    logs_read=True,
)
def list_case_messages(call: Call) -> Answer:
    """What worker and case team wrote, oldest first; for assigned CSOs too. Logged."""
    case = get_case(call.transaction, call.path["id"])
    statement = select(CaseMessage).where(CaseMessage.case_id == case.id)
    keys = (CaseMessage.n, CaseMessage.id)
    found = page(call.transaction, statement, keys, f"messages of {case.id}", call.query)
    shown = found.showing(lambda message: _shown(call.transaction, message))
    return Answer(shown, subjects=(case_id(call),))


def _shown(transaction: Transaction, message: CaseMessage) -> dict[str, Any]:
    hidden = () if transaction.context.is_institute else INTERNAL
    told = {name: each for name, each in message.members().items() if name not in hidden}
    return told | {"text": words_of(transaction, message)}


ENDPOINTS = (make_receipt_code, revoke_receipt_code, write_to_worker, list_case_messages)
