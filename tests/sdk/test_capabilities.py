"""The promise of every verb: which call of the API it makes, with which words."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pytest

from openredress import Client
from openredress.capability import Capability
from tests.sdk.case_verbs import CASE_WORK
from tests.sdk.joint_verbs import JOINT
from tests.sdk.keeping_verbs import KEEPING
from tests.sdk.repayment_verbs import REPAYING

EXTERNAL = {"external_id": "X/1", "source_system": "sap"}
MORE = {"note": "n"}

# Each row: verb, its arguments, `METHOD path`, query, body.
Row = tuple[str, tuple[Any, ...], dict[str, Any], str, dict[str, str], Any]

READS: list[Row] = [
    (verb, arguments, {}, f"GET {path}", {}, None)
    for verb, arguments, path in [
        ("me.get", (), "me"),
        ("organisations.get", ("x_1",), "organisations/x_1"),
        ("sites.get", ("x_1",), "sites/x_1"),
        ("relations.get", ("x_1",), "relations/x_1"),
        ("grievances.get", ("x_1",), "grievances/x_1"),
        ("grievances.clocks", ("x_1",), "grievances/x_1/clocks"),
        ("mechanisms.get", ("x_1",), "mechanisms/x_1"),
        ("placements.get", ("x_1",), "placements/x_1"),
        ("placements.get_statement", ("x_1",), "worker-statements/x_1"),
        ("placements.get_interview", ("x_1",), "interviews/x_1"),
        ("job_orders.get", ("x_1",), "job-orders/x_1"),
        ("register_entries.get", ("x_1",), "register-entries/x_1"),
        ("cases.get", ("x_1",), "cases/x_1"),
        ("onward_requests.get", ("x_1",), "onward-requests/x_1"),
        ("referrals.get", ("x_1",), "referrals/x_1"),
        ("remediation.get", ("x_1",), "remediation-requests/x_1"),
        (
            "remediation.get_claim",
            ("x_1", "y_1"),
            "remediation-requests/x_1/completion-claims/y_1",
        ),
        ("evidence.get", ("x_1",), "evidence/x_1"),
        ("evidence.original", ("x_1",), "evidence/x_1/original"),
        ("evidence.open_link", ("0a1b",), "evidence-links/0a1b"),
        ("imports.get", ("x_1",), "imports/x_1"),
        ("imports.corrections", ("x_1",), "imports/x_1/corrections"),
        ("tasks.get", ("x_1",), "tasks/x_1"),
        ("webhook_endpoints.get", ("x_1",), "webhook-endpoints/x_1"),
        ("metrics.releases.get", ("x_1",), "metric-releases/x_1"),
        ("metrics.reports.get", ("x_1",), "metric-reports/x_1"),
        ("taxonomies.get", ("fee_type",), "taxonomies/fee_type"),
    ]
]

SINCE = {"updated_since": "2026-01-01T00:00:00Z"}

LISTS: list[Row] = [
    (verb, arguments, {"cursor": "c1", **asked}, f"GET {path}", {"cursor": "c1", **asked}, None)
    for verb, arguments, path, asked in [
        ("organisations.list", (), "organisations", {"limit": "3"}),
        ("sites.list", (), "sites", {"limit": "3"}),
        ("relations.list", (), "relations", {"limit": "3"}),
        ("grievances.list", (), "grievances", {**SINCE, "status": "open"}),
        ("grievances.status_changes", ("x_1",), "grievances/x_1/status-changes", {"limit": "3"}),
        ("headcounts.list", (), "headcounts", {**SINCE, "site": "site_1"}),
        ("mechanisms.list", (), "mechanisms", {**SINCE, "site": "site_1"}),
        ("contact_volumes.list", (), "contact-volumes", {**SINCE, "month": "2026-09"}),
        ("engagement_events.list", (), "engagement-events", {**SINCE, "site": "site_1"}),
        ("awareness_surveys.list", (), "awareness-surveys", {**SINCE, "site": "site_1"}),
        ("reachability_probes.list", (), "reachability-probes", {**SINCE, "mechanism": "mec_1"}),
        ("placements.list", (), "placements", {**SINCE, "site": "site_1"}),
        ("placements.interviews", ("x_1",), "placements/x_1/interviews", {"limit": "3"}),
        ("job_orders.list", (), "job-orders", {**SINCE, "status": "certified"}),
        ("recruiter_listings.list", (), "recruiter-listings", {**SINCE, "job_order_ref": "H-1"}),
        ("register_entries.list", (), "register-entries", {"valid_on": "2026-01-01"}),
        ("cases.list", (), "cases", {**SINCE, "status": "open"}),
        ("cases.consents", ("x_1",), "cases/x_1/consents", {"limit": "3"}),
        ("cases.status_changes", ("x_1",), "cases/x_1/status-changes", {"limit": "3"}),
        ("referrals.list", (), "referrals", {**SINCE, "status": "open"}),
        ("onward_requests.list", (), "onward-requests", {"status": "asked"}),
        ("remediation.list", (), "remediation-requests", {**SINCE, "status": "open"}),
        (
            "remediation.claims",
            ("x_1",),
            "remediation-requests/x_1/completion-claims",
            {"limit": "3"},
        ),
        (
            "remediation.validations",
            ("x_1",),
            "remediation-requests/x_1/validations",
            {"limit": "3"},
        ),
        ("evidence.list", (), "evidence", {**SINCE, "state": "ready"}),
        ("imports.list", (), "imports", {**SINCE, "limit": "3"}),
        ("imports.findings", ("x_1",), "imports/x_1/findings", {"weight": "must_fix"}),
        ("imports.receipts", ("x_1",), "imports/x_1/receipts", {}),
        ("audit_entries.list", (), "audit-entries", {"record": "grv_1", "limit": "3"}),
        ("tasks.list", (), "tasks", {"state": "open", "kind": "claim_review"}),
        ("metrics.releases.list", (), "metric-releases", {"limit": "3"}),
        ("metrics.reports.list", (), "metric-reports", {"limit": "3"}),
    ]
] + [
    ("taxonomies.list", (), {}, "GET taxonomies", {}, None),
    ("placements.statements", ("x_1",), {}, "GET placements/x_1/worker-statements", {}, None),
    ("recruiter_listings.proposals", (), {}, "GET recruiter-listings/proposals", {}, None),
    ("metrics.definitions", (), {}, "GET metrics/definitions", {}, None),
    (
        "metrics.get",
        ("M01",),
        {"period": "2026-Q3", "include": ["mixed", "supplier_reported"]},
        "GET metrics/M01",
        {"period": "2026-Q3", "include": "mixed,supplier_reported"},
        None,
    ),
    ("webhook_endpoints.list", (), {}, "GET webhook-endpoints", {}, None),
    ("events.after", ("7",), {"limit": 3}, "GET events", {"after": "7", "limit": "3"}, None),
]

UPSERTS: list[Row] = [
    (f"{verbs}.upsert", ("X/1",), {"source_system": "sap", **MORE}, f"PUT {kind}", EXTERNAL, MORE)
    for verbs, kind in (
        *((kind, kind) for kind in ("sites", "grievances", "placements", "mechanisms")),
        ("engagement_events", "engagement-events"),
        ("awareness_surveys", "awareness-surveys"),
        ("reachability_probes", "reachability-probes"),
        ("job_orders", "job-orders"),
        ("recruiter_listings", "recruiter-listings"),
        ("register_entries", "register-entries"),
    )
] + [
    (
        "headcounts.upsert",
        ("site_1", "2026-09"),
        {"total": 1200, "source": "payroll"},
        "PUT headcounts",
        {"site": "site_1", "month": "2026-09"},
        {"total": 1200, "source": "payroll"},
    ),
    (
        "contact_volumes.upsert",
        ("operational", "2026-09"),
        {"mechanism": "mec_1", "calls": 7},
        "PUT contact-volumes",
        {"channel_class": "operational", "month": "2026-09", "mechanism": "mec_1"},
        {"calls": 7},
    ),
]

# Posts whose body is open: what is given by name goes along as it is.
RECORDS: list[Row] = [
    (verb, arguments, {**MORE, "idempotency_key": "k1"}, f"POST {path}", {}, {**fixed, **MORE})
    for verb, arguments, path, fixed in [
        ("cases.open", (), "cases", {}),
        ("evidence.announce", (), "evidence", {}),
        ("imports.announce", (), "imports", {}),
        ("cases.record_consent", ("x_1",), "cases/x_1/consents", {}),
        ("placements.add_worker_statement", ("x_1",), "placements/x_1/worker-statements", {}),
        ("placements.add_interview", ("x_1",), "placements/x_1/interviews", {}),
        ("referrals.draft", (), "referrals", {}),
        ("referrals.ask_onward", ("x_1",), "referrals/x_1/onward-requests", {}),
        ("remediation.request", (), "remediation-requests", {}),
        ("webhook_endpoints.create", ("https://a",), "webhook-endpoints", {"url": "https://a"}),
        ("webhook_endpoints.rotate_secret", ("x_1",), "webhook-endpoints/x_1/rotate-secret", {}),
    ]
] + [
    (
        "relations.state",
        ("site_1", "org_1"),
        {"valid_from": "2026-01-01", "tier": 2},
        "POST relations",
        {},
        {"site": "site_1", "partner": "org_1", "valid_from": "2026-01-01", "tier": 2},
    ),
]

# Steps of a record's life, each of the version that was read.
SEEN = {"etag": '"v1-institute"', "idempotency_key": "k1"}
STEPS: list[Row] = [
    (verb, arguments, {**SEEN, **MORE}, f"POST {path}", {}, {**fixed, **MORE})
    for verb, arguments, path, fixed in [
        ("cases.change_status", ("x_1", "triaged"), "cases/x_1/status-changes", {"to": "triaged"}),
        (
            "grievances.change_status",
            ("x_1", "triaged"),
            "grievances/x_1/status-changes",
            {"to": "triaged"},
        ),
        (
            "remediation.claim_completion",
            ("x_1",),
            "remediation-requests/x_1/completion-claims",
            {},
        ),
        ("remediation.validate", ("x_1",), "remediation-requests/x_1/validations", {}),
        ("tasks.complete", ("x_1",), "tasks/x_1/complete", {}),
    ]
] + [
    (verb, ("x_1", *given), SEEN, f"POST {path}", {}, body)
    for verb, given, path, body in [
        ("cases.void", ("r",), "cases/x_1/void", {"reason": "r"}),
        ("evidence.void", ("r",), "evidence/x_1/void", {"reason": "r"}),
        ("grievances.merge", ("y_1",), "grievances/x_1/merge", {"into": "y_1"}),
        ("grievances.reopen", (), "grievances/x_1/reopen", None),
        ("grievances.void", ("r",), "grievances/x_1/void", {"reason": "r"}),
        ("placements.void", ("r",), "placements/x_1/void", {"reason": "r"}),
        ("onward_requests.decline", (), "onward-requests/x_1/decline", None),
        ("referrals.release", (), "referrals/x_1/release", None),
        ("referrals.accept", (), "referrals/x_1/accept", None),
        ("referrals.decline", ("r",), "referrals/x_1/decline", {"reason": "r"}),
        ("referrals.start", (), "referrals/x_1/start", None),
        ("referrals.respond", (["o"],), "referrals/x_1/respond", {"outcomes": ["o"]}),
        ("referrals.return_response", (), "referrals/x_1/return", None),
        ("referrals.complete", (), "referrals/x_1/complete", None),
        ("referrals.close", (), "referrals/x_1/close", None),
        ("referrals.revoke", ("r",), "referrals/x_1/revoke", {"reason": "r"}),
        ("remediation.acknowledge", (), "remediation-requests/x_1/acknowledge", None),
        ("remediation.contest", ("r",), "remediation-requests/x_1/contest", {"reason": "r"}),
        ("remediation.reissue", (), "remediation-requests/x_1/reissue", None),
        (
            "remediation.submit_plan",
            ([{"outcome": "o"}],),
            "remediation-requests/x_1/plan",
            {"actions": [{"outcome": "o"}]},
        ),
        ("remediation.agree_plan", (), "remediation-requests/x_1/plan/agree", None),
        ("remediation.return_plan", (), "remediation-requests/x_1/plan/return", None),
        ("remediation.start", (), "remediation-requests/x_1/start", None),
        ("remediation.review", (), "remediation-requests/x_1/review", None),
        ("remediation.await_validation", (), "remediation-requests/x_1/await-validation", None),
        ("remediation.next_round", (), "remediation-requests/x_1/next-round", None),
        ("remediation.close", (), "remediation-requests/x_1/close", None),
        ("remediation.cancel", ("r",), "remediation-requests/x_1/cancel", {"reason": "r"}),
    ]
]

# Posts that carry a key and nothing else.
PLAIN: list[Row] = [
    (verb, arguments, {"idempotency_key": "k1"}, f"POST {path}", {}, body)
    for verb, arguments, path, body in [
        ("cases.add_issue", ("x_1", "fees.paid"), "cases/x_1/issues", {"category": "fees.paid"}),
        ("cases.assign", ("x_1", "org_1"), "cases/x_1/assignments", {"organisation": "org_1"}),
        ("imports.cancel", ("x_1",), "imports/x_1/cancel", None),
        ("referrals.confirm_deletion", ("x_1",), "referrals/x_1/confirm-deletion", None),
        ("imports.commit", ("x_1",), "imports/x_1/commit", {"mode": "upsert", "commit": "row"}),
        ("relations.confirm", ("x_1",), "relations/x_1/confirm", None),
        ("webhook_endpoints.pause", ("x_1",), "webhook-endpoints/x_1/pause", None),
        ("metrics.releases.create", ("2026-Q3",), "metric-releases", {"period": "2026-Q3"}),
        ("metrics.releases.preview", ("x_1",), "metric-releases/x_1/preview", None),
        ("metrics.releases.approve", ("x_1",), "metric-releases/x_1/approve", None),
        ("metrics.releases.publish", ("x_1",), "metric-releases/x_1/publish", None),
    ]
]

DELETES: list[Row] = [
    (
        "webhook_endpoints.delete",
        ("x_1",),
        {"etag": '"v1-supplier"'},
        "DELETE webhook-endpoints/x_1",
        {},
        None,
    )
]

FILES: list[Row] = [
    ("evidence.link", ("x_1",), {}, "POST evidence/x_1/links", {}, None),
    (
        "imports.template",
        ("grievance",),
        {"language": "my"},
        "GET import-templates",
        {"record": "grievance", "language": "my"},
        None,
    ),
] + [
    (
        f"{verbs}.put_content",
        ("x_1",),
        {"offset": 7, "octets": b'"octets as they are"'},
        f"PUT {verbs}/x_1/content",
        {"offset": "7"},
        "octets as they are",
    )
    for verbs in ("evidence", "imports")
]

OF_SHEETS = {"record": "grievance", "source_system": "hr"}
MAPPINGS: list[Row] = [
    (f"imports.{verb}", ("grievance", "hr"), body, f"{method} import-mappings", OF_SHEETS, sent)
    for verb, method, body, sent in (
        ("put_mapping", "PUT", MORE, MORE),
        ("get_mapping", "GET", {}, None),
        ("delete_mapping", "DELETE", {}, None),
    )
]

PAGE = {"cursor": "c", "limit": 3}
PAGED = {"cursor": "c", "limit": "3"}
POSITION = {"position": "7"}
DELIVERING: list[Row] = [
    *(
        (f"{verbs}.get", ("x_1",), {}, f"GET {path}/x_1", {}, None)
        for verbs, path in (
            ("event_consumers", "event-consumers"),
            ("webhook_deliveries", "webhook-deliveries"),
            ("webhook_replays", "webhook-replays"),
        )
    ),
    *(
        (verb, ("x_1",), PAGE, f"GET webhook-endpoints/x_1/{path}", PAGED, None)
        for verb, path in (
            ("webhook_deliveries.list", "deliveries"),
            ("webhook_endpoints.keys", "keys"),
            ("webhook_endpoints.log", "log"),
            ("webhook_replays.list", "replays"),
        )
    ),
    *(
        (verb, arguments, {**named, "idempotency_key": "k"}, f"POST {path}", {}, body)
        for verb, arguments, named, path, body in (
            (
                "event_consumers.create",
                ("hr",),
                POSITION,
                "event-consumers",
                {"name": "hr", **POSITION},
            ),
            ("event_consumers.commit", ("x_1", "7"), {}, "event-consumers/x_1/commit", POSITION),
            ("event_consumers.seek", ("x_1", "7"), {}, "event-consumers/x_1/seek", POSITION),
            (
                "sandbox_events.trigger",
                ("claim.submitted",),
                {},
                "sandbox/events",
                {"type": "claim.submitted"},
            ),
            ("webhook_endpoints.resume", ("x_1",), MORE, "webhook-endpoints/x_1/resume", MORE),
            ("webhook_endpoints.verify", ("x_1",), {}, "webhook-endpoints/x_1/verify", None),
            (
                "webhook_endpoints.revoke_secret",
                ("x_1",),
                {},
                "webhook-endpoints/x_1/revoke-secret",
                None,
            ),
            ("webhook_replays.create", ("x_1",), MORE, "webhook-endpoints/x_1/replays", MORE),
            ("webhook_replays.cancel", ("x_1",), {}, "webhook-replays/x_1/cancel", None),
        )
    ),
    ("event_consumers.list", (), {}, "GET event-consumers", {}, None),
    ("event_consumers.delete", ("x_1",), {}, "DELETE event-consumers/x_1", {}, None),
    (
        "referrals.replace_draft",
        ("x_1",),
        {"etag": '"v1-institute"', **MORE},
        "PUT referrals/x_1",
        {},
        MORE,
    ),
    (
        "webhook_endpoints.update",
        ("x_1",),
        {"etag": '"v1-supplier"', **MORE},
        "PATCH webhook-endpoints/x_1",
        {},
        MORE,
    ),
]

# Verbs that make several calls of other verbs; each has its own tests.
COMPOSED = {"evidence.download", "evidence.upload", "imports.push", "imports.wait"}
ROWS = [*READS, *LISTS, *UPSERTS, *RECORDS, *STEPS, *PLAIN, *DELETES, *FILES, *MAPPINGS]
ROWS += [*DELIVERING, *CASE_WORK, *REPAYING, *JOINT, *KEEPING]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_verb_makes_its_call(client: Client, server: Any, row: Row) -> None:
    """The verb makes one call: this method and path, these words, a key where one is due."""
    verb, arguments, named, line, query, body = row
    method, _, path = line.partition(" ")
    rows: dict[str, Any] = {"data": [], "next_cursor": None, "has_more": False}
    status = 204 if method == "DELETE" else 200
    server.then(f"/v1/{path}", server.says(rows, status))
    answer = attrgetter(verb)(client)(*arguments, **named)
    if isinstance(answer, Iterator):
        assert list(answer) == []
    (seen,) = server.at(f"/v1/{path}")
    assert (seen.method, seen.query, seen.body) == (method, query, body)
    key = seen.headers.get("Idempotency-Key")
    assert (key is not None) == (method in {"PATCH", "POST", "PUT"})
    assert named.get("idempotency_key", key) == key
    assert seen.headers.get("If-Match") == named.get("etag")


def _verbs(holder: object, name: str = "") -> Iterator[str]:
    for attribute in dir(holder):
        found = getattr(holder, attribute)
        if attribute.startswith("_"):
            continue
        if isinstance(found, Capability):
            yield from _verbs(found, f"{name}{attribute}.")
        elif isinstance(holder, Capability):
            yield f"{name}{attribute}"


def test_every_verb_is_promised(client: Client) -> None:
    """No verb of any capability is missing above, nor stands there twice."""
    assert sorted(set(_verbs(client)) - COMPOSED) == sorted(row[0] for row in ROWS)
