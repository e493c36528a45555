"""URL table of cases: one short function per route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select

from openredress_api.cases import actions
from openredress_api.cases.schemas import (
    AssignmentBody,
    AssignmentView,
    CaseBody,
    CaseIssueBody,
    CaseIssueView,
    CaseQuery,
    CaseStatusChangeBody,
    CaseStatusChangeView,
    CaseView,
    CaseVoidBody,
    ConsentBody,
    ConsentView,
)
from openredress_api.cases.tables import CaseConsent, CaseRecord, CaseStatusChange
from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.database import Transaction
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

endpoint = partial(doors.endpoint, room="cases")
ONE = {"id": "case"}
INSTITUTE = ("institute",)
# What tells when a worker turned to the institute, and its own reference, never leave it.
INTERNAL = ("received_at", "received_at_basis", "external_ref", "created_at")


@endpoint(
    "GET",
    "/v1/cases/{id}",
    scope="cases:read",
    roles=("institute", "cso"),
    ids=ONE,
    gives={200: CaseView},
    problems=(NotFound,),
    logs_read=True,
)
def get_case(call: Call) -> Answer:
    """One case with its issues; for the institute and assigned CSOs. The read is logged."""
    return _case(call.transaction, actions.get_case(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    "/v1/cases",
    scope="cases:read",
    roles=("institute", "cso"),
    query=CaseQuery,
    gives={200: CaseView},
    problems=(CursorInvalid,),
    listing=True,
    logs_read=True,
)
def list_cases(call: Call) -> Answer:
    """The cases the caller may see, by their last change. The read is logged."""
    keys = (CaseRecord.updated_at, CaseRecord.id)
    found = page(call.transaction, actions.cases_where(call.query), keys, "cases", call.query)
    shown = _shown(call.transaction, found.data)
    subjects = tuple(encode("case", case.id) for case in found.data)
    return Answer(found.showing(lambda case: shown[case.id]), subjects=subjects)


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
    return _case(call.transaction, actions.open_case(call.transaction, call.body), 201)


@endpoint(
    "POST",
    "/v1/cases/{id}/issues",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=CaseIssueBody,
    gives={201: CaseIssueView},
    problems=(NotFound, actions.CaseVoided, actions.IssueExists),
    idempotency="required",
)
def add_case_issue(call: Call) -> Answer:
    """Add an issue of a category to a case."""
    issue = actions.add_issue(call.transaction, call.path["id"], call.body["category"])
    return Answer(issue, 201, version=1, subjects=(_id(call), encode("iss", issue.id)))


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
        actions.CaseVoided,
    ),
    idempotency="required",
    if_match=True,
    reread=get_case,
)
def change_case_status(call: Call) -> Answer:
    """Move a case one step; closed_validated is reached through a validation only."""
    case = actions.change_status(call.transaction, call.path["id"], call.body, call.if_match)
    return _case(call.transaction, case)


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
    case = actions.get_case(call.transaction, call.path["id"])
    statement = select(CaseStatusChange).where(CaseStatusChange.case_id == case.id)
    keys = (CaseStatusChange.changed_at, CaseStatusChange.id)
    found = page(call.transaction, statement, keys, f"changes of {case.id}", call.query)
    return Answer(found, subjects=(_id(call),))


@endpoint(
    "POST",
    "/v1/cases/{id}/void",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=CaseVoidBody,
    gives={200: CaseView},
    problems=(NotFound, PreconditionFailed, actions.CaseVoided),
    idempotency="required",
    reread=get_case,
)
def void_case(call: Call) -> Answer:
    """Void a case that should never have been; open referrals that rest on it are revoked."""
    reason, seen = call.body["reason"], call.if_match
    case = actions.void_case(call.transaction, call.path["id"], reason, seen)
    return _case(call.transaction, case)


@endpoint(
    "POST",
    "/v1/cases/{id}/consents",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=ConsentBody,
    gives={201: ConsentView},
    problems=(NotFound, actions.CaseVoided),
    idempotency="required",
)
def record_consent(call: Call) -> Answer:
    """Record what a worker allows; anything but a grant revokes referrals that rest on it."""
    answer = actions.record_consent(call.transaction, call.path["id"], call.body)
    return Answer(answer, 201, version=1, subjects=(_id(call), encode("con", answer.id)))


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
    case = actions.get_case(call.transaction, call.path["id"])
    statement = select(CaseConsent).where(CaseConsent.case_id == case.id)
    keys = (CaseConsent.recorded_at, CaseConsent.id)
    found = page(call.transaction, statement, keys, f"consents of {case.id}", call.query)
    return Answer(found, subjects=(_id(call),))


@endpoint(
    "POST",
    "/v1/cases/{id}/assignments",
    scope="cases:write",
    roles=INSTITUTE,
    ids=ONE,
    takes=AssignmentBody,
    gives={201: AssignmentView},
    problems=(NotFound, actions.CaseVoided, actions.ConsentMissing, actions.AlreadyAssigned),
    idempotency="required",
)
def assign_case(call: Call) -> Answer:
    """Assign a case to a CSO, which reads it for as long as share_cso is granted."""
    organisation = call.body["organisation"]
    made = actions.assign(call.transaction, call.path["id"], organisation)
    return Answer(made, 201, version=1, subjects=(_id(call), encode("org", organisation)))


def _id(call: Call) -> str:
    return encode("case", call.path["id"])


def _case(transaction: Transaction, case: CaseRecord, status: int = 200) -> Answer:
    case_id = encode("case", case.id)
    return Answer(
        _shown(transaction, [case])[case.id],
        status,
        version=case.version,
        location=f"/v1/cases/{case_id}",
        subjects=(case_id,),
    )


def _shown(transaction: Transaction, cases: Sequence[CaseRecord]) -> Mapping[Any, Any]:
    """Each case with its issues, as far as the caller may see it, by id."""
    hidden = () if transaction.context.is_institute else INTERNAL
    shown: dict[Any, dict[str, Any]] = {}
    for case in cases:
        told = {name: each for name, each in case.members().items() if name not in hidden}
        shown[case.id] = told | {"issues": []}
    for issue in actions.issues_of(transaction, list(shown)):
        shown[issue.case_id]["issues"].append(issue)
    return shown


ENDPOINTS = (
    get_case,
    list_cases,
    open_case,
    add_case_issue,
    change_case_status,
    list_case_status_changes,
    void_case,
    record_consent,
    list_consents,
    assign_case,
)
