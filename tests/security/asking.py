"""How a cell of the matrix asks, and when two answers are the same to whoever asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from marshmallow import Schema
from marshmallow import fields as marshmallow_fields
from sqlalchemy import text
from werkzeug.test import TestResponse

from openredress_api.access.scopes import ALL_SCOPES
from openredress_api.app import ENDPOINTS
from openredress_api.foundation.fields import Identifier, Items
from openredress_api.foundation.identifiers import encode
from openredress_openapi.operations import Operation
from tests.factories import (
    cases,
    evidence,
    imports,
    mechanisms,
    protection,
    registers,
    remediation,
    repayments,
)
from tests.factories.estate import (
    INTERVIEW,
    JOB_ORDER,
    LEGAL,
    LICENCE,
    LISTING,
    PLACEMENT,
    Estate,
)
from tests.factories.parties import Party
from tests.security.oracle import TABLES

OPERATIONS = tuple(one.operation for one in ENDPOINTS if one.operation.authenticated)
# Values of path parameters that are no ids: the same for everybody.
CODES = {"code": "M08"}
# What a writing operation takes beside ids; an operation without its row here fails the matrix.
BODIES: Mapping[str, Mapping[str, Any]] = {
    "put_site": {"name": "Site", "country": "TH", "time_zone": "Asia/Bangkok"},
    "state_relation": {"valid_from": "2020-01-01"},
    "put_grievance": registers.grievance(""),
    "change_grievance_status": {"to": "triaged"},
    "void_grievance": {"reason": "entered_twice"},
    "merge_grievance": {},
    "put_headcount": {"total": 100, "source": "payroll"},
    "put_mechanism": mechanisms.MECHANISM,
    "put_contact_volume": mechanisms.VOLUME,
    "put_engagement_event": mechanisms.EVENT,
    "put_awareness_survey": mechanisms.SURVEY,
    "put_reachability_probe": mechanisms.PROBE,
    "put_placement": PLACEMENT | {"worker_pseudonym": "worker-1"},
    "add_worker_statement": {
        "stated_on": "2026-03-02",
        "method": "in_person",
        "share_in_aggregates": True,
    },
    "void_placement": {"reason": "entered_twice"},
    "add_interview": INTERVIEW,
    "put_job_order": JOB_ORDER,
    "put_recruiter_listing": LISTING,
    "put_register_entry": LICENCE,
    "announce_evidence": evidence.body(evidence.NOTE, "text/plain"),
    "void_evidence": {"reason": "entered_twice"},
    "announce_import": imports.told(b"x"),
    "commit_import": {},
    "put_import_mapping": {"columns": {"Shop floor": "site"}},
    "open_case": cases.CASE,
    "add_case_issue": {"category": "osh.injury"},
    "change_case_status": {"to": "triaged"},
    "void_case": {"reason": "entered_twice"},
    "record_consent": {
        "scope": "share_cso",
        "state": "granted",
        "method": "spoken",
        "language": "my",
    },
    "assign_case": {},
    "record_contact": cases.ARRIVAL,
    "change_case_severity": {"severity": "s2_severe", "reasons": ["many_workers"]},
    "record_observation": cases.OBSERVATION,
    "void_observation": {"reason": "entered_by_mistake"},
    "set_safe_contact": cases.SAFE_CONTACT,
    "write_to_worker": {"text": "Please call us."},
    "merge_case": {},
    "open_follow_up": {"code": "0000000000000000"},
    "send_follow_up": {"code": "0000000000000000", "text": "Is there any news?"},
    "add_safety_assessment": protection.ASSESSMENT,
    "record_check_back": protection.WELL,
    "clear_site_hold": {"reason": "not_confirmed"},
    "add_case_worker": protection.WORKER,
    "request_identity": {"purpose": "contact"},
    "draft_referral": {"purpose": "remediate", "summary": cases.SUMMARY},
    "replace_referral_draft": {"purpose": "remediate", "summary": cases.SUMMARY},
    "ask_onward_referral": cases.ONWARD,
    "decline_referral": {"reason": "no_capacity"},
    "respond_to_referral": {"outcomes": ["wages_paid"]},
    "revoke_referral": {"reason": "duplicate"},
    "request_remediation": {"asked_outcome": "wages_paid", "workers": 14},
    "contest_remediation": {"reason": "not_our_worker"},
    "submit_remediation_plan": remediation.PLAN,
    "cancel_remediation": {"reason": "duplicate"},
    "claim_completion": remediation.CLAIM,
    "record_validation": remediation.SAID,
    "report_progress": {"planned_outcome": "wages_paid", "state": "done"},
    "request_evidence": {"purposes": ["payslip"]},
    "escalate_remediation": {"reason": "no_answer"},
    "respond_to_workers": {"text": "Wages are paid on Friday."},
    "respond_to_referred_workers": {"text": "Wages are paid on Friday."},
    "return_response": {"reason": "not_agreed"},
    "invite_sponsor": {},
    "decide_duplicate": {"decision": "different"},
    "state_systemic_action": {
        "kind": "training",
        "categories": ["wages.withheld"],
        "effective_on": "2026-03-01",
    },
    "judge_systemic_action": {"verdict": "verified", "method": "in_person"},
    "request_erasure": {},
    "record_legal_request": LEGAL,
    "decide_legal_request": {"decision": "refused", "workers_told": "yes"},
    "draft_repayment_agreement": repayments.TERMS,
    "contest_repayment_agreement": {"reason": "no_capacity"},
    "cancel_repayment_agreement": {"reason": "duplicate"},
    "report_repayment": repayments.PAID,
    "validate_repayment": repayments.SAID,
    "complete_task": {"note_code": "done"},
    "draft_metric_release": {"period": "2019-Q1"},
    "create_webhook_endpoint": {"url": "https://example.org/x", "event_patterns": ["*"]},
    "update_webhook_endpoint": {"description": "Another"},
    "resume_webhook_endpoint": {"events": "none"},
    "rotate_webhook_secret": {"overlap_hours": 0},
    "replay_webhook_events": {"only": "all"},
    "create_event_consumer": {"name": "matrix"},
    "commit_event_consumer": {"position": "1"},
    "seek_event_consumer": {"position": "1"},
    "trigger_sandbox_event": {"type": "metrics.published"},
}
QUERY = {
    "external_id": "matrix",
    "source_system": "matrix",
    "month": "2026-04",
    "channel_class": "operational",
    "offset": "0",
    "record": "grievance",
}
_REQUEST = "matrix"
_UNLIKE = ("Date", "Content-Length")


@dataclass(frozen=True)
class Asked:
    """One call of an operation: its path values, query, body and headers."""

    operation: Operation
    ids: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = ""

    @property
    def path(self) -> str:
        """The address with its query."""
        path = re.sub(r"\{(\w+)\}", lambda found: self.ids[found[1]], self.operation.path)
        asked = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{path}?{asked}" if asked else path

    def by(self, caller: Party) -> TestResponse:
        """The answer that `caller` gets."""
        headers = {"X-Request-Id": _REQUEST, **self.headers}
        method = self.method or self.operation.method
        return caller.call(method, self.path, self.body, **headers)


def seen(answer: TestResponse, ids: Iterable[str]) -> tuple[int, tuple[Any, ...], str]:
    """An answer as its reader sees it, but for the ids that the reader named itself."""
    kept = sorted((name, value) for name, value in answer.headers if name not in _UNLIKE)
    shown = f"{kept}\n{answer.get_data(as_text=True)}"
    for asked in ids:
        shown = shown.replace(asked, "?")
    headers, _, body = shown.partition("\n")
    return answer.status_code, (headers,), body


def base(operation: Operation, ids: Mapping[str, str], own: Mapping[str, str]) -> Asked:
    """A call of a writing operation whose every id is one of the caller's, where it has one."""
    query = {
        name: QUERY[name] if name in QUERY else own[prefix_of(one)]
        for name, one in _fields(operation.query)
        if one.required
    }
    if operation.takes_bytes:
        return Asked(operation, ids, query, evidence.NOTE, evidence.headers(evidence.NOTE))
    body = None
    if operation.takes is not None:
        named = {
            name: _value(one, own[prefix_of(one)])
            for name, one in _fields(operation.takes)
            if _takes_ids(one)
        }
        body = {**BODIES[operation.name], **named}
    return Asked(operation, ids, query, body, {"If-Match": '"v1-x"'})


