"""Which facts make work for the institute, and by when it is due, in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openredress_api.vocabulary import TAXONOMIES

STATES = ("open", "done")
NOTE_CODES = ("done", "handed_on", "not_needed")


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done and within how many days."""

    kind: str
    days: int


_BY_FACT: Mapping[str, tuple[Work, ...]] = {
    "case.message_received": (Work("answer_worker", 1),),
    "case.reopening_asked": (Work("decide_reopening", 1),),
    "claim.submitted": (Work("review_claim", 5),),
    "erasure.asked": (Work("decide_erasure", 3),),
    "identity.asked": (Work("decide_identity_request", 1),),
    # Two people are told: what one of them overlooks, or should not have done, the other one sees.
    "identity.read": (Work("watch_identity_read", 5), Work("confirm_identity_read", 5)),
    "identity.taken_at_once": (
        Work("review_break_glass", 1),
        Work("second_review_of_break_glass", 1),
    ),
    "onward_request.asked": (Work("answer_onward_request", 3),),
    "legal_request.recorded": (Work("decide_legal_request", 3),),
    "placement.flagged": (Work("review_placement", 10),),
    "referral.held_back": (Work("draft_again", 3),),
    "referral.declined": (Work("decide_declined_referral", 3),),
    "remediation.held_back": (Work("draft_again", 3),),
    "remediation.contested": (Work("decide_contested_request", 5),),
    "remediation.disputed": (Work("decide_after_validation", 5),),
    "remediation.plan_submitted": (Work("answer_plan", 5),),
    "remediation.validated": (Work("decide_after_validation", 5),),
    "remediation.validation_not_possible": (Work("decide_after_validation", 5),),
    "repayment.completed": (Work("close_repayment", 5),),
    "repayment.contested": (Work("decide_contested_repayment", 5),),
    "repayment.payment_reported": (Work("validate_repayment", 10),),
    "repayment.validation_not_possible": (Work("decide_after_validation", 5),),
    "response.submitted": (Work("review_response", 2),),
    "site.held": (Work("decide_site_hold", 1),),
    "systemic_action.stated": (Work("verify_systemic_action", 20),),
    "site.os_id_contested": (Work("decide_os_id", 10),),
}
_PAIRS = (
    ("watch_identity_read", "confirm_identity_read"),
    ("review_break_glass", "second_review_of_break_glass"),
)
OTHER_OF_PAIR = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
"""Of two tasks about one thing, the other one: they are for two people."""

# Grievances and cases make work where they are grave: the first action is due by the severity's
# clock. Of a case each has a kind of its own, so that a raised one is due earlier.
_OF_GRIEVANCE = {
    "s1_critical": (Work("look_at_grievance", 1),),
    "s2_severe": (Work("look_at_grievance", 5),),
}
_BY_SEVERITY: Mapping[str, Mapping[str, tuple[Work, ...]]] = {
    "case.graded": {
        "s1_critical": (Work("act_on_critical_case", 1),),
        "s2_severe": (Work("act_on_severe_case", 5),),
    },
    "grievance.received": _OF_GRIEVANCE,
    "grievance.regraded": _OF_GRIEVANCE,
}
# Raised by the database's clock: when nobody has taken or read what was sent (raise_fallbacks),
# when a worker is to be asked whether there was a reprisal (raise_check_backs), when nobody says
# that copies are deleted (demand_deletion_receipts), when a remedy is late (tell_of_deadlines),
# when an instalment is (tell_of_overdue_repayments), when what was released came too late for its
# safety assessment (release_due_referrals).
_BY_TIME = {
    "reach_recipient",
    "check_back",
    "demand_deletion_receipt",
    "chase_overdue_remedy",
    "chase_repayment",
    "draft_again",
}
_EVERY = (*_BY_FACT.values(), *(works for fact in _BY_SEVERITY.values() for works in fact.values()))
KINDS = tuple(sorted(_BY_TIME | {work.kind for works in _EVERY for work in works}))
SEVERITIES = tuple(TAXONOMIES["severity"].codes)


def work_for(fact: str, severity: object) -> tuple[Work, ...]:
    """What a fact makes people do; `severity` is that of a grievance or case."""
    if fact in _BY_SEVERITY:
        return _BY_SEVERITY[fact].get(str(severity), ())
    return _BY_FACT.get(fact, ())
