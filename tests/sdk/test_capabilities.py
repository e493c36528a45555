"""The promise of every verb: which call of the API it makes, with which words."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pytest

from openredress import Client
from openredress.capability import Capability

EXTERNAL = {"external_id": "X/1", "source_system": "sap"}
MORE = {"note": "n"}

# Each row: verb, its arguments, `METHOD path`, query, body.
Row = tuple[str, tuple[str, ...], dict[str, Any], str, dict[str, str], Any]

READS: list[Row] = [
    ("me.get", (), {}, "GET me", {}, None),
    ("organisations.get", ("x_1",), {}, "GET organisations/x_1", {}, None),
    ("sites.get", ("x_1",), {}, "GET sites/x_1", {}, None),
    ("relations.get", ("x_1",), {}, "GET relations/x_1", {}, None),
    ("grievances.get", ("x_1",), {}, "GET grievances/x_1", {}, None),
    ("placements.get", ("x_1",), {}, "GET placements/x_1", {}, None),
    ("cases.get", ("x_1",), {}, "GET cases/x_1", {}, None),
    ("referrals.get", ("x_1",), {}, "GET referrals/x_1", {}, None),
    ("remediation.get", ("x_1",), {}, "GET remediation-requests/x_1", {}, None),
    ("webhook_endpoints.get", ("x_1",), {}, "GET webhook-endpoints/x_1", {}, None),
    ("metrics.releases.get", ("x_1",), {}, "GET metric-releases/x_1", {}, None),
    ("taxonomies.get", ("fee_type",), {}, "GET taxonomies/fee_type", {}, None),
    (
        "metrics.get",
        ("M01",),
        {"period": "2026-Q3", "include": ["mixed", "supplier_reported"]},
        "GET metrics/M01",
        {"period": "2026-Q3", "include": "mixed,supplier_reported"},
        None,
    ),
]

LISTS: list[Row] = [
    (verb, (), {"cursor": "c1", "status": "open"}, f"GET {path}", query, None)
    for query in [{"cursor": "c1", "status": "open"}]
    for verb, path in [
        ("organisations.list", "organisations"),
        ("sites.list", "sites"),
        ("relations.list", "relations"),
        ("grievances.list", "grievances"),
        ("headcounts.list", "headcounts"),
        ("placements.list", "placements"),
        ("cases.list", "cases"),
        ("referrals.list", "referrals"),
        ("remediation.list", "remediation-requests"),
        ("tasks.list", "tasks"),
        ("webhook_endpoints.list", "webhook-endpoints"),
        ("metrics.releases.list", "metric-releases"),
    ]
] + [("events.after", ("7",), {"limit": 3}, "GET events", {"after": "7", "limit": "3"}, None)]

UPSERTS: list[Row] = [
    (f"{kind}.upsert", ("X/1",), {"source_system": "sap", **MORE}, f"PUT {kind}", EXTERNAL, MORE)
    for kind in ("sites", "grievances", "placements")
] + [
    (
        "headcounts.upsert",
        ("site_1", "2026-09"),
        {"total": 1200, "source": "payroll"},
        "PUT headcounts",
        {"site": "site_1", "month": "2026-09"},
        {"total": 1200, "source": "payroll"},
    )
]

POSTS: list[Row] = [
    (verb, arguments, {**MORE, "idempotency_key": "k1"}, f"POST {path}", {}, {**fixed, **MORE})
    for verb, arguments, path, fixed in [
        ("cases.open", (), "cases", {}),
        ("cases.record_consent", ("x_1",), "cases/x_1/consents", {}),
        ("cases.add_issue", ("x_1", "fees.paid"), "cases/x_1/issues", {"category": "fees.paid"}),
        (
            "grievances.change_status",
            ("x_1", "triaged"),
            "grievances/x_1/status-changes",
            {"to": "triaged"},
        ),
        ("placements.add_worker_statement", ("x_1",), "placements/x_1/worker-statements", {}),
        ("referrals.offer", (), "referrals", {}),
        ("referrals.accept", ("x_1",), "referrals/x_1/accept", {}),
        ("referrals.decline", ("x_1",), "referrals/x_1/decline", {}),
        ("referrals.revoke", ("x_1",), "referrals/x_1/revoke", {}),
        ("remediation.request", (), "remediation-requests", {}),
        ("remediation.acknowledge", ("x_1",), "remediation-requests/x_1/acknowledge", {}),
        ("remediation.submit_plan", ("x_1",), "remediation-requests/x_1/submit-plan", {}),
        ("remediation.agree_plan", ("x_1",), "remediation-requests/x_1/agree-plan", {}),
        ("remediation.return_plan", ("x_1",), "remediation-requests/x_1/return-plan", {}),
        ("remediation.start", ("x_1",), "remediation-requests/x_1/start", {}),
        (
            "remediation.claim_completion",
            ("x_1",),
            "remediation-requests/x_1/completion-claims",
            {},
        ),
        ("remediation.validate", ("x_1",), "remediation-requests/x_1/validations", {}),
        ("remediation.close", ("x_1",), "remediation-requests/x_1/close", {}),
        ("tasks.complete", ("x_1",), "tasks/x_1/complete", {}),
        ("webhook_endpoints.create", ("https://a",), "webhook-endpoints", {"url": "https://a"}),
        ("webhook_endpoints.rotate", ("x_1",), "webhook-endpoints/x_1/rotate-secret", {}),
        ("metrics.releases.create", ("2026-Q3",), "metric-releases", {"period": "2026-Q3"}),
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
    ("relations.confirm", ("x_1",), {}, "POST relations/x_1/confirm", {}, None),
    ("metrics.releases.approve", ("x_1",), {}, "POST metric-releases/x_1/approve", {}, {}),
    ("metrics.releases.publish", ("x_1",), {}, "POST metric-releases/x_1/publish", {}, {}),
]

DELETES: list[Row] = [
    (
        "webhook_endpoints.delete",
        ("x_1",),
        {"etag": '"v1"'},
        "DELETE webhook-endpoints/x_1",
        {},
        None,
    )
]

ROWS = [*READS, *LISTS, *UPSERTS, *POSTS, *DELETES]


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
    assert (key is not None) == (method in {"POST", "PUT"})
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
    assert sorted(_verbs(client)) == sorted(row[0] for row in ROWS)
