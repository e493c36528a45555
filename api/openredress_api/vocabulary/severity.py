"""How grave a case is, and the clocks that follow from it."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

SEVERITY = code_list_of(
    "severity",
    (
        code(
            "s1_critical",
            "Risk to life or liberty, a child, sexual violence, or current harm with an "
            "indicator that raises severity alone; to the supplier only after a safety plan",
            acknowledge_hours=4,
            first_action_hours=24,
            escalate_after_days=0,
            safety_plan_first=True,
        ),
        code(
            "s2_severe",
            "Many workers, hard to undo, or a restricted category",
            acknowledge_days=1,
            first_action_days=5,
            escalate_after_days=5,
            safety_plan_first=False,
        ),
        code(
            "s3_serious",
            "Breach of law that can be remedied",
            acknowledge_days=2,
            first_action_days=10,
            escalate_after_days=20,
            safety_plan_first=False,
        ),
        code(
            "s4_minor",
            "Service or discomfort",
            acknowledge_days=5,
            first_action_days=20,
            escalate_after_days=45,
            safety_plan_first=False,
        ),
    ),
    description=(
        "Scale, scope and irremediability. Hours run from the instant received; days are "
        "calendar days in the site's zone, day 0 being the day received. escalate_after_days 0 "
        "is at once. An agreement may shorten the acknowledgement, never lengthen it."
    ),
    source="OpenRedress defaults, after UN Guiding Principles 14 and 24",
)
