"""Licences and sanctions of public registers, each with the days on which it holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from openredress_api import organisations
from tests.factories.parties import Party, World

DEBARRED: dict[str, Any] = {
    "kind": "debarment",
    "subject_name": "Made-up Labor Management Corp.",
    "subject_organisation": None,
    "city": "Vass",
    "admin1": "NC",
    "country": "US",
    "register": "H-2A/H-2B",
    "reference": None,
    "authority": "OFLC",
    "valid_from": "2024-08-01",
    "valid_until": "2026-08-01",
    "related_employer_name": None,
    "status": None,
    "source_note": "made up for a test",
}
LICENCE = DEBARRED | {"kind": "licence", "register": "Labour Department", "reference": "1234/077"}
URL = "/v1/register-entries?external_id={}&source_system=registers"


@pytest.fixture(scope="module")
def agency(world: World) -> Party:
    """One recruitment agency."""
    return world.party("agency", country="NP")


def test_a_sanction_comes_back_as_recorded(world: World, agency: Party) -> None:
    """The institute records a finding about anybody; the agency it names does not read it."""
    body = DEBARRED | {"subject_organisation": agency.id}
    first = world.institute.put(URL.format("D/1"), body)
    assert first.status_code == 201, first.json
    assert {name: first.json[name] for name in body} == body
    assert world.institute.put(URL.format("D/1"), body).status_code == 204
    path = first.headers["Location"]
    assert world.institute.get(path).json == first.json
    assert agency.get(path).status_code == 404
    assert agency.get("/v1/register-entries").json["data"] == []


def test_an_agency_states_its_own_licence(world: World, agency: Party) -> None:
    """An agency's licence is its own row, which the institute reads."""
    made = agency.put(URL.format("L/1"), LICENCE | {"subject_organisation": agency.id})
    assert made.status_code == 201, made.json
    assert made.json["organisation"] == agency.id
    assert world.institute.get(made.headers["Location"]).json == made.json


@pytest.mark.parametrize("subject", ["nobody", "a stranger", "absent"])
def test_an_agency_speaks_for_itself_alone(world: World, agency: Party, subject: str) -> None:
    """A licence of anybody else is refused alike, whether there is such an organisation or not."""
    named = {
        "nobody": None,
        "a stranger": world.party("agency").id,
        "absent": f"org_{'0' * 26}",
    }[subject]
    answer = agency.put(URL.format("bad"), LICENCE | {"subject_organisation": named})
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json["errors"]] == ["not_your_organisation"]


@pytest.mark.parametrize(
    "kind", ["debarment", "suspension", "revocation", "penalty", "case_listed"]
)
def test_findings_are_the_institutes(agency: Party, kind: str) -> None:
    """No agency writes a finding, not even about itself."""
    answer = agency.put(
        URL.format("bad"), DEBARRED | {"kind": kind, "subject_organisation": agency.id}
    )
    assert [each["code"] for each in answer.json["errors"]] == ["only_licences"]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"valid_until": "2024-07-31"}, "/valid_until", "before"),
        ({"valid_from": None}, "/valid_from", "null"),
        (
            {"subject_organisation": f"org_{'0' * 26}"},
            "/subject_organisation",
            "not_an_organisation",
        ),
        ({"kind": "rumour"}, "/kind", "not_in_list"),
    ],
)
def test_impossible_entries_are_refused(
    world: World, change: dict[str, Any], pointer: str, code: str
) -> None:
    """What no register can say is refused at its place; nothing is stored."""
    answer = world.institute.put(URL.format("bad"), DEBARRED | change)
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]
    listed = world.institute.get("/v1/register-entries").json["data"]
    assert "bad" not in {row["external_id"] for row in listed}


def test_entries_hold_on_their_days(world: World) -> None:
    """A list of a day holds what is valid then, first and last day included, and the endless."""
    subject = world.party("agency")
    windows = {
        "one": ("2020-01-01", "2020-12-31"),
        "day": ("2020-12-31", "2020-12-31"),
        "endless": ("2020-12-31", None),
    }
    for name, (start, end) in windows.items():
        body = DEBARRED | {"valid_from": start, "valid_until": end}
        named = body | {"subject_organisation": subject.id}
        assert world.institute.put(URL.format(name), named).status_code == 201
    expected = {
        "2019-12-31": set(),
        "2020-01-01": {"one"},
        "2020-12-31": {"one", "day", "endless"},
        "2021-01-01": {"endless"},
    }
    for day, names in expected.items():
        path = f"/v1/register-entries?subject_organisation={subject.id}&valid_on={day}"
        listed = world.institute.get(path).json["data"]
        assert {row["external_id"] for row in listed} == names, day


@pytest.mark.parametrize(
    ("ahead", "code"),
    [(0, None), (5, None), (30, None), (31, "year_out_of_window"), (543, "buddhist_year")],
)
def test_a_licence_may_end_far_ahead(world: World, ahead: int, code: str | None) -> None:
    """An end of 30 years ahead is taken; later ones are refused, with a hint at other calendars."""
    until = f"{datetime.now(UTC).year + ahead}-12-31"
    body = DEBARRED | {"valid_from": "2026-01-01", "valid_until": until}
    answer = world.institute.put(URL.format(f"far{ahead}"), body)
    found = None if answer.status_code == 201 else answer.json["errors"][0]["code"]
    assert found == code


@pytest.mark.parametrize("day", ["2026-02-30", "31.12.2026", 20261231])
def test_an_end_is_a_day(world: World, day: object) -> None:
    """An end that is no day of the calendar, or written otherwise, is refused."""
    answer = world.institute.put(URL.format("day"), DEBARRED | {"valid_until": day})
    assert [each["code"] for each in answer.json["errors"]] == ["not_a_day"]


def test_a_suspended_agency_can_be_named(world: World) -> None:
    """A sanction may name an organisation that takes no part any more."""
    subject = world.party("agency")
    with world.installation.as_owner() as connection:
        organisations.suspend_organisation(connection, subject.organisation_id)
    body = DEBARRED | {"subject_organisation": subject.id}
    assert world.institute.put(URL.format("D/9"), body).status_code == 201
