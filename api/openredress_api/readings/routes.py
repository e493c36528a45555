"""URL table of the log."""

from __future__ import annotations

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call, endpoint
from openredress_api.foundation.problems import CursorInvalid, NotFound
from openredress_api.readings import actions
from openredress_api.readings.schemas import AuditEntryView, AuditQuery


@endpoint(
    "GET",
    "/v1/audit-entries",
    room="readings",
    scope="audit:read",
    query=AuditQuery,
    gives={200: AuditEntryView},
    problems=(CursorInvalid, NotFound),
    listing=True,
)
def list_audit_entries(call: Call) -> Answer:
    """What one's own clients read and did; with `record`, who read that record of one's own."""
    return Answer(actions.entries(call.transaction, call.query))


ENDPOINTS = (list_audit_entries,)
