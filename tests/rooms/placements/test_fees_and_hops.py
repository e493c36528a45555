"""Fee lines with repayments and evidence, and hops with licences: kept, refused, and compared."""

from __future__ import annotations

from typing import Any

import pytest

from openredress_api.placements.chains import beside
from tests.factories.evidence import announced
from tests.factories.imports import findings, imported, lines
from tests.factories.parties import Party, World

AGENT = {
    "seq": 1,
    "role": "licensed_agency_origin",
    "country": "NP",
    "organisation_name": "Himal Overseas Pvt. Ltd.",
    "admin1": "Bagmati",
    "licence_no": "1234/077",
    "authority": "Department of Foreign Employment",
    "valid_on": "2026-01-15",
    "registered": "yes",
    "checked_at": "2026-02",
}
FEE: dict[str, Any] = {
    "fee_type": "fee.service_matching",
    "amount": "120.00",
    "currency": "USD",
    "paid_by": "worker",
    "stage": "origin",
    "paid_at": "2026-01-20",
    "paid_to_hop": 1,
    "repaid_amount": "45.50",
    "repaid_at": "2026-02",
}
BODY: dict[str, Any] = {
    "worker_pseudonym": "W-2041",
    "origin": "NP",
    "destination": "MY",
    "agent_chain": [AGENT],
    "fee_lines": [FEE],
}
SAID = {"stated_on": "2026-04-01", "method": "call_back_all", "share_in_aggregates": True}
URL = "/v1/placements?external_id={}&source_system=ats"


@pytest.fixture(scope="module")
def agency(world: World) -> Party:
    """One recruitment agency."""
    return world.party("agency", country="NP")


def faults(answer: Any) -> list[tuple[str, str]]:
    """The places of a refusal with their codes."""
    assert answer.status_code == 422, answer.json
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]


def test_all_that_is_told_of_a_fee_and_a_hop_is_kept(agency: Party) -> None:
    """Repayment, evidence, licence and place come back as sent; sent again nothing changes.

    row 12.
    """
    receipt = announced(agency, b"Received with thanks", "text/plain")
    body = BODY | {"fee_lines": [FEE | {"evidence": [receipt]}]}
    made = agency.put(URL.format("F/1"), body)
    assert made.status_code == 201, made.json
    assert made.json["fee_lines"] == [FEE | {"evidence": [receipt]}]
    assert made.json["agent_chain"] == [AGENT | {"pseudonym": None}]
    assert agency.get(f"/v1/placements/{made.json['id']}").json == made.json
    assert agency.put(URL.format("F/1"), body).status_code == 204


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"paid_at": "2024-02-31"}, "paid_at", "not_a_partial_date"),
        ({"paid_at": "2027", "repaid_at": None}, "paid_at", "in_the_future"),
        ({"repaid_at": "2027-01-01"}, "repaid_at", "in_the_future"),
        ({"repaid_at": "2025"}, "repaid_at", "before"),
        ({"repaid_at": "2026-01-19"}, "repaid_at", "before"),
        ({"repaid_amount": None}, "repaid_at", "needs"),
        ({"repaid_amount": "120.01"}, "repaid_amount", "more_than"),
        ({"repaid_amount": "1.555"}, "repaid_amount", "too_many_decimals"),
        ({"repayment_validated": True}, "repayment_validated", "unknown"),
        ({"evidence": ["W-2041"]}, "evidence/0", "not_an_id"),
    ],
)
def test_a_fee_line_that_cannot_be_is_named(
    agency: Party, change: dict[str, Any], pointer: str, code: str
) -> None:
    """No agency states a day that is none, a repayment without a sum, or that it was validated."""
    answer = agency.put(URL.format("bad"), BODY | {"fee_lines": [FEE | change]})
    assert faults(answer) == [(f"/fee_lines/0/{pointer}", code)]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"checked_at": "2027"}, "checked_at", "in_the_future"),
        ({"licence_no": None, "valid_on": None}, "authority", "needs"),
        ({"licence_no": None, "authority": None}, "valid_on", "needs"),
        ({"disclosed_by": "both"}, "disclosed_by", "unknown"),
    ],
)
def test_a_hop_that_cannot_be_is_named(
    agency: Party, change: dict[str, Any], pointer: str, code: str
) -> None:
    """A licence that is not there has no authority; who named a hop is no sender's to say."""
    answer = agency.put(URL.format("bad"), BODY | {"agent_chain": [AGENT | change]})
    assert faults(answer) == [(f"/agent_chain/0/{pointer}", code)]


def test_evidence_is_the_senders_own(world: World, agency: Party) -> None:
    """A stranger's file and one that is not there are refused alike, one by one and in a file."""
    own, foreign = (
        announced(one, b"Received", "text/plain") for one in (agency, world.party("agency"))
    )
    absent = f"evd_{'0' * 26}"
    cited = FEE | {"evidence": [own, foreign, absent]}
    refused = agency.put(URL.format("F/2"), BODY | {"fee_lines": [cited]})
    at = "/fee_lines/0/evidence/{}"
    assert faults(refused) == [(at.format(place), "not_evidence") for place in (1, 2)]
    rows = [
        {"external_id": f"F/3/{place}", **BODY, "fee_lines": [FEE | {"evidence": evidence}]}
        for place, evidence in enumerate(([own], [own, foreign], []))
    ]
    done = imported(world, agency, lines(rows), record="placement", source_system="ats")
    assert (done["counts"]["new"], done["counts"]["refused"]) == (2, 1)
    told = [(one["line"], one["pointer"], one["code"]) for one in findings(agency, done["id"])]
    assert told == [(2, "/fee_lines", "not_evidence")]


