"""Routes of a remedy under way: progress, evidence that is asked for, escalation."""

from __future__ import annotations

from sqlalchemy import select

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import Gone, NotFound, ValidationFailed
from openredress_api.remediation import actions, following, schemas
from openredress_api.remediation.routes.doors import BASE, MOVES, answer, endpoint
from openredress_api.remediation.routes.requests import decide
from openredress_api.remediation.tables import ProgressReport


@endpoint(
    "POST",
    BASE + "/{id}/progress-reports",
    scope="remediation:report",
    ids={"id": "rem"},
    takes=schemas.ProgressBody,
    gives={201: schemas.ProgressView},
    problems=(*MOVES, ValidationFailed),
    idempotency="required",
)
def report_progress(call: Call) -> Answer:
    """Say how one outcome of the plan stands, with files that show it."""
    made = following.report(call.transaction, call.path["id"], call.body, call.if_match)
    return Answer(made, 201, version=1, subjects=(encode("prg", made.id),))


@endpoint(
    "GET",
    BASE + "/{id}/progress-reports",
    scope="remediation:read",
    roles=("institute", "supplier"),
    ids={"id": "rem"},
    query=PageQuery,
    gives={200: schemas.ProgressView},
    problems=(NotFound, Gone),
    listing=True,
    logs_read=True,
)
def list_progress_reports(call: Call) -> Answer:
    """The reports of one request, oldest first."""
    request = actions.get_request(call.transaction, call.path["id"])
    query = select(ProgressReport).where(ProgressReport.request_id == request.id)
    keys = (ProgressReport.at, ProgressReport.id)
    found = page(call.transaction, query, keys, f"progress:{request.id}", call.query)
    return Answer(found, subjects=tuple(encode("prg", one.id) for one in found.data))


@decide(BASE + "/{id}/request-evidence", takes=schemas.DemandBody)
def request_evidence(call: Call) -> Answer:
    """Ask the supplier to show what it says; it answers with a progress report."""
    request_id, purposes = call.path["id"], call.body["purposes"]
    return answer(call, following.demand(call.transaction, request_id, purposes, call.if_match))


@decide(BASE + "/{id}/escalate", takes=schemas.EscalationBody)
def escalate_remediation(call: Call) -> Answer:
    """Go one level further, of three; the supplier is told the level and the reason."""
    request_id, reason = call.path["id"], call.body["reason"]
    return answer(call, following.escalate(call.transaction, request_id, reason, call.if_match))


ENDPOINTS = (report_progress, list_progress_reports, request_evidence, escalate_remediation)
