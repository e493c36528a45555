"""A duplicate ends by naming the case that stays; nothing of it is copied or lost."""

from __future__ import annotations

from typing import Any

import pytest

from openredress_api.cases import rules
from tests.factories import remediation
from tests.factories.cases import (
    ARRIVAL,
    OBSERVATION,
    SUMMARY,
    case,
    consent,
    offer,
    receipt_code,
    release,
    send,
)
from tests.factories.parties import Party, World


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier."""
    return world.party("supplier")


@pytest.fixture(scope="module")
def site(world: World, supplier: Party) -> str:
    """Its site."""
    return world.site(supplier)


def merge(world: World, one: str, into: str, **headers: str) -> Any:
    """Merge a duplicate."""
    return world.institute.post(f"/v1/cases/{one}/merge", {"into": into}, **headers)


def shown(world: World, case_id: str) -> Any:
    """The case as the institute reads it."""
    return world.institute.get(f"/v1/cases/{case_id}").json


def brought_to(world: World, site: str, status: str) -> str:
    """A case in an open status."""
    made = str(case(world, site)["id"])
    way = ["acknowledged", "triaged", "in_investigation", "action_agreed", "resolved_reported"]
    if status == "reopened":
        way += ["closed_unvalidated", "reopened"]
    for version, to in enumerate(way[: way.index(status) + 1] if status in way else [], 1):
        path = f"/v1/cases/{made}/status-changes"
        moved = world.institute.post(path, {"to": to}, If_Match=f'"v{version}-x"')
        assert moved.status_code == 200, moved.json
    return made


@pytest.mark.parametrize("status", rules.OPEN)
def test_every_open_case_can_turn_out_a_duplicate(world: World, site: str, status: str) -> None:
    """From each open status a case is merged; its status says so, and which one stays."""
    one, other = brought_to(world, site, status), case(world, site)["id"]
    merged = merge(world, one, other)
    assert merged.status_code == 200, merged.json
    assert (merged.json["status"], merged.json["merged_into"]) == ("merged_duplicate", other)
    steps = world.institute.get(f"/v1/cases/{one}/status-changes").json["data"]
    assert steps[-1]["to"] == "merged_duplicate"


def test_the_case_that_stays_counts_both_once(world: World, site: str) -> None:
    """Issues by category, indicators and contacts are counted at the survivor; no row is copied."""
    one = case(world, site, categories=["osh.ppe", "wages.withheld"])["id"]
    other = case(world, site, categories=["wages.withheld"])["id"]
    for each in (one, one, other):
        world.institute.post("/v1/contacts", ARRIVAL | {"case": each})
    for each in (one, other):
        world.institute.post(f"/v1/cases/{each}/observations", OBSERVATION)
    merge(world, one, other)
    world.institute.post("/v1/contacts", ARRIVAL | {"case": one})
    staying = shown(world, other)
    assert sorted(issue["category"] for issue in staying["issues"]) == ["osh.ppe", "wages.withheld"]
    assert (staying["contacts"], staying["indicators"]) == (4, [OBSERVATION["indicator"]])
    listed = world.institute.get(f"/v1/cases?site={site}&limit=500").json["data"]
    assert staying in listed
    assert len(world.institute.get(f"/v1/cases/{other}/observations").json["data"]) == 2
    assert shown(world, one)["contacts"] == 3
    again = world.institute.post(f"/v1/cases/{other}/issues", {"category": "osh.ppe"})
    assert again.json["code"] == "issue_exists"


def test_the_graver_severity_stays(world: World, site: str) -> None:
    """The survivor is as grave as both; a milder duplicate changes nothing."""
    grave, mild = case(world, site, severity="s1_critical")["id"], case(world, site)["id"]
    merge(world, grave, mild)
    staying = shown(world, mild)
    assert (staying["severity"], staying["severity_reasons"]) == (
        "s1_critical",
        ["duplicate_merged"],
    )
    history = world.institute.get(f"/v1/cases/{mild}/severity-changes").json["data"]
    assert [entry["cause"] for entry in history] == ["opened", "merged"]
    milder = case(world, site, severity="s4_minor")["id"]
    merge(world, milder, mild)
    assert shown(world, mild)["severity_reasons"] == ["duplicate_merged"]


def test_indicators_of_both_cases_add_up(world: World, site: str) -> None:
    """Three different indicators in two cases raise the one that stays."""
    one, other = case(world, site)["id"], case(world, site)["id"]
    for each, indicators in ((one, ["isolation", "deception"]), (other, ["wage_withholding"])):
        for indicator in indicators:
            path = f"/v1/cases/{each}/observations"
            world.institute.post(path, OBSERVATION | {"indicator": indicator})
    assert shown(world, one)["severity"] == shown(world, other)["severity"] == "s3_serious"
    merge(world, one, other)
    assert shown(world, other)["severity"] == "s2_severe"


def test_r1_consents_are_not_carried_over(world: World, supplier: Party, site: str) -> None:
    """R1: what was granted for the duplicate is refused at the survivor until it is asked again."""
    one, other = case(world, site)["id"], case(world, site)["id"]
    consent(world, one, "share_deidentified_employer")
    sent = send(world, offer(one, supplier))
    assert sent.status_code == 200
    merge(world, one, other)
    assert world.institute.get(f"/v1/cases/{other}/consents").json["data"] == []
    refused = release(world, offer(other, supplier))
    assert (refused.status_code, refused.json["code"]) == (409, "consent_missing")
    # The referral stays where it is, and so does what it rests on.
    assert supplier.get(f"/v1/referrals/{sent.json['id']}").status_code == 200


def test_a_cso_of_one_case_learns_nothing_of_the_other(world: World, site: str) -> None:
    """R1: the survivor's CSO sees none of what came with a duplicate that is not assigned to it."""
    one = case(world, site, categories=["violence.sexual"])["id"]
    other, cso = case(world, site)["id"], world.party("cso")
    consent(world, other, "share_cso")
    world.institute.post(f"/v1/cases/{other}/assignments", {"organisation": cso.id})
    seen = OBSERVATION | {"indicator": "isolation"}
    world.institute.post(f"/v1/cases/{one}/observations", seen)
    merge(world, one, other)
    read = cso.get(f"/v1/cases/{other}").json
    assert "violence.sexual" not in [issue["category"] for issue in read["issues"]]
    assert read["indicators"] == []
    assert cso.get(f"/v1/cases/{one}").status_code == 404


