"""Cases of the institute, and referrals of them, as its own software would make them."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.factories.parties import Party, World

ARRIVAL = {
    "channel": "hotline_call",
    "received_at": "2026-03-02T09:30:00Z",
    "received_at_basis": "stated",
}
CASE = ARRIVAL | {
    "categories": ["wages.withheld", "hours.excessive"],
    "severity": "s3_serious",
}
OBSERVATION = {
    "indicator": "wage_withholding",
    "observed_at": "2026-02",
    "basis": "stated_by_worker",
}
SAFE_CONTACT = {
    "may_contact": True,
    "channels": ["line", "hotline_call"],
    "days": ["sunday"],
    "from_hour": 18,
    "until_hour": 21,
    "time_zone": "Asia/Bangkok",
    "who_answers": "worker_only",
}
SUMMARY = {"categories": ["wages.withheld"], "event_month": "2026-03", "severity": "s3_serious"}
ONWARD = {"to_country": "MM", "purpose": "shelter", "reason": "worker_goes_home"}
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


def receipt_code(world: World, case_id: str) -> str:
    """A receipt code of a case, as the worker is given it."""
    answer = world.institute.post(f"/v1/cases/{case_id}/receipt-codes")
    assert answer.status_code == 201, answer.json
    return str(answer.json["code"])


def offer(case_id: str, to: Party, **fields: Any) -> dict[str, Any]:
    """The body that drafts a referral of a case to `to`."""
    made = {"case": case_id, "to": to.id, "purpose": "remediate", "summary": SUMMARY}
    return made | fields


def release(world: World, body: dict[str, Any]) -> TestResponse:
    """One person drafts a referral and another one releases it; the first refusal ends it."""
    drafted = world.institute.post("/v1/referrals", body)
    if drafted.status_code != 201:
        return drafted
    return let_go(world, drafted.headers["Location"])


def let_go(world: World, draft: str, by: Party | None = None, **headers: str) -> TestResponse:
    """A second person reads the draft at this path and releases it as it was read."""
    person = by or world.releaser
    read = {"If_Match": person.get(draft).headers["ETag"]} | headers
    return person.post(f"{draft}/release", **read)


def send(world: World, body: dict[str, Any]) -> TestResponse:
    """As `release`, and the time passes until the recipient is shown it."""
    released = release(world, body)
    if released.status_code != 200:
        return released
    let_pass(world)
    return world.institute.get(f"/v1/referrals/{released.json['id']}")


def let_pass(world: World) -> None:
    """The moments of all that was released have come, and the worker has done its chore."""
    with world.installation.as_owner() as connection:
        for table, key in (("referral", "referral_id"), ("remediation_request", "request_id")):
            link = f"{table.split('_')[0]}_case"
            connection.execute(
                text(
                    f"UPDATE {link} l SET release_at = gate.now_of(l.organisation_id) "  # noqa: S608 - names of tables
                    f"FROM {table} r WHERE r.organisation_id = l.organisation_id "
                    f"AND r.id = l.{key} AND r.released_at IS NULL AND l.release_at IS NOT NULL"
                )
            )
        url = {"url": world.installation.settings.public_url}
        connection.execute(text("SELECT gate.release_due_referrals(:url)"), url)


def referral(world: World, to: Party, **fields: Any) -> dict[str, Any]:
    """A referral to `to` of a fresh case at a site of its own, or of a new supplier."""
    owner = to if to.kind == "supplier" else world.party("supplier")
    site = world.site(owner, f"referred {next(_numbers)}")
    case_id = case(world, site)["id"]
    consent(world, case_id, SCOPE_FOR[to.kind])
    sent = send(world, offer(case_id, to, **fields))
    assert sent.status_code == 200, sent.json
    return dict(sent.json)
