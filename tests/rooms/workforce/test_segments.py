"""Segments of a headcount: the allowed ways to divide workers, and no other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from openredress_api.vocabulary import TAXONOMIES
from openredress_api.workforce import rules
from openredress_api.workforce.schemas import HeadcountBody
from tests.factories.parties import Party, World

COUNT = {"total": 480, "agency_workers": 35, "source": "payroll"}
SEGMENTS = {
    "sex": {"female": 300, "male": 150, "another_or_not_stated": 2},
    "migrant_status": {"national_local": 100, "cross_border": 380},
    "origin_country": {"TH": 100, "MM": 300, "KH": 80},
    "employment_type": {"direct": 440, "agency": 35},
    "tenure_band": {"under_3_months": 0},
    "age_band": {"under_18": 1, "from_18_to_24": 200},
    "recruited_via": {"licensed_agency": 35, "unknown": 400},
}


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier with one site."""
    return world.party("supplier")


@pytest.fixture(scope="module")
def site(world: World, supplier: Party) -> str:
    """Its site."""
    return world.site(supplier)


def put(supplier: Party, site: str, segments: Any, month: str = "2026-03") -> Any:
    """PUT a headcount of 480 with segments."""
    url = f"/v1/headcounts?site={site}&month={month}"
    return supplier.put(url, COUNT | {"segments": segments})


def faults(answer: Any) -> dict[str, str]:
    """The places of a refusal with their codes."""
    assert answer.status_code == 422, answer.json
    return {error["pointer"]: error["code"] for error in answer.json["errors"]}


def test_every_allowed_segment_is_kept(supplier: Party, site: str) -> None:
    """All seven come back as sent; sent again in any order nothing changes; left out they go."""
    assert set(SEGMENTS) == set(TAXONOMIES["worker_segment"].codes)
    first = put(supplier, site, SEGMENTS)
    assert (first.status_code, first.json["segments"]) == (201, SEGMENTS)
    turned = {name: dict(reversed(parts.items())) for name, parts in reversed(SEGMENTS.items())}
    assert put(supplier, site, turned).status_code == 204
    fewer = put(supplier, site, {"sex": {"female": 301}})
    assert (fewer.status_code, fewer.json["segments"]) == (200, {"sex": {"female": 301}})
    bare = supplier.put(f"/v1/headcounts?site={site}&month=2026-03", COUNT)
    assert (bare.status_code, bare.json["segments"]) == (200, None)
    assert put(supplier, site, None).status_code == 204


def test_unknown_segments_are_null_in_the_database_too(
    world: World, supplier: Party, site: str
) -> None:
    """What was not sent is SQL's null, so that no figure takes it for a statement."""
    assert put(supplier, site, None, "2026-05").status_code == 201
    query = text("SELECT segments IS NULL FROM headcount WHERE month = '2026-05-01'")
    with world.installation.as_owner() as connection:
        assert connection.scalars(query).all() == [True]


def test_whoever_did_not_say_is_in_no_part(supplier: Party, site: str) -> None:
    """The parts of a segment may add up to less than the total, never to more."""
    all_of_them = {"sex": {"female": 240, "male": 240}}
    assert put(supplier, site, all_of_them, "2026-04").status_code == 201
    more = {"sex": {"female": 241, "male": 240}, "age_band": {"from_50": 481}}
    refused = put(supplier, site, more, "2026-04")
    assert faults(refused) == {
        "/segments/sex": "adds_up_to_more",
        "/segments/age_band": "adds_up_to_more",
    }
    assert "481" in refused.json["errors"][0]["detail"]
    assert "480" in refused.json["errors"][0]["detail"]


def test_agency_workers_are_counted_once(supplier: Party, site: str) -> None:
    """No more workers can be employed through an agency than there are agency workers."""
    refused = put(supplier, site, {"employment_type": {"agency": 36}})
    assert faults(refused) == {"/segments/employment_type/agency": "more_than"}


def test_agency_workers_leave_the_others_the_rest(supplier: Party, site: str) -> None:
    """If all of five are agency workers, none is employed directly; who did not say fits in."""
    url = f"/v1/headcounts?site={site}&month=2026-02"
    five = {"total": 5, "agency_workers": 5, "source": "payroll"}

    def push(**parts: int) -> Any:
        return supplier.put(url, five | {"segments": {"employment_type": parts}})

    refused = push(direct=5, agency=0)
    assert faults(refused) == {"/segments/employment_type": "contradicts_agency_workers"}
    assert "5 workers" in refused.json["errors"][0]["detail"]
    assert faults(push(temporary=1)) == {"/segments/employment_type": "contradicts_agency_workers"}
    assert faults(push(direct=5, agency=5)) == {"/segments/employment_type": "adds_up_to_more"}
    assert push(direct=0, agency=3).status_code == 201


