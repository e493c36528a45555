"""What waits for its moment is judged until it comes: a held site, a case that becomes grave."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import protection, remediation
from tests.factories.cases import case, consent, let_pass, offer, release
from tests.factories.parties import Party, World
from tests.rooms.remediation.test_requests import events_of

GRAVER = {
    "an issue": ("issues", {"category": "violence.sexual"}),
    "severity": ("severity", {"severity": "s1_critical", "reasons": ["risk_to_life"]}),
}


def waiting(world: World, supplier: Party) -> tuple[str, str, str]:
    """A case, and the paths of a referral and a request that wait for their moments."""
    site = world.site(supplier)
    made = case(world, site)["id"]
    consent(world, made, "share_deidentified_employer")
    sent = release(world, offer(made, supplier))
    asked = world.institute.post(remediation.BASE, remediation.body(made, site))
    assert (sent.status_code, asked.status_code) == (200, 201)
    return made, f"/v1/referrals/{sent.json['id']}", f"{remediation.BASE}/{asked.json['id']}"


def seen(supplier: Party, *paths: str) -> list[int]:
    """What the supplier is answered."""
    return [supplier.get(path).status_code for path in paths]


@pytest.mark.parametrize("change", GRAVER)
def test_r2_what_waits_is_held_back_when_the_case_becomes_grave(world: World, change: str) -> None:
    """No employer is shown what was released before it was known how grave the case is."""
    supplier = world.party("supplier")
    made, *paths = waiting(world, supplier)
    part, said = GRAVER[change]
    assert world.institute.post(f"/v1/cases/{made}/{part}", said).status_code < 300
    let_pass(world)
    assert seen(supplier, *paths) == [404, 404]
    sent, asked = (world.institute.get(path).json for path in paths)
    assert (sent["status"], sent["revoke_reason"]) == ("revoked", "safety_concern")
    assert (asked["status"], asked["cancelled_for"]) == ("cancelled", "safety_concern")
    assert len(protection.tasks(world, "draft_again", sent["id"])) == 1
    assert supplier.get("/v1/events").json["data"] == []


@pytest.mark.parametrize("decision", ["may_release", "may_not_release"])
def test_r2_a_later_judgement_counts_until_it_is_shown(world: World, decision: str) -> None:
    """A no holds back what a yes released and nobody has been shown; another yes does not."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    made = case(world, site, categories=["violence.sexual"])["id"]
    consent(world, made, "share_deidentified_employer")
    reviewer = protection.colleague(world, "reviewer")
    protection.assessed(reviewer, made)
    sent = release(world, offer(made, supplier, summary=_summary()))
    assert sent.status_code == 200, sent.json
    protection.assessed(reviewer, made, decision=decision)
    let_pass(world)
    answers = {"may_release": 200, "may_not_release": 404}
    assert seen(supplier, f"/v1/referrals/{sent.json['id']}") == [answers[decision]]


def test_r2_an_assessment_that_ran_out_lets_nothing_leave(world: World) -> None:
    """The moment came after its end: no employer is shown it, and somebody has to draft it again.

    An assessment that was made anew meanwhile counts instead.
    """
    supplier, luckier = world.party("supplier"), world.party("supplier")
    _, *paths = grave_and_waiting(world, supplier, valid_days=1)
    other, *kept = grave_and_waiting(world, luckier, valid_days=1)
    protection.assessed(protection.colleague(world, "reviewer"), other, valid_days=30)
    with protection.days_later(world, 2):
        let_pass(world)
        protection.chores(world)
        assert (seen(supplier, *paths), seen(luckier, *kept)) == ([404, 404], [200, 200])
        for path in paths:
            (task,) = protection.tasks(world, "draft_again", path.rpartition("/")[2])
            told = events_of(world, world.institute.organisation_id, "task.created")
            assert [one["subject"] for one in told].count(task["id"]) == 1
    sent, asked = (world.institute.get(path).json for path in paths)
    assert sent["status"] == "revoked"
    assert (asked["status"], asked["cancelled_for"]) == ("cancelled", "safety_concern")


