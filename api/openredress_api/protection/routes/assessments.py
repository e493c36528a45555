"""Safety assessments of a case."""

from __future__ import annotations

from openredress_api.cases import CaseVoided
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import CursorInvalid, NotFound, NotPermitted
from openredress_api.protection.actions import assessments as actions
from openredress_api.protection.routes.doors import CASE, acting, reading
from openredress_api.protection.schemas import SafetyAssessmentBody, SafetyAssessmentView
from openredress_api.protection.tables import SafetyAssessment


@acting(
    "POST",
    "/v1/cases/{id}/safety-assessments",
    scope="cases:write",
    ids=CASE,
    takes=SafetyAssessmentBody,
    gives={201: SafetyAssessmentView},
    problems=(NotFound, NotPermitted, CaseVoided),
)
def add_safety_assessment(call: Call) -> Answer:
    """Say whether a grave case may reach its supplier or an agency; the last word counts."""
    made = actions.assess(call.transaction, call.path["id"], call.body)
    subjects = (encode("saf", made.id), encode("case", made.case_id))
    return Answer(made, 201, version=1, subjects=subjects)


@reading(
    "GET",
    "/v1/cases/{id}/safety-assessments",
    scope="cases:read",
    ids=CASE,
    query=PageQuery,
    gives={200: SafetyAssessmentView},
    problems=(NotFound, CursorInvalid),
    listing=True,
)
def list_safety_assessments(call: Call) -> Answer:
    """The assessments of a case, oldest first. The read is logged."""
    case_id = call.path["id"]
    statement = actions.assessments_of(call.transaction, case_id)
    keys = (SafetyAssessment.assessed_at, SafetyAssessment.id)
    found = page(call.transaction, statement, keys, f"assessments of {case_id}", call.query)
    return Answer(found, subjects=(encode("case", case_id),))


ENDPOINTS = (add_safety_assessment, list_safety_assessments)
