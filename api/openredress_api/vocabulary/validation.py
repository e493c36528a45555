"""How remedy is validated, by whom, and with which result."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_METHODS = (
    ("call_back_all", "Every worker concerned is called"),
    ("call_back_sample", "A sample of them is called"),
    ("in_person", "Workers are asked face to face"),
    ("message_poll", "Workers answer a message"),
    ("committee_meeting", "Asked in a meeting of the workers' committee"),
    ("payslip_check", "Payslips are read"),
    ("bank_proof", "Proof from the bank is read"),
    ("document_in_hand_photo", "A picture shows the document in the worker's hand"),
    ("union_statement", "The union states it"),
    ("third_party_audit", "An auditor states it"),
)

VALIDATION_METHOD = code_list_of(
    "validation_method",
    (
        code(word, meaning, never_full_alone=word == "third_party_audit")
        for word, meaning in _METHODS
    ),
    description=(
        "How it was found out whether the remedy reached workers. A method that is "
        "`never_full_alone` gives no full validation without another."
    ),
    source="OpenRedress",
)
VALIDATOR_TYPE = code_list_of(
    "validator_type",
    (
        code("worker", "A worker concerned"),
        code("worker_representative", "Somebody whom workers chose"),
        code("community", "Somebody of the workers' community"),
        code("cso", "A civil-society organisation"),
    ),
    description="Who said it; reported separately and never merged with `worker`.",
    source="OpenRedress",
)
VALIDATION_RESULT = code_list_of(
    "validation_result",
    (
        code("not_possible", "Nobody could be reached, after due attempts", rank=0),
        code("disputed", "More workers say no than the remedy can bear", rank=1),
        code("incomplete", "Too few answers yet; the round stays open", rank=2),
        code("partial", "Confirmed in part", rank=3),
        code("full", "Confirmed in full", rank=4),
    ),
    description="The result of one round; one more yes never lowers its rank.",
    source="OpenRedress",
)
