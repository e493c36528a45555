"""Mechanisms: described by who answers for them, in codes, flags and days."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.foundation.identifiers import encode, random_id
from openredress_api.vocabulary import TAXONOMIES
from tests.factories.mechanisms import MECHANISM, WHOLE, faults, mechanism, put
from tests.factories.parties import Party, World


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier with one site."""
    return world.party("supplier")


@pytest.fixture(scope="module")
def site(world: World, supplier: Party) -> str:
    """Its site."""
    return world.site(supplier)


def test_a_whole_description_comes_back_as_it_was_sent(supplier: Party, site: str) -> None:
    """Created, unchanged, changed; the list and the one show every member that was sent."""
    body = WHOLE | {"sites": [site]}
    first = put(supplier, "mechanisms", "WHOLE/1", body)
    assert first.status_code == 201, first.json
    assert {name: first.json[name] for name in body} == body
    again = put(supplier, "mechanisms", "WHOLE/1", body)
    assert (again.status_code, again.headers["Location"]) == (204, first.headers["Location"])
    changed = put(supplier, "mechanisms", "WHOLE/1", body | {"appeal_possible": True})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2-supplier"')
    assert changed.json["id"] == first.json["id"]
    assert supplier.get(first.headers["Location"]).json == changed.json
    assert changed.json in supplier.get(f"/v1/mechanisms?site={site}").json["data"]


def test_what_nobody_said_is_unknown(supplier: Party) -> None:
    """Every flag, list, day and number that was not sent is null: neither no, nor none, nor 0."""
    made = put(supplier, "mechanisms", "BARE", MECHANISM | {"all_sites": True})
    assert made.status_code == 201, made.json
    stated = {*MECHANISM, "all_sites", "sites", "id", "organisation", "external_id"}
    stated |= {"source_system", "created_at", "updated_at"}
    assert {value for name, value in made.json.items() if name not in stated} == {None}
    assert made.json["sites"] == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"sites": []}, {"/sites": "needs_sites"}),
        ({"all_sites": True, "sites": "SITE"}, {"/sites": "contradicts_all_sites"}),
        ({"sites": "SITE SITE"}, {"/sites/1": "repeated"}),
        ({"channels": []}, {"/channels": "list_length"}),
        ({"channels": None}, {"/channels": "null"}),
        ({"channels": ["walk_in", "fax"]}, {"/channels/1": "not_in_list"}),
        ({"channels": ["walk_in", "walk_in"]}, {"/channels/1": "repeated"}),
        ({"languages": ["Burmese"]}, {"/languages/0": "not_a_language"}),
        ({"languages": []}, {"/languages": "list_length"}),
        ({"open_to": ["visitors"]}, {"/open_to/0": "not_in_list"}),
        ({"operator_kind": "employr"}, {"/operator_kind": "not_in_list"}),
        ({"may_meet": "no"}, {"/may_meet": "not_a_flag"}),
        (
            {"external_procedure": None, "external_procedure_name": "Ombud"},
            {"/external_procedure_name": "says_more_about"},
        ),
        ({"procedure_published": False}, {"/procedure_url": "says_more_about"}),
        ({"anti_retaliation_policy": None}, {"/anti_retaliation_policy_since": "says_more_about"}),
        ({"workers_consulted_on_design": False}, {"/workers_consulted_on": "says_more_about"}),
        ({"effectiveness_checked_on": None}, {"/effectiveness_check_method": "says_more_about"}),
        ({"procedure_url": "ftp://example.org"}, {"/procedure_url": "not_a_web_address"}),
        ({"procedure_url": "https://me:pw@example.org/"}, {"/procedure_url": "not_a_web_address"}),
        ({"procedure_url": "https://e.org/\x00"}, {"/procedure_url": "not_a_web_address"}),
        ({"always_open": True}, {"/hours": "contradicts_always_open"}),
        (
            {"published_time_frames": {"acknowledge_days": 9, "close_days": 8}},
            {"/published_time_frames/close_days": "less_than"},
        ),
        (
            {"published_time_frames": {"first_action_days": -1}},
            {"/published_time_frames/first_action_days": "range"},
        ),
        ({"valid_to": "2025-12-31"}, {"/valid_to": "before"}),
        ({"valid_from": "2569-01-01"}, {"/valid_from": "buddhist_year"}),
        ({"name": None}, {"/name": "null"}),
        ({"note": "call me"}, {"/note": "unknown"}),
    ],
)
def test_what_contradicts_itself_is_named(
    supplier: Party, site: str, change: dict[str, Any], found: dict[str, str]
) -> None:
    """A member that cannot be, alone or beside another one, is refused at its place."""
    body = WHOLE | {"sites": [site]} | change
    if isinstance(change.get("sites"), str):
        body["sites"] = [site] * len(change["sites"].split())
    assert faults(put(supplier, "mechanisms", "BAD", body)) == found


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ([("monday", "08:00", "08:00")], {"/hours/0/to": "not_later"}),
        ([("monday", "22:00", "06:00")], {"/hours/0/to": "not_later"}),
        ([("monday", "8:00", "12:00")], {"/hours/0/from": "not_a_time_of_day"}),
        ([("monday", "08:00", "24:01")], {"/hours/0/to": "not_a_time_of_day"}),
        ([("monday", "08:60", "12:00")], {"/hours/0/from": "not_a_time_of_day"}),
        ([("Mon", "08:00", "12:00")], {"/hours/0/weekday": "not_in_list"}),
        (
            [("monday", "08:00", "12:00"), ("monday", "11:59", "13:00")],
            {"/hours/1": "overlapping"},
        ),
        (
            [("monday", "08:00", "12:00"), ("sunday", "08:00", "12:00")] * 2,
            {"/hours/2": "overlapping", "/hours/3": "overlapping"},
        ),
    ],
)
def test_hours_are_a_week_without_overlaps(
    supplier: Party, site: str, hours: list[tuple[str, str, str]], found: dict[str, str]
) -> None:
    """A span ends after it begins, on one weekday, and no minute is promised twice."""
    names = ("weekday", "from", "to")
    spans = [dict(zip(names, span, strict=True)) for span in hours]
    body = WHOLE | {"sites": [site], "hours": spans}
    assert faults(put(supplier, "mechanisms", "BAD", body)) == found


