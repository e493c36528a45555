"""The calls that verbs of repayments make: verb, arguments, named ones, call, query, body."""

from __future__ import annotations

from tests.sdk.case_verbs import KEY, MORE, PAGE, PAGED, SEEN, Row

BASE = "repayment-agreements"
REPAYING: list[Row] = [
    *(
        (f"repayments.{verb}", arguments, {}, f"GET {BASE}/{path}", {}, None)
        for verb, arguments, path in (
            ("get", ("x_1",), "x_1"),
            ("balance", ("x_1",), "x_1/balance"),
            ("get_payment", ("x_1", "y_1"), "x_1/payments/y_1"),
        )
    ),
    (
        "repayments.proposal",
        (),
        {"site": "site_1"},
        f"GET {BASE}/proposal",
        {"site": "site_1"},
        None,
    ),
    *(
        (f"repayments.{verb}", arguments, PAGE, f"GET {BASE}{path}", PAGED, None)
        for verb, arguments, path in (
            ("list", (), ""),
            ("payments", ("x_1",), "/x_1/payments"),
            ("validations", ("x_1", "y_1"), "/x_1/payments/y_1/validations"),
        )
    ),
    ("repayments.draft", (), {**MORE, **KEY}, f"POST {BASE}", {}, MORE),
    *(
        (f"repayments.{verb}", arguments, {**MORE, **SEEN}, f"POST {BASE}/{path}", {}, MORE)
        for verb, arguments, path in (
            ("report_payment", ("x_1",), "x_1/payments"),
            ("validate", ("x_1", "y_1"), "x_1/payments/y_1/validations"),
        )
    ),
    *(
        (f"repayments.{verb}", ("x_1",), SEEN, f"POST {BASE}/x_1/{verb}", {}, None)
        for verb in ("offer", "accept", "close")
    ),
    *(
        (
            f"repayments.{verb}",
            ("x_1", "r"),
            SEEN,
            f"POST {BASE}/x_1/{verb}",
            {},
            {"reason": "r"},
        )
        for verb in ("contest", "cancel")
    ),
]
