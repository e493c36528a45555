"""The calls that verbs of keeping make: verb, arguments, named ones, call, query, body."""

from __future__ import annotations

from tests.sdk.case_verbs import KEY, MORE, PAGE, PAGED, Row

UNTIL = {"until": "2026-12-01T00:00:00Z"}
KEEPING: list[Row] = [
    ("retention.dues", (), UNTIL, "GET retention-dues", UNTIL, None),
    *(
        (f"{verbs}.get", ("x_1",), {}, f"GET {verbs.replace('_', '-')}/x_1", {}, None)
        for verbs in ("erasure_requests", "legal_requests")
    ),
    *(
        (f"{verbs}.list", (), PAGE, f"GET {verbs.replace('_', '-')}", PAGED, None)
        for verbs in ("erasure_requests", "legal_requests")
    ),
    ("erasure_requests.ask", ("x_1",), KEY, "POST erasure-requests", {}, {"case": "x_1"}),
    *(
        (f"erasure_requests.{verb}", ("x_1",), KEY, f"POST erasure-requests/x_1/{verb}", {}, None)
        for verb in ("approve", "refuse")
    ),
    ("legal_requests.record", (), {**MORE, **KEY}, "POST legal-requests", {}, MORE),
    (
        "legal_requests.decide",
        ("x_1", "refused", "yes"),
        KEY,
        "POST legal-requests/x_1/decision",
        {},
        {"decision": "refused", "workers_told": "yes"},
    ),
]