@pytest.mark.parametrize(
    ("segments", "found", "nearest"),
    [
        ({"seks": {}}, {"/segments/seks": "not_in_list"}, "sex"),
        ({"Age band": {}}, {"/segments/Age band": "not_in_list"}, "age_band"),
        ({"shoe_size": {}}, {"/segments/shoe_size": "not_in_list"}, "sex, migrant_status"),
        ({"sex": {"femal": 3}}, {"/segments/sex/femal": "not_in_list"}, "female"),
        ({"origin_country": {"Laos": 3}}, {"/segments/origin_country/Laos": "not_in_list"}, "LA"),
        ({"sex": {"female": "3"}}, {"/segments/sex/female": "not_a_whole_number"}, ""),
        ({"sex": {"female": True}}, {"/segments/sex/female": "not_a_whole_number"}, ""),
        ({"sex": {"female": None}}, {"/segments/sex/female": "null"}, ""),
        ({"sex": {"female": -1}}, {"/segments/sex/female": "range"}, ""),
        ({"sex": {"female": 1, "a": 1, "b": 1, "c": 1}}, {"/segments/sex": "list_length"}, ""),
        ({"sex": 300}, {"/segments/sex": "not_an_object"}, ""),
        ([], {"/segments": "not_an_object"}, ""),
        (
            {"sex": {"x": 1}, "language": {"my": 1}},
            {"/segments/sex/x": "not_in_list", "/segments/language": "segment_not_allowed"},
            "point at a person",
        ),
    ],
)
def test_unknown_segments_and_values_are_led_to_the_nearest(
    supplier: Party, site: str, segments: Any, found: dict[str, str], nearest: str
) -> None:
    """A wrong segment, value or number is refused at its place, with what may have been meant."""
    refused = put(supplier, site, segments)
    assert faults(refused) == found
    assert nearest in refused.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    "name",
    [
        *("language", "ethnicity", "religion", "union role", "pregnancy", "health", "disability"),
        *("Sexual-Orientation", "immigration_status", "debt_lender", "family", "dormitory"),
        *("line", "section", "shift", "supervisor", "hire_date", "job_title", "Mother Tongue"),
    ],
)
def test_dangerous_segments_are_refused_with_the_reason(
    supplier: Party, site: str, name: str
) -> None:
    """What can point at a person or be used against one is not taken, however it is written."""
    refused = put(supplier, site, {name: {"a": 3}})
    assert faults(refused) == {f"/segments/{name}": "segment_not_allowed"}
    said = refused.json["errors"][0]["detail"]
    assert "point at a person" in said
    assert "migrant_status" in said


def test_no_allowed_segment_is_dangerous() -> None:
    """The list of what is refused and the list of what is allowed have no word in common."""
    assert not [name for name in TAXONOMIES["worker_segment"].codes if rules.is_dangerous(name)]


NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = st.sampled_from([*SEGMENTS, "language", "seks"])
VALUES = st.sampled_from(["female", "male", "TH", "direct", "femal", ""])
NUMBERS = st.one_of(st.integers(-2, 600), st.sampled_from([None, True, "3", 2.0]))


@given(st.dictionaries(NAMES, st.dictionaries(VALUES, NUMBERS, max_size=3), max_size=3))
def test_what_is_taken_is_allowed(segments: dict[str, dict[str, Any]]) -> None:
    """Whatever a sender writes, what is taken has known names, whole numbers, sums in bounds."""
    allowed = all(
        name in SEGMENTS
        and value in rules.SEGMENTS[name].codes
        and type(number) is int
        and number >= 0
        for name, parts in segments.items()
        for value, number in parts.items()
    ) and not {*segments} - {*SEGMENTS}
    schema = HeadcountBody()
    body = COUNT | {"agency_workers": None, "segments": segments}
    assert (not schema.validate(body)) == allowed
    if allowed:
        loaded = schema.load(body)
        sums = all(sum(parts.values()) <= 480 for parts in segments.values())
        assert (rules.check(loaded | {"month": NOW.date()}, NOW) == []) == sums
