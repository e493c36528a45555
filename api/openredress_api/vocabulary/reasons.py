"""Why a grievance or placement ended other than as planned."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

WITHDRAWAL_REASON = code_list_of(
    "withdrawal_reason",
    (
        code("resolved_informally", "Settled between the people concerned", signal=False),
        code("fear", "The worker is afraid", signal=True),
        code("left_job", "The worker left the job", signal=False),
        code("lost_trust", "The worker no longer trusts the mechanism", signal=True),
        code("no_reason_given", "The worker gave none", signal=False),
        code("settlement", "A settlement was signed", signal=True),
    ),
    description=(
        "Why a worker took a grievance back. `signal` ones are counted as a warning; no "
        "withdrawal is a closing success."
    ),
    source="OpenRedress",
)
OUT_OF_SCOPE_REASON = code_list_of(
    "out_of_scope_reason",
    (
        code("independent_contractor", "Said to be no employee", watched=True),
        code("subcontractor_worker", "Employed by a subcontractor", watched=True),
        code("fringe_benefit", "A benefit the mechanism does not cover", watched=False),
        code("other", "Another reason, in a note", watched=False, needs_note=True),
    ),
    description=(
        "Why a grievance was ruled out; reported by reason. `watched` ones rule out the people "
        "who are most exposed. `needs_note` asks for other_note_internal, which is never shared."
    ),
    source="OpenRedress, from reasons found in public wage-claim registers",
)
EARLY_END_REASON = code_list_of(
    "early_end_reason",
    (
        code("left_employment", "The worker left; no other word is used for it"),
        code("ended_by_employer", "The employer ended the contract"),
        code("ended_by_agreement", "Both sides agreed to end it"),
        code("other", "Another reason, in a note", needs_note=True),
    ),
    description=(
        "Why a placement ended early. Words that make leaving a crime have no code. "
        "`needs_note` asks for other_note_internal, which is never shared."
    ),
    source="OpenRedress",
)
