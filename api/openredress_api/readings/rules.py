"""Rules of reading the log in plain Python: whose entries, and what of them is told to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

# The kinds of records that an organisation may ask about, by the prefix of their ids.
KINDS = {
    "case": "case_record",
    "ref": "referral",
    "rem": "remediation_request",
    "clm": "completion_claim",
    "val": "worker_validation",
    "evd": "evidence",
    "grv": "grievance",
    "plc": "placement",
    "stm": "worker_statement",
    "itv": "post_arrival_interview",
}


def told(entry: Mapping[str, Any], record: str | None, me: UUID, institute: UUID) -> dict[str, Any]:
    """An entry as `me` may see it.

    People are named to their own organisation alone, and other organisations than the institute
    to nobody: who works on a case, or sponsors its remedy, is no business of its neighbour. Of a
    stranger's entry only the record that was asked about is told.
    """
    reader = entry["organisation_id"]
    content = entry["content"] or {}
    mine = reader == me
    return {
        "id": entry["id"],
        "at": entry["at"],
        "operation": entry["operation"],
        "organisation": reader if mine or reader == institute else None,
        "person": UUID(content["person"]) if mine and content.get("person") else None,
        "records": content.get("subjects", []) if mine else [record],
    }
