"""Agencies state placements to the first mile; workers' statements stand beside them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from openredress_api.placements import intake, rules
from tests.factories.parties import Party, World

HOPS = [
    {"seq": 1, "role": "village_sub_agent", "country": "NP"},
    {"seq": 2, "role": "licensed_agency_origin", "country": "NP", "licence_no": "1234/077"},
]
FEE = {
    "fee_type": "cost.medical",
    "amount": "45.50",
    "currency": "USD",
    "paid_by": "worker",
    "stage": "origin",
    "paid_at": "2026-02",
    "paid_to_hop": 2,
}
BODY: dict[str, Any] = {
    "worker_pseudonym": "W-2041",
    "origin": "NP",
    "destination": "MY",
    "status": "arrived",
    "arrived_on": "2026-03-01",
    "fee_lines": [FEE],
    "agent_chain": HOPS,
}
TERMS = {
    "job_title": "Sewer",
    "wage": {"amount": "1500", "currency": "MYR", "period": "month"},
}
STATEMENT = {"stated_on": "2026-04-01", "method": "call_back_all", "share_in_aggregates": True}
URL = "/v1/placements?external_id={}&source_system=ats"


@pytest.fixture(scope="module")
def agency(world: World) -> Party:
    """One recruitment agency."""
    return world.party("agency", country="NP")


def test_r4_an_agencys_pseudonym_is_read_by_nobody_else(world: World, agency: Party) -> None:
    """R4: the agency reads it back; to the institute it is null, and no column holds it."""
    other = world.party("agency", country="NP")
    secret = BODY | {"worker_pseudonym": "Zaw-R4-only"}
    for party in (agency, other):
        made = party.put(URL.format("R4"), secret)
        assert (made.status_code, made.json["worker_pseudonym"]) == (201, "Zaw-R4-only")
        assert party.put(URL.format("R4"), secret).status_code == 204
        mine = party.get("/v1/placements?limit=500").json["data"]
        assert "Zaw-R4-only" in [one["worker_pseudonym"] for one in mine]
        path = f"/v1/placements/{made.json['id']}"
        assert world.institute.get(path).json["worker_pseudonym"] is None
    seen = world.institute.get("/v1/placements?limit=500").json["data"]
    assert {one["worker_pseudonym"] for one in seen} == {None}
    with world.installation.as_owner() as connection:
        rows = connection.scalars(text("SELECT p::text FROM placement p")).all()
        kept = connection.scalars(
            text("SELECT worker_pseudonym FROM placement WHERE external_id = 'R4'")
        ).all()
    assert not [row for row in rows if "Zaw-R4-only" in row]
    # Two agencies that call somebody alike cannot find that out.
    assert len(set(kept)) == 2


def test_upsert_keeps_fees_and_chain_as_stated(agency: Party) -> None:
    """A placement comes back as it was stated: amounts exact, hops in order; again is 204."""
    first = agency.put(URL.format("P/1"), BODY)
    assert first.status_code == 201, first.json
    assert first.json["fee_lines"][0]["amount"] == "45.50"
    assert [hop["role"] for hop in first.json["agent_chain"]] == [hop["role"] for hop in HOPS]
    assert agency.put(URL.format("P/1"), BODY).status_code == 204
    later = agency.put(URL.format("P/1"), BODY | {"status": "working"})
    assert (later.status_code, later.headers["ETag"]) == (200, '"v2-agency"')
    earlier = {"status": "departed", "arrived_on": None}
    back = agency.put(URL.format("P/1"), BODY | earlier)
    assert (back.status_code, back.json["code"]) == (409, "state_transition_not_allowed")


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"no_fees_stated": True}, "/no_fees_stated", "contradicts_fee_lines"),
        (
            {"no_fees_stated": True, "fee_lines": [FEE | {"paid_by": "unknown"}]},
            "/no_fees_stated",
            "contradicts_fee_lines",
        ),
        (
            {"agent_chain": [HOPS[1]], "fee_lines": []},
            "/agent_chain/0/seq",
            "not_in_order",
        ),
        ({"fee_lines": [FEE | {"paid_to_hop": 3}]}, "/fee_lines/0/paid_to_hop", "not_a_hop"),
        (
            {"fee_lines": [FEE | {"currency": "JPY"}]},
            "/fee_lines/0/amount",
            "too_many_decimals",
        ),
        ({"fee_lines": [FEE | {"paid_at": "2569-02"}]}, "/fee_lines/0/paid_at", "buddhist_year"),
        ({"worker_pseudonym": "9841234567"}, "/worker_pseudonym", "pseudonym_is_a_number"),
        ({"arrived_on": None}, "/arrived_on", "needed_after_arrival"),
        ({"end_reason": "other"}, "/end_reason", "only_with_terminated_early"),
        ({"arrived_on": "2027-03-01"}, "/arrived_on", "in_the_future"),
        ({"status": "departed"}, "/arrived_on", "only_after_arrival"),
        ({"status": "cancelled_before_departure"}, "/arrived_on", "only_after_arrival"),
        (
            {"contract_origin": TERMS | {"signed_on": "2026-03-02"}},
            "/arrived_on",
            "before",
        ),
    ],
)
def test_contradictions_are_named(
    agency: Party, change: dict[str, Any], pointer: str, code: str
) -> None:
    """Each contradiction is refused at its place; nothing is stored."""
    answer = agency.put(URL.format("bad"), BODY | change)
    assert answer.status_code == 422
    assert {(error["pointer"], error["code"]) for error in answer.json["errors"]} == {
        (pointer, code)
    }


def test_statements_stand_beside_and_stay_hidden(world: World, agency: Party) -> None:
    """The institute records a statement and sees the difference; the agency never sees it."""
    placement = agency.put(URL.format("P/2"), BODY).json["id"]
    chain = [{"seq": 1, "role": "informal_broker", "country": "NP"}]
    url = f"/v1/placements/{placement}/worker-statements"
    made = world.institute.post(
        url, STATEMENT | {"agent_chain": chain, "no_fees_stated": True}, Idempotency_Key="a"
    )
    assert made.status_code == 201, made.json
    assert made.json["first_mile_known"] is True
    assert made.json["chain_mismatch"] == ["informal_broker@NP"]
    again = world.institute.post(
        url, STATEMENT | {"agent_chain": chain, "no_fees_stated": True}, Idempotency_Key="a"
    )
    assert again.json == made.json
    assert len(world.institute.get(url).json["data"]) == 1
    assert agency.get(url).status_code == 403
    assert agency.post(url, STATEMENT).status_code == 403
    assert (
        world.institute.get(f"/v1/placements/{placement}").json["fee_lines"]
        == (agency.get(f"/v1/placements/{placement}").json["fee_lines"])
    )


def test_placements_are_the_agencys(world: World, agency: Party) -> None:
    """Another agency gets the same 404 for a foreign and an absent placement."""
    placement = agency.put(URL.format("P/3"), BODY).json["id"]
    stranger = world.party("agency")
    foreign = stranger.get(f"/v1/placements/{placement}")
    absent = stranger.get(f"/v1/placements/plc_{'0' * 26}")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert foreign.json["detail"] == absent.json["detail"]
    assert stranger.get("/v1/placements").json["data"] == []


def test_a_site_needs_a_confirmed_relation(world: World, agency: Party) -> None:
    """An agency names a site only of a supplier that confirmed to work with it."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    refused = agency.put(URL.format("P/4"), BODY | {"site": site})
    assert refused.json["errors"][0]["code"] == "not_a_site"
    world.related(agency, supplier, site)
    assert agency.put(URL.format("P/4"), BODY | {"site": site}).json["site"] == site


