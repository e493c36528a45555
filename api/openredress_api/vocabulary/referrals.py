"""What a referral is for, and why a recipient may refuse it."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_PURPOSES = (
    ("remediate", "Put right what went wrong"),
    ("investigate", "Establish the facts"),
    ("protect", "Bring somebody into safety"),
    ("legal_aid", "Advise and represent"),
    ("shelter", "Give a safe place to stay"),
    ("medical", "Treat"),
    ("psychosocial", "Support and counsel"),
    ("reintegration", "Help after the return home"),
    ("fee_repayment", "Repay recruitment fees and costs"),
    ("document_return", "Return passport or papers"),
    ("inform_only", "Know of it; nothing is asked"),
)
_DECLINE_REASONS = (
    ("not_our_facility", "The site is not ours"),
    ("not_our_worker", "No worker of ours is concerned"),
    ("duplicate", "Already held"),
    ("outside_mandate", "Not what we may or can do"),
    ("no_capacity", "Nobody free in time"),
    ("conflict_of_interest", "We are party to the matter"),
    ("insufficient_information", "Too little to act upon"),
    ("safety_concern", "Acting would endanger somebody"),
    ("legal_hold", "A law or court forbids it for now"),
)
_ONWARD_REASONS = (
    ("worker_moved", "The worker is in another country now"),
    ("worker_goes_home", "The worker is about to go home"),
    ("family_in_other_country", "Help is needed where the family lives"),
    ("other_expertise", "Another organisation knows how to do it"),
    ("other_language", "Another organisation speaks the worker's language"),
    ("outside_mandate", "Not what we may or can do"),
    ("no_capacity", "Nobody free in time"),
    ("conflict_of_interest", "We are party to the matter"),
    ("safety_concern", "With us the worker would not be safe"),
)

REFERRAL_PURPOSE = code_list_of(
    "referral_purpose",
    (code(word, meaning) for word, meaning in _PURPOSES),
    description="What the recipient is asked to do.",
    source="OpenRedress",
)
DECLINE_REASON = code_list_of(
    "decline_reason",
    (code(word, meaning) for word, meaning in _DECLINE_REASONS),
    description="Why a referral is declined, or a remediation request contested.",
    source="OpenRedress",
)
ONWARD_REASON = code_list_of(
    "onward_reason",
    (code(word, meaning) for word, meaning in _ONWARD_REASONS),
    description="Why a CSO asks that another one takes a case on.",
    source="OpenRedress",
)
