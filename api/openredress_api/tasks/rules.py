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


_BY_FACT: Mapping[str, Work] = {
    "claim.submitted": Work("review_claim", 5),
    "onward_request.asked": Work("answer_onward_request", 3),
    "placement.flagged": Work("review_placement", 10),
    "referral.declined": Work("decide_declined_referral", 3),
    "remediation.contested": Work("decide_contested_request", 5),
    "remediation.disputed": Work("decide_after_validation", 5),
    "remediation.plan_submitted": Work("answer_plan", 5),
    "remediation.validated": Work("decide_after_validation", 5),
    "remediation.validation_not_possible": Work("decide_after_validation", 5),
    "site.os_id_contested": Work("decide_os_id", 10),
}
# Grievances make work where they are grave: the first action is due by the severity's clock.
_BY_SEVERITY: Mapping[str, Work] = {
    "s1_critical": Work("look_at_grievance", 1),
    "s2_severe": Work("look_at_grievance", 5),
}
# Raised by the database's clock: nobody has taken or read what was sent (gate.raise_fallbacks), or
# said that copies are gone (gate.demand_deletion_receipts).
_BY_TIME = {"reach_recipient", "demand_deletion_receipt"}
KINDS = tuple(
    sorted(_BY_TIME | {work.kind for work in (*_BY_FACT.values(), *_BY_SEVERITY.values())})
)
SEVERITIES = tuple(TAXONOMIES["severity"].codes)


def work_for(fact: str, severity: object) -> Work | None:
    """The work that a fact makes; None: none. `severity` is that of a grievance."""
    if fact in {"grievance.received", "grievance.regraded"}:
        return _BY_SEVERITY.get(str(severity))
    return _BY_FACT.get(fact)
