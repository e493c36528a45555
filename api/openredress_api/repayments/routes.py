"""URL table of agreements to pay what is owed: one short function per route."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from openredress_api import cases
from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import (
    Gone,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.protection import SafeguardHold, SafetyAssessmentMissing
from openredress_api.repayments import actions, payments, schemas, views
from openredress_api.repayments.tables import (
    RepaymentAgreement,
    RepaymentPayment,
    RepaymentValidation,
)

endpoint = partial(doors.endpoint, room="repayments")
BASE = "/v1/repayment-agreements"
MOVES = (NotFound, Gone, StateTransitionNotAllowed, PreconditionFailed)


@endpoint(
    "GET",
    BASE + "/proposal",
    scope="remediation:request",
    roles=("institute",),
    query=schemas.RepaymentProposalQuery,
    gives={200: schemas.RepaymentProposal},
    problems=(ValidationFailed,),
    versioned=False,
    logs_read=True,
)
def propose_repayment(call: Call) -> Answer:
    """What may be owed at a site or through an agency, as workers and agencies state it."""
    site, agency = call.query.get("site"), call.query.get("agency")
    subjects = [encode(kind, one) for kind, one in (("site", site), ("org", agency)) if one]
    found = actions.proposal(call.transaction, site, agency)
    return Answer(found, subjects=tuple(subjects))


@endpoint(
    "GET",
    BASE,
    scope="remediation:read",
    query=schemas.RepaymentQuery,
    gives={200: schemas.RepaymentAgreementView},
    listing=True,
    logs_read=True,
)
def list_repayment_agreements(call: Call) -> Answer:
    """The agreements one wrote, is to pay, or is assigned to validate."""
    statement = actions.agreements_where(call.transaction, call.query)
    keys = (RepaymentAgreement.updated_at, RepaymentAgreement.id)
    found = page(call.transaction, statement, keys, "repayment_agreements", call.query)
    shown = views.shown(call.transaction, found.data)
    subjects = tuple(encode("rpa", one.id) for one in found.data)
    return Answer(found.showing(lambda one: shown[one.id]), subjects=subjects)


@endpoint(
    "GET",
    BASE + "/{id}",
    scope="remediation:read",
    ids={"id": "rpa"},
    gives={200: schemas.RepaymentAgreementView},
    problems=(NotFound, Gone),
    logs_read=True,
)
def get_repayment_agreement(call: Call) -> Answer:
    """One agreement with its groups and instalments."""
    return _answer(call, actions.get_agreement(call.transaction, call.path["id"]))


@endpoint(
    "POST",
    BASE,
    scope="remediation:request",
    roles=("institute",),
    takes=schemas.RepaymentAgreementBody,
    gives={201: schemas.RepaymentAgreementView},
    idempotency="required",
    reread=get_repayment_agreement,
)
def draft_repayment_agreement(call: Call) -> Answer:
    """Write what a payer is to repay; nobody else sees it before it is offered."""
    return _answer(call, actions.draft(call.transaction, call.body), 201)


# One step of an agreement: what every such operation has in common.
act = partial(
    endpoint,
    "POST",
    ids={"id": "rpa"},
    gives={200: schemas.RepaymentAgreementView},
    idempotency="required",
    reread=get_repayment_agreement,
)
answer = partial(act, scope="remediation:report", problems=MOVES)
decide = partial(act, scope="remediation:request", problems=MOVES)


@act(
    BASE + "/{id}/offer",
    scope="remediation:request",
    problems=(
        *MOVES,
        cases.ConsentMissing,
        cases.CaseVoided,
        SafetyAssessmentMissing,
        SafeguardHold,
    ),
)
def offer_repayment_agreement(call: Call) -> Answer:
    """Ask the payer to agree, or ask again after its objection."""
    return _answer(call, actions.offer(call.transaction, call.path["id"], call.if_match))


@answer(BASE + "/{id}/accept")
def accept_repayment_agreement(call: Call) -> Answer:
    """The payer agrees."""
    return _answer(call, actions.accept(call.transaction, call.path["id"], call.if_match))


@answer(BASE + "/{id}/contest", takes=schemas.RepaymentContestBody)
def contest_repayment_agreement(call: Call) -> Answer:
    """The payer objects; the institute offers again or takes the agreement back."""
    agreement_id, reason = call.path["id"], call.body["reason"]
    return _answer(call, actions.contest(call.transaction, agreement_id, reason, call.if_match))


@decide(BASE + "/{id}/close")
def close_repayment_agreement(call: Call) -> Answer:
    """Close what is completed, or of which nothing is left but workers nobody could ask."""
    return _answer(call, actions.close(call.transaction, call.path["id"], call.if_match))


@decide(BASE + "/{id}/cancel", takes=schemas.RepaymentCancelBody)
def cancel_repayment_agreement(call: Call) -> Answer:
    """Take an open agreement back; the payer does not learn why."""
    agreement_id, reason = call.path["id"], call.body["reason"]
    return _answer(call, actions.take_back(call.transaction, agreement_id, reason, call.if_match))


@endpoint(
    "GET",
    BASE + "/{id}/balance",
    scope="remediation:read",
    ids={"id": "rpa"},
    gives={200: schemas.RepaymentBalance},
    problems=(NotFound, Gone),
    versioned=False,
    logs_read=True,
)
def get_repayment_balance(call: Call) -> Answer:
    """Agreed, claimed, validated, outstanding and overdue, worked out at this moment."""
    agreement = actions.get_agreement(call.transaction, call.path["id"])
    subjects = (encode("rpa", agreement.id),)
    return Answer(views.balance(call.transaction, agreement), subjects=subjects)


@endpoint(
    "GET",
    BASE + "/{id}/payments",
    scope="remediation:read",
    ids={"id": "rpa"},
    query=PageQuery,
    gives={200: schemas.RepaymentView},
    problems=(NotFound, Gone),
    listing=True,
    logs_read=True,
)
def list_repayments(call: Call) -> Answer:
    """What the payer says it has paid, oldest claim first, those that were replaced too."""
    agreement = actions.get_agreement(call.transaction, call.path["id"])
    query = select(RepaymentPayment).where(RepaymentPayment.agreement_id == agreement.id)
    keys = (RepaymentPayment.reported_at, RepaymentPayment.id)
    found = page(call.transaction, query, keys, f"repayments:{agreement.id}", call.query)
    shown = views.payments(call.transaction, agreement, found.data)
    subjects = tuple(encode("pay", one.id) for one in found.data)
    return Answer(found.showing(lambda one: shown[one.id]), subjects=subjects)


@endpoint(
    "GET",
    BASE + "/{id}/payments/{payment}",
    scope="remediation:read",
    ids={"id": "rpa", "payment": "pay"},
    gives={200: schemas.RepaymentView},
    problems=(NotFound, Gone),
    versioned=False,
    logs_read=True,
)
def get_repayment(call: Call) -> Answer:
    """One claim of a payer, and what became of it."""
    agreement_id, payment_id = call.path["id"], call.path["payment"]
    agreement = actions.get_agreement(call.transaction, agreement_id)
    found = payments.get_payment(call.transaction, agreement_id, payment_id)
    return _payment(call, agreement, found)


@endpoint(
    "POST",
    BASE + "/{id}/payments",
    scope="remediation:report",
    ids={"id": "rpa"},
    takes=schemas.RepaymentBody,
    gives={201: schemas.RepaymentView},
    problems=MOVES,
    versioned=False,
    idempotency="required",
)
def report_repayment(call: Call) -> Answer:
    """The payer says what it has paid in all of an instalment; workers are asked next."""
    agreement_id = call.path["id"]
    made = payments.pay(call.transaction, agreement_id, call.body, call.if_match)
    agreement = actions.get_agreement(call.transaction, agreement_id)
    return _payment(call, agreement, made, 201)


@endpoint(
    "POST",
    BASE + "/{id}/payments/{payment}/validations",
    scope="validations:write",
    roles=("institute", "cso"),
    ids={"id": "rpa", "payment": "pay"},
    takes=schemas.RepaymentValidationBody,
    gives={201: schemas.RepaymentValidationView},
    problems=(*MOVES, NotPermitted, ValidationFailed),
    idempotency="required",
)
def validate_repayment(call: Call) -> Answer:
    """Record what workers said of the newest claim; the published rule gives the result."""
    said = payments.validate(
        call.transaction, call.path["id"], call.path["payment"], call.body, call.if_match
    )
    return Answer(said, 201, version=1, subjects=(encode("rpv", said.id),))


@endpoint(
    "GET",
    BASE + "/{id}/payments/{payment}/validations",
    scope="remediation:read",
    roles=("institute", "cso"),
    ids={"id": "rpa", "payment": "pay"},
    query=PageQuery,
    gives={200: schemas.RepaymentValidationView},
    problems=(NotFound, Gone),
    listing=True,
    logs_read=True,
)
def list_repayment_validations(call: Call) -> Answer:
    """What workers said of one claim, oldest first."""
    agreement_id, payment_id = call.path["id"], call.path["payment"]
    actions.get_agreement(call.transaction, agreement_id)
    payment = payments.get_payment(call.transaction, agreement_id, payment_id)
    query = select(RepaymentValidation).where(RepaymentValidation.payment_id == payment.id)
    keys = (RepaymentValidation.recorded_at, RepaymentValidation.id)
    found = page(call.transaction, query, keys, f"said_of:{payment.id}", call.query)
    return Answer(found, subjects=tuple(encode("rpv", one.id) for one in found.data))


def _answer(call: Call, agreement: RepaymentAgreement, status: int = 200) -> Answer:
    agreement_id = encode("rpa", agreement.id)
    return Answer(
        views.shown(call.transaction, [agreement])[agreement.id],
        status,
        version=agreement.version,
        location=f"{BASE}/{agreement_id}",
        subjects=(agreement_id,),
    )


def _payment(
    call: Call, agreement: RepaymentAgreement, payment: RepaymentPayment, status: int = 200
) -> Answer:
    payment_id = encode("pay", payment.id)
    return Answer(
        views.payments(call.transaction, agreement, [payment])[payment.id],
        status,
        location=f"{BASE}/{encode('rpa', agreement.id)}/payments/{payment_id}",
        subjects=(payment_id,),
    )


ENDPOINTS = (
    propose_repayment,
    list_repayment_agreements,
    get_repayment_agreement,
    draft_repayment_agreement,
    offer_repayment_agreement,
    accept_repayment_agreement,
    contest_repayment_agreement,
    close_repayment_agreement,
    cancel_repayment_agreement,
    get_repayment_balance,
    list_repayments,
    get_repayment,
    report_repayment,
    validate_repayment,
    list_repayment_validations,
)
