"""Routes of requests: asking, planning, and each step up to the end."""

from __future__ import annotations

from functools import partial

from openredress_api import cases
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import Gone, NotFound, StateTransitionNotAllowed
from openredress_api.protection import SafeguardHold, SafetyAssessmentMissing
from openredress_api.remediation import actions, closing, schemas, views
from openredress_api.remediation.routes.doors import BASE, MOVES, answer, endpoint
from openredress_api.remediation.tables import RemediationRequest


@endpoint(
    "GET",
    BASE,
    scope="remediation:read",
    query=schemas.RequestQuery,
    gives={200: schemas.RequestView},
    listing=True,
    logs_read=True,
)
def list_remediation_requests(call: Call) -> Answer:
    """The requests one made, must answer, or is assigned to validate."""
    keys = (RemediationRequest.updated_at, RemediationRequest.id)
    found = page(
        call.transaction,
        actions.requests_where(call.transaction, call.query),
        keys,
        "remediation_requests",
        call.query,
    )
    shown = views.shown(call.transaction, found.data)
    subjects = tuple(encode("rem", one.id) for one in found.data)
    return Answer(found.showing(lambda one: shown[one.id]), subjects=subjects)


@endpoint(
    "GET",
    BASE + "/{id}",
    scope="remediation:read",
    ids={"id": "rem"},
    gives={200: schemas.RequestView},
    problems=(NotFound, Gone),
    logs_read=True,
)
def get_remediation_request(call: Call) -> Answer:
    """One request with its latest plan and the results of its rounds."""
    return answer(call, actions.get_request(call.transaction, call.path["id"]))


@endpoint(
    "POST",
    BASE,
    scope="remediation:request",
    takes=schemas.RequestBody,
    gives={201: schemas.RequestView},
    problems=(
        NotFound,
        SafetyAssessmentMissing,
        SafeguardHold,
        cases.ConsentMissing,
        cases.CaseMerged,
        cases.CaseVoided,
        StateTransitionNotAllowed,
    ),
    idempotency="required",
    reread=get_remediation_request,
)
def request_remediation(call: Call) -> Answer:
    """Ask the supplier of a case's site for a remedy."""
    return answer(call, actions.ask(call.transaction, call.body), 201)


# One step of a request: what every such operation has in common.
act = partial(
    endpoint,
    "POST",
    ids={"id": "rem"},
    gives={200: schemas.RequestView},
    problems=MOVES,
    idempotency="required",
    reread=get_remediation_request,
)
report = partial(act, scope="remediation:report", roles=("supplier",))
decide = partial(act, scope="remediation:request", roles=("institute",))


@report(BASE + "/{id}/acknowledge")
def acknowledge_remediation(call: Call) -> Answer:
    """The supplier says that the request has arrived and is understood."""
    return _step(call, "acknowledged")


@report(BASE + "/{id}/contest", takes=schemas.ContestBody)
def contest_remediation(call: Call) -> Answer:
    """The supplier objects to the request."""
    request_id, reason = call.path["id"], call.body["reason"]
    return answer(call, actions.contest(call.transaction, request_id, reason, call.if_match))


@decide(BASE + "/{id}/reissue")
def reissue_remediation(call: Call) -> Answer:
    """The institute holds to a contested request."""
    return answer(call, actions.ask_again(call.transaction, call.path["id"], call.if_match))


@report(BASE + "/{id}/plan", takes=schemas.PlanBody)
def submit_remediation_plan(call: Call) -> Answer:
    """The supplier says what it will do until when."""
    request_id, plan = call.path["id"], call.body["actions"]
    return answer(call, actions.submit_plan(call.transaction, request_id, plan, call.if_match))


@decide(BASE + "/{id}/plan/agree")
def agree_remediation_plan(call: Call) -> Answer:
    """The institute agrees to the plan."""
    return _step(call, "plan_agreed")


@decide(BASE + "/{id}/plan/return")
def return_remediation_plan(call: Call) -> Answer:
    """The institute asks for a better plan."""
    return answer(call, actions.return_plan(call.transaction, call.path["id"], call.if_match))


@report(BASE + "/{id}/start")
def start_remediation(call: Call) -> Answer:
    """The supplier says that the work has begun."""
    return _step(call, "in_progress")


@decide(BASE + "/{id}/review")
def review_remediation(call: Call) -> Answer:
    """The institute reads the claim and its evidence."""
    return _step(call, "evidence_review")


@decide(BASE + "/{id}/await-validation")
def await_remediation_validation(call: Call) -> Answer:
    """The institute has workers asked."""
    return _step(call, "worker_validation")


@decide(BASE + "/{id}/next-round")
def begin_next_remediation_round(call: Call) -> Answer:
    """The institute opens the next round after a partial or disputed result."""
    return _step(call, "in_progress")


@decide(BASE + "/{id}/close")
def close_remediation(call: Call) -> Answer:
    """Close the request; a case whose requests workers all confirmed in full closes with it."""
    return answer(call, closing.close(call.transaction, call.path["id"], call.if_match))


@decide(BASE + "/{id}/cancel", takes=schemas.CancelBody)
def cancel_remediation(call: Call) -> Answer:
    """Take an open request back; the supplier does not learn why."""
    request_id, reason = call.path["id"], call.body["reason"]
    return answer(call, closing.take_back(call.transaction, request_id, reason, call.if_match))


def _step(call: Call, target: str) -> Answer:
    return answer(call, actions.step(call.transaction, call.path["id"], target, call.if_match))


ENDPOINTS = (
    list_remediation_requests,
    get_remediation_request,
    request_remediation,
    acknowledge_remediation,
    contest_remediation,
    reissue_remediation,
    submit_remediation_plan,
    agree_remediation_plan,
    return_remediation_plan,
    start_remediation,
    review_remediation,
    await_remediation_validation,
    begin_next_remediation_round,
    close_remediation,
    cancel_remediation,
)
