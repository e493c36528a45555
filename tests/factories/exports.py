"""Made-up exports of case registers, in the real shape of the systems that write them.

Headings are those that the systems write; persons, phones and free text are planted where real
exports have them, to see that none of it is taken.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.factories.imports import lines

# What must be nowhere in what is stored, nor in what is found.
PLANTED = (
    *(
        "Somchai",
        "Jaidee",
        "HR-EMP-00042",
        "HR-EMP-00007",
        "+66 81 234 5678",
        "somchai@mill.example",
    ),
    *("Line Leader", "shouted at me", "Theresa Ward", "Gail Lewis", "12 Mill Road"),
)


class Export(NamedTuple):
    """A file as a system writes it, what its sender has to say, and what becomes of it.

    `said` is the sender's own part of the mapping; {site} in it is a site of his. `stored` are the
    records by their external ids, as far as the mapping decides them.
    """

    record: str
    path: str
    octets: bytes
    said: Mapping[str, Any]
    stored: Mapping[str, Mapping[str, Any]]
    format: str = "csv"


def sheet(headings: Sequence[str], *rows: Sequence[object]) -> bytes:
    """A CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows((headings, *rows))
    return out.getvalue().encode()


def _register(ready: str) -> Mapping[str, Any]:
    """A sender of grievances says the site and what his own words of categories mean."""
    words = {"Salary": "wages.late_payment", "Working Hours": "hours.excessive"}
    return {"name": ready, "values": {"category": words}, "constants": {"site": "{site}"}}


