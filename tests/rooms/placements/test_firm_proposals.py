"""An agency and the institute are asked whether recruiters are one firm; nothing is merged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.parties import Party, World

URL = "/v1/recruiter-listings/proposals"
NOWHERE = {"city": None, "country": "NP"}


def listing(agency: Party, external_id: str, **body: Any) -> None:
    """One recruiter of a job order, as an agency sends it."""
    path = f"/v1/recruiter-listings?external_id={external_id}&source_system=ats"
    answer = agency.put(path, {"job_order_ref": "JO/1", **NOWHERE, **body})
    assert answer.status_code == 201, answer.json


@pytest.fixture(scope="module")
def agency(world: World) -> Party:
    """An agency whose lists write one firm in three ways, and another firm beside it."""
    party = world.party("agency")
    listing(party, "1", organisation_name="Heronfield Staffing Pvt. Ltd.", city="Ilam")
    listing(party, "2", organisation_name="Heronfield Staffing Pvt. Ltd.", city="Ilam")
    listing(party, "3", organisation_name="HERONFEILD Staffing", city="Ilam")
    listing(party, "4", organisation_name="Heronfield Nepal")
    listing(party, "5", organisation_name="Osprey Lane Recruiting", city="Ilam")
    listing(party, "6", organisation_name="n/a")
    listing(party, "7", organisation_name="N/A")
    listing(party, "8", organisation_name=None, persons_named=3)
    return party


def test_spellings_of_one_firm_are_one_question(agency: Party) -> None:
    """Three spellings are one question that counts their listings; notes and others are none."""
    (asked,) = agency.get(URL).json["data"]
    spelt = {each["organisation_name"]: each for each in asked["spellings"]}
    assert spelt == {
        name: {"organisation_name": name, "city": city, "country": "NP", "listings": listings}
        for name, city, listings in (
            ("Heronfield Staffing Pvt. Ltd.", "Ilam", 2),
            ("HERONFEILD Staffing", "Ilam", 1),
            ("Heronfield Nepal", None, 1),
        )
    }
    assert 0.7 <= asked["score"] <= 1
    assert {"rare_word", "typing_slip", "same_town", "same_country"} <= set(asked["reasons"])


def test_a_question_merges_nothing(agency: Party) -> None:
    """After the question each listing still bears the name it was sent with."""
    before = agency.get("/v1/recruiter-listings").json
    assert agency.get(URL).status_code == 200
    assert agency.get("/v1/recruiter-listings").json == before


def test_other_agencies_are_asked_nothing(world: World, agency: Party) -> None:
    """Another agency is shown none of these spellings; the institute sees them all."""
    stranger = world.party("agency")
    listing(stranger, "1", organisation_name="Heronfield Staffing", city="Ilam")
    assert stranger.get(URL).json["data"] == []
    names = {
        each["organisation_name"]
        for asked in world.institute.get(URL).json["data"]
        for each in asked["spellings"]
    }
    assert {"HERONFEILD Staffing", "Heronfield Staffing", "Heronfield Nepal"} <= names
    assert len(agency.get(URL).json["data"][0]["spellings"]) == 3
