"""A grave case reaches an employer by what another person has judged, and some never do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.foundation.identifiers import decode
from tests.factories import protection, remediation
from tests.factories.cases import SCOPE_FOR, case, consent, let_go, offer
from tests.factories.parties import Party, World

GRAVE = {"severity": "s1_critical"}
NEVER = ("child.below_min_age", "child.hazardous_young_worker", "trafficking.suspected")


def grave(world: World, to: Party, **fields: Any) -> dict[str, Any]:
    """A grave case at a site of `to`, or of a new supplier, with consent for `to`."""
    owner = to if to.kind == "supplier" else world.party("supplier")
    made = case(world, world.site(owner), **(GRAVE | fields))
    consent(world, made["id"], SCOPE_FOR[to.kind])
    return made


def released(world: World, made: dict[str, Any], to: Party, by: Party | None = None) -> Any:
    """The status of a release, and its code where it was refused."""
    drafted = world.institute.post("/v1/referrals", offer(made["id"], to))
    answer = let_go(world, drafted.headers["Location"], by)
    return answer.status_code, answer.json.get("code")


MISSING = (409, "safety_assessment_missing")
RELEASED = (200, None)


@pytest.mark.parametrize("kind", ["supplier", "agency"])
def test_r2_a_grave_case_needs_an_assessment(world: World, kind: str) -> None:
    """With consent alone it stays; assessed for this kind of recipient it goes."""
    to = world.party(kind)
    made, assessor = grave(world, to), protection.colleague(world, "reviewer")
    assert released(world, made, to) == MISSING
    other = {"supplier": "agency", "agency": "supplier"}[kind]
    protection.assessed(assessor, made["id"], recipient_type=other)
    assert released(world, made, to) == MISSING
    answer = protection.assessed(assessor, made["id"], recipient_type=kind)
    assert (answer.status_code, answer.json["n"]) == (201, 1), answer.json
    assert released(world, made, to) == RELEASED


def test_r2_a_request_for_remedy_needs_it_too(world: World) -> None:
    """What a supplier is asked for is released by the same judgement."""
    _, site, made = remediation.prepared(world, **GRAVE)
    body = remediation.body(made, site)
    refused = world.institute.post(remediation.BASE, body)
    assert (refused.status_code, refused.json["code"]) == MISSING
    protection.assessed(protection.colleague(world, "case_worker"), made)
    assert world.institute.post(remediation.BASE, body).status_code == 201


def test_r2_the_last_word_counts_until_it_expires(world: World) -> None:
    """A later no takes the place of a yes; a yes ends with its days; all stay to be read."""
    to = world.party("supplier")
    made, assessor = grave(world, to), protection.colleague(world, "reviewer")
    protection.assessed(assessor, made["id"])
    protection.assessed(assessor, made["id"], decision="may_not_release")
    assert released(world, made, to) == MISSING
    protection.assessed(assessor, made["id"], valid_days=2)
    with protection.days_later(world, 3):
        assert released(world, made, to) == MISSING
    assert released(world, made, to) == RELEASED
    listed = world.institute.get(f"/v1/cases/{made['id']}/safety-assessments").json["data"]
    assert [(one["n"], one["decision"]) for one in listed] == [
        (1, "may_release"),
        (2, "may_not_release"),
        (3, "may_release"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_record SET severity = 's2_severe' WHERE id = :case",
        """INSERT INTO case_issue SELECT organisation_id, gen_random_uuid(), id, 'osh.injury', now()
            FROM case_record WHERE id = :case""",
    ],
)
def test_r2_another_case_needs_another_judgement(world: World, change: str) -> None:
    """An assessment is of the severity and the issues that the case had."""
    to = world.party("supplier")
    categories = ["wages.withheld", "violence.sexual"]
    made = grave(world, to, categories=categories)
    protection.assessed(protection.colleague(world, "reviewer"), made["id"])
    with world.installation.as_owner() as connection:
        connection.execute(text(change), {"case": decode("case", made["id"])})
    assert released(world, made, to) == MISSING


def test_r19_who_assessed_does_not_release(world: World) -> None:
    """The releaser's own judgement is none, whichever client is used; another person's is."""
    to = world.party("supplier")
    made = grave(world, to)
    judge = protection.colleague(world, "reviewer", "releaser")
    protection.assessed(judge, made["id"])
    assert released(world, made, to, judge) == MISSING
    assert released(world, made, to) == RELEASED


@pytest.mark.parametrize("category", NEVER)
@pytest.mark.parametrize("kind", ["supplier", "agency"])
def test_r21_children_and_trafficking_never_reach_an_employer(
    world: World, kind: str, category: str
) -> None:
    """Nobody can even record that it may; whoever else is to help is reached."""
    to = world.party(kind)
    made = grave(world, to, severity="s3_serious", categories=["wages.withheld", category])
    assessor = protection.colleague(world, "reviewer")
    refused = protection.assessed(assessor, made["id"], recipient_type=kind)
    assert refused.status_code == 422
    error = refused.json["errors"][0]
    assert (error["pointer"], error["code"]) == ("/decision", "protection_actors_only")
    kept = protection.assessed(
        assessor, made["id"], recipient_type=kind, decision="may_not_release"
    )
    assert kept.status_code == 201
    assert released(world, made, to) == MISSING
    cso = world.party("cso")
    consent(world, made["id"], "share_cso")
    assert released(world, made, cso) == RELEASED


def test_assessments_are_the_institutes_and_need_the_duty(world: World) -> None:
    """No other role has such an operation, and no administrator judges."""
    to = world.party("supplier")
    made = grave(world, to)
    path = f"/v1/cases/{made['id']}/safety-assessments"
    for kind in ("supplier", "agency", "brand", "cso"):
        assert world.party(kind).get(path).status_code == 403
    answer = protection.assessed(protection.colleague(world, "administrator"), made["id"])
    assert (answer.status_code, answer.json["code"]) == (403, "not_permitted")


def test_a_repeated_code_is_named(world: World) -> None:
    """Risks and measures are sets."""
    made = grave(world, world.party("supplier"))
    answer = protection.assessed(world.institute, made["id"], risks=["violence", "violence"])
    error = answer.json["errors"][0]
    assert (error["pointer"], error["code"]) == ("/risks/1", "repeated")
