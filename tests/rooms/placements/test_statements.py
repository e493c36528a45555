"""What the worker states stands beside what the agency states, for the institute alone."""

from __future__ import annotations

from typing import Any

import pytest

from openredress_api.placements.comparing import fee_totals
from tests.factories.parties import Party, World

WAGE = {"amount": "1500", "currency": "MYR", "period": "month"}
TERMS: dict[str, Any] = {
    "job_title": "Sewer",
    "wage": WAGE,
    "hours_per_week": "48",
    "deductions": "0",
    "housing": "provided_free",
}
FEE = {
    "fee_type": "fee.service_matching",
    "amount": "120",
    "currency": "USD",
    "paid_by": "worker",
    "stage": "origin",
}
PLACEMENT: dict[str, Any] = {
    "worker_pseudonym": "W-2041",
    "origin": "NP",
    "destination": "MY",
    "status": "arrived",
    "arrived_on": "2026-03-01",
    "contract_origin": TERMS,
    "contract_arrival": TERMS,
    "no_fees_stated": True,
}
SAID = {"stated_on": "2026-04-01", "method": "call_back_all", "share_in_aggregates": True}
HELD = {
    "held_on": "2026-04-20",
    "method": "in_person",
    "document_in_hand": "no",
    "in_debt": "yes",
    "debt_months": 7,
    "share_in_aggregates": True,
}
URL = "/v1/placements?external_id={}&source_system=ats"


@pytest.fixture(scope="module")
def agency(world: World) -> Party:
    """One recruitment agency."""
    return world.party("agency", country="NP")


def test_both_sides_stand_side_by_side(world: World, agency: Party) -> None:
    """A statement shows both words: chains, sums per currency, and each side's contract match.

    row 12.
    """
    placement = agency.put(URL.format("S/1"), PLACEMENT).json["id"]
    chain = [{"seq": 1, "role": "informal_broker", "country": "NP"}]
    worse = TERMS | {"wage": WAGE | {"amount": "1100"}}
    body = SAID | {"fee_lines": [FEE], "agent_chain": chain, "contract_arrival": worse}
    path = f"/v1/placements/{placement}/worker-statements"
    shown = world.institute.post(path, body).json
    totals = {"currency": "USD", "worker_stated": "120.00", "agency_stated": "0.00"}
    assert shown["fee_totals"] == [totals]
    assert shown["chain_mismatch"] == ["informal_broker@NP"]
    assert (shown["contract_match"], shown["contract_differences"]) == ("worse", ["wage.worse"])
    assert shown["agency_stated"]["contract_match"] == "same"
    assert shown["agency_stated"]["no_fees_stated"] is True
    assert shown["agency_stated"]["contract_arrival"]["wage"]["amount"] == "1500.00"


def test_the_agencys_side_is_read_anew(world: World, agency: Party) -> None:
    """When the agency corrects itself, the difference shrinks; what the worker said stays."""
    placement = agency.put(URL.format("S/2"), PLACEMENT).json["id"]
    chain = [{"seq": 1, "role": "informal_broker", "country": "NP"}]
    path = f"/v1/placements/{placement}/worker-statements"
    made = world.institute.post(path, SAID | {"agent_chain": chain})
    assert "ETag" not in made.headers
    agency.put(URL.format("S/2"), PLACEMENT | {"agent_chain": chain})
    again = world.institute.get(made.headers["Location"]).json
    assert (made.json["chain_mismatch"], again["chain_mismatch"]) == (["informal_broker@NP"], [])
    (before,), (after,) = made.json["agent_chain"], again["agent_chain"]
    assert (before.pop("disclosed_by"), after.pop("disclosed_by")) == ("worker", "both")
    assert after == before


def test_an_agency_never_learns_that_a_worker_spoke(world: World, agency: Party) -> None:
    """Statements and interviews leave the agency's view, versions and feed as they were."""
    made = agency.put(URL.format("S/3"), PLACEMENT)
    path = f"/v1/placements/{made.json['id']}"
    before = (agency.get(path).data, agency.get(path).headers["ETag"])
    feed = agency.get("/v1/events").json
    for body, part in ((SAID | {"fee_lines": [FEE]}, "worker-statements"), (HELD, "interviews")):
        assert world.institute.post(f"{path}/{part}", body).status_code == 201
        assert agency.get(f"{path}/{part}").status_code == 403
        assert agency.post(f"{path}/{part}", body).status_code == 403
    assert (agency.get(path).data, agency.get(path).headers["ETag"]) == before
    assert agency.get("/v1/events").json == feed