def named_ids(operation: Operation) -> Iterator[tuple[str, str, str]]:
    """Each id that an operation reads outside its path: where, its name and its kind."""
    for where, schema in (("query", operation.query), ("body", operation.takes)):
        for name, one in _fields(schema):
            if _takes_ids(one):
                yield where, name, prefix_of(one)


def naming(asked: Asked, where: str, name: str, value: str) -> Asked:
    """The same call with another id in one place."""
    if where == "query":
        return replace(asked, query={**asked.query, name: value})
    takes = dict(_fields(asked.operation.takes))[name]
    return replace(asked, body={**(asked.body or {}), name: _value(takes, value)})


def prefix_of(one: marshmallow_fields.Field[Any]) -> str:
    """The kind of ids that a field takes, alone or in a list."""
    found = one.inner if isinstance(one, Items) else one
    assert isinstance(found, Identifier), one
    return found.prefix


def _takes_ids(one: marshmallow_fields.Field[Any]) -> bool:
    return isinstance(one.inner if isinstance(one, Items) else one, Identifier)


def _value(one: marshmallow_fields.Field[Any], found: str) -> str | list[str]:
    """An id as a field takes it: a list has one entry."""
    return [found] if isinstance(one, Items) else found


def _fields(schema: Schema | None) -> Iterable[tuple[str, Any]]:
    return schema.fields.items() if schema else ()