def test_the_institute_validates_a_repayment(world: World, agency: Party) -> None:
    """What the worker has back is the institute's word; it cites any file, the agency sees none."""
    placement = agency.put(URL.format("F/4"), BODY).json["id"]
    path = f"/v1/placements/{placement}"
    receipt = announced(agency, b"Received", "text/plain")
    line = FEE | {"repayment_validated": True, "evidence": [receipt]}
    body = SAID | {"agent_chain": [AGENT], "fee_lines": [line]}
    made = world.institute.post(f"{path}/worker-statements", body)
    assert made.status_code == 201, made.json
    assert made.json["fee_lines"] == [line]
    assert made.json["agency_stated"]["fee_lines"] == [FEE | {"evidence": []}]
    assert "repayment_validated" not in agency.get(path).json["fee_lines"][0]
    for change, pointer, code in (
        ({"repaid_amount": None, "repaid_at": None}, "repayment_validated", "needs"),
        ({"evidence": [receipt, f"evd_{'0' * 26}"]}, "evidence/1", "not_evidence"),
    ):
        wrong = body | {"fee_lines": [line | change]}
        refused = world.institute.post(f"{path}/worker-statements", wrong)
        assert faults(refused) == [(f"/fee_lines/0/{pointer}", code)]


def test_an_employer_who_pays_leaves_no_fees(world: World, agency: Party) -> None:
    """Costs of others, and lines of 0, stand beside no fees, of the agency as of the worker."""
    theirs = [FEE | {"paid_by": payer} for payer in ("employer", "agency", "government")]
    stated = {"no_fees_stated": True, "fee_lines": [*theirs, FEE | {"amount": "0"} | NOT_REPAID]}
    made = agency.put(URL.format("F/5"), BODY | stated)
    assert made.status_code == 201, made.json
    url = f"/v1/placements/{made.json['id']}/worker-statements"
    said = world.institute.post(url, SAID | stated | {"agent_chain": [AGENT]})
    assert said.status_code == 201, said.json
    totals = {"currency": "USD", "worker_stated": "0.00", "agency_stated": "0.00"}
    assert said.json["fee_totals"] == [totals]
    borne = stated | {"fee_lines": [FEE | {"paid_by": "family"}], "agent_chain": [AGENT]}
    for refused in (
        agency.put(URL.format("F/5"), BODY | borne),
        world.institute.post(url, SAID | borne),
    ):
        assert faults(refused) == [("/no_fees_stated", "contradicts_fee_lines")]


NOT_REPAID = {"repaid_amount": None, "repaid_at": None}


def hop(role: str = "licensed_agency_origin", **told: str) -> dict[str, Any]:
    """A hop as it is kept."""
    return {"role": role, "country": "NP", "licence_no": None, "organisation_name": None, **told}


HIMAL = hop(organisation_name="Himal Overseas Pvt. Ltd.", licence_no="1234/077")
SPELT = hop(organisation_name="HIMAL OVERSEAS", licence_no="1234-077")
OTHER = hop(organisation_name="Sagar Manpower", licence_no="998/071")
HERE = "licensed_agency_origin@NP"


@pytest.mark.parametrize(
    ("worker", "agency", "mismatch"),
    [
        ([], [HIMAL], []),
        ([HIMAL], [], [HERE]),
        ([HIMAL], [SPELT], []),
        ([HIMAL], [hop()], []),
        ([HIMAL], [hop(organisation_name="n/a")], []),
        # Two of the worker's are never one of the agency's, whatever they are called.
        ([HIMAL, OTHER], [HIMAL], [HERE]),
        ([OTHER, HIMAL], [SPELT], [HERE]),
        ([hop(), hop()], [hop()], [HERE]),
        ([HIMAL, HIMAL], [HIMAL, HIMAL], []),
        # The likest are one; what then differs is said.
        ([HIMAL, OTHER], [OTHER, SPELT], []),
        ([HIMAL], [OTHER], [f"{HERE}.licence_no", f"{HERE}.organisation_name"]),
        ([HIMAL], [hop(licence_no="998/071")], [f"{HERE}.licence_no"]),
        ([HIMAL], [HIMAL | {"organisation_name": "Sagar"}], [f"{HERE}.organisation_name"]),
        ([hop("informal_broker")], [HIMAL], ["informal_broker@NP"]),
        ([hop(country="IN")], [hop()], ["licensed_agency_origin@IN"]),
    ],
)
def test_what_the_worker_alone_says_of_the_chain(
    worker: list[dict[str, Any]], agency: list[dict[str, Any]], mismatch: list[str]
) -> None:
    """Each hop of the worker's needs one of the agency's, of the same licence and name."""
    found = beside(worker, agency)
    assert found.mismatch == mismatch
    both = [each for each in found.worker if each["disclosed_by"] == "both"]
    assert len(both) == sum(each["disclosed_by"] == "both" for each in found.agency)
    assert (len(both) == len(worker)) == (not mismatch)


def test_who_named_a_hop_is_told_of_both_sides(world: World, agency: Party) -> None:
    """Of each hop a statement tells who named it; the agency's own view tells nothing of it."""
    made = agency.put(URL.format("F/6"), BODY).json
    broker = {"seq": 1, "role": "informal_broker", "country": "NP"}
    chain = [broker, AGENT | {"seq": 2, "organisation_name": "himal overseas"}]
    url = f"/v1/placements/{made['id']}/worker-statements"
    said = world.institute.post(url, SAID | {"agent_chain": chain}).json
    assert [each["disclosed_by"] for each in said["agent_chain"]] == ["worker", "both"]
    sided = said["agency_stated"]["agent_chain"]
    assert [each["disclosed_by"] for each in sided] == ["both"]
    assert agency.get(f"/v1/placements/{made['id']}").json["agent_chain"] == made["agent_chain"]
    assert "disclosed_by" not in made["agent_chain"][0]
