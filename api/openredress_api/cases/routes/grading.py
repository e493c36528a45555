"""Severity and observations on the wire."""

from __future__ import annotations

from sqlalchemy import select

from openredress_api.cases.actions import grading
from openredress_api.cases.actions.rows import CaseMerged, CaseVoided, get_case, with_duplicates
from openredress_api.cases.routes import life
from openredress_api.cases.routes.showing import INSTITUTE, ONE, case_answer, case_id, endpoint
from openredress_api.cases.schemas.grading import (
    ObservationBody,
    ObservationView,
    ObservationVoidBody,
    SeverityBody,
    SeverityChangeView,
)
from openredress_api.cases.schemas.life import CaseView
from openredress_api.cases.tables import CaseObservation, CaseSeverityChange
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import (
    CursorInvalid,
    NotFound,
    NotPermitted,
    PreconditionFailed,
)


@endpoint(
    "POST",
    "/v1/cases/{id}/severity",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=SeverityBody,
    gives={200: CaseView},
    problems=(
        NotFound,
        NotPermitted,
        PreconditionFailed,
        CaseVoided,
        CaseMerged,
        grading.SeverityUnchanged,
        grading.ObservationsStand,
    ),
    idempotency="required",
    reread=life.get_case,
)
def change_case_severity(call: Call) -> Answer:
    """Raise or lower a severity, with reasons; from s1 and s2 a second person lowers it."""
    case = grading.change_severity(call.transaction, call.path["id"], call.body, call.if_match)
    return case_answer(call.transaction, case)


@endpoint(
    "GET",
    "/v1/cases/{id}/severity-changes",
    scope="cases:read",
    roles=INSTITUTE,
    ids=ONE,
    query=PageQuery,
    gives={200: SeverityChangeView},
    problems=(NotFound, CursorInvalid),
    listing=True,
    logs_read=True,
)
def list_case_severity_changes(call: Call) -> Answer:
    """How grave a case was held to be, by whom and why, oldest first. The read is logged."""
    case = get_case(call.transaction, call.path["id"])
    statement = select(CaseSeverityChange).where(CaseSeverityChange.case_id == case.id)
    keys = (CaseSeverityChange.n, CaseSeverityChange.id)
    found = page(call.transaction, statement, keys, f"severity of {case.id}", call.query)
    return Answer(found, subjects=(case_id(call),))


@endpoint(
    "POST",
    "/v1/cases/{id}/observations",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=ObservationBody,
    gives={201: ObservationView},
    problems=(NotFound, CaseVoided, CaseMerged),
    idempotency="required",
)
def record_observation(call: Call) -> Answer:
    """Record an indicator of forced labour; the severity rises to what all of them demand."""
    made = grading.observe(call.transaction, call.path["id"], call.body)
    return Answer(made, 201, version=1, subjects=(case_id(call), encode("obs", made.id)))


@endpoint(
    "GET",
    "/v1/cases/{id}/observations",
    scope="cases:read",
    roles=INSTITUTE,
    ids=ONE,
    query=PageQuery,
    gives={200: ObservationView},
    problems=(NotFound, CursorInvalid),
    listing=True,
    logs_read=True,
)
def list_observations(call: Call) -> Answer:
    """What was observed in a case and its duplicates, oldest first. The read is logged."""
    case = get_case(call.transaction, call.path["id"])
    every = with_duplicates(call.transaction, case.id)
    statement = select(CaseObservation).where(CaseObservation.case_id.in_(every))
    keys = (CaseObservation.recorded_at, CaseObservation.id)
    found = page(call.transaction, statement, keys, f"observations of {case.id}", call.query)
    return Answer(found, subjects=(case_id(call),))


@endpoint(
    "POST",
    "/v1/observations/{id}/void",
    scope="cases:write",
    roles=INSTITUTE,
    ids={"id": "obs"},
    takes=ObservationVoidBody,
    gives={200: ObservationView},
    problems=(NotFound, PreconditionFailed, CaseVoided, grading.ObservationVoided),
    idempotency="required",
)
def void_observation(call: Call) -> Answer:
    """Void an observation that should never have been; the severity stays as it is."""
    observation_id, reason = call.path["id"], call.body["reason"]
    made = grading.void_observation(call.transaction, observation_id, reason, call.if_match)
    subjects = (encode("obs", made.id), encode("case", made.case_id))
    return Answer(made, version=made.version, subjects=subjects)


ENDPOINTS = (
    change_case_severity,
    list_case_severity_changes,
    record_observation,
    list_observations,
    void_observation,
)
