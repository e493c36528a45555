"""Job orders and the recruiters that lists name for them, as one chain."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.parties import Party, World

ORDER: dict[str, Any] = {
    "employer_name": "Made-up Landscapes LLC",
    "title": "Landscape labourer",
    "occupation_code": "37-3011",
    "occupation_system": "soc",
    "sector_code": "561730",
    "sector_system": "naics",
    "origin": "MX",
    "destination": "US",
    "worksite_city": "Austin",
    "worksite_admin1": "TEXAS",
    "workers_requested": 10,
    "workers_certified": 12,
    "status": "certified",
    "submitted_on": "2026-01-02",
    "decided_on": "2026-02-25",
    "starts_on": "2026-04-01",
    "ends_on": "2026-11-30",
    "wage": {"amount": "14.52", "currency": "USD", "period": "hour"},
    "overtime_wage": "21.78",
    "hours_per_week": "47.50",
    "agent_name": "Made-up Agents Inc.",
}
LISTING = {"job_order_ref": "H-1", "country": "MX", "organisation_name": "Made-up Recruiters"}
ORDERS = "/v1/job-orders?external_id={}&source_system=dol"
LISTINGS = "/v1/recruiter-listings?external_id={}&source_system={}"


@pytest.fixture(scope="module")
def agency(world: World) -> Party:
    """One recruitment agency."""
    return world.party("agency", country="MX")


def test_a_job_order_comes_back_as_sent(agency: Party) -> None:
    """Every field is kept, more certified than asked for too; the same again changes nothing."""
    first = agency.put(ORDERS.format("H/2"), ORDER)
    assert first.status_code == 201, first.json
    assert {name: first.json[name] for name in ORDER} == ORDER
    assert agency.put(ORDERS.format("H/2"), ORDER).status_code == 204
    later = agency.put(ORDERS.format("H/2"), ORDER | {"status": "withdrawn"})
    assert (later.status_code, later.headers["ETag"]) == (200, '"v2-agency"')
    assert agency.get(first.headers["Location"]).json["status"] == "withdrawn"


def test_little_is_enough(agency: Party) -> None:
    """Employer and country make a job order; what is not known is null and never zero."""
    made = agency.put(ORDERS.format("H/3"), {"employer_name": "A", "destination": "US"})
    assert made.status_code == 201, made.json
    unknown = ORDER.keys() - {"employer_name", "destination"}
    assert {made.json[name] for name in unknown} == {None}
    no_period = {"wage": ORDER["wage"] | {"period": None}}
    assert agency.put(ORDERS.format("H/4"), ORDER | no_period).json["wage"]["period"] is None


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"employer_name": None}, "/employer_name", "null"),
        ({"ends_on": "2026-03-31"}, "/ends_on", "before"),
        ({"decided_on": "2026-01-01"}, "/decided_on", "before"),
        ({"submitted_on": "2027-01-01", "decided_on": None}, "/submitted_on", "in_the_future"),
        ({"occupation_system": None}, "/occupation_code", "needs"),
        ({"sector_code": None}, "/sector_system", "needs"),
        ({"occupation_code": "37-30-11"}, "/occupation_code", "not_a_code_of"),
        ({"occupation_system": "isco_08"}, "/occupation_code", "not_in_list"),
        ({"sector_system": "isic_4"}, "/sector_code", "not_in_list"),
        ({"sector_code": "56-17"}, "/sector_code", "not_a_code_of"),
        ({"wage": ORDER["wage"] | {"amount": "0"}}, "/wage/amount", "not_zero"),
        ({"wage": None}, "/overtime_wage", "needs"),
        ({"hours_per_week": "0"}, "/hours_per_week", "range"),
        ({"wage": ORDER["wage"] | {"period": "shift"}}, "/wage/period", "not_in_list"),
    ],
)
def test_impossible_job_orders_are_refused(
    agency: Party, change: dict[str, Any], pointer: str, code: str
) -> None:
    """Each thing that no job order can say is refused at its place."""
    answer = agency.put(ORDERS.format("bad"), ORDER | change)
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]


def test_recruiters_become_a_chain(agency: Party) -> None:
    """A job order shows its recruiters as numbered hops; unordered where nobody stated an order."""
    order = agency.put(ORDERS.format("H-1"), ORDER).headers["Location"]
    assert agency.get(order).json["agent_chain"] == []
    assert agency.get(order).json["agent_chain_ordered"] is False
    persons = {"organisation_name": None, "persons_named": 3, "city": "Durango"}
    for name, change in (("b", {}), ("a", persons)):
        put = agency.put(LISTINGS.format(name, "dol"), LISTING | change)
        assert put.status_code == 201, put.json
    # Another system's list and another order's recruiter are not of this chain.
    agency.put(LISTINGS.format("c", "other"), LISTING)
    agency.put(LISTINGS.format("d", "dol"), LISTING | {"job_order_ref": "H-9"})
    shown = agency.get(order).json
    assert [(hop["seq"], hop["persons_named"], hop["role"]) for hop in shown["agent_chain"]] == [
        (1, 3, "unstated"),
        (2, None, "unstated"),
    ]
    assert shown["agent_chain_ordered"] is False
    assert [row["external_id"] for row in _of_order(agency, "H-9")] == ["d"]


def test_a_stated_order_is_kept(agency: Party) -> None:
    """Where the source says who comes first, the chain follows it and says so."""
    order = agency.put(ORDERS.format("H-5"), ORDER).headers["Location"]
    for seq, name in ((2, "a2"), (1, "b1")):
        body = LISTING | {"job_order_ref": "H-5", "seq": seq, "city": name}
        agency.put(LISTINGS.format(name, "dol"), body)
    shown = agency.get(order).json
    assert [(hop["seq"], hop["city"]) for hop in shown["agent_chain"]] == [(1, "b1"), (2, "a2")]
    assert shown["agent_chain_ordered"] is True
    body = LISTING | {"job_order_ref": "H-5", "seq": 2, "city": "c2"}
    agency.put(LISTINGS.format("c2", "dol"), body)
    assert agency.get(order).json["agent_chain_ordered"] is False


def _of_order(party: Party, ref: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = party.get(f"/v1/recruiter-listings?job_order_ref={ref}").json[
        "data"
    ]
    return rows


@pytest.mark.parametrize("persons", [None, 0])
def test_a_listing_names_somebody(agency: Party, persons: int | None) -> None:
    """A recruiter without a firm and without persons is no recruiter."""
    body = LISTING | {"organisation_name": None, "persons_named": persons}
    answer = agency.put(LISTINGS.format("bad", "dol"), body)
    assert [each["code"] for each in answer.json["errors"]] == ["names_nobody"]


def test_job_orders_are_the_agencys_and_the_institutes(world: World, agency: Party) -> None:
    """Another agency sees none of it, the institute reads all, a supplier has no such scope."""
    order = agency.put(ORDERS.format("H-7"), ORDER).headers["Location"]
    agency.put(LISTINGS.format("h7", "dol"), LISTING | {"job_order_ref": "H-7"})
    stranger = world.party("agency")
    absent = stranger.get(f"/v1/job-orders/jor_{'0' * 26}")
    assert stranger.get(order).json["detail"] == absent.json["detail"]
    assert (stranger.get(order).status_code, absent.status_code) == (404, 404)
    for path in ("/v1/job-orders", "/v1/recruiter-listings"):
        assert stranger.get(path).json["data"] == []
        assert world.party("supplier").get(path).status_code == 403
    read = world.institute.get(order).json
    assert read == agency.get(order).json
    assert [hop["organisation_name"] for hop in read["agent_chain"]] == ["Made-up Recruiters"]
    assert world.institute.put(ORDERS.format("H-8"), ORDER).status_code == 403


def test_job_orders_are_listed_by_status(agency: Party) -> None:
    """A list of one status holds those job orders and no others."""
    agency.put(ORDERS.format("H-10"), ORDER | {"status": "expired"})
    listed = agency.get("/v1/job-orders?status=expired").json["data"]
    assert [row["external_id"] for row in listed] == ["H-10"]
