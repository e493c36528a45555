"""Cases are the institute's; they live by their lifecycle, and a CSO reads what is assigned."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import text

from openredress_api.cases import rules
from openredress_api.vocabulary import TAXONOMIES
from tests.factories.cases import CASE, case, consent
from tests.factories.parties import Party, World


@pytest.fixture(scope="module")
def site(world: World) -> str:
    """A site of some supplier."""
    return world.site(world.party("supplier"))


def change(world: World, case_id: str, to: str, version: int, **reason: str):
    """Ask for one status change."""
    return world.institute.post(
        f"/v1/cases/{case_id}/status-changes",
        {"to": to, **reason},
        If_Match=f'"v{version}-institute"',
    )


def audited(world: World, party: Party, operation: str) -> list[list[str]]:
    """The subjects of the audit entries of one operation."""
    with world.installation.as_owner() as connection:
        found = connection.execute(
            text("SELECT content FROM audit WHERE organisation_id = :o AND operation = :op"),
            {"o": party.organisation_id, "op": operation},
        )
        return [json.loads(row.content)["subjects"] for row in found]


def test_a_case_is_opened_with_its_issues(world: World, site: str) -> None:
    """An opened case starts as received, has one issue per category and is read back as told."""
    made = world.institute.post(
        "/v1/cases", CASE | {"site": site, "external_ref": "H-77", "workers_affected": 4}
    )
    assert made.status_code == 201, made.json
    assert made.headers["ETag"] == '"v1-institute"'
    read = world.institute.get(made.headers["Location"])
    assert read.json == made.json
    assert read.json["status"] == "received"
    assert [issue["category"] for issue in read.json["issues"]] == sorted(CASE["categories"])
    assert (read.json["external_ref"], read.json["workers_affected"]) == ("H-77", 4)


def test_the_same_key_opens_one_case(world: World, site: str) -> None:
    """A repeated POST gives the first case again, read afresh."""
    body = CASE | {"site": site}
    first = world.institute.post("/v1/cases", body, Idempotency_Key="open-once")
    world.institute.post(f"/v1/cases/{first.json['id']}/issues", {"category": "osh.ppe"})
    again = world.institute.post("/v1/cases", body, Idempotency_Key="open-once")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json["id"] == first.json["id"]
    assert len(again.json["issues"]) == 3


def test_bad_cases_are_refused_by_field(world: World) -> None:
    """A foreign site, a category named twice and a moment to come are each named."""
    bad = CASE | {
        "site": "site_" + "0" * 26,
        "categories": ["osh.ppe", "osh.ppe"],
        "received_at": "2027-03-02T09:30:00Z",
    }
    answer = world.institute.post("/v1/cases", bad)
    assert answer.status_code == 422
    found = {error["pointer"]: error["code"] for error in answer.json["errors"]}
    assert found == {
        "/site": "not_a_site",
        "/categories/1": "repeated",
        "/received_at": "in_the_future",
    }


def test_reads_of_cases_are_audited_with_their_ids(world: World, site: str) -> None:
    """Each read of one case or of a list leaves an entry that names what was read (R18)."""
    made = case(world, site)["id"]
    world.institute.get(f"/v1/cases/{made}")
    world.institute.get(f"/v1/cases?site={site}")
    assert [made] in audited(world, world.institute, "get_case")
    assert made in audited(world, world.institute, "list_cases")[-1]
    assert [made] in audited(world, world.institute, "open_case")


def test_lists_are_narrowed_by_status_site_and_time(world: World) -> None:
    """Each filter leaves exactly what fits it."""
    here, there = (world.site(world.party("supplier")) for _ in range(2))
    first, second, other = case(world, here), case(world, here), case(world, there)
    moved = change(world, second["id"], "acknowledged", 1).json

    def listed(query: str) -> list[str]:
        found = world.institute.get(f"/v1/cases?{query}").json["data"]
        return [one["id"] for one in found]

    assert listed(f"site={here}") == [first["id"], second["id"]]
    assert listed(f"site={there}") == [other["id"]]
    assert listed(f"site={here}&status=acknowledged") == [second["id"]]
    since = moved["updated_at"]
    assert listed(f"site={here}&updated_since={since}") == [second["id"]]


def test_issues_are_added_once(world: World, site: str) -> None:
    """A further category makes an issue and a new version; the same one again is refused."""
    made = case(world, site)["id"]
    added = world.institute.post(f"/v1/cases/{made}/issues", {"category": "osh.ppe"})
    assert (added.status_code, added.json["category"]) == (201, "osh.ppe")
    assert world.institute.get(f"/v1/cases/{made}").headers["ETag"] == '"v2-institute"'
    again = world.institute.post(f"/v1/cases/{made}/issues", {"category": "osh.ppe"})
    assert (again.status_code, again.json["code"]) == (409, "issue_exists")


def test_a_case_moves_step_by_step(world: World, site: str) -> None:
    """Each step needs the version last read; the steps are listed in their order."""
    made = case(world, site)["id"]
    url = f"/v1/cases/{made}/status-changes"
    blind = world.institute.post(url, {"to": "acknowledged"})
    assert (blind.status_code, blind.json["code"]) == (428, "precondition_required")
    way = ["acknowledged", "triaged", "in_investigation", "action_agreed", "resolved_reported"]
    for version, status in enumerate([*way, "closed_unvalidated", "reopened"], 1):
        moved = change(world, made, status, version)
        assert (moved.status_code, moved.json["status"]) == (200, status), moved.json
    stale = change(world, made, "in_investigation", 1)
    assert (stale.status_code, stale.json["code"]) == (412, "precondition_failed")
    listed = world.institute.get(url).json["data"]
    assert [step["to"] for step in listed] == [*way, "closed_unvalidated", "reopened"]


def test_leaps_and_reasons_are_checked(world: World, site: str) -> None:
    """No step is skipped; a withdrawal needs its reason, and no other status may have one."""
    made = case(world, site)["id"]
    leap = change(world, made, "resolved_reported", 1)
    assert (leap.status_code, leap.json["code"]) == (409, "state_transition_not_allowed")
    mute = change(world, made, "withdrawn_by_worker", 1)
    assert (mute.status_code, mute.json["errors"][0]["code"]) == (422, "needs_reason")
    odd = change(world, made, "acknowledged", 1, withdrawal_reason="fear")
    assert (odd.status_code, odd.json["errors"][0]["code"]) == (422, "only_with_status")
    assert change(world, made, "withdrawn_by_worker", 1, withdrawal_reason="fear").json[
        "status"
    ] == ("withdrawn_by_worker")


def test_nobody_closes_a_case_as_validated_by_hand(world: World, site: str) -> None:
    """closed_validated is refused here even where the lifecycle has the step."""
    made = case(world, site)["id"]
    way = ["acknowledged", "triaged", "in_investigation", "action_agreed", "resolved_reported"]
    for version, status in enumerate(way, 1):
        change(world, made, status, version)
    answer = change(world, made, "closed_validated", 6)
    assert (answer.status_code, answer.json["code"]) == (409, "state_transition_not_allowed")


def test_a_voided_case_stays_as_a_tombstone(world: World, site: str) -> None:
    """A voided case keeps its row and reason, and is not changed any more."""
    made = case(world, site)["id"]
    voided = world.institute.post(f"/v1/cases/{made}/void", {"reason": "entered_twice"})
    assert (voided.status_code, voided.json["void_reason"]) == (200, "entered_twice")
    assert world.institute.get(f"/v1/cases/{made}").json["voided_at"]
    for path, body in (("issues", {"category": "osh.ppe"}), ("void", {"reason": "entered_twice"})):
        again = world.institute.post(f"/v1/cases/{made}/{path}", body)
        assert (again.status_code, again.json["code"]) == (409, "case_voided")
    stale = case(world, site)["id"]
    blind = world.institute.post(
        f"/v1/cases/{stale}/void", {"reason": "entered_twice"}, If_Match='"v9-institute"'
    )
    assert blind.status_code == 412


def test_consent_is_a_history(world: World, site: str) -> None:
    """Every answer stays; bad languages and answers that have expired are refused (R1)."""
    made = case(world, site)["id"]
    for state in ("granted", "withdrawn", "granted"):
        consent(world, made, "share_cso", state)
    url = f"/v1/cases/{made}/consents"
    listed = world.institute.get(url).json["data"]
    assert [answer["state"] for answer in listed] == ["granted", "withdrawn", "granted"]
    body = {"scope": "share_cso", "state": "granted", "method": "spoken", "language": "Burmese"}
    bad = world.institute.post(url, body)
    assert bad.json["errors"][0]["code"] == "not_a_language"
    body |= {"language": "my", "expires_at": "2020-01-01T00:00:00Z"}
    late = world.institute.post(url, body)
    assert (late.status_code, late.json["errors"][0]["code"]) == (422, "in_the_past")


def test_an_assigned_cso_reads_without_what_tells_on_the_worker(world: World, site: str) -> None:
    """An assigned CSO reads case and issues; no time of receipt, no reference of the institute."""
    made = case(world, site, external_ref="H-1")["id"]
    other = case(world, site)["id"]
    cso = world.party("cso")
    url = f"/v1/cases/{made}/assignments"
    early = world.institute.post(url, {"organisation": cso.id})
    assert (early.status_code, early.json["code"]) == (409, "consent_missing")
    consent(world, made, "share_cso")
    assert cso.get(f"/v1/cases/{made}").status_code == 404
    assert world.institute.post(url, {"organisation": cso.id}).status_code == 201
    again = world.institute.post(url, {"organisation": cso.id})
    assert (again.status_code, again.json["code"]) == (409, "already_assigned")
    read = cso.get(f"/v1/cases/{made}")
    assert read.status_code == 200
    assert len(read.json["issues"]) == 2
    assert not {"received_at", "received_at_basis", "created_at", "external_ref"} & set(read.json)
    assert cso.get(f"/v1/cases/{other}").status_code == 404
    assert [one["id"] for one in cso.get("/v1/cases").json["data"]] == [made]
    assert [made] in audited(world, cso, "get_case")
    assert cso.get(f"/v1/cases/{made}/consents").status_code == 403


def test_a_cso_stops_reading_when_consent_is_taken_back(world: World, site: str) -> None:
    """Assignment alone shows nothing: share_cso must be granted at the time of the read (R1)."""
    made, cso = case(world, site)["id"], world.party("cso")
    consent(world, made, "share_cso")
    world.institute.post(f"/v1/cases/{made}/assignments", {"organisation": cso.id})
    assert cso.get(f"/v1/cases/{made}").status_code == 200
    consent(world, made, "share_cso", "withdrawn")
    assert cso.get(f"/v1/cases/{made}").status_code == 404
    assert cso.get("/v1/cases").json["data"] == []


def test_only_csos_are_assigned(world: World, site: str) -> None:
    """A supplier, or an organisation that is not there, cannot be assigned."""
    made = case(world, site)["id"]
    consent(world, made, "share_cso")
    for organisation in (world.party("supplier").id, "org_" + "0" * 26):
        answer = world.institute.post(
            f"/v1/cases/{made}/assignments", {"organisation": organisation}
        )
        assert answer.json["errors"][0]["code"] == "not_a_cso"


def test_to_others_no_case_exists(world: World, site: str) -> None:
    """A CSO without assignment sees 404 as for an absent case; other roles have no scope (R16)."""
    made, cso = case(world, site)["id"], world.party("cso")
    foreign, absent = cso.get(f"/v1/cases/{made}"), cso.get("/v1/cases/case_" + "0" * 26)
    assert foreign.status_code == absent.status_code == 404
    drop = {"instance", "request_id"}
    bodies = [{k: v for k, v in one.json.items() if k not in drop} for one in (foreign, absent)]
    assert bodies[0] == bodies[1]
    for kind in ("supplier", "agency", "brand"):
        assert world.party(kind).get(f"/v1/cases/{made}").status_code == 403


def test_the_database_has_the_same_lifecycle_and_codes(world: World) -> None:
    """The stored steps are those of rules.py, the stored code lists those of the vocabulary."""
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT from_status, to_status, party FROM gate.transition "
                "WHERE kind = 'case_record'"
            )
        )
        stored = {tuple(row) for row in rows}
        checks = connection.execute(
            text(
                "SELECT conrelid::regclass::text AS relation, pg_get_constraintdef(oid) AS said "
                "FROM pg_constraint WHERE contype = 'c'"
            )
        ).all()
    assert stored == {(step.source, step.target, step.party) for step in rules.LIFECYCLE}
    found = {
        (row.relation, match[1]): set(re.findall(r"'([^']+)'::text", row.said))
        for row in checks
        if (match := re.match(r"CHECK \(\((\w+) = ANY", row.said))
    }
    for place, name in {
        ("case_record", "status"): "grievance_status",
        ("case_record", "channel"): "channel",
        ("case_record", "severity"): "severity",
        ("case_issue", "category"): "grievance_category",
        ("case_consent", "scope"): "consent_scope",
        ("case_consent", "state"): "consent_state",
        ("case_status_change", "withdrawal_reason"): "withdrawal_reason",
        ("case_status_change", "out_of_scope_reason"): "out_of_scope_reason",
        ("referral", "purpose"): "referral_purpose",
    }.items():
        assert found[place] == set(TAXONOMIES[name].codes), place
