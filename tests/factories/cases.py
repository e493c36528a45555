"""Cases of the institute, and referrals of them, as its own software would make them."""

from __future__ import annotations

import itertools
from typing import Any

from tests.factories.parties import Party, World

CASE = {
    "categories": ["wages.withheld", "hours.excessive"],
    "channel": "hotline_call",
    "severity": "s3_serious",
    "received_at": "2026-03-02T09:30:00Z",
    "received_at_basis": "stated",
}
SUMMARY = {"categories": ["wages.withheld"], "event_month": "2026-03", "severity": "s3_serious"}
SCOPE_FOR = {
    "supplier": "share_deidentified_employer",
    "agency": "share_agency",
    "cso": "share_cso",
    "government": "share_authority",
}

_numbers = itertools.count(1)


def case(world: World, site: str, **fields: Any) -> dict[str, Any]:
    """An open case at `site`; returns its view."""
    answer = world.institute.post("/v1/cases", CASE | {"site": site} | fields)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def consent(world: World, case_id: str, scope: str, state: str = "granted", **fields: Any) -> Any:
    """A worker's answer to one scope of a case."""
    body = {"scope": scope, "state": state, "method": "spoken", "language": "my"} | fields
    answer = world.institute.post(f"/v1/cases/{case_id}/consents", body)
    assert answer.status_code == 201, answer.json
    return answer.json


def offer(case_id: str, to: Party, **fields: Any) -> dict[str, Any]:
    """The body that offers a case to `to`."""
    made = {"case": case_id, "to": to.id, "purpose": "remediate", "summary": SUMMARY}
    return made | fields


def referral(world: World, to: Party, **fields: Any) -> dict[str, Any]:
    """A referral to `to` of a fresh case at a site of its own, or of a new supplier."""
    owner = to if to.kind == "supplier" else world.party("supplier")
    site = world.site(owner, f"referred {next(_numbers)}")
    case_id = case(world, site)["id"]
    consent(world, case_id, SCOPE_FOR[to.kind])
    answer = world.institute.post("/v1/referrals", offer(case_id, to, **fields))
    assert answer.status_code == 201, answer.json
    return dict(answer.json)
