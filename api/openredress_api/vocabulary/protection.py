"""What endangers a worker, what is done against it, and what was found afterwards."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_RISKS = (
    ("recognisable", "The facts alone tell who complained"),
    ("reprisal_likely", "Somebody was punished here before, or it was threatened"),
    ("accused_is_in_charge", "Whoever is accused would handle the matter"),
    ("violence", "Somebody may be hurt"),
    ("papers_held", "Passport, permit or bank card is in the employer's hands"),
    ("housing_controlled", "The worker lives where the employer decides"),
    ("right_to_stay", "The right to stay hangs on this employer"),
    ("family_in_reach", "The family can be put under pressure"),
    ("no_safe_contact", "The worker cannot be reached unseen"),
)
_MEASURES = (
    ("moved_to_safety", "The worker is in a safe place"),
    ("left_the_site", "The worker does not work there any more"),
    ("safe_contact_agreed", "How and when to call was agreed"),
    ("details_left_out", "What would tell who complained is left out"),
    ("asked_for_all", "The remedy is asked for everybody in that situation"),
    ("waiting_time", "The release waits, so that no link to a call is seen"),
    ("another_addressee", "It goes to somebody whom the accused does not command"),
    ("emergency_plan", "The worker knows whom to call at once"),
    ("protection_actor_involved", "An organisation or authority that protects is at work"),
)
_RESULTS = (
    ("well", "Nothing happened to the worker"),
    ("retaliation", "The worker was punished or threatened; the site is held"),
    ("unreachable", "Nobody answered by the safe way"),
    ("declined", "The worker does not want to be asked"),
)
_CLEARED = (
    ("not_confirmed", "Looked into; there was no reprisal"),
    ("remedied", "The reprisal was put right and has ended"),
    ("worker_safe", "The worker is out of reach of a reprisal and wants the work to go on"),
    ("recorded_by_mistake", "The report was entered by mistake"),
)
_PURPOSES = (
    ("contact", "Call or meet the worker"),
    ("pay", "Have money reach the worker"),
    ("protect", "Bring the worker into safety"),
    ("represent", "Act for the worker before a court or authority"),
    ("correct", "Put right what is stored"),
)

SAFETY_RISK = code_list_of(
    "safety_risk",
    (code(word, meaning) for word, meaning in _RISKS),
    description="What could happen to a worker when an employer or agency learns of a case.",
    source="OpenRedress",
)
SAFETY_MEASURE = code_list_of(
    "safety_measure",
    (code(word, meaning) for word, meaning in _MEASURES),
    description="What was done about the risks before anything is released.",
    source="OpenRedress",
)
CHECK_BACK_RESULT = code_list_of(
    "check_back_result",
    (code(word, meaning) for word, meaning in _RESULTS),
    description="What was heard when a worker was asked whether there was a reprisal.",
    source="OpenRedress",
)
HOLD_CLEAR_REASON = code_list_of(
    "hold_clear_reason",
    (code(word, meaning) for word, meaning in _CLEARED),
    description="Why a held site is open again; it never leaves the institute.",
    source="OpenRedress",
)
IDENTITY_PURPOSE = code_list_of(
    "identity_purpose",
    (code(word, meaning) for word, meaning in _PURPOSES),
    description="What a worker's identity is needed for.",
    source="OpenRedress",
)
