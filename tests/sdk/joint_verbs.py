"""The calls that verbs of joint remedies make: verb, arguments, named ones, call, query, body."""

from __future__ import annotations

from tests.sdk.case_verbs import KEY, MORE, PAGE, PAGED, SEEN, Row

JOINT: list[Row] = [
    *(
        (f"{verbs}.get", ("x_1",), {}, f"GET {verbs.replace('_', '-')}/x_1", {}, None)
        for verbs in ("sponsorships", "worker_responses", "systemic_actions")
    ),
    *(
        (f"{verbs}.list", (), PAGE, f"GET {verbs.replace('_', '-')}", PAGED, None)
        for verbs in ("sponsorships", "worker_responses", "systemic_actions")
    ),
    (
        "systemic_actions.recurrence",
        ("x_1",),
        {},
        "GET systemic-actions/x_1/recurrence",
        {},
        None,
    ),
    (
        "duplicates.candidates",
        (),
        {"site": "site_1"},
        "GET duplicate-candidates",
        {"site": "site_1"},
        None,
    ),
    (
        "remediation.progress_reports",
        ("x_1",),
        PAGE,
        "GET remediation-requests/x_1/progress-reports",
        PAGED,
        None,
    ),
    ("systemic_actions.state", (), {**MORE, **KEY}, "POST systemic-actions", {}, MORE),
    (
        "remediation.report_progress",
        ("x_1",),
        {**MORE, **SEEN},
        "POST remediation-requests/x_1/progress-reports",
        {},
        MORE,
    ),
    *(
        (verb, arguments, KEY, f"POST {path}", {}, body)
        for verb, arguments, path, body in (
            (
                "sponsorships.invite",
                ("x_1", "org_1"),
                "remediation-requests/x_1/sponsors",
                {"brand": "org_1"},
            ),
            (
                "duplicates.decide",
                ("x_1", "y_1", "joined"),
                "duplicate-decisions",
                {"request": "x_1", "other": "y_1", "decision": "joined"},
            ),
            (
                "worker_responses.to_request",
                ("x_1", "Hello"),
                "remediation-requests/x_1/worker-responses",
                {"text": "Hello"},
            ),
            (
                "worker_responses.to_referral",
                ("x_1", "Hello"),
                "referrals/x_1/worker-responses",
                {"text": "Hello"},
            ),
            (
                "systemic_actions.judge",
                ("x_1", "verified", "in_person"),
                "systemic-actions/x_1/verdicts",
                {"verdict": "verified", "method": "in_person"},
            ),
        )
    ),
    *(
        (f"{verbs}.{verb}", ("x_1",), SEEN, f"POST {verbs.replace('_', '-')}/x_1/{verb}", {}, None)
        for verbs, verb in (
            ("sponsorships", "accept"),
            ("sponsorships", "decline"),
            ("sponsorships", "end"),
            ("worker_responses", "approve"),
            ("worker_responses", "deliver"),
        )
    ),
    (
        "worker_responses.send_back",
        ("x_1", "r"),
        SEEN,
        "POST worker-responses/x_1/return",
        {},
        {"reason": "r"},
    ),
    (
        "remediation.request_evidence",
        ("x_1", ["payslip"]),
        SEEN,
        "POST remediation-requests/x_1/request-evidence",
        {},
        {"purposes": ["payslip"]},
    ),
    (
        "remediation.escalate",
        ("x_1", "r"),
        SEEN,
        "POST remediation-requests/x_1/escalate",
        {},
        {"reason": "r"},
    ),
]
