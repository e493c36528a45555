"""The calls that verbs of case work make: verb, arguments, named ones, call, query, body."""

from __future__ import annotations

from typing import Any

Row = tuple[str, tuple[Any, ...], dict[str, Any], str, dict[str, str], Any]

PAGE, PAGED = {"cursor": "c", "limit": 3}, {"cursor": "c", "limit": "3"}
MORE = {"note": "as it is"}
KEY = {"idempotency_key": "k1"}
SEEN = {"etag": '"v1-institute"', **KEY}
CASE_WORK: list[Row] = [
    *(
        (f"{verbs}.get", ("x_1",), {}, f"GET {verbs.replace('_', '-')}/x_1", {}, None)
        for verbs in ("contacts", "identity_requests", "retaliation_watches", "site_holds")
    ),
    *(
        (verb, arguments, {}, f"GET {path}", {}, None)
        for verb, arguments, path in (
            ("cases.safe_contact", ("x_1",), "cases/x_1/safe-contact"),
            ("cases.contact_now", ("x_1",), "cases/x_1/safe-contact/now"),
            ("identity_requests.identity", ("x_1",), "identity-requests/x_1/identity"),
        )
    ),
    (
        "workers.pseudonym",
        ("x_1", "y_1"),
        {"recipient": "org_1", "within": "case"},
        "GET cases/x_1/workers/y_1/pseudonyms",
        {"recipient": "org_1", "within": "case"},
        None,
    ),
    *(
        (verb, arguments, PAGE, f"GET {path}", PAGED, None)
        for verb, arguments, path in (
            ("cases.severity_changes", ("x_1",), "cases/x_1/severity-changes"),
            ("cases.observations", ("x_1",), "cases/x_1/observations"),
            ("cases.messages", ("x_1",), "cases/x_1/messages"),
            ("contacts.list", (), "contacts"),
            ("workers.list", ("x_1",), "cases/x_1/workers"),
            ("safety_assessments.list", ("x_1",), "cases/x_1/safety-assessments"),
            ("identity_requests.list", (), "identity-requests"),
            ("retaliation_watches.list", (), "retaliation-watches"),
            ("site_holds.list", (), "site-holds"),
        )
    ),
    *(
        (verb, arguments, {**MORE, **KEY}, f"POST {path}", {}, MORE)
        for verb, arguments, path in (
            ("contacts.record", (), "contacts"),
            ("cases.observe", ("x_1",), "cases/x_1/observations"),
            ("workers.add", ("x_1",), "cases/x_1/workers"),
            ("safety_assessments.add", ("x_1",), "cases/x_1/safety-assessments"),
            ("identity_requests.ask", (), "identity-requests"),
        )
    ),
    *(
        (verb, arguments, KEY, f"POST {path}", {}, body)
        for verb, arguments, path, body in (
            ("cases.make_receipt_code", ("x_1",), "cases/x_1/receipt-codes", None),
            ("cases.revoke_receipt_code", ("x_1",), "cases/x_1/receipt-codes/revoke", None),
            ("cases.write", ("x_1", "Hello"), "cases/x_1/messages", {"text": "Hello"}),
            (
                "follow_ups.send",
                ("12", "Hello"),
                "follow-ups/messages",
                {"code": "12", "text": "Hello", "wants_reopen": False},
            ),
            ("identity_requests.grant", ("x_1",), "identity-requests/x_1/grant", None),
            ("identity_requests.refuse", ("x_1",), "identity-requests/x_1/refuse", None),
            (
                "retaliation_watches.check_back",
                ("x_1", "well", "2026-11-26T10:00:00Z"),
                "retaliation-watches/x_1/check-backs",
                {"result": "well", "at": "2026-11-26T10:00:00Z"},
            ),
        )
    ),
    (
        "follow_ups.open",
        ("12",),
        {"read_until": 4},
        "POST follow-ups/open",
        {},
        {"code": "12", "read_until": 4},
    ),
    *(
        (verb, arguments, SEEN, f"POST {path}", {}, body)
        for verb, arguments, path, body in (
            ("cases.merge", ("x_1", "y_1"), "cases/x_1/merge", {"into": "y_1"}),
            (
                "cases.change_severity",
                ("x_1", "s2_severe", ["r"]),
                "cases/x_1/severity",
                {"severity": "s2_severe", "reasons": ["r"]},
            ),
            ("cases.void_observation", ("x_1", "r"), "observations/x_1/void", {"reason": "r"}),
            ("site_holds.clear", ("x_1", "r"), "site-holds/x_1/clear", {"reason": "r"}),
        )
    ),
    (
        "cases.set_safe_contact",
        ("x_1",),
        {"etag": '"v1-institute"', "may_contact": False},
        "PUT cases/x_1/safe-contact",
        {},
        {"may_contact": False},
    ),
]
