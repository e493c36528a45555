"""The life of cases on the wire."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from openredress_api.cases.actions import life, opening, rows
from openredress_api.cases.actions.rows import CaseMerged, CaseVoided
from openredress_api.cases.routes.showing import (
    INSTITUTE,
    ONE,
    READERS,
    case_answer,
    case_id,
    endpoint,
    shown,
)
from openredress_api.cases.schemas.life import (
    CaseBody,
    CaseIssueBody,
    CaseIssueView,
    CaseMergeBody,
    CaseQuery,
    CaseStatusChangeBody,
    CaseStatusChangeView,
    CaseView,
    CaseVoidBody,
)
from openredress_api.cases.tables import CaseRecord, CaseStatusChange
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import (
    CursorInvalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    StateTransitionNotAllowed,
)


@endpoint(
    "GET",
    "/v1/cases/{id}",
    scope="cases:read",
    roles=READERS,
    ids=ONE,
    gives={200: CaseView},
    problems=(NotFound,),
    logs_read=True,
)
def get_case(call: Call) -> Answer:
    """One case with its issues; for the institute and assigned CSOs. The read is logged."""
    return case_answer(call.transaction, rows.get_case(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    "/v1/cases",
    scope="cases:read",
    roles=READERS,
    query=CaseQuery,
    gives={200: CaseView},
    problems=(CursorInvalid,),
    listing=True,
    logs_read=True,
)
def list_cases(call: Call) -> Answer:
    """The cases the caller may see, by their last change. The read is logged."""
    keys = (CaseRecord.updated_at, CaseRecord.id)
    found = page(call.transaction, life.cases_where(call.query), keys, "cases", call.query)
    views = shown(call.transaction, found.data)
    subjects = tuple(encode("case", case.id) for case in found.data)
    return Answer(found.showing(lambda case: views[case.id]), subjects=subjects)


@endpoint(
    "POST",
    "/v1/cases",
    scope="cases:write",
    roles=INSTITUTE,
    takes=CaseBody,
    gives={201: CaseView},
    idempotency="required",
    reread=get_case,
)
def open_case(call: Call) -> Answer:
    """Open a case with one issue per category."""
    return case_answer(call.transaction, opening.open_case(call.transaction, call.body), 201)


@endpoint(
    "POST",
    "/v1/cases/{id}/issues",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=CaseIssueBody,
    gives={201: CaseIssueView},
    problems=(NotFound, CaseVoided, CaseMerged, opening.IssueExists),
    idempotency="required",
)
def add_case_issue(call: Call) -> Answer:
    """Add an issue of a category to a case."""
    issue = opening.add_issue(call.transaction, call.path["id"], call.body["category"])
    return Answer(issue, 201, version=1, subjects=(case_id(call), encode("iss", issue.id)))


@endpoint(
    "POST",
    "/v1/cases/{id}/status-changes",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=CaseStatusChangeBody,
    gives={200: CaseView},
    problems=(
        NotFound,
        PreconditionRequired,
        PreconditionFailed,
        StateTransitionNotAllowed,
        CaseVoided,
    ),
    idempotency="required",
    if_match=True,
    reread=get_case,
)
def change_case_status(call: Call) -> Answer:
    """Move a case one step; closed_validated is reached through a validation only."""
    case = life.change_status(call.transaction, call.path["id"], call.body, call.if_match)
    return case_answer(call.transaction, case)


@endpoint(
    "GET",
    "/v1/cases/{id}/status-changes",
    scope="cases:read",
    roles=INSTITUTE,
    ids=ONE,
    query=PageQuery,
    gives={200: CaseStatusChangeView},
    problems=(NotFound, CursorInvalid),
    listing=True,
    logs_read=True,
)
def list_case_status_changes(call: Call) -> Answer:
    """The steps a case took, oldest first. The read is logged."""
    case = rows.get_case(call.transaction, call.path["id"])
    statement = select(CaseStatusChange).where(CaseStatusChange.case_id == case.id)
    keys = (CaseStatusChange.changed_at, CaseStatusChange.id)
    found = page(call.transaction, statement, keys, f"changes of {case.id}", call.query)
    return Answer(found, subjects=(case_id(call),))


@endpoint(
    "POST",
    "/v1/cases/{id}/void",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=CaseVoidBody,
    gives={200: CaseView},
    problems=(NotFound, PreconditionFailed, StateTransitionNotAllowed, CaseVoided),
    idempotency="required",
    reread=get_case,
)
def void_case(call: Call) -> Answer:
    """Void a case that should never have been; open referrals that rest on it are revoked."""
    reason, seen = call.body["reason"], call.if_match
    case = life.void_case(call.transaction, call.path["id"], reason, seen)
    return case_answer(call.transaction, case)


@endpoint(
    "POST",
    "/v1/cases/{id}/merge",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=CaseMergeBody,
    gives={200: CaseView},
    problems=(NotFound, PreconditionFailed, StateTransitionNotAllowed, CaseVoided),
    idempotency="required",
    reread=get_case,
)
def merge_case(call: Call) -> Answer:
    """End a duplicate; all but its consents, messages and referrals counts at the other case."""
    case = life.merge(call.transaction, call.path["id"], call.body["into"], call.if_match)
    into = encode("case", call.body["into"])
    return replace(case_answer(call.transaction, case), subjects=(case_id(call), into))


ENDPOINTS = (
    get_case,
    list_cases,
    open_case,
    add_case_issue,
    change_case_status,
    list_case_status_changes,
    void_case,
    merge_case,
)