def absent(prefix: str) -> str:
    """An id of that kind that nothing carries."""
    return encode(prefix, uuid4())


def malformed(prefix: str) -> str:
    """A text that is no id of that kind, and as long as one."""
    return f"{prefix}_{'u' * 26}"


def fully_trusted(made: Estate) -> dict[str, Party]:
    """The callers with every scope and every duty: between them and a stranger stand two walls."""
    callers = {}
    for name, party in made.parties.items():
        if party.kind != "government":
            callers[name] = replace(party, token=f"ort_{uuid4().hex}{uuid4().hex}")
            made.world.grant(callers[name], list(ALL_SCOPES))
    with made.installation.as_owner() as connection:
        connection.execute(
            text("UPDATE person SET duties = '{case_worker,reviewer,releaser,administrator}'")
        )
    return callers


def stored(made: Estate) -> dict[str, Any]:
    """The content of every table but the log of reads, as one number each."""
    with made.installation.as_owner() as connection:
        tables = connection.scalars(
            text(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                "AND tablename !~ '^(audit|attempt)'"
            )
        ).all()
        return {
            table: connection.execute(
                text(f"SELECT count(*), sum(hashtext(t::text)) FROM {table} t")  # noqa: S608 - a table's name
            ).one()
            for table in tables
        }


def pages(operation: Operation) -> bool:
    """Whether a list comes in pages with cursors of its own."""
    return bool(operation.query and operation.query.fields.keys() >= {"cursor", "limit"})


def table_of(operation: Operation) -> str | None:
    """The table whose rows a list shows, by the kind of its entries' ids."""
    schema = operation.gives.get(200)
    entry = schema.fields.get("id") if schema else None
    return TABLES.get(entry.prefix) if isinstance(entry, Identifier) else None
