"""Brands stand behind one request together; the supplier answers once (row 19)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.factories import cases, remediation
from tests.factories.parties import Party, World
from tests.factories.remediation import SAYING, Asked

PATH = "/v1/sponsorships"
# All that a brand reads of a request, to the last member.
TOLD = {
    *("id", "brand", "status", "updated_at", "site", "asked_outcome", "request_status"),
    *("round", "due_at", "result"),
}


@pytest.fixture
def asked(world: World) -> Asked:
    """A request whose worker agrees to be counted for brands."""
    made = remediation.asked(world)
    cases.consent(world, made.case, "share_brand_aggregate")
    return made


@pytest.fixture
def brands(world: World, asked: Asked) -> list[Party]:
    """Two brands of the request's site."""
    found = [world.party("brand") for _ in range(2)]
    for brand in found:
        world.related(brand, asked.supplier, asked.site)
    return found


def invited(asked: Asked, brand: Party) -> Any:
    """A brand is asked to stand behind a request."""
    return asked.institute_does("sponsors", {"brand": brand.id})


def accepted(asked: Asked, brand: Party) -> str:
    """A brand stands behind a request; returns the sponsorship's path."""
    path = str(invited(asked, brand).headers["Location"])
    assert brand.post(f"{path}/accept").status_code == 200
    return path


def told(party: Party, fact: str) -> list[dict[str, Any]]:
    """What a feed says of one kind of event."""
    rows = party.get("/v1/events?limit=500").json["data"]
    return [row["event"]["data"] for row in rows if row["event"]["type"] == fact]


def test_several_brands_one_request_one_answer(asked: Asked, brands: list[Party]) -> None:
    """Each sponsor hears how the one request goes on; the supplier answered it once (row 19)."""
    paths = [accepted(asked, brand) for brand in brands]
    asked.until("worker_validation")
    assert asked.says(asked.world.institute, **SAYING["full"]).json["result"] == "full"
    for brand, path in zip(brands, paths, strict=True):
        (event,) = told(brand, "sponsorship.updated")
        assert (event["status"], event["result"]) == ("validated_full", "full")
        seen = brand.get(path).json
        assert (seen["request_status"], seen["result"]) == ("validated_full", "full")
        assert set(seen) == TOLD
    claims = asked.supplier.get(f"{asked.path}/completion-claims").json["data"]
    assert len(claims) == 1


def test_the_supplier_learns_that_there_are_several_and_not_which(
    asked: Asked, brands: list[Party]
) -> None:
    """One sponsor does not show; of two it is told that there are several."""
    seen = []
    for brand in brands:
        accepted(asked, brand)
        answer = asked.supplier.get(asked.path)
        seen.append(answer.json["has_several_sponsors"])
        assert brand.id not in answer.get_data(as_text=True)
    assert seen == [False, True]
    assert asked.supplier.get(PATH).status_code == 403


def test_a_brand_is_asked_only_where_it_may_know(world: World, asked: Asked) -> None:
    """Not without a confirmed relation, not without the worker's consent, not when restricted."""
    stranger = invited(asked, world.party("brand"))
    assert stranger.json["errors"][0]["code"] == "not_a_brand_of_site"
    silent = remediation.asked(world)
    brand = world.party("brand")
    world.related(brand, silent.supplier, silent.site)
    assert invited(silent, brand).json["code"] == "consent_missing"
    cases.consent(world, silent.case, "share_brand_aggregate")
    assert invited(silent, brand).status_code == 201
    supplier, site, case = remediation.prepared(world, categories=["violence.sexual"])
    cases.consent(world, case, "share_brand_aggregate")
    reviewer = world.colleague(world.institute.organisation_id, "institute", duties=("reviewer",))
    assessment = {"recipient_type": "supplier", "decision": "may_release", "risks": []}
    assessment |= {"measures": [], "valid_days": 30}
    reviewer.post(f"/v1/cases/{case}/safety-assessments", assessment)
    made = remediation.ask(world, remediation.body(case, site)).json
    grave = Asked(world, supplier, case, site, made["id"])
    world.related(brand, supplier, site)
    assert invited(grave, brand).json["errors"][0]["code"] == "restricted_for_brands"