def test_reads_of_placements_are_audited(world: World, agency: Party) -> None:
    """Reading a placement leaves one audit entry that names it."""
    placement = agency.put(URL.format("P/5"), BODY).json["id"]
    agency.get(f"/v1/placements/{placement}")
    with world.installation.as_owner() as connection:
        found = connection.scalar(
            text(
                "SELECT count(*) FROM audit WHERE operation = 'get_placement' AND content LIKE :id"
            ),
            {"id": f"%{placement}%"},
        )
    assert found == 1


def test_a_voided_placement_stays(agency: Party) -> None:
    """A voided placement is read with its reason, takes no push, and is voided once only."""
    made = agency.put(URL.format("P/6"), BODY)
    path = f"/v1/placements/{made.json['id']}"
    reason = {"reason": "entered_twice"}
    stale = agency.post(f"{path}/void", reason, If_Match='"v7-agency"')
    assert (stale.status_code, stale.json["code"]) == (412, "precondition_failed")
    voided = agency.post(f"{path}/void", reason, If_Match=made.headers["ETag"])
    assert (voided.status_code, voided.headers["ETag"]) == (200, '"v2-agency"')
    shown = agency.get(path).json
    assert (shown["void_reason"], shown["worker_pseudonym"]) == ("entered_twice", "W-2041")
    assert shown["voided_at"] is not None
    for refused in (
        agency.post(f"{path}/void", reason),
        agency.put(URL.format("P/6"), BODY),
        agency.put(URL.format("P/6"), BODY | {"status": "working"}),
    ):
        assert (refused.status_code, refused.json["code"]) == (409, "placement_voided")


