"""What a file that is handed in is to show."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

EVIDENCE_PURPOSE = code_list_of(
    "evidence_purpose",
    (
        code("payslip", "What a worker was paid, and what was taken off"),
        code("bank_proof", "That money reached an account"),
        code("receipt", "That money was handed over, with a signature"),
        code("contract", "What was agreed in writing"),
        code("photo", "How a place or a thing looked"),
        code("attendance", "Who worked when"),
        code("statement", "What somebody wrote down and signed"),
        code("other", "Something else"),
    ),
    description="What a file that is handed in is to show.",
    source="OpenRedress",
)
