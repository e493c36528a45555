"""Requests that may ask for the same are proposed to the institute, which decides (row 19)."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from openredress_api.joint import rules
from tests.factories import cases, remediation
from tests.factories.parties import Party, World
from tests.factories.remediation import Asked

CANDIDATES, DECISIONS = "/v1/duplicate-candidates", "/v1/duplicate-decisions"
CATEGORIES = (
    "wages.withheld",
    "wages.late_payment",
    "osh.ppe",
    "living.housing",
    "hours.excessive",
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def planted(chance: random.Random) -> tuple[list[rules.Asked], set[frozenset[UUID]]]:
    """60 sites with requests of their own, and 100 that were asked twice by two mechanisms.

    Who asks a second time calls it by a related word, some days later, and counts a few more.
    """
    asked: list[rules.Asked] = []
    twice: set[frozenset[UUID]] = set()
    for _ in range(60):
        site = uuid4()
        for category in chance.sample(CATEGORIES, 3):
            at = START + timedelta(days=chance.randrange(300))
            workers = chance.choice((3, 6, 20, 40, 120, None))
            first = rules.Asked(uuid4(), site, (category,), workers, at)
            asked.append(first)
            if len(twice) < 100 and chance.random() < 0.6:
                other = {"wages.withheld": "wages.late_payment"}.get(category, category)
                many = None if workers is None else workers + chance.randrange(3)
                late = at + timedelta(days=chance.randrange(25))
                second = rules.Asked(uuid4(), site, (other,), many, late)
                asked.append(second)
                twice.add(frozenset({first.id, second.id}))
    return asked, twice


def test_the_planted_duplicates_are_found() -> None:
    """Of what was asked twice at least 90 % are proposed, and of what is proposed 80 % were.

    row 19.
    """
    for seed in range(20):
        asked, twice = planted(random.Random(seed))  # noqa: S311 - a made-up world
        found = {frozenset({one.id, two.id}) for one, two in rules.candidates(asked, set())}
        assert len(found & twice) >= 0.9 * len(twice), seed
        assert len(found & twice) >= 0.8 * len(found), seed


def pair(world: World) -> tuple[Asked, Asked]:
    """Two requests of one site about the same."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    made = []
    for _ in range(2):
        case = cases.case(world, site)["id"]
        cases.consent(world, case, "share_deidentified_employer")
        cases.consent(world, case, "share_brand_aggregate")
        answer = remediation.ask(world, remediation.body(case, site))
        made.append(Asked(world, supplier, case, site, answer.json["id"]))
    return made[0], made[1]


def proposed(party: Party, site: str) -> list[dict[str, Any]]:
    """The pairs of a site."""
    return list(party.get(f"{CANDIDATES}?site={site}").json["data"])


def test_joined_requests_are_one_with_all_sponsors(world: World) -> None:
    """The duplicate ends and its supplier is told no reason; its sponsors go to the other one.

    row 19.
    """
    kept, ended = pair(world)
    brand = world.party("brand")
    world.related(brand, kept.supplier, kept.site)
    path = ended.institute_does("sponsors", {"brand": brand.id}).headers["Location"]
    brand.post(f"{path}/accept")
    (found,) = proposed(world.institute, kept.site)
    assert {found["request"], found["other"]} == {kept.id, ended.id}
    assert "wages" in found["families"]
    body = {"request": kept.id, "other": ended.id, "decision": "joined"}
    assert world.institute.post(DECISIONS, body).status_code == 201
    assert ended.status == "cancelled"
    assert "duplicate" not in ended.supplier.get(ended.path).get_data(as_text=True)
    assert world.institute.get(str(path)).json["request"] == kept.id
    assert proposed(world.institute, kept.site) == []


def test_no_brand_is_carried_past_the_consent_by_a_join(world: World) -> None:
    """Where the worker of the request that stays has not agreed, its sponsor's part ends (R1)."""
    one, other = pair(world)
    brand = world.party("brand")
    world.related(brand, one.supplier, one.site)
    cases.consent(world, one.case, "share_brand_aggregate", "refused")
    path = other.institute_does("sponsors", {"brand": brand.id}).headers["Location"]
    assert brand.post(f"{path}/accept").status_code == 200
    body = {"request": one.id, "other": other.id, "decision": "joined"}
    assert world.institute.post(DECISIONS, body).status_code == 201
    listed = world.institute.get("/v1/sponsorships?status=ended").json["data"]
    assert path.rpartition("/")[2] in [one["id"] for one in listed]
    assert brand.get(path).status_code == 410


def test_what_ended_does_not_stay(world: World) -> None:
    """A request is joined into one that is open."""
    one, other = pair(world)
    one.institute_does("cancel", {"reason": "contest_accepted"})
    body = {"request": one.id, "other": other.id, "decision": "joined"}
    refused = world.institute.post(DECISIONS, body)
    assert (refused.status_code, refused.json["code"]) == (409, "state_transition_not_allowed")
    assert other.status == "issued"


@pytest.mark.parametrize("said", ["full", "disputed"])
def test_a_joined_request_is_remedied_by_the_one_that_stays(world: World, said: str) -> None:
    """The case behind it closes with what workers say there."""
    one, other = pair(world)
    for each in (one, other):
        remediation.investigated(world, each.case)
    body = {"request": one.id, "other": other.id, "decision": "joined"}
    assert world.institute.post(DECISIONS, body).status_code == 201
    one.until("worker_validation")
    assert one.says(world.institute, **remediation.SAYING[said]).status_code == 201
    assert one.institute_does("close").status_code == 200
    found = [world.institute.get(f"/v1/cases/{each.case}").json["status"] for each in (one, other)]
    assert set(found) == {"closed_validated" if said == "full" else "in_investigation"}


def test_what_was_found_different_is_not_proposed_again(world: World) -> None:
    """Both go on, and a second decision is refused."""
    one, other = pair(world)
    body = {"request": one.id, "other": other.id, "decision": "different"}
    assert world.institute.post(DECISIONS, body).status_code == 201
    assert (one.status, other.status) == ("issued", "issued")
    assert proposed(world.institute, one.site) == []
    again = world.institute.post(DECISIONS, body | {"decision": "joined"})
    assert (again.status_code, again.json["code"]) == (409, "state_transition_not_allowed")
    assert other.status == "issued"


def test_two_who_decide_at_once_are_one_decision(world: World) -> None:
    """Whichever way round they name the two."""
    for _ in range(3):
        one, other = pair(world)
        both = [
            {"request": kept.id, "other": ended.id, "decision": "different"}
            for kept, ended in ((one, other), (other, one))
        ]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda body: world.institute.post(DECISIONS, body), both))
        assert sorted(answer.status_code for answer in answers) == [201, 409]


def test_only_the_institute_compares(world: World) -> None:
    """No recipient learns that another request exists; requests of two sites are never one."""
    one, _ = pair(world)
    elsewhere, _ = pair(world)
    for party in (one.supplier, world.party("brand"), world.party("cso")):
        assert party.get(CANDIDATES).status_code == 403
    body = {"request": one.id, "other": elsewhere.id, "decision": "joined"}
    refused = world.institute.post(DECISIONS, body)
    assert refused.json["errors"][0]["code"] == "not_another_request"
    assert elsewhere.status == "issued"
