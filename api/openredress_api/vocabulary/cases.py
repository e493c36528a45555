"""What came of a contact, why a case is as grave as it is, and what a worker is told of it."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_TESTS = (
    ("s1_critical", "scale", "risk_to_life", "Somebody's life or health is in danger"),
    ("s1_critical", "scale", "risk_to_liberty", "Somebody is not free to leave"),
    ("s1_critical", "scale", "child_concerned", "A child is concerned"),
    ("s1_critical", "scale", "sexual_violence", "Sexual violence or coercion"),
    (
        "s1_critical",
        "irremediability",
        "current_harm",
        "Harm goes on, with an indicator that raises severity alone",
    ),
    ("s2_severe", "scope", "many_workers", "Many workers are concerned"),
    ("s2_severe", "irremediability", "hard_to_undo", "What happened is hard to undo"),
    ("s2_severe", "scale", "restricted_category", "A restricted category is among the issues"),
    ("s3_serious", "scale", "breach_of_law", "A breach of law that can be remedied"),
    ("s4_minor", "scale", "service_or_discomfort", "A matter of service or comfort"),
)
_LOWERING = (
    ("harm_ended", "The harm has ended"),
    ("facts_corrected", "The facts are other than first understood"),
    ("made_safe", "The people concerned were brought to safety"),
)
_WRITTEN = (
    ("indicators_observed", "Observed indicators demand it"),
    ("duplicate_merged", "A graver duplicate was merged into the case"),
)

CONTACT_OUTCOME = code_list_of(
    "contact_outcome",
    (
        code("opened_case", "A case was opened", has_case=True),
        code("added_to_case", "It belongs to a case that is known", has_case=True),
        code("information_given", "A question was answered", has_case=False),
        code("referred_elsewhere", "Somebody else was named who can help", has_case=False),
        code("no_content", "Silence, a wrong number, or a call that broke off", has_case=False),
    ),
    description="What came of one call or message. Those with `has_case` name the case.",
    source="OpenRedress",
)
SEVERITY_REASON = code_list_of(
    "severity_reason",
    (
        *(
            code(word, meaning, kind="test", test=test, argues_for=severity)
            for severity, test, word, meaning in _TESTS
        ),
        *(code(word, meaning, kind="lowering") for word, meaning in _LOWERING),
        *(code(word, meaning, kind="written") for word, meaning in _WRITTEN),
    ),
    description=(
        "Why a case is as grave as it is. `test` reasons argue for one severity, by scale, scope "
        "or irremediability; `lowering` ones say why it is less grave than before; `written` ones "
        "the system writes itself."
    ),
    source="OpenRedress, after UN Guiding Principles 14 and 24",
)
FOLLOW_UP_STATUS = code_list_of(
    "follow_up_status",
    (
        code("received", "It has come in", of=("received", "acknowledged", "triaged")),
        code(
            "in_work",
            "Somebody is working on it",
            of=("in_investigation", "action_agreed", "resolved_reported", "reopened"),
        ),
        code(
            "ended",
            "It has ended; the worker may ask to have it taken up again",
            of=(
                "out_of_scope",
                "referred_elsewhere",
                "withdrawn_by_worker",
                "closed_validated",
                "closed_unvalidated",
                "closed_unreachable",
            ),
        ),
    ),
    description=(
        "What whoever holds a receipt code is told of the case: less than grievance_status, for a "
        "code may be read by others. A merged case is told as the one that stays."
    ),
    source="OpenRedress",
)