def test_r1_a_duplicates_categories_do_not_leave_with_the_survivor(
    world: World, supplier: Party, site: str
) -> None:
    """R1: what another case was about is told by nobody's consent but that given in it."""
    one = case(world, site, categories=["documents.passport_retained"])["id"]
    other = case(world, site)["id"]
    consent(world, other, "share_deidentified_employer")
    merge(world, one, other)
    told = {"categories": ["documents.passport_retained"]}
    refused = release(world, offer(other, supplier, summary=SUMMARY | told))
    assert refused.status_code == 422, refused.json
    asked = remediation.ask(world, remediation.body(other, site))
    assert asked.status_code == 200, asked.json
    own = [issue["category"] for issue in shown(world, other)["issues"]]
    read = supplier.get(f"{remediation.BASE}/{asked.json['id']}").json
    assert "documents.passport_retained" not in read["categories"]
    assert set(read["categories"]) < set(own)


def test_a_sensitive_duplicate_makes_the_survivor_sensitive(
    world: World, supplier: Party, site: str
) -> None:
    """R2, R21: a restricted category that came by a merge keeps the case from the employer."""
    one, other = (
        case(world, site, categories=["child.below_min_age"])["id"],
        case(world, site)["id"],
    )
    consent(world, other, "share_deidentified_employer")
    merge(world, one, other)
    refused = release(world, offer(other, supplier))
    assert refused.json["code"] == "safety_assessment_missing"


def test_there_are_no_chains_and_no_circles(world: World, site: str) -> None:
    """Itself, a merged, ended, voided or foreign case cannot stay; a survivor is not merged."""
    one, other, third = (case(world, site)["id"] for _ in range(3))
    merge(world, one, other)
    elsewhere = case(world, world.site(world.party("supplier")))["id"]
    trial = case(world, site, is_test=True)["id"]
    voided = case(world, site)["id"]
    world.institute.post(f"/v1/cases/{voided}/void", {"reason": "entered_twice"})
    withdrawn = case(world, site)["id"]
    ending = {"to": "withdrawn_by_worker", "withdrawal_reason": "left_job"}
    path = f"/v1/cases/{withdrawn}/status-changes"
    world.institute.post(path, ending, If_Match='"v1-x"')
    nobody = "case_" + "0" * 26
    for into in (third, one, elsewhere, trial, voided, withdrawn, nobody):
        answer = merge(world, third, into)
        assert answer.status_code == 422, into
        assert answer.json["errors"][0]["code"] == "no_case_to_merge_into"
    chained = merge(world, other, third)
    assert (chained.status_code, chained.json["code"]) == (409, "state_transition_not_allowed")
    assert merge(world, one, third).json["code"] == "state_transition_not_allowed"
    assert merge(world, withdrawn, third).json["code"] == "state_transition_not_allowed"
    assert merge(world, voided, third).json["code"] == "case_voided"
    assert merge(world, nobody, third).status_code == 404
    assert merge(world, third, other, If_Match='"v9-institute"').status_code == 412


def test_merging_is_no_plain_step(world: World, site: str) -> None:
    """merged_duplicate names the case that stays, so a status change alone does not reach it."""
    made = brought_to(world, site, "triaged")
    path = f"/v1/cases/{made}/status-changes"
    answer = world.institute.post(path, {"to": "merged_duplicate"}, If_Match='"v3-x"')
    assert (answer.status_code, answer.json["code"]) == (409, "state_transition_not_allowed")


def test_work_goes_on_at_the_case_that_stays(world: World, site: str) -> None:
    """A merged case takes no severity, issue or observation; its survivor cannot be voided."""
    one, other = case(world, site)["id"], case(world, site)["id"]
    merge(world, one, other)
    for part, body in (
        ("severity", {"severity": "s2_severe", "reasons": ["many_workers"]}),
        ("observations", OBSERVATION),
        ("issues", {"category": "osh.injury"}),
    ):
        answer = world.institute.post(f"/v1/cases/{one}/{part}", body)
        assert (answer.status_code, answer.json["code"]) == (409, "case_merged")
    void = world.institute.post(f"/v1/cases/{other}/void", {"reason": "entered_twice"})
    assert (void.status_code, void.json["code"]) == (409, "state_transition_not_allowed")


def test_the_worker_of_a_duplicate_is_told_how_the_survivor_stands(world: World, site: str) -> None:
    """A code keeps its own messages and tells the status of the case that stays."""
    one, other = case(world, site)["id"], brought_to(world, site, "in_investigation")
    code = receipt_code(world, one)
    merge(world, one, other)
    opened = world.institute.post("/v1/follow-ups/open", {"code": code})
    assert opened.json == {"status": "in_work", "messages": [], "has_more": False}
    written = {"code": code, "text": "Any news?"}
    assert world.institute.post("/v1/follow-ups/messages", written).status_code == 201
    assert len(world.institute.get(f"/v1/cases/{one}/messages").json["data"]) == 1
    assert world.institute.get(f"/v1/cases/{other}/messages").json["data"] == []
