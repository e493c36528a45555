"""Consent and assignments on the wire."""

from __future__ import annotations

from sqlalchemy import select

from openredress_api.cases.actions import consents
from openredress_api.cases.actions.rows import CaseVoided, get_case
from openredress_api.cases.routes.showing import INSTITUTE, ONE, case_id, endpoint
from openredress_api.cases.schemas.consents import (
    AssignmentBody,
    AssignmentView,
    ConsentBody,
    ConsentView,
)
from openredress_api.cases.tables import CaseConsent
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import CursorInvalid, NotFound


@endpoint(
    "POST",
    "/v1/cases/{id}/consents",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=ConsentBody,
    gives={201: ConsentView},
    problems=(NotFound, CaseVoided),
    idempotency="required",
)
def record_consent(call: Call) -> Answer:
    """Record what a worker allows; anything but a grant revokes referrals that rest on it."""
    answer = consents.record_consent(call.transaction, call.path["id"], call.body)
    return Answer(answer, 201, version=1, subjects=(case_id(call), encode("con", answer.id)))


@endpoint(
    "GET",
    "/v1/cases/{id}/consents",
    scope="cases:read",
    roles=INSTITUTE,
    ids=ONE,
    query=PageQuery,
    gives={200: ConsentView},
    problems=(NotFound, CursorInvalid),
    listing=True,
    logs_read=True,
)
def list_consents(call: Call) -> Answer:
    """Every answer of the worker, oldest first; the last one of a scope counts. Logged."""
    case = get_case(call.transaction, call.path["id"])
    statement = select(CaseConsent).where(CaseConsent.case_id == case.id)
    keys = (CaseConsent.recorded_at, CaseConsent.id)
    found = page(call.transaction, statement, keys, f"consents of {case.id}", call.query)
    return Answer(found, subjects=(case_id(call),))


@endpoint(
    "POST",
    "/v1/cases/{id}/assignments",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=AssignmentBody,
    gives={201: AssignmentView},
    problems=(NotFound, CaseVoided, consents.ConsentMissing, consents.AlreadyAssigned),
    idempotency="required",
)
def assign_case(call: Call) -> Answer:
    """Assign a case to a CSO, which reads it for as long as share_cso is granted."""
    organisation = call.body["organisation"]
    made = consents.assign(call.transaction, call.path["id"], organisation)
    return Answer(made, 201, version=1, subjects=(case_id(call), encode("org", organisation)))


ENDPOINTS = (record_consent, list_consents, assign_case)