def line(**change: Any) -> dict[str, Any]:
    """A fee line as it is kept."""
    return FEE | change


@pytest.mark.parametrize(
    ("lines", "none", "stated"),
    [
        ([], False, {}),
        ([], True, {}),
        ([line(), line(amount="30.50")], False, {"USD": "150.50"}),
        ([line(), line(currency="NPR", amount="900")], False, {"NPR": "900", "USD": "120"}),
        # A payer nobody knows may have been the worker; an employer was not.
        ([line(paid_by="unknown"), line(paid_by="family")], False, {"USD": "240"}),
        ([line(paid_by="employer")], False, {"USD": "0"}),
        # Interest is recorded beside fees and is none.
        ([line(fee_type="debt.interest")], False, {}),
    ],
)
def test_sums_are_what_the_worker_bore(
    lines: list[dict[str, Any]], *, none: bool, stated: dict[str, str]
) -> None:
    """Per currency the fees of ILO groups A to C; a side that says nothing is null, not zero.

    row 12.
    """
    silent = {"fee_lines": [], "no_fees_stated": False}
    found = fee_totals({"fee_lines": lines, "no_fees_stated": none}, silent)
    assert {row["currency"]: str(row["worker_stated"]) for row in found} == stated
    assert all(row["agency_stated"] is None for row in found)


def test_an_interview_is_recorded_and_read(world: World, agency: Party) -> None:
    """The institute's interview comes back as said; the agency's status stays its own word."""
    made = agency.put(URL.format("S/4"), PLACEMENT)
    path = f"/v1/placements/{made.json['id']}"
    held = world.institute.post(f"{path}/interviews", HELD, Idempotency_Key="i")
    assert held.status_code == 201, held.json
    assert {name: held.json[name] for name in HELD} == HELD
    assert world.institute.post(f"{path}/interviews", HELD, Idempotency_Key="i").json == held.json
    other = HELD | {"in_debt": "not_asked", "debt_months": None, "held_on": "2026-05-01"}
    assert world.institute.post(f"{path}/interviews", other).status_code == 201
    listed = world.institute.get(f"{path}/interviews?limit=1").json
    assert ([row["id"] for row in listed["data"]], listed["has_more"]) == ([held.json["id"]], True)
    assert world.institute.get(held.headers["Location"]).json == held.json
    assert agency.get(path).json["status"] == "arrived"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"in_debt": "no"}, "/debt_months", "only_with_debt"),
        ({"held_on": "2027-04-20"}, "/held_on", "in_the_future"),
        ({"document_in_hand": "perhaps"}, "/document_in_hand", "not_in_list"),
        ({"debt_months": -1}, "/debt_months", "range"),
    ],
)
def test_impossible_interviews_are_refused(
    world: World, agency: Party, change: dict[str, Any], pointer: str, code: str
) -> None:
    """An interview that contradicts itself is refused at its place."""
    known = agency.put(URL.format(f"S/5{code}"), PLACEMENT).json
    answer = world.institute.post(f"/v1/placements/{known['id']}/interviews", HELD | change)
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"stated_on": "2027-04-01"}, "/stated_on", "in_the_future"),
        (
            {"contract_arrival": TERMS | {"hours_per_week": "200"}},
            "/contract_arrival/hours_per_week",
            "range",
        ),
        (
            {
                "no_intermediary_stated": True,
                "agent_chain": [{"seq": 1, "role": "family", "country": "NP"}],
            },
            "/no_intermediary_stated",
            "contradicts_agent_chain",
        ),
    ],
)
def test_impossible_statements_are_refused(
    world: World, agency: Party, change: dict[str, Any], pointer: str, code: str
) -> None:
    """A statement that contradicts itself is refused at its place."""
    known = agency.put(URL.format(f"S/6{code}"), PLACEMENT).json
    answer = world.institute.post(f"/v1/placements/{known['id']}/worker-statements", SAID | change)
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]