def test_at_any_hour_no_hours_are_needed(supplier: Party) -> None:
    """A mechanism that is always open has no hours; unknown ones do not contradict it."""
    made = put(supplier, "mechanisms", "24/7", MECHANISM | {"all_sites": True, "always_open": True})
    assert (made.status_code, made.json["hours"]) == (201, None)


def test_spans_may_touch(supplier: Party, site: str) -> None:
    """Hours past midnight are two entries; one that starts when another ends is no overlap."""
    spans = [
        {"weekday": "monday", "from": "00:00", "to": "08:00"},
        {"weekday": "monday", "from": "08:00", "to": "24:00"},
        {"weekday": "tuesday", "from": "00:00", "to": "06:00"},
    ]
    made = put(supplier, "mechanisms", "NIGHT", WHOLE | {"sites": [site], "hours": spans})
    assert (made.status_code, made.json["hours"]) == (201, spans)


@pytest.mark.parametrize(
    "day", ["anti_retaliation_policy_since", "workers_consulted_on", "effectiveness_checked_on"]
)
def test_what_is_told_as_done_was_done(supplier: Party, site: str, day: str) -> None:
    """A policy, a consultation or a check of next year is a plan and is refused."""
    ahead = supplier.get("/v1/me").json["now"][:4]
    body = WHOLE | {"sites": [site], day: f"{int(ahead) + 1}-01-03"}
    assert faults(put(supplier, "mechanisms", "BAD", body)) == {f"/{day}": "in_the_future"}


def test_a_foreign_site_is_none_of_mine(world: World, supplier: Party, site: str) -> None:
    """Another supplier's site and an absent one give the same answer; the institute names any."""
    foreign = world.site(world.party("supplier"))
    for other in (foreign, encode("site", random_id())):
        answer = put(supplier, "mechanisms", "BAD", MECHANISM | {"sites": [site, other]})
        assert faults(answer) == {"/sites/1": "not_your_site"}
    institute = world.institute
    assert put(institute, "mechanisms", "I", MECHANISM | {"sites": [foreign]}).status_code == 201
    absent = MECHANISM | {"sites": [encode("site", random_id())]}
    assert faults(put(institute, "mechanisms", "I", absent)) == {"/sites/0": "not_a_site"}


def test_who_covers_a_site(world: World) -> None:
    """By site one finds what names it, what is for all its supplier's, and the institute's."""
    supplier, other = world.party("supplier"), world.party("supplier")
    sites = [world.site(supplier, name) for name in ("A", "B")]
    named = mechanism(supplier, "named", sites=[sites[0]])
    for_all = mechanism(supplier, "all")
    mechanism(other, "all")
    ours = mechanism(world.institute, "everybody")

    def covering(party: Party, site: str) -> set[str]:
        listed = party.get(f"/v1/mechanisms?site={site}&limit=500").json["data"]
        return {row["id"] for row in listed}

    assert covering(supplier, sites[0]) == {named, for_all}
    assert covering(supplier, sites[1]) == {for_all}
    assert covering(world.institute, sites[1]) == {for_all, ours}
    assert covering(other, sites[0]) == set()


def test_the_institute_reads_all_and_others_their_own(world: World, supplier: Party) -> None:
    """The institute reads a supplier's description, other suppliers do not, brands may not ask."""
    made = mechanism(supplier, "READ")
    assert world.institute.get(f"/v1/mechanisms/{made}").status_code == 200
    assert world.party("supplier").get(f"/v1/mechanisms/{made}").status_code == 404
    assert world.party("brand").get(f"/v1/mechanisms/{made}").status_code == 403
    own = mechanism(world.institute, "READ")
    assert supplier.get(f"/v1/mechanisms/{own}").status_code == 404
    changed = world.institute.get(f"/v1/mechanisms/{made}").json["updated_at"]
    later = supplier.get(f"/v1/mechanisms?updated_since={changed}").json["data"]
    assert later[0]["id"] == made


def test_the_database_knows_the_same_codes(world: World) -> None:
    """Each code of each list can be stored: the checks of the tables are those of the lists."""
    lists = {
        "mechanism": ("channel", "operator_kind", "mechanism_user", "effectiveness_check"),
        "contact_volume": ("channel_class",),
        "engagement_event": ("operator_kind", "engagement_method"),
        "awareness_survey": ("survey_method", "observer"),
        "reachability_probe": ("channel", "observer"),
    }
    query = text(
        "SELECT string_agg(pg_get_constraintdef(oid), ' ') FROM pg_constraint "
        "WHERE contype = 'c' AND conrelid = CAST(:table AS regclass)"
    )
    with world.installation.as_owner() as connection:
        for table, names in lists.items():
            checks = connection.scalar(query, {"table": table})
            for name in names:
                lacking = [code for code in TAXONOMIES[name].codes if f"'{code}'" not in checks]
                assert not lacking, (table, name)