def test_what_is_not_shown_to_the_supplier_has_no_sponsor(world: World) -> None:
    """A request that waits for its moment is told to nobody."""
    supplier, site, case = remediation.prepared(world)
    cases.consent(world, case, "share_brand_aggregate")
    brand = world.party("brand")
    world.related(brand, supplier, site)
    made = world.institute.post(remediation.BASE, remediation.body(case, site)).json["id"]
    answer = world.institute.post(f"{remediation.BASE}/{made}/sponsors", {"brand": brand.id})
    assert (answer.status_code, answer.json["code"]) == (409, "state_transition_not_allowed")


def test_r1_a_sponsor_reads_nothing_after_the_withdrawal(
    world: World, asked: Asked, brands: list[Party]
) -> None:
    """The worker no longer agrees to be counted for brands: reading answers 410."""
    path = accepted(asked, brands[0])
    assert brands[0].get(path).status_code == 200
    cases.consent(world, asked.case, "share_brand_aggregate", "withdrawn")
    assert brands[0].get(path).status_code == 410


def test_r1_a_sponsor_hears_nothing_after_the_withdrawal(asked: Asked, brands: list[Party]) -> None:
    """What waits in its feed is empty, nothing new comes, and nobody accepts any more."""
    path, other = accepted(asked, brands[0]), invited(asked, brands[1]).headers["Location"]
    cases.consent(asked.world, asked.case, "share_brand_aggregate", "withdrawn")
    asked.until("worker_validation")
    assert asked.says(asked.world.institute, **SAYING["disputed"]).status_code == 201
    assert told(brands[0], "sponsorship.invited") == [{}]
    assert told(brands[0], "sponsorship.updated") == []
    assert brands[1].post(f"{other}/accept").status_code == 410
    cases.consent(asked.world, asked.case, "share_brand_aggregate")
    assert brands[0].get(path).json["request_status"] == "disputed_by_workers"


def test_a_brand_whose_relation_has_ended_reads_nothing(asked: Asked, brands: list[Party]) -> None:
    """Whoever no longer buys from the site is no longer told of it."""
    path = accepted(asked, brands[0])
    with asked.world.installation.as_owner() as connection:
        ended = "UPDATE relation SET valid_to = current_date - 1 WHERE partner_id = :brand"
        connection.execute(text(ended), {"brand": brands[0].organisation_id})
    assert brands[0].get(path).status_code == 410
    asked.institute_does("cancel", {"reason": "contest_accepted"})
    assert told(brands[0], "sponsorship.updated") == []


def test_a_brand_declines_ends_and_is_asked_again(asked: Asked, brands: list[Party]) -> None:
    """No sponsor hears of a request that it does not stand behind."""
    brand, _ = brands
    path = str(invited(asked, brand).headers["Location"])
    assert brand.get(path).json["request_status"] == "issued"
    assert brand.post(f"{path}/decline").status_code == 200
    assert brand.get(path).status_code == 410
    assert invited(asked, brand).status_code == 201
    assert brand.post(f"{path}/accept").status_code == 200
    assert brand.post(f"{path}/end").status_code == 200
    asked.institute_does("cancel", {"reason": "duplicate"})
    assert told(brand, "sponsorship.updated") == []


def test_sponsorships_are_seen_by_their_parties_alone(
    world: World, asked: Asked, brands: list[Party]
) -> None:
    """Another brand is answered as if there were none."""
    path = accepted(asked, brands[0])
    assert brands[1].get(path).status_code == 404
    assert brands[1].get(PATH).json["data"] == []
    assert [one["brand"] for one in world.institute.get(f"{PATH}?limit=500").json["data"]].count(
        brands[0].id
    ) == 1