def grave_and_waiting(world: World, supplier: Party, valid_days: int) -> tuple[str, str, str]:
    """As `waiting`, of a case that needs an assessment."""
    site = world.site(supplier)
    made = case(world, site, categories=["violence.sexual"])["id"]
    consent(world, made, "share_deidentified_employer")
    protection.assessed(protection.colleague(world, "reviewer"), made, valid_days=valid_days)
    sent = release(world, offer(made, supplier, summary=_summary()))
    asked = world.institute.post(remediation.BASE, remediation.body(made, site))
    assert (sent.status_code, asked.status_code) == (200, 201), (sent.json, asked.json)
    return made, f"/v1/referrals/{sent.json['id']}", f"{remediation.BASE}/{asked.json['id']}"


def test_r2_what_rests_on_a_duplicate_is_judged_by_the_case_that_stays(world: World) -> None:
    """What is heard later of the one case holds back what waits because of the other."""
    supplier = world.party("supplier")
    made, *paths = waiting(world, supplier)
    stays = case(world, world.institute.get(f"/v1/cases/{made}").json["site"])["id"]
    world.institute.post(f"/v1/cases/{made}/merge", {"into": stays})
    later = {"category": "trafficking.suspected"}
    assert world.institute.post(f"/v1/cases/{stays}/issues", later).status_code == 201
    let_pass(world)
    assert seen(supplier, *paths) == [404, 404]


@pytest.mark.parametrize("which", ["the duplicate", "the case that stays"])
def test_r21_what_waits_is_held_back_when_a_merge_makes_it_grave(world: World, which: str) -> None:
    """Either side of a merge is judged by both; nothing new leaves a duplicate."""
    supplier = world.party("supplier")
    made, *paths = waiting(world, supplier)
    site = world.institute.get(f"/v1/cases/{made}").json["site"]
    other = case(world, site, categories=["child.below_min_age"])["id"]
    one, into = (made, other) if which == "the duplicate" else (other, made)
    merged = world.institute.post(f"/v1/cases/{one}/merge", {"into": into})
    assert merged.status_code == 200, merged.json
    let_pass(world)
    assert seen(supplier, *paths) == [404, 404]
    for path in paths:
        assert len(protection.tasks(world, "draft_again", path.rpartition("/")[2])) == 1
    consent(world, one, "share_deidentified_employer")
    drafted = world.institute.post("/v1/referrals", offer(one, supplier))
    asked = world.institute.post(remediation.BASE, remediation.body(one, site))
    assert [each.json["code"] for each in (drafted, asked)] == ["case_merged", "case_merged"]


def test_r2_a_lowered_severity_is_judged_anew(world: World) -> None:
    """What was assessed was another case; what waits and needs an assessment is held back."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    made = case(world, site, severity="s2_severe", categories=["violence.sexual"])["id"]
    consent(world, made, "share_deidentified_employer")
    protection.assessed(protection.colleague(world, "reviewer"), made)
    sent = release(world, offer(made, supplier, summary=_summary()))
    assert sent.status_code == 200, sent.json
    lowered = {"severity": "s3_serious", "reasons": ["breach_of_law", "facts_corrected"]}
    done = protection.colleague(world, "case_worker").post(f"/v1/cases/{made}/severity", lowered)
    assert done.status_code == 200, done.json
    let_pass(world)
    assert seen(supplier, f"/v1/referrals/{sent.json['id']}") == [404]


def test_r15_what_waits_at_a_held_site_goes_on_to_wait(world: World) -> None:
    """Its moment comes while the site is held: it is shown when another person has cleared it."""
    supplier = world.party("supplier")
    made, *paths = waiting(world, supplier)
    (watch,) = protection.watches(world, made)
    assert protection.checked(world.institute, watch["id"], result="retaliation").status_code == 201
    let_pass(world)
    assert seen(supplier, *paths) == [404, 404]
    site = world.institute.get(f"/v1/cases/{made}").json["site"]
    (hold,) = protection.holds(world, site)
    cleared = protection.colleague(world, "releaser").post(
        f"/v1/site-holds/{hold['id']}/clear", {"reason": "remedied"}
    )
    assert cleared.status_code == 200
    let_pass(world)
    assert seen(supplier, *paths) == [200, 200]


def _summary() -> dict[str, Any]:
    return {
        "categories": ["violence.sexual"],
        "workers": None,
        "event_month": "2026-02",
        "severity": "s3_serious",
    }