# The report view of Frappe HR writes the labels of the fields, its interface their names.
_FRAPPE_LABELS = (
    *("Sr", "ID", "Subject", "Raised By", "Employee Name", "Designation", "Date ", "Status"),
    *("Reports To", "Grievance Against Party", "Grievance Against", "Grievance Type"),
    *("Associated Document Type", "Associated Document", "Description", "Cause of Grievance"),
    *("Resolved By", "Resolution Date", "Employee Responsible ", "Resolution Details"),
    *("Amended From", "Last Updated On"),
)
_RAISED = ("HR-EMP-00042", "Somchai Jaidee", "Line Leader")
_AGAINST = ("HR-EMP-00007", "Employee", "HR-EMP-00007")
_TOLD = ("", "", "He shouted at me, call +66 81 234 5678")
FRAPPE_SHEET = Export(
    "grievance",
    "/v1/grievances",
    sheet(
        _FRAPPE_LABELS,
        (
            *(1, "HR-GRIEV-2026-00001", "Pay of Somchai", *_RAISED, "2026-03-02", "Open"),
            *(*_AGAINST, "Salary", *_TOLD, "", "", "", "", "", "", "2026-03-02 09:12:44.102938"),
        ),
        (
            *(2, "HR-GRIEV-2026-00002", "Sunday shift", *_RAISED, "2026-03-03", "Investigated"),
            *(*_AGAINST, "Working Hours", *_TOLD, "Somchai is right", "", "", "", "", ""),
            "2026-03-09 10:00:00.000000",
        ),
        (
            *(3, "HR-GRIEV-2026-00003", "Late again", *_RAISED, "2026-03-04", "Resolved"),
            *(*_AGAINST, "Salary", *_TOLD, "Bank", "somchai@mill.example", "2026-03-20"),
            *("HR-EMP-00007", "Paid to Somchai", "", "2026-03-20 17:30:01.000001"),
        ),
        (
            *(4, "HR-GRIEV-2026-00004", "Canteen", *_RAISED, "2026-03-05", "Invalid"),
            *(*_AGAINST, "Working Hours", *_TOLD, "", "somchai@mill.example", "2026-03-06"),
            *("", "", "", "2026-03-06 08:00:00.000000"),
        ),
    ),
    _register("frappe_employee_grievance"),
    {
        "HR-GRIEV-2026-00001": {
            "status": "received",
            "category": "wages.late_payment",
            "channel": "hr_system",
            "received_at": "2026-03-01T17:00:00Z",
            "source_updated_at": "2026-03-02T02:12:44.102938Z",
            "resolved_at": None,
        },
        "HR-GRIEV-2026-00002": {"status": "in_investigation", "category": "hours.excessive"},
        "HR-GRIEV-2026-00003": {
            "status": "resolved_reported",
            "resolved_at": "2026-03-19T17:00:00Z",
        },
        "HR-GRIEV-2026-00004": {"status": "closed_unvalidated"},
    },
)
FRAPPE_RECORDS = Export(
    "grievance",
    "/v1/grievances",
    lines(
        [
            {
                "name": "HR-GRIEV-2026-00011",
                "owner": "somchai@mill.example",
                "creation": "2026-03-02 09:12:44.102938",
                "modified": "2026-03-09 10:00:00.000000",
                "modified_by": "somchai@mill.example",
                "docstatus": 0,
                "idx": 0,
                "subject": "Pay of Somchai",
                "raised_by": "HR-EMP-00042",
                "employee_name": "Somchai Jaidee",
                "designation": "Line Leader",
                "date": "2026-03-02",
                "status": "Investigated",
                "reports_to": "HR-EMP-00007",
                "grievance_against_party": "Employee",
                "grievance_against": "HR-EMP-00007",
                "grievance_type": "Salary",
                "description": "He shouted at me, call +66 81 234 5678",
                "resolution_date": None,
                "_assign": None,
            }
        ]
    ),
    _register("frappe_employee_grievance"),
    {
        "HR-GRIEV-2026-00011": {
            "status": "in_investigation",
            "category": "wages.late_payment",
            "received_at": "2026-03-01T17:00:00Z",
            "source_updated_at": "2026-03-09T03:00:00Z",
        }
    },
    "ndjson",
)
# Odoo's helpdesks: the free one of the community, and the one of the Enterprise edition.
ODOO_COMMUNITY = Export(
    "grievance",
    "/v1/grievances",
    sheet(
        (
            *("ID", "Ticket number", "Title", "Stage", "Category", "Channel", "Priority"),
            *("Created on", "Assigned Date", "Closed Date", "Last Updated on", "Company"),
            *("Contact", "Partner Name", "Email", "Assigned user", "Description"),
        ),
        (
            *(7, "HT00007", "Pay of Somchai", "Done", "Salary", "Phone", "Very High"),
            *("2026-03-02 08:00:00", "2026-03-02 09:00:00", "2026-03-12 16:30:00"),
            *("2026-03-12 16:30:00", "The Mill", "Somchai Jaidee", "Somchai Jaidee"),
            *("somchai@mill.example", "Line Leader", "<p>He shouted at me</p>"),
        ),
        (
            *(8, "HT00008", "Sunday shift", "Awaiting", "Working Hours", "", "Low"),
            *("2026-03-03 08:00:00", "", "", "2026-03-04 08:00:00", "The Mill", "Somchai Jaidee"),
            *("Somchai Jaidee", "somchai@mill.example", "", "<p>+66 81 234 5678</p>"),
        ),
    ),
    _register("odoo_helpdesk"),
    {
        "HT00007": {
            "status": "closed_unvalidated",
            "category": "wages.late_payment",
            "channel": "factory_hotline",
            "received_at": "2026-03-02T01:00:00Z",
            "received_at_basis": "stand_in",
            "closed_at": "2026-03-12T09:30:00Z",
            "severity": None,
        },
        "HT00008": {"status": "in_investigation", "channel": "hr_system", "closed_at": None},
    },
)
ODOO_ENTERPRISE = Export(
    "grievance",
    "/v1/grievances",
    sheet(
        (
            *("External ID", "Ticket IDs Sequence", "Created on", "Close date", "Subject"),
            *("Helpdesk Team", "Assigned to", "Customer", "Customer Name", "Customer Email"),
            *("Customer Phone", "Priority", "Stage", "Type", "Tags", "SLA Deadline"),
        ),
        (
            *(
                "__export__.helpdesk_ticket_31",
                "00031",
                "2026-03-02 08:00:00",
                "2026-03-05 08:00:00",
            ),
            *("Pay of Somchai", "Workers' desk", "Line Leader", "Somchai Jaidee", "Somchai Jaidee"),
            *("somchai@mill.example", "+66 81 234 5678", "Urgent", "Solved", "Salary", "", ""),
        ),
        (
            *("__export__.helpdesk_ticket_32", "00032", "2026-03-06 08:00:00", "", "Sunday shift"),
            *("Workers' desk", "", "Somchai Jaidee", "", "", "", "Low priority", "On Hold"),
            *("Working Hours", "", "2026-03-09 08:00:00"),
        ),
    ),
    _register("odoo_helpdesk"),
    {
        "00031": {
            "status": "closed_unvalidated",
            "category": "wages.late_payment",
            "channel": "hr_system",
            "closed_at": "2026-03-05T01:00:00Z",
        },
        "00032": {"status": "in_investigation", "category": "hours.excessive"},
    },
)
TRACKER = Export(
    "grievance",
    "/v1/grievances",
    sheet(
        (
            *("Case ID", "Date received", "Category", "Submitted via", "Status", "Date sent"),
            *("Response", "Date closed", "Complainant", "Phone", "Details", "Handled by"),
        ),
        (
            *("C-1", "13/03/2026", "Salary", "Phone", "In progress", "14/03/2026", "", ""),
            *("Somchai Jaidee", "+66 81 234 5678", "He shouted at me", "Line Leader"),
        ),
        (
            *("C-2", "14/03/2026", "Working Hours", "Postal mail", "", "15/03/2026"),
            *("Closed with explanation", "30/03/2026", "Somchai Jaidee", "", "", ""),
        ),
    ),
    _register("generic_case_tracker"),
    {
        "C-1": {
            "status": "in_investigation",
            "category": "wages.late_payment",
            "channel": "factory_hotline",
            "received_at": "2026-03-12T17:00:00Z",
        },
        "C-2": {
            "status": "closed_unvalidated",
            "channel": "hr_system",
            "closed_at": "2026-03-29T17:00:00Z",
        },
    },
)
TRACKER_RECORDS = Export(
    "grievance",
    "/v1/grievances",
    lines(
        [
            {
                "complaint_id": "3383698",
                "date_received": "2026-03-23",
                "issue": "Salary",
                "complaint_what_happened": "He shouted at me",
                "submitted_via": "Web",
                "company_response": "In progress",
                "tags": [],
            },
            {
                "public_id": "3230138",
                "date_received": "2026-03-24",
                "issue": "Working Hours",
                "submitted_via": "Web",
                "company_response": "Closed with explanation",
            },
        ]
    ),
    _register("generic_case_tracker"),
    {
        "3383698": {"status": "in_investigation", "category": "wages.late_payment"},
        "3230138": {"status": "closed_unvalidated", "category": "hours.excessive"},
    },
    "ndjson",
)
REGISTERS = {
    "frappe_sheet": FRAPPE_SHEET,
    "frappe_records": FRAPPE_RECORDS,
    "odoo_community": ODOO_COMMUNITY,
    "odoo_enterprise": ODOO_ENTERPRISE,
    "tracker": TRACKER,
    "tracker_records": TRACKER_RECORDS,
}
