"""What may be owed: both words side by side, and nobody's word where it was not given."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.factories.estate import FEE, PLACEMENT
from tests.factories.parties import Party, World
from tests.factories.repayments import BASE

SAID = {"stated_on": "2026-03-02", "method": "in_person", "share_in_aggregates": True}
_numbers = itertools.count(1)


class Place:
    """A site, an agency, and what is said of placements there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.agency: Party = world.party("agency")
        supplier = world.party("supplier")
        self.site = world.site(supplier)
        world.related(self.agency, supplier, self.site)

    def placed(self, *fees: dict[str, Any], **fields: Any) -> str:
        """A placement with the fees that the agency states; returns its path."""
        number = next(_numbers)
        body = {"worker_pseudonym": f"W-{number:04}", "site": self.site, "fee_lines": list(fees)}
        path = f"/v1/placements?external_id=P/{number}&source_system=ats"
        answer = self.agency.put(path, PLACEMENT | body | fields)
        assert answer.status_code == 201, answer.json
        return f"/v1/placements/{answer.json['id']}"

    def said(self, placement: str, *fees: dict[str, Any], **fields: Any) -> None:
        """What the worker of a placement states."""
        body = SAID | {"fee_lines": list(fees)} | fields
        answer = self.world.institute.post(f"{placement}/worker-statements", body)
        assert answer.status_code == 201, answer.json

    def proposal(self, query: str = "") -> dict[str, Any]:
        """What the institute reads of the site, or of what a query names."""
        path = f"{BASE}/proposal?{query or f'site={self.site}'}"
        answer = self.world.institute.get(path)
        assert answer.status_code == 200, answer.json
        return dict(answer.json)


@pytest.fixture
def place(world: World) -> Place:
    """A place of its own."""
    return Place(world)


def fee(amount: str, **fields: Any) -> dict[str, Any]:
    """A fee line."""
    return FEE | {"amount": amount} | fields


def test_both_words_stand_side_by_side(place: Place) -> None:
    """Sums and workers per currency and fee type; a side that says nothing is null, not 0."""
    for amount in ("100.00", "200.50", "300.00"):
        place.said(place.placed(fee("50.00")), fee(amount))
    place.placed(fee("45.500", currency="KWD"))
    found = place.proposal()
    assert (found["placements"], found["statements"], found["not_shared"]) == (4, 3, 0)
    kind = FEE["fee_type"]
    assert found["lines"] == [
        {
            "currency": "KWD",
            "fee_type": kind,
            "worker_stated": None,
            "agency_stated": {"amount": "45.50", "workers": 1},
            "worded": "all_in_situation",
        },
        {
            "currency": "THB",
            "fee_type": kind,
            "worker_stated": {"amount": "600.50", "workers": 3},
            "agency_stated": {"amount": "150.00", "workers": 3},
            "worded": "counted",
        },
    ]


def test_r6_a_few_would_not_be_counted(place: Place) -> None:
    """R6: sums of fewer than three workers are marked as ones that no payer would be told."""
    for _ in range(2):
        place.said(place.placed(), fee("100.00"))
    assert [line["worded"] for line in place.proposal()["lines"]] == ["all_in_situation"]


def test_only_what_workers_bore_and_still_miss(place: Place) -> None:
    """The last word counts, less what was repaid for sure; what others paid is no debt."""
    placement = place.placed()
    place.said(placement, fee("900.00"))
    place.said(
        placement,
        fee("100.00", repaid_amount="40.00", repayment_validated=True),
        fee("100.00", fee_type="cost.medical", repaid_amount="40.00"),
        fee("100.00", fee_type="cost.insurance", paid_by="employer"),
        fee("100.00", fee_type="debt.interest"),
        fee("70.00", fee_type="cost.equipment", repaid_amount="70.00", repayment_validated=True),
    )
    assert [(one["fee_type"], one["worker_stated"]) for one in place.proposal()["lines"]] == [
        ("cost.medical", {"amount": "100.00", "workers": 1}),
        ("fee.service_matching", {"amount": "60.00", "workers": 1}),
    ]


def test_a_word_that_is_not_shared_is_in_no_sum(place: Place) -> None:
    """Whose worker does not let it into sums is counted, and left out."""
    place.said(place.placed(), fee("100.00"), share_in_aggregates=False)
    found = place.proposal()
    assert (found["statements"], found["not_shared"], found["lines"]) == (0, 1, [])


def test_what_should_not_be_there_is_left_out(place: Place) -> None:
    """Voided placements and those of tests count nowhere."""
    place.placed(fee("10.00"), is_test=True)
    voided = place.placed(fee("10.00"))
    assert place.agency.post(f"{voided}/void", {"reason": "entered_twice"}).status_code == 200
    assert place.proposal()["placements"] == 0


def test_site_and_agency_narrow(place: Place, world: World) -> None:
    """By site, by agency, or both; an agency that placed nobody there has no lines."""
    place.placed(fee("10.00"))
    other = world.party("agency")
    assert place.proposal(f"agency={place.agency.id}")["placements"] == 1
    assert place.proposal(f"agency={other.id}&site={place.site}")["placements"] == 0


def test_one_of_the_two_is_needed(world: World) -> None:
    """Nobody asks for the sums of everybody."""
    refused = world.institute.get(f"{BASE}/proposal")
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "?site"
