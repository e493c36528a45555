"""The contract at arrival beside the one at origin: worked out, never taken from a sender."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.placements.comparing import compare
from openredress_api.placements.intake import read_terms, written_terms
from openredress_api.vocabulary import TAXONOMIES
from tests.factories.parties import Party, World

WAGE = {"amount": "1500", "currency": "MYR", "period": "month"}
TERMS: dict[str, Any] = {"job_title": "Sewing machine operator", "wage": WAGE}
FULL = TERMS | {
    "signed_on": "2026-01-10",
    "occupation_code": "8153",
    "employer_name": "Made-up Garments Sdn. Bhd.",
    "hours_per_week": "48",
    "overtime_wage": "10.80",
    "deductions": "0",
    "housing": "provided_free",
    "document_sha256": "0f" * 32,
}
PLACEMENT: dict[str, Any] = {
    "worker_pseudonym": "W-2041",
    "origin": "NP",
    "destination": "MY",
    "status": "arrived",
    "arrived_on": "2026-03-01",
}
URL = "/v1/placements?external_id={}&source_system=ats"
# As the schema loads them.
LOADED: dict[str, Any] = {
    "signed_on": None,
    "job_title": "Sewer",
    "occupation_code": None,
    "employer_name": None,
    "wage": {"amount": Decimal(1500), "currency": "MYR", "period": "month"},
    "hours_per_week": Decimal(48),
    "overtime_wage": Decimal("10.80"),
    "deductions": Decimal(50),
    "housing": "provided_charged",
    "document_sha256": None,
}
SAME_PAPER = {"document_sha256": bytes(32)}
# Wage and title, and nothing else.
BARE = dict.fromkeys(("hours_per_week", "overtime_wage", "deductions")) | {"housing": "unknown"}
UNSTATED = [f"{term}.unstated" for term in ("deductions", "hours_per_week", "housing")]


def wage(amount: int, period: str | None = "month", currency: str = "MYR") -> dict[str, Any]:
    """A change of the wage alone."""
    return {"wage": {"amount": Decimal(amount), "currency": currency, "period": period}}


@pytest.fixture(scope="module")
def agency(world: World) -> Party:
    """One recruitment agency."""
    return world.party("agency", country="NP")


def test_both_contracts_come_back_as_stated(agency: Party) -> None:
    """Terms are kept exactly, and the answer says how they compare and where they part."""
    arrival = FULL | {"wage": WAGE | {"amount": "1200"}, "housing": "provided_charged"}
    body = PLACEMENT | {"contract_origin": FULL, "contract_arrival": arrival}
    put = agency.put(URL.format("C/1"), body)
    assert put.status_code == 201, put.json
    assert put.json["contract_origin"] == FULL | {
        "wage": WAGE | {"amount": "1500.00"},
        "hours_per_week": "48.00",
        "deductions": "0.00",
    }
    assert put.json["contract_match"] == "worse"
    assert put.json["contract_differences"] == ["wage.worse", "housing.worse"]
    assert agency.get(f"/v1/placements/{put.json['id']}").json == put.json
    assert agency.put(URL.format("C/1"), body).status_code == 204


def test_no_sender_says_how_contracts_compare(agency: Party) -> None:
    """A push that brings its own contract_match is refused by name."""
    refused = agency.put(URL.format("C/2"), PLACEMENT | {"contract_match": "same"})
    assert (refused.status_code, refused.json["code"]) == (422, "unknown_field")


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"wage": WAGE | {"amount": "0"}}, "/wage/amount", "not_zero"),
        ({"wage": WAGE | {"amount": "1.555"}}, "/wage/amount", "too_many_decimals"),
        ({"wage": {"amount": "9", "currency": "MYR"}}, "/wage/period", "required"),
        ({"overtime_wage": "1.555"}, "/overtime_wage", "too_many_decimals"),
        ({"deductions": "1.555"}, "/deductions", "too_many_decimals"),
        ({"hours_per_week": "0"}, "/hours_per_week", "range"),
        ({"hours_per_week": "169"}, "/hours_per_week", "range"),
        ({"occupation_code": "81.5"}, "/occupation_code", "not_in_list"),
        ({"document_sha256": "0F" * 32}, "/document_sha256", "not_a_sha256"),
        ({"signed_on": "2027-03-01"}, "/signed_on", "in_the_future"),
        ({"job_title": None}, "/job_title", "null"),
    ],
)
def test_terms_that_cannot_be_are_named(
    agency: Party, change: dict[str, Any], pointer: str, code: str
) -> None:
    """A term that no contract can have is refused at its place, at origin as at arrival."""
    for contract in ("contract_origin", "contract_arrival"):
        departed = PLACEMENT | {"status": "departed", "arrived_on": None}
        answer = agency.put(URL.format("bad"), departed | {contract: TERMS | change})
        assert answer.status_code == 422
        found = [(error["pointer"], error["code"]) for error in answer.json["errors"]]
        assert found == [(f"/{contract}{pointer}", code)]


@pytest.mark.parametrize(
    ("origin", "arrival", "match", "differences"),
    [
        ({}, {}, "same", []),
        ({}, wage(1501), "better", ["wage.better"]),
        ({}, wage(1499), "worse", ["wage.worse"]),
        # Nothing makes up for a worse term.
        (
            {},
            wage(9999) | {"deductions": Decimal(51)},
            "worse",
            ["wage.better", "deductions.worse"],
        ),
        ({}, {"deductions": Decimal(0)}, "better", ["deductions.better"]),
        ({}, {"overtime_wage": Decimal(9)}, "worse", ["overtime_wage.worse"]),
        # Other money or another time cannot be judged; deductions belong to the same time.
        ({}, wage(400, currency="USD"), "unknown", None),
        ({}, wage(60, "day"), "unknown", ["wage.different", "deductions.different"]),
        (wage(9, None), wage(9, None), "unknown", ["wage.different", "deductions.different"]),
        # More hours are worse; fewer are less work for a month's pay, less pay by the hour.
        ({}, {"hours_per_week": Decimal(60)}, "worse", ["hours_per_week.worse"]),
        ({}, {"hours_per_week": Decimal(40)}, "better", ["hours_per_week.better"]),
        (wage(9, "hour"), wage(9, "hour") | {"hours_per_week": Decimal(30)}, "worse", None),
        ({"housing": "provided_free"}, {}, "worse", ["housing.worse"]),
        ({}, {"housing": "provided_free"}, "better", ["housing.better"]),
        ({}, {"housing": "not_provided"}, "unknown", ["housing.different"]),
        # Case, spaces and punctuation make no other job; a code decides before the title.
        ({}, {"job_title": "SEWER."}, "same", []),
        ({}, {"job_title": "Cleaner"}, "unknown", ["job_title.different"]),
        (
            {"occupation_code": "8153"},
            {"occupation_code": "8153", "job_title": "Operator"},
            "same",
            [],
        ),
        ({"employer_name": "A, Inc."}, {"employer_name": "a inc"}, "same", []),
        (
            {"employer_name": "A Inc."},
            {"employer_name": "B Inc."},
            "unknown",
            ["employer_name.different"],
        ),
        # What one contract leaves out is not the same, whatever the digests of the documents say.
        ({}, {"deductions": None}, "unknown", ["deductions.unstated"]),
        ({"housing": "unknown"}, {}, "unknown", ["housing.unstated"]),
        (SAME_PAPER, SAME_PAPER | {"deductions": None}, "unknown", ["deductions.unstated"]),
        (
            SAME_PAPER | {"overtime_wage": None, "housing": "provided_free"},
            SAME_PAPER | BARE,
            "unknown",
            UNSTATED,
        ),
        # What neither speaks of is not the same either; one worse term still makes it worse.
        (BARE, BARE, "unknown", UNSTATED),
        (BARE, BARE | wage(1501), "unknown", ["wage.better", *UNSTATED]),
        (BARE, BARE | wage(1499), "worse", ["wage.worse", *UNSTATED]),
        ({"housing": "unknown"}, {"housing": "unknown"}, "unknown", ["housing.unstated"]),
        ({"employer_name": None}, {"employer_name": None}, "same", []),
        (SAME_PAPER, SAME_PAPER | wage(1400), "worse", ["wage.worse"]),
        ({"overtime_wage": None}, {"overtime_wage": None}, "same", []),
    ],
)
def test_how_contracts_compare(
    origin: dict[str, Any], arrival: dict[str, Any], match: str, differences: list[str] | None
) -> None:
    """Each case of the documented rule has its documented result."""
    found = compare(LOADED | origin, LOADED | arrival)
    assert found.match == match
    if differences is not None:
        assert found.differences == differences


def test_one_contract_alone_is_unknown() -> None:
    """Where one of the two is not known, nothing is said of a match."""
    for origin, arrival in ((None, None), (LOADED, None), (None, LOADED)):
        assert compare(origin, arrival) == ("unknown", [])


AMOUNTS = st.decimals(min_value=0, max_value=9999, places=2)
CONTRACTS = st.fixed_dictionaries(
    {
        "signed_on": st.none() | st.dates(),
        "job_title": st.sampled_from(("Sewer", "Cleaner")),
        "occupation_code": st.none() | st.sampled_from(("8153", "9112")),
        "employer_name": st.none() | st.sampled_from(("A", "B")),
        "wage": st.fixed_dictionaries(
            {
                "amount": AMOUNTS.filter(bool),
                "currency": st.sampled_from(("MYR", "NPR")),
                "period": st.none() | st.sampled_from(tuple(TAXONOMIES["wage_period"].codes)),
            }
        ),
        "hours_per_week": st.none() | st.decimals(min_value=1, max_value=168, places=1),
        "overtime_wage": st.none() | AMOUNTS,
        "deductions": st.none() | AMOUNTS,
        "housing": st.sampled_from(tuple(TAXONOMIES["housing"].codes)),
        "document_sha256": st.none() | st.just(bytes(32)),
    }
)


@given(CONTRACTS, CONTRACTS)
def test_what_is_better_one_way_is_never_better_the_other(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Two contracts are never each better than the other, and kept terms compare as given ones."""
    there, back = compare(one, other), compare(other, one)
    assert (there.match, back.match) != ("better", "better")
    if there.match == "better":
        assert back.match == "worse"
    kept = [read_terms(written_terms(terms)) for terms in (one, other)]
    assert kept == [one, other]