def test_a_worker_is_heard_about_a_voided_placement(world: World, agency: Party) -> None:
    """No agency silences a worker by voiding: statement and interview are still recorded."""
    placement = agency.put(URL.format("P/7"), BODY).json["id"]
    path = f"/v1/placements/{placement}"
    assert agency.post(f"{path}/void", {"reason": "erasure_asked"}).status_code == 200
    assert world.institute.post(f"{path}/worker-statements", STATEMENT).status_code == 201
    assert world.institute.post(f"{path}/void", {"reason": "entered_twice"}).status_code == 403


def test_a_zero_line_is_not_free_of_fees(agency: Party) -> None:
    """A line of 0 is kept as a statement about that one cost; it states nothing of the others."""
    zero = agency.put(URL.format("P/8"), BODY | {"fee_lines": [FEE | {"amount": "0"}]})
    assert zero.status_code == 201, zero.json
    assert (zero.json["fee_lines"][0]["amount"], zero.json["no_fees_stated"]) == ("0.00", False)


def test_a_replay_shows_what_is_stored_now(world: World, agency: Party) -> None:
    """After a voiding the same keyed push is answered with the tombstone, and nothing is kept."""
    url, key = URL.format("P/9"), {"Idempotency_Key": "once"}
    made = agency.put(url, BODY, **key)
    again = agency.put(url, BODY, Idempotency_Key="twice")
    assert (made.status_code, again.status_code) == (201, 204)
    path = f"/v1/placements/{made.json['id']}"
    assert agency.post(f"{path}/void", {"reason": "erasure_asked"}).status_code == 200
    replay = agency.put(url, BODY, **key)
    assert (replay.status_code, replay.headers["Idempotency-Replayed"]) == (201, "true")
    assert replay.json == agency.get(path).json
    assert replay.json["void_reason"] == "erasure_asked"
    empty = agency.put(url, BODY, Idempotency_Key="twice")
    assert (empty.status_code, empty.data) == (204, b"")
    assert "Content-Type" not in empty.headers
    with world.installation.as_owner() as connection:
        query = text(
            "SELECT count(*) FROM audit WHERE operation = 'get_placement' AND content LIKE :id"
        )
        assert connection.scalar(query, {"id": f"%{made.json['id']}%"}) == 3


STATUSES = st.sampled_from(rules.STATUSES)


@given(STATUSES, STATUSES)
def test_no_placement_goes_back(present: str, proposed: str) -> None:
    """Two different statuses never follow each other both ways, and an end has no successor."""
    if present != proposed and rules.may_follow(present, proposed):
        assert not rules.may_follow(proposed, present)
        assert present in rules.COURSE


@pytest.mark.parametrize(
    ("present", "proposed", "may"),
    [
        ("predeparture_done", "cancelled_before_departure", True),
        ("departed", "cancelled_before_departure", False),
        ("predeparture_done", "returned", False),
        ("departed", "returned", True),
        ("worker_registered", "working", True),
        ("completed", "working", False),
        ("completed", "completed", True),
        ("", "returned", True),
    ],
)
def test_departure_divides_the_ends(present: str, proposed: str, *, may: bool) -> None:
    """Before departure a placement is cancelled, from then on it ends; it may begin anywhere."""
    assert rules.may_follow(present, proposed) is may


def test_the_database_judges_steps_as_python_does(world: World) -> None:
    """Every pair of a present and a proposed status gets the same verdict in SQL as in rules.py."""
    verdict = {code: sql for sql, code in intake.PLACEMENT.verdicts}
    refused = verdict["no_way_from_present_status"].replace("%(ways)s", ":ways")
    pairs = [(old, new) for old in rules.STATUSES for new in rules.STATUSES]
    query = text(
        f"SELECT t.status, s.status, {refused} FROM "  # noqa: S608 - our own verdict
        "jsonb_array_elements_text(CAST(:all AS jsonb)) AS t (status), "
        "jsonb_array_elements_text(CAST(:all AS jsonb)) AS s (status)"
    )
    given_values = {**intake.PLACEMENT.params, "all": json.dumps(rules.STATUSES)}
    with world.installation.as_owner() as connection:
        found = {(old, new): bad for old, new, bad in connection.execute(query, given_values)}
    assert found == {pair: not rules.may_follow(*pair) for pair in pairs}
    assert {new for old, new in rules.TRANSITIONS if old == ""} == set(rules.STATUSES)
