"""The states of a grievance, referral, remediation request and placement.

Who moves a record from one to the next, and when, stands in the rules of each room.
`open` is true while the record still waits for somebody's step.
"""

from __future__ import annotations

from openredress_api.vocabulary.codes import CodeList, code, code_list_of

_OPEN, _ENDED = True, False
_Rows = tuple[tuple[str, bool, str], ...]

_GRIEVANCE: _Rows = (
    ("received", _OPEN, "It has come in; every clock starts here"),
    ("acknowledged", _OPEN, "The worker has been told that it arrived"),
    ("triaged", _OPEN, "Category and severity are set"),
    ("out_of_scope", _ENDED, "Not for this mechanism, with a reason"),
    ("merged_duplicate", _ENDED, "The same matter as another grievance"),
    ("referred_elsewhere", _ENDED, "Handed to another body"),
    ("withdrawn_by_worker", _ENDED, "The worker took it back, with a reason; not a success"),
    ("in_investigation", _OPEN, "Facts are being established"),
    ("action_agreed", _OPEN, "It is agreed what will be done"),
    ("resolved_reported", _OPEN, "The supplier says that it is resolved"),
    ("closed_validated", _ENDED, "Closed, and workers confirmed the remedy"),
    ("closed_unvalidated", _ENDED, "Closed by the supplier; workers have not confirmed"),
    ("closed_unreachable", _ENDED, "Closed because nobody concerned could be reached"),
    ("reopened", _OPEN, "Taken up again from the worker's side, at any time"),
)
_REFERRAL: _Rows = (
    ("draft", _OPEN, "Being written"),
    ("consent_checked", _OPEN, "The worker's consent covers this purpose and recipient"),
    ("offered", _OPEN, "Released to the recipient"),
    ("delivered", _OPEN, "The recipient's system took the notice"),
    ("opened", _OPEN, "The recipient read it"),
    ("accepted", _OPEN, "The recipient takes it on"),
    ("declined", _ENDED, "The recipient refuses, with a reason"),
    ("expired", _ENDED, "Nobody decided in time"),
    ("in_progress", _OPEN, "The recipient is at work"),
    ("response_submitted", _OPEN, "The recipient answered"),
    ("returned", _OPEN, "The answer needs more"),
    ("completed", _OPEN, "The answer suffices; closing remains"),
    ("closed", _ENDED, "Nothing more to do"),
    ("revoked", _ENDED, "Taken back by the sender or by the worker's consent"),
)
_REMEDIATION: _Rows = (
    ("issued", _OPEN, "Asked of the supplier"),
    ("acknowledged", _OPEN, "The supplier has seen it"),
    ("contested", _OPEN, "The supplier objects, with a decline reason"),
    ("plan_submitted", _OPEN, "A plan awaits an answer"),
    ("plan_agreed", _OPEN, "The plan is agreed"),
    ("plan_returned", _OPEN, "The plan needs more"),
    ("in_progress", _OPEN, "The supplier is at work; a new round after a dispute"),
    ("supplier_claims_completed", _OPEN, "The supplier says that it is done"),
    ("evidence_review", _OPEN, "Evidence of the claim is read"),
    ("worker_validation", _OPEN, "Workers are being asked"),
    ("validated_full", _ENDED, "Workers confirmed it in full"),
    ("validated_partial", _OPEN, "Workers confirmed a part; the rest remains"),
    ("disputed_by_workers", _OPEN, "Workers say that it was not done"),
    ("validation_not_possible", _ENDED, "Nobody concerned could be reached, after due attempts"),
    ("closed", _ENDED, "Nothing more to do"),
    ("cancelled", _ENDED, "Taken back: consent withdrawn, or a duplicate"),
)
_REPAYMENT: _Rows = (
    ("drafted", _OPEN, "Written by the institute; nobody else sees it"),
    ("offered", _OPEN, "The payer is asked to agree"),
    ("contested", _OPEN, "The payer objects, with a decline reason"),
    ("accepted", _OPEN, "The payer has agreed; nothing is reported yet"),
    ("in_progress", _OPEN, "The payer reports payments and workers are asked"),
    ("completed", _ENDED, "Workers confirmed every instalment in full"),
    ("closed", _ENDED, "Nothing more to do"),
    ("cancelled", _ENDED, "Taken back: consent withdrawn, a duplicate, or a mistake"),
)
_PLACEMENT: _Rows = (
    ("job_order_received", _OPEN, "An employer asks for workers"),
    ("worker_registered", _OPEN, "A worker applies"),
    ("offer_explained", _OPEN, "The offer was explained in a language understood"),
    ("contract_signed_origin", _OPEN, "The contract is signed before departure"),
    ("predeparture_done", _OPEN, "Pre-departure orientation took place"),
    ("departed", _OPEN, "The worker left the country of origin"),
    ("arrived", _OPEN, "The worker reached the destination"),
    ("working", _OPEN, "The worker started work"),
    ("post_arrival_interview_done", _OPEN, "The worker was interviewed after arrival"),
    ("completed", _ENDED, "The contract ran to its end"),
    ("renewed", _ENDED, "A new contract with the same employer follows"),
    ("changed_employer", _ENDED, "The worker moved to another employer"),
    ("terminated_early", _ENDED, "The contract ended early, with a reason"),
    ("returned", _ENDED, "The worker returned home"),
    ("cancelled_before_departure", _ENDED, "The worker never left"),
)


def _lifecycle(name: str, rows: _Rows, description: str) -> CodeList:
    codes = (code(word, meaning, open=is_open) for word, is_open, meaning in rows)
    return code_list_of(name, codes, description=description, source="OpenRedress")


GRIEVANCE_STATUS = _lifecycle(
    "grievance_status",
    _GRIEVANCE,
    "Where a grievance stands. closed_unvalidated is the closing a supplier reaches alone.",
)
REFERRAL_STATUS = _lifecycle(
    "referral_status",
    _REFERRAL,
    "Where a referral stands. Delivered to a system is not opened by a person.",
)
REMEDIATION_STATUS = _lifecycle(
    "remediation_status",
    _REMEDIATION,
    "Where a remediation request stands. Overdue is derived from due_at and never stored.",
)
REPAYMENT_STATUS = _lifecycle(
    "repayment_status",
    _REPAYMENT,
    "Where an agreement to repay fees stands. Overdue is derived from the days that are due.",
)
PLACEMENT_STATUS = _lifecycle(
    "placement_status",
    _PLACEMENT,
    "Where a placement stands. renewed and changed_employer end it; a new placement follows.",
)
