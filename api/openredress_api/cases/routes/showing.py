"""How a case is shown, and to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from openredress_api.cases.actions.contacts import contacts_by_case
from openredress_api.cases.actions.grading import observations_of
from openredress_api.cases.actions.rows import duplicates_of, issues_of
from openredress_api.cases.tables import CaseRecord
from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode

endpoint = partial(doors.endpoint, room="cases")
ONE = {"id": "case"}
INSTITUTE = ("institute",)
READERS = ("institute", "cso")
# What tells when and how often a worker turned to the institute, its own reference, and that there
# is another case, never leave it.
INTERNAL = ("received_at", "received_at_basis", "external_ref", "created_at", "merged_into")


def case_id(call: Call) -> str:
    """The case of the path as it is written."""
    return encode("case", call.path["id"])


def case_answer(transaction: Transaction, case: CaseRecord, status: int = 200) -> Answer:
    """A case as the caller may see it."""
    wire_id = encode("case", case.id)
    return Answer(
        shown(transaction, [case])[case.id],
        status,
        version=case.version,
        location=f"/v1/cases/{wire_id}",
        subjects=(wire_id,),
    )


def shown(transaction: Transaction, cases: Sequence[CaseRecord]) -> Mapping[UUID, dict[str, Any]]:
    """Each case with what counts at it, as far as the caller may see it, by id."""
    is_institute = transaction.context.is_institute
    hidden = () if is_institute else INTERNAL
    views: dict[UUID, dict[str, Any]] = {}
    for case in cases:
        told = {name: each for name, each in case.members().items() if name not in hidden}
        counted = {"issues": [], "indicators": []} | ({"contacts": 0} if is_institute else {})
        views[case.id] = told | counted
    _count(transaction, views)
    return views


def _count(transaction: Transaction, views: Mapping[UUID, dict[str, Any]]) -> None:
    """Add to each case what belongs to it and to the cases that were merged into it."""
    merged = duplicates_of(transaction, list(views))
    every = list({**views, **merged})

    def counting(case_id: UUID) -> list[dict[str, Any]]:
        return [views[one] for one in (case_id, merged.get(case_id)) if one in views]

    for issue in issues_of(transaction, every):
        for view in counting(issue.case_id):
            if issue.category not in [each.category for each in view["issues"]]:
                view["issues"].append(issue)
    for observation in observations_of(transaction, every):
        for view in counting(observation.case_id):
            if observation.indicator not in view["indicators"]:
                view["indicators"].append(observation.indicator)
    if transaction.context.is_institute:
        for case_id, number in contacts_by_case(transaction, every).items():
            for view in counting(case_id):
                view["contacts"] += number
