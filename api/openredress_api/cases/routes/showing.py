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
# What tells when and how often a worker turned to the institute, its own reference, that there is
# another case, and what was erased, never leave it.
INTERNAL = (
    *("received_at", "received_at_basis", "external_ref", "created_at", "merged_into"),
    *("contact_erased_at", "content_erased_at"),
)


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
        views[case.id] = {name: each for name, each in case.members().items() if name not in hidden}
        views[case.id] |= {"issues": {}, "indicators": {}}
    counting = _counting(transaction, views)
    for issue in issues_of(transaction, list(counting)):
        for view in counting[issue.case_id]:
            view["issues"].setdefault(issue.category, issue)
    for observation in observations_of(transaction, list(counting)):
        for view in counting[observation.case_id]:
            view["indicators"].setdefault(observation.indicator)
    if is_institute:
        _count_contacts(transaction, views, counting)
    for view in views.values():
        view["issues"], view["indicators"] = [*view["issues"].values()], [*view["indicators"]]
    return views


def _counting(
    transaction: Transaction, views: Mapping[UUID, dict[str, Any]]
) -> Mapping[UUID, list[dict[str, Any]]]:
    """For each case with rows to count, where they count: at itself, and where it was merged."""
    counting = {case_id: [view] for case_id, view in views.items()}
    for case_id, into in duplicates_of(transaction, list(views)).items():
        counting.setdefault(case_id, []).append(views[into])
    return counting


def _count_contacts(
    transaction: Transaction,
    views: Mapping[UUID, dict[str, Any]],
    counting: Mapping[UUID, list[dict[str, Any]]],
) -> None:
    for view in views.values():
        view["contacts"] = 0
    for case_id, number in contacts_by_case(transaction, list(counting)).items():
        for view in counting[case_id]:
            view["contacts"] += number
