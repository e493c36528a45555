"""What a worker may allow, one scope at a time; nothing is allowed until it is granted."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_SCOPES = (
    ("case_handling", "The institute works on the case"),
    ("share_deidentified_employer", "The employer gets a summary that names nobody"),
    ("identify_to_employer", "The employer learns who the worker is"),
    ("share_agency", "The recruitment agency gets a summary"),
    ("share_brand_aggregate", "The case counts in figures for brands and the public"),
    ("share_cso", "A civil-society partner gets the case"),
    ("share_authority", "A public authority gets the case"),
    ("contact_back", "The institute may contact the worker again"),
    ("use_quote_anonymised", "The worker's words may be quoted without a name"),
    ("research_statistics", "The case counts in research"),
)

CONSENT_SCOPE = code_list_of(
    "consent_scope",
    (code(word, meaning) for word, meaning in _SCOPES),
    description="What is allowed. Each scope stands alone; without an answer it is refused.",
    source="OpenRedress",
)
CONSENT_STATE = code_list_of(
    "consent_state",
    (
        code("granted", "Allowed"),
        code("refused", "Not allowed; also the state before any answer"),
        code("withdrawn", "Allowed once and taken back; recipients are called on to delete"),
    ),
    description="The worker's answer to one consent scope.",
    source="OpenRedress",
)
